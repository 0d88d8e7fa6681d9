"""OAuth goes on working behind the gate: discovery at the origin reaches the right server, challenges
and tokens pass, and a token that is bound to a certificate is taken from its holder alone."""

import base64
import hashlib
import json
import ssl

import harness
from harness import ALLOW_ROOT, GateTest, Pki, tls_listener, wait_until
from http_peers import Client, Upstream, call, http_route, request, response

RESOURCE = "/.well-known/oauth-protected-resource"
SERVER = "/.well-known/oauth-authorization-server"
OPENID = "/.well-known/openid-configuration"
STDIO_ROUTE = f"""
[[listener.route]]
name = "child"
path = "/child"
[listener.route.upstream]
kind = "stdio"
command = ["/bin/cat"]
{ALLOW_ROOT}
"""


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jwt(claims, header=None):
    claims = claims if isinstance(claims, str) else json.dumps(claims)
    parts = (json.dumps(header or {"alg": "ES256", "typ": "at+jwt"}), claims)
    return ".".join([*(base64url(part.encode()) for part in parts), base64url(b"signature")])


class OAuth(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server, self.client = self.pki.server(), self.pki.client("client")
        self.other = self.pki.client("other")
        self.reply = response(200, "Content-Type: application/json", body=b'{"from":"it"}')
        self.files = Upstream(lambda _, peer: peer.send(self.reply), path="/srv/mcp")
        self.mail = Upstream(lambda _, peer: peer.send(self.reply), path="/")
        for each in (self.files, self.mail):
            self.addCleanup(each.close)

    def serve(self, *routes, tls=""):
        self.running = self.gate(tls_listener(self.pki, self.server, route="".join(routes),
                                              tls=tls))

    def ask(self, target, *fields, credential="good", method="GET", body=None):
        credential = self.client if credential == "good" else credential
        with Client(self.running, self.pki, credential) as client:
            return client.exchange(request(body, *fields, method=method, target=target))

    def test_discovery_reaches_the_server_of_the_path_at_its_own_origin(self):
        self.serve(http_route(self.files, path="/files", name="files"),
                   http_route(self.mail, path="/mail/mcp", name="mail"),
                   harness.BUILTIN_ROUTE, STDIO_ROUTE)
        for well_known in (RESOURCE, SERVER, OPENID):
            for path, upstream, expected in (
                    ("/files", self.files, "/srv/mcp"), ("/files/a/b?c=d", self.files,
                                                        "/srv/mcp/a/b?c=d"),
                    ("/mail/mcp", self.mail, ""), ("/mail/mcp/x", self.mail, "/x"),
                    ("", self.files, ""), ("?x=1", self.files, "?x=1"), ("/", self.files, "")):
                with self.subTest(target=well_known + path):
                    before = len(upstream.requests)
                    answer = self.ask(well_known + path, "MCP-Protocol-Version: 2025-11-25")
                    self.assertEqual((answer.status, answer.body), (200, b'{"from":"it"}'))
                    seen = upstream.requests[before:]
                    self.assertEqual([each.target for each in seen], [well_known + expected])
        answer = self.ask(f"/files{OPENID}")
        self.assertEqual((answer.status, self.files.requests[-1].target), (200, f"/srv/mcp{OPENID}"))

    def test_nobody_else_answers_discovery(self):
        self.serve(http_route(self.files, path="/files", name="files"), harness.BUILTIN_ROUTE,
                   STDIO_ROUTE)
        for target in (f"{RESOURCE}/mcp", f"{SERVER}/child", f"/mcp{OPENID}", f"/child{OPENID}",
                       f"{RESOURCE}/elsewhere", f"{RESOURCE}s", "/.well-known/other"):
            with self.subTest(target=target):
                self.assertEqual(self.ask(target).status, 404)
        self.assertEqual(self.files.requests, [])

    def test_challenges_of_the_server_pass_byte_for_byte(self):
        self.serve(http_route(self.files, path="/files", name="files"))
        challenge = ('Bearer realm="x",  error="invalid_token", resource_metadata='
                     '"https://localhost/.well-known/oauth-protected-resource/files"')
        self.reply = response(401, f"WWW-Authenticate: {challenge}", "DPoP-Nonce: n", body=b"{ }")
        answer = self.ask("/files", method="POST", body=call())
        self.assertEqual((answer.status, answer.body), (401, b"{ }"))
        self.assertEqual(answer.all("WWW-Authenticate"), [challenge])
        self.assertEqual(answer.all("DPoP-Nonce"), ["n"])

    def bound(self, credential=None):
        der = ssl.PEM_cert_to_DER_cert((credential or self.client).certificate.read_text())
        return {"sub": "x", "cnf": {"x5t#S256": base64url(hashlib.sha256(der).digest())}}

    def token(self, text, **options):
        return self.ask("/files", f"Authorization: {text}", method="POST", body=call(), **options)

    def test_a_bound_token_is_taken_from_its_holder_alone(self):
        self.serve(http_route(self.files, path="/files", name="files",
                              extra='bound_tokens = "verify"'),
                   tls='client_certificate = "optional"')
        good = self.bound()
        token = f"Bearer {jwt(good)}"
        self.assertEqual(self.token(token).status, 200)
        self.assertEqual(self.files.requests[-1].get("Authorization"), token)
        before = len(self.files.requests)
        doubled = json.dumps(good)[:-1] + ', "cnf": {}}'
        for text in (f"Bearer {jwt(self.bound(self.other))}", f"Bearer {jwt({'sub': 'x'})}",
                     f"Bearer {jwt(doubled)}", f"Bearer {jwt('[' * 5000)}", "Bearer opaque",
                     f"DPoP {jwt(good)}", "Basic eDp5", "Bearer", f"Bearer {jwt(good)}="):
            with self.subTest(text=text[:60]):
                self.assert_refused(self.token(text))
        for credential in (self.other, None):
            self.assert_refused(self.token(token, credential=credential))
        self.assertEqual(len(self.files.requests), before)
        wait_until(lambda: {each["identity"] for each in self.running.find(reason="token_not_bound")}
                   == {"dn:CN=client", "dn:CN=other", ""}, "each is logged")
        # Whether there has to be a token is the server's to say, and discovery goes without.
        self.assertEqual(self.ask("/files", method="POST", body=call()).status, 200)
        self.assertEqual(self.ask(f"{RESOURCE}/files").status, 200)

    def test_a_token_in_a_parameter_does_not_pass_the_rules_for_authorization(self):
        self.serve(http_route(self.files, path="/files", name="files",
                              extra='bound_tokens = "verify"'),
                   http_route(self.mail, path="/mail", name="mail",
                              extra='authorization = "strip"'),
                   http_route(self.mail, path="/open", name="open"))
        form = "application/x-www-form-urlencoded"
        for path, status in (("/files", 401), ("/mail", 400), ("/open", 200)):
            for query, body in (("?access_token=x", None), ("?a=b&%61ccess_token=x", None),
                                ("", b"a=b&ACCESS%5ftoken=x")):
                with self.subTest(path=path, query=query, body=body), \
                        Client(self.running, self.pki, self.client) as client:
                    answer = client.exchange(
                        request(body, target=path + query, method="POST", content_type=form)
                        if body else request(None, target=path + query, method="GET"))
                    self.assertEqual(answer.status, status)
        self.assertEqual(self.files.requests, [])
        self.assertEqual(self.ask("/files?a=access_token", method="POST", body=call()).status, 200)
        self.assertEqual(self.ask("/mail?a=access_token", method="POST", body=call()).status, 200)

    def assert_refused(self, answer):
        self.assertEqual(answer.status, 401)
        self.assertEqual(answer.all("WWW-Authenticate"), ['Bearer error="invalid_token"'])
        self.assertEqual((answer.json()["id"], answer.json()["error"]["code"]), (1, 766))


if __name__ == "__main__":
    harness.main()
