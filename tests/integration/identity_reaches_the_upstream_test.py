"""An upstream hears who calls where its route says so, and only from the gate: whatever a client says
of itself in those fields stays behind, on every route. Authorization goes as the route has it."""

import base64
import hashlib
import ssl

import harness
from harness import GateTest, Pki, run, tls_listener
from http_peers import Client, Upstream, call, http_route, request, response

FORGED = {
    "Client-Cert": ":Zm9yZ2Vk:", "Client-Cert-Chain": ":Zm9yZ2Vk:", "X-Client-Identity": "forged",
    "X-Client-Subject": "CN=forged", "X-Client-SAN": "DNS:forged", "X-Client-SANs": "DNS:forged",
    "X-Client-Fingerprint": "forged", "X-Client-Anchor": "forged",
    "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "forged", "X-Forwarded-Proto": "forged",
    "X-Forwarded-Client-Cert": "forged", "X-Real-IP": "203.0.113.9", "Forwarded": "for=forged",
}


def spellings(name):
    return (name, name.upper(), name.lower(), name.replace("-", "_"), name.replace("-", "_", 1),
            name.upper().replace("-", "_"), name.replace("-", "."))


class Identity(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server = self.pki.server()
        self.client = self.pki.client("client", "--uri", "spiffe://example/a", "--dns", "a.example",
                                      "--email", "a@example.org", "--ip", "192.0.2.1")
        self.reply = response(200, "Content-Type: application/json", body=b"{}")
        self.upstream = Upstream(lambda _, connection: connection.send(self.reply))
        self.addCleanup(self.upstream.close)

    def serve(self, *routes, tls=""):
        self.running = self.gate(tls_listener(self.pki, self.server, tls=tls,
                                              route="".join(routes)))

    def route(self, name, extra):
        return http_route(self.upstream, path=f"/{name}", name=name, extra=extra)

    def seen(self, route, *fields, credential=None, **options):
        """What the upstream saw of one request, as it left the client and passed the gate."""
        with Client(self.running, self.pki, credential or self.client) as client:
            self.answer = client.exchange(
                request(call(), *fields, target=f"/{route}", **options))
        self.assertEqual(self.answer.status, 200)
        return self.upstream.requests[-1]

    def test_the_certificate_is_told_where_a_route_asks_for_it(self):
        self.serve(self.route("off", ""), self.route("cert", 'identity_headers = ["client-cert"]'),
                   self.route("x", 'identity_headers = ["x-client"]'),
                   self.route("both", 'identity_headers = ["x-client", "client-cert"]'))
        der = ssl.PEM_cert_to_DER_cert(self.client.certificate.read_text())
        told = {"Client-Cert": f":{base64.b64encode(der).decode()}:"}
        x_told = {
            "X-Client-Identity": "uri:spiffe://example/a",
            "X-Client-Subject": "CN=client",
            "X-Client-SAN": "URI:spiffe://example/a, DNS:a.example, email:a@example.org, "
                            "IP:192.0.2.1",
            "X-Client-Fingerprint": hashlib.sha256(der).hexdigest(),
        }
        for route, expected in (("off", {}), ("cert", told), ("x", x_told),
                                ("both", {**told, **x_told})):
            seen = self.seen(route)
            for name in {**told, **x_told}:
                with self.subTest(route=route, name=name):
                    self.assertEqual(seen.all(name), [expected[name]] if name in expected else [])
        self.assertRegex(self.seen("x").get("X-Client-Anchor"), "^[0-9a-f]{64}$")

    def test_a_chain_is_told_without_its_anchor(self):
        run(harness.POSTERN, "cert", "init-ca", "--parent", self.pki.directory,
            "--out", self.directory / "below", "--name", "Intermediate")
        leaf = self.directory / "leaf"
        run(harness.POSTERN, "cert", "client", "--ca", self.directory / "below", "--out", leaf,
            "--name", "leaf")
        intermediate = (self.directory / "below" / "ca.crt").read_text().split("-----END")[0]
        intermediate += "-----END CERTIFICATE-----\n"
        text = leaf.with_suffix(".crt").read_text()
        both = self.directory / "both.crt"
        both.write_text(text.split("-----END")[0] + "-----END CERTIFICATE-----\n" + intermediate)
        self.serve(self.route("cert", 'identity_headers = ["client-cert"]'))
        seen = self.seen("cert", credential=harness.Credential(both, leaf.with_suffix(".key")))
        der = ssl.PEM_cert_to_DER_cert(intermediate)
        self.assertEqual(seen.all("Client-Cert-Chain"), [f":{base64.b64encode(der).decode()}:"])

    def test_what_a_client_says_of_itself_stays_behind_on_every_route(self):
        self.serve(self.route("off", ""), self.route("cert", 'identity_headers = ["client-cert"]'),
                   self.route("both", 'identity_headers = ["x-client", "client-cert"]'))
        for route in ("off", "cert", "both"):
            for name, value in FORGED.items():
                fields = [f"{each}: {value}" for each in dict.fromkeys(spellings(name))]
                with self.subTest(route=route, name=name):
                    seen = self.seen(route, *fields, "X-Clientele: 7", "X-Client-Version: forged", "My_Own: 1")
                    values = [each for _, each in seen.fields]
                    self.assertNotIn(value, values)
                    self.assertEqual(seen.get("X-Clientele"), "7")
                    self.assertIsNone(seen.get("X-Client-Version"))
                    self.assertEqual(seen.get("My_Own"), "1")
                    self.assertEqual(seen.all("X-Forwarded-For"), ["127.0.0.1"])
                    self.assertEqual(seen.all("X-Forwarded-Host"), ["localhost"])
                    self.assertEqual(seen.all("X-Forwarded-Proto"), ["https"])

    def test_no_name_in_a_certificate_becomes_a_field(self):
        odd = self.pki.issue("client", "odd", "--name", "Jürgen 100%", "--uri",
                             "urn:x:a%0d%0ab")
        self.serve(self.route("x", 'identity_headers = ["x-client"]'))
        seen = self.seen("x", credential=odd)
        self.assertEqual(seen.all("X-Client-Subject"), ["CN=J%C3%BCrgen 100%25"])
        self.assertEqual(seen.all("X-Client-SAN"), ["URI:urn:x:a%250d%250ab"])

    def test_nothing_is_told_of_a_client_without_a_certificate(self):
        self.serve(self.route("both", 'identity_headers = ["x-client", "client-cert"]'),
                   tls='client_certificate = "optional"')
        with Client(self.running, self.pki, None) as client:
            client.exchange(request(call(), "X-Client-Identity: forged", target="/both"))
        names = {name.lower() for name, _ in self.upstream.requests[-1].fields}
        self.assertFalse({name for name in names if name.startswith(("client-cert", "x-client"))})

    def test_authorization_passes_or_is_taken_off_or_replaced(self):
        token = self.directory / "token"
        token.write_text("Bearer of-the-gate\nanother line\n")
        token.chmod(0o600)
        self.serve(self.route("pass", ""), self.route("strip", 'authorization = "strip"'),
                   self.route("file", f'authorization = "{token}"'))
        sent = "Authorization: Bearer of-the-client"
        for route, expected in (("pass", ["Bearer of-the-client"]), ("strip", []),
                                ("file", ["Bearer of-the-gate"])):
            with self.subTest(route=route):
                self.assertEqual(self.seen(route, sent).all("Authorization"), expected)
        self.assertEqual(self.seen("file").all("Authorization"), ["Bearer of-the-gate"])
        token.write_text("Bearer rotated\n")
        self.assertEqual(self.running.reload()["message"], "configuration reloaded")
        self.assertEqual(self.seen("file", sent).all("Authorization"), ["Bearer rotated"])
        for text, mode in (("", 0o600), ("Bearer x\n", 0o622)):
            token.write_text(text)
            token.chmod(mode)
            said = self.running.reload()
            self.assertEqual(said["message"], "configuration refused; the old one stays")
            self.assertIn("authorization: ", said["detail"])
            self.assertIn(str(token), said["detail"])
            self.assertEqual(self.seen("file").all("Authorization"), ["Bearer rotated"])

    def test_a_server_s_own_challenge_is_not_touched(self):
        self.serve(self.route("pass", ""))
        for status, challenge in (
                (401, 'Bearer resource_metadata="https://x/.well-known/oauth-protected-resource", '
                      'scope="a b"'),
                (403, 'Bearer error="insufficient_scope", scope="files:write"')):
            body = b'{"error" : "invalid_token"}\n'
            self.reply = response(status, f"WWW-Authenticate: {challenge}", body=body)
            with Client(self.running, self.pki, self.client) as client:
                answer = client.exchange(request(call(), target="/pass"))
            self.assertEqual((answer.status, answer.body), (status, body))
            self.assertEqual(answer.all("WWW-Authenticate"), [challenge])


if __name__ == "__main__":
    harness.main()
