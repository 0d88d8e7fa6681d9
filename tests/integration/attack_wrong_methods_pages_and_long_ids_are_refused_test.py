"""What a stranger may try at the edges: other methods on discovery, ids as long as a book, a web page
of another site. Each is refused in the words of its kind, and what is right beside it goes on."""

import harness
from harness import GateTest, Pki, tls_listener, wait_until
from http_peers import Client, Upstream, call, http_route, refused_request, request

DISCOVERY = ("/.well-known/oauth-protected-resource", "/.well-known/oauth-authorization-server",
             "/.well-known/oauth-protected-resource/mcp")


class Edges(GateTest):
    def serve(self, extra=""):
        self.pki = Pki(self.directory / "pki")
        self.upstream = Upstream()
        self.addCleanup(self.upstream.close)
        self.credential = self.pki.client()
        self.running = self.gate(tls_listener(self.pki, self.pki.server(), extra=extra,
                                              route=http_route(self.upstream)))
        client = Client(self.running, self.pki, self.credential)
        self.addCleanup(client.close)
        return client

    def test_discovery_is_read_and_nothing_else(self):
        client = self.serve()
        for target in DISCOVERY:
            for method in ("POST", "PUT", "PATCH", "DELETE"):
                with self.subTest(target=target, method=method):
                    body = None if method == "DELETE" else call()
                    answer = client.exchange(request(body, method=method, target=target))
                    self.assertEqual(answer.status, 405)
                    self.assertEqual(answer.all("Allow"), ["GET, HEAD, OPTIONS"])
                    self.assertIn("error", answer.json())
        self.assertEqual(self.upstream.requests, [])
        for target in DISCOVERY:
            for method in ("GET", "OPTIONS"):
                answer = client.exchange(request(None, method=method, target=target))
                self.assertEqual(answer.status, 200)

    def test_an_id_of_more_than_a_kibibyte_is_answered_as_none(self):
        client = self.serve()
        for size, echoed in ((1000, True), (1024, False), (100_000, False)):
            with self.subTest(size=size):
                id = "i" * size
                answer = client.exchange(request(call(id=id), target="/nowhere"))
                self.assertEqual(answer.status, 404)
                self.assertEqual(answer.json()["id"], id if echoed else None)
                self.assertLess(len(answer.body), 2048)
                self.assertEqual(client.exchange(request(call(id=id))).status, 200)

    def test_a_page_without_an_origin_is_told_by_its_fetch_site(self):
        client = self.serve('allowed_hosts = ["*"]')
        for site in ("cross-site", "same-site", "same-origin"):
            with self.subTest(site=site):
                answer = client.exchange(request(None, f"Sec-Fetch-Site: {site}", method="GET"))
                self.assertEqual((answer.status, answer.json()["error"]["code"]), (403, 758))
                wait_until(lambda: site in refused_request(self.running, client,
                                                           "origin_not_allowed")["detail"],
                           f"the log names {site}")
        self.assertEqual(self.upstream.requests, [])
        for fields in ((), ("Sec-Fetch-Site: none",),
                       ("Sec-Fetch-Site: cross-site", "Origin: HTTP://LOCALHOST:6274")):
            answer = client.exchange(request(None, *fields, method="GET"))
            self.assertEqual(answer.status, 200)


if __name__ == "__main__":
    harness.main()
