"""One gate, many servers: each route by path or name has its own upstream and its own settings, from
one file or several; no connection made for one name reaches what stands behind another."""

import json
import time

import harness
from harness import GateTest, Pki, tls_listener
from http_peers import Client, Upstream, call, http_route, json_response, request


def hosted(upstream, name, host, path="/mcp", extra=""):
    return http_route(upstream, path=path, name=name, extra=f'host = "{host}"\n{extra}')


class Routes(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.client = self.pki.client("client")
        self.server = self.pki.issue("server", "both", "--dns", "localhost", "--dns", "a.example",
                                     "--dns", "b.example")
        self.upstreams = []

    def upstream(self, name, answer=None, **options):
        each = Upstream(answer or (lambda _, peer: peer.send(json_response({"from": name}))),
                        **options)
        self.upstreams.append(each)
        self.addCleanup(each.close)
        return each

    def ask(self, target="/mcp", *fields, sni="localhost", host=None):
        with Client(self.running, self.pki, self.client, server_name=sni) as client:
            return client.exchange(request(call(), *fields, target=target, host=host or sni))

    def said(self, *arguments, **options):
        answer = self.ask(*arguments, **options)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json()["from"]

    def test_paths_end_at_a_slash_and_the_longest_wins(self):
        self.running = self.gate(tls_listener(self.pki, self.server, route="".join(
            http_route(self.upstream(name, path=f"/{name}"), path=path, name=name)
            for name, path in (("a", "/a"), ("ab", "/a/b"), ("abc", "/abc")))))
        for target, name, seen in (("/a", "a", "/a"), ("/a/", "a", "/a/"), ("/a/x?y", "a", "/a/x?y"),
                                   ("/a/b", "ab", "/ab"), ("/a/b/c", "ab", "/ab/c"),
                                   ("/a/bc", "a", "/a/bc"), ("/abc", "abc", "/abc")):
            with self.subTest(target=target):
                self.assertEqual(self.said(target), name)
                upstream = self.upstreams[("a", "ab", "abc").index(name)]
                self.assertEqual(upstream.requests[-1].target, seen)
        for target in ("/", "/ab", "/abcd", "/b", "/A"):
            self.assertEqual(self.ask(target).status, 404)

    def test_names_lead_to_their_own_servers_and_421_keeps_them_apart(self):
        self.running = self.gate(tls_listener(
            self.pki, self.server,
            route=hosted(self.upstream("a"), "a", "a.example")
            + hosted(self.upstream("b"), "b", "b.example") + http_route(self.upstream("any"),
                                                                       name="any")))
        for name, said in (("a.example", "a"), ("b.example", "b"), ("localhost", "any")):
            self.assertEqual(self.said(sni=name), said)
            self.assertEqual(self.said(sni=name, host=f"{name.upper()}:8443"), said)
        before = [len(each.requests) for each in self.upstreams]
        for sni, host in (("a.example", "b.example"), ("b.example", "a.example"),
                          ("localhost", "a.example"), ("a.example", "localhost")):
            with self.subTest(sni=sni, host=host):
                self.assertEqual(self.ask(sni=sni, host=host).status, 421)
        self.assertEqual([len(each.requests) for each in self.upstreams], before)

    def test_every_route_has_its_own_settings(self):
        slow = self.upstream("slow", answer=lambda _, peer: peer.wait_for_end())
        plain, told = self.upstream("plain"), self.upstream("told")
        self.running = self.gate(tls_listener(
            self.pki, self.server,
            route=http_route(plain, path="/plain", name="plain")
            + http_route(told, path="/told", name="told",
                         extra='identity_headers = ["x-client"]\nauthorization = "strip"')
            + http_route(slow, path="/slow", name="slow", extra='request_timeout = "300ms"')))
        for route in ("/plain", "/told"):
            self.assertEqual(self.said(route, "Authorization: Bearer x"), route[1:])
        self.assertEqual(plain.requests[-1].all("Authorization"), ["Bearer x"])
        self.assertEqual(plain.requests[-1].all("X-Client-Subject"), [])
        self.assertEqual(told.requests[-1].all("Authorization"), [])
        self.assertEqual(told.requests[-1].all("X-Client-Subject"), ["CN=client"])
        began = time.monotonic()
        self.assertEqual(self.ask("/slow").status, 504)
        self.assertLess(time.monotonic() - began, 5)

    def test_routes_come_from_several_files(self):
        folder = self.directory / "conf.d"
        folder.mkdir()
        listener = tls_listener(self.pki, self.server, route=http_route(
            self.upstream("main"), path="/main", name="main"))
        for name in ("first", "second"):
            (folder / f"{name}.toml").write_text(tls_listener(
                self.pki, self.server, name=name, route=http_route(
                    self.upstream(name), path="/mcp", name=name)))
        gate = self.gate(listener, start=False)
        gate.file.write_text('include = ["conf.d/*.toml"]\n' + gate.file.read_text())
        self.running = gate.start()
        self.assertEqual(self.said("/main"), "main")
        for name in ("first", "second"):
            with Client(gate, self.pki, self.client, listener=name) as client:
                answer = client.exchange(request(call()))
            self.assertEqual(json.loads(answer.body), {"from": name})

    def test_pages_from_elsewhere_are_refused_and_pages_of_this_computer_are_not(self):
        self.running = self.gate(tls_listener(self.pki, self.server,
                                              route=http_route(self.upstream("it"))))
        for origin in ("http://localhost:6274", "http://127.0.0.1:1", "http://[::1]:80",
                       "https://localhost"):
            self.assertEqual(self.said("/mcp", f"Origin: {origin}"), "it")
        for origin in ("https://evil.example", "null", "http://localhost.evil.example"):
            self.assertEqual(self.ask("/mcp", f"Origin: {origin}").status, 403)
        self.assertEqual(self.ask(host="evil.example").status, 421)
        self.running.configure(tls_listener(
            self.pki, self.server, extra='allowed_hosts = ["*"]',
            route=http_route(self.upstreams[0])))
        self.running.reload()
        self.assertEqual(self.said(host="evil.example"), "it")
        self.assertEqual(
            self.ask("/mcp", "Origin: https://evil.example", host="evil.example").status, 403)


if __name__ == "__main__":
    harness.main()
