"""The request phase: plugins are told method, name and session of every message, from the body and
not from headers, one by one for a batch; what cannot be told does not reach the upstream."""

import gzip
import json
import unittest
import zlib

import harness
from harness import BUILD, GateTest, Pki, pipeline, tls_listener
from http_peers import (Client, Upstream, call, http_route, refused_request, request,
                        response)

DENIER = BUILD / "tests" / "plugins" / "request_denier.so"
META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {}}


def message(method, **params):
    return json.loads(call(method=method, params=params))


@unittest.skipUnless(DENIER.exists(), "the test plugin is not built")
class RequestPhase(GateTest):
    def setUp(self):
        super().setUp()
        pki = Pki(self.directory / "pki")
        self.pki, self.credential = pki, pki.client()
        self.upstream = Upstream(self.answer)
        self.addCleanup(self.upstream.close)
        self.running = self.gate(tls_listener(
            pki, pki.server(), pipeline=pipeline(DENIER, denied=["forbidden", "file:///secret"]),
            route=http_route(self.upstream)))

    @staticmethod
    def answer(seen, connection):
        fields = ["Mcp-Session-Id: s-1"] if b'"initialize"' in seen.body else []
        connection.send(response(200, *fields, body=b"ok"))

    def client(self):
        return Client(self.running, self.pki, self.credential)

    def denied(self, body, told, *fields):
        """Refused with the id echoed, and told so in the log; nothing went upstream."""
        before = len(self.upstream.requests)
        with self.client() as client:
            answer = client.exchange(request(body, *fields))
            self.assertEqual(answer.status, 403)
            self.assertIn("error", answer.json())
            record = refused_request(self.running, client, "policy")
        self.assertEqual(record["detail"], told)
        self.assertEqual(len(self.upstream.requests), before)
        return answer.json()

    def passed(self, body, *fields):
        with self.client() as client:
            self.assertEqual(client.exchange(request(body, *fields)).body, b"ok")

    def test_one_message_is_told_by_its_body(self):
        self.passed(json.dumps(message("tools/call", name="safe")).encode())
        for method, key, kind, name in (("tools/call", "name", 1, "forbidden"),
                                        ("prompts/get", "name", 2, "forbidden"),
                                        ("resources/read", "uri", 3, "file:///secret"),
                                        ("resources/subscribe", "uri", 3, "file:///secret"),
                                        ("tasks/cancel", "taskId", 4, "forbidden")):
            with self.subTest(method=method):
                body = json.dumps(message(method, **{key: name})).encode()
                self.denied(body, f"legacy {method} {kind} [{name}] session []")
        escaped = b'{"id":1e0,"jsonrpc":"2.0","m\\u0065thod":"tools/call",' \
                  b'"params":{"n\\u0061me":"forb\\u0069dden"}}'
        self.assertEqual(self.denied(escaped, "legacy tools/call 1 [forbidden] session []")["id"], 1)

    def test_headers_that_lie_change_nothing(self):
        body = json.dumps(message("tools/call", name="forbidden", _meta=META)).encode()
        self.denied(body, "modern tools/call 1 [forbidden] session []",
                    "MCP-Protocol-Version: 2026-07-28", "Mcp-Method: ping", "Mcp-Name: safe")

    def test_every_element_of_a_batch_is_asked_about(self):
        harmless = [message("ping"), message("tools/call", name="safe")]
        self.passed(json.dumps(harmless).encode())
        for place in range(3):
            with self.subTest(place=place):
                batch = list(harmless)
                batch.insert(place, message("tools/call", name="forbidden"))
                self.denied(json.dumps(batch).encode(),
                            "legacy tools/call 1 [forbidden] session []")

    def test_the_session_is_told(self):
        self.passed(json.dumps(message("initialize")).encode())
        self.denied(json.dumps(message("tools/call", name="forbidden")).encode(),
                    "legacy tools/call 1 [forbidden] session [s-1]", "Mcp-Session-Id: s-1")

    def test_compressed_bodies_are_refused_and_never_waved_through(self):
        plain = json.dumps(message("tools/call", name="forbidden")).encode()
        for coding, body in (("gzip", gzip.compress(plain)), ("deflate", zlib.compress(plain)),
                             ("br", plain), ("gzip", plain), ("identity, gzip", plain)):
            with self.subTest(coding=coding), self.client() as client:
                answer = client.exchange(request(body, f"Content-Encoding: {coding}"))
                self.assertEqual(answer.status, 400)
                refused_request(self.running, client, "json_malformed")
        self.assertEqual(self.upstream.requests, [])
        self.passed(json.dumps(message("ping")).encode(), "Content-Encoding: identity")

    def test_ids_of_every_legal_kind_come_back_as_they_were_sent(self):
        for given in ("1.5", "1E400", "18446744073709551616", "-0", '"\\u00e9\\/"', '""'):
            with self.subTest(id=given), self.client() as client:
                body = f'{{"jsonrpc":"2.0","id":{given},"method":"tools/call",' \
                       '"params":{"name":"forbidden"}}'
                answer = client.exchange(request(body.encode()))
                self.assertIn(f'"id":{given},'.encode(), answer.body)

    def test_the_id_of_a_message_that_cannot_be_read_is_echoed(self):
        with self.client() as client:
            answer = client.exchange(request(b'{"id":"x","method":"a","params":7}'))
            self.assertEqual((answer.status, answer.json()["id"]), (400, "x"))
            answer = client.exchange(request(b'{"id":"x","id":"y","method":"a"}'))
            self.assertEqual((answer.status, answer.json()["id"]), (400, None))


if __name__ == "__main__":
    harness.main()
