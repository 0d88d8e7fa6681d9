"""Whoever guesses session ids or sends garbage spends the same budget as who is served: plugins are
asked once about every request, before the gate itself refuses it."""

import unittest

import harness
from harness import BUILD, GateTest, Pki, pipeline, tls_listener
from http_peers import Client, Upstream, call, http_route, request

LIMITER = BUILD / "tests" / "plugins" / "request_limiter.so"
BUDGET = 3


@unittest.skipUnless(LIMITER.exists(), "the test plugin is not built")
class Budget(GateTest):
    def serve(self, budget=BUDGET):
        self.pki = Pki(self.directory / "pki")
        self.upstream = Upstream()
        self.addCleanup(self.upstream.close)
        self.credential = self.pki.client()
        self.running = self.gate(tls_listener(
            self.pki, self.pki.server(), pipeline=pipeline(LIMITER, requests=budget),
            route=http_route(self.upstream, extra='bound_tokens = "verify"')))

    def spend(self, data, status):
        self.serve()
        with Client(self.running, self.pki, self.credential) as client:
            for _ in range(BUDGET):
                self.assertEqual(client.exchange(data).status, status)
            self.assertEqual(client.exchange(data).status, 429)
            self.assertEqual(client.exchange(request(call())).status, 429)
        self.assertEqual(len(self.upstream.requests), BUDGET if status == 200 else 0)

    def test_served_requests_count_once(self):
        self.spend(request(call()), 200)

    def test_guessed_sessions_count(self):
        self.spend(request(call(), "Mcp-Session-Id: guess"), 404)

    def test_tokens_that_are_not_bound_count(self):
        self.spend(request(call(), "Authorization: Bearer x"), 401)

    def test_garbage_counts(self):
        self.spend(request(b"{"), 400)

    def test_paths_without_a_route_count(self):
        self.spend(request(call(), target="/elsewhere"), 404)

    def test_foreign_hosts_count(self):
        self.spend(request(call(), host="evil.example"), 421)


if __name__ == "__main__":
    harness.main()
