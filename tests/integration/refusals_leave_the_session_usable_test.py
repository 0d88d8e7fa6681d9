"""Whatever the gate refuses at a request, its caller hears the same way: a status and a JSON-RPC error
with the request's id and whom to ask. The official clients' sessions go on after it."""

import json
import os

import harness
from harness import BUILTIN_ROUTE, GateTest, Pki, run, tls_listener
from http_peers import Client, Upstream, call, http_route, json_response, request, response
from official_clients_list_and_call_tools_test import MCP, NODE, free_port

CONTACT = "ops@example"
LIMITS = 'max_body = "16KiB"\nmax_header = "4KiB"\nheader_timeout = "500ms"'


def serve(asked, connection):
    """A server of the older era that drops the connection when it is asked to."""
    if asked.method != "POST":
        return connection.send(response(405, "Allow: POST"))
    message = asked.json()
    if "id" not in message:
        return connection.send(response(202))
    params = message.get("params", {})
    if params.get("name") == "drop":
        return False
    if params.get("name") == "hang":
        return connection.wait_for_end()
    fields = []
    result = {"content": [{"type": "text", "text": str(params.get("arguments", {}).get("text"))}]}
    if message["method"] == "initialize":
        fields = ["Mcp-Session-Id: s-1"]
        result = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
                  "serverInfo": {"name": "fake", "version": "1"}}
    return connection.send(
        json_response({"jsonrpc": "2.0", "id": message["id"], "result": result}, *fields))


class Refusals(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server, self.credential = self.pki.server(), self.pki.client()
        self.upstream = Upstream(serve)
        self.addCleanup(self.upstream.close)
        nobody = f"http://127.0.0.1:{free_port()}/mcp"
        listener = tls_listener(
            self.pki, self.server, extra=LIMITS,
            route=http_route(self.upstream, path="/served", name="served",
                             extra='request_timeout = "1s"')
            + http_route(nobody, path="/down", name="down") + BUILTIN_ROUTE)
        self.running = self.gate(listener, start=False)
        self.running.file.write_text(f'contact = "{CONTACT}"\n' + self.running.file.read_text())
        self.running.start()

    def connect(self):
        return Client(self.running, self.pki, self.credential)

    def assert_refusal(self, answer, status, code, id, text):
        self.assertEqual(answer.status, status)
        self.assertEqual(answer.all("Content-Type"), ["application/json"])
        self.assertEqual(answer.all("WWW-Authenticate"), [])
        self.assertEqual(answer.json(), {"jsonrpc": "2.0", "id": id, "error": {
            "code": code, "message": f"{text}; contact: {CONTACT}"}})

    def test_every_refusal_has_the_id_and_the_contact_and_the_connection_goes_on(self):
        batch = json.dumps([{"jsonrpc": "2.0", "method": "notifications/x"},
                            {"jsonrpc": "2.0", "id": "b", "method": "ping"}]).encode()
        notification = b'{"jsonrpc":"2.0","method":"notifications/x"}'
        good = request(call(), target="/mcp")
        cases = [
            (request(call(id="a"), target="/none"), 404, 755, "a", "Not Found"),
            (request(call(id=-5), host="evil.example"), 421, 757, -5, "Misdirected Request"),
            (request(call(id=7), "Origin: https://evil.example"), 403, 758, 7, "Forbidden"),
            (request(call(id=8), target="/down"), 502, 759, 8, "Bad Gateway"),
            (request(batch, target="/down"), 502, 759, "b", "Bad Gateway"),
            (request(notification, target="/down"), 502, 759, None, "Bad Gateway"),
            (request(None, method="GET", target="/down"), 502, 759, None, "Bad Gateway"),
            (request(call(id=9, params={"name": "drop"}), target="/served"), 502, 759, 9,
             "Bad Gateway"),
            (request(call(id=9, params={"name": "hang"}), target="/served"), 504, 760, 9,
             "Gateway Timeout"),
            (request(call(id=10), "Mcp-Session-Id: x", target="/served"), 404, 764, 10,
             "Session not found"),
            (request(b"{", target="/served"), 400, 762, None, "Bad Request"),
            (request(b"{", target="/mcp"), 400, -32700, None, "Parse error: Invalid JSON"),
            (request(b"x", method="GET", target="/mcp"), 400, 750, None, "Bad Request"),
        ]
        with self.connect() as client:
            for data, *expected in cases:
                with self.subTest(request=data[:200]):
                    self.assert_refusal(client.exchange(data), *expected)
                    self.assertEqual(client.exchange(good).status, 200)

    def test_what_cannot_be_read_to_its_end_is_answered_and_the_connection_closed(self):
        for data, status, code, text in (
                (request(call(params={"x": "y" * 20_000})), 413, 753, "Content Too Large"),
                (request(call(), f"X: {'y' * 5000}"), 431, 751, "Request Header Fields Too Large"),
                (b"GET /mcp HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400, 750, "Bad Request"),
                (b"GET /mcp HT", 408, 752, "Request Timeout")):
            with self.subTest(data=data[:60]), self.connect() as client:
                answer = client.exchange(data)
                self.assert_refusal(answer, status, code, None, text)
                self.assertEqual(answer.get("Connection"), "close")

    def session(self, kind, path, calls):
        environment = {**os.environ, "MTLS_CA": str(self.pki.ca), "NO_PROXY": "*",
                       "MTLS_CERT": str(self.credential.certificate),
                       "MTLS_KEY": str(self.credential.key)}
        done = run(NODE, MCP / "calls.mjs", kind,
                   f"https://127.0.0.1:{self.running.port()}{path}", json.dumps(calls),
                   env=environment, cwd=MCP)
        return json.loads(done.stdout)

    def test_official_sessions_go_on_after_a_refusal(self):
        if not NODE.exists():
            self.skipTest(f"there is no {NODE}; run npm ci in {MCP}")
        fine, large = ["echo", {"text": "fine"}], ["echo", {"text": "x" * 20_000}]
        refused = [(large, 413), (["drop", {}], 502), (["hang", {}], 504)]
        for kind, path, bad in (("sdk1", "/served", refused), ("sdk2-legacy", "/served", refused),
                                ("sdk1", "/mcp", refused[:1]), ("sdk2-legacy", "/mcp", refused[:1]),
                                ("sdk2-modern", "/mcp", refused[:1])):
            with self.subTest(kind=kind, path=path):
                calls = [fine]
                for each, _ in bad:
                    calls += [each, fine]
                outcomes = self.session(kind, path, calls)
                self.assertEqual([each.get("text") for each in outcomes[::2]],
                                 ["fine"] * (len(bad) + 1))
                for outcome in outcomes[1::2]:
                    self.assertIn(CONTACT, outcome["error"])


if __name__ == "__main__":
    harness.main()
