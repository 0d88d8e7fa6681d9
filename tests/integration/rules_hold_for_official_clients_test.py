"""Rules by tool hold for the official clients of both eras, over stdio and HTTP upstreams; a rule
that goes cuts the live stream of whom it let in, and nobody else's."""

import json
import subprocess
import threading
import time

from harness import BUILTIN_ROUTE, GateTest, Pki, pipeline, run, tls_listener, wait_until
from http_peers import Client, Upstream, http_route, request, response
from node_programs import EVERYTHING, MCP, NODE, main, mutual_tls, stdio_route

PROMISED = 5.0  # seconds


def rules(*names):
    identity = json.dumps([f"spiffe://corp.example/{name}" for name in names])
    return f'[[rule]]\nname = "echoes"\nidentity = {identity}\ntools = ["ec*"]\n'


class Stream:
    """An official client with its GET stream open; what it prints is gathered."""

    def __init__(self, url, pki, credential):
        self.process = subprocess.Popen(
            [NODE, "live_stream.mjs", url, "echo"], cwd=MCP, env=mutual_tls(pki, credential),
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.lines = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.strip())

    def close(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdin.close()
        self.process.stdout.close()


class Rules(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server = self.pki.server()
        self.alice = self.pki.client("alice", "--uri", "spiffe://corp.example/alice")
        self.bob = self.pki.client("bob", "--uri", "spiffe://corp.example/bob")
        self.file = self.directory / "rules.toml"
        self.write(rules("alice", "bob"))

    def write(self, text):
        temporary = self.file.with_suffix(".new")
        temporary.write_text(text)
        temporary.rename(self.file)

    def start(self, route):
        gate = self.gate(tls_listener(self.pki, self.server, route=route, pipeline=pipeline(
            "validator", rules_file=self.file)))
        return gate, f"https://localhost:{gate.port()}/mcp"

    def calls(self, kind, url, *names):
        done = run(NODE, "calls.mjs", kind, url,
                   json.dumps([[name, {"message": "x", "text": "x"}] for name in names]),
                   cwd=MCP, env=mutual_tls(self.pki, self.alice))
        return json.loads(done.stdout)

    def assert_held(self, route, other, *kinds):
        _, url = self.start(route)
        for kind in kinds:
            with self.subTest(kind=kind):
                may, may_not, again = self.calls(kind, url, "echo", other, "echo")
                self.assertIn("text", may)
                self.assertIn("error", may_not)
                self.assertIn("text", again)

    def test_clients_of_a_stdio_server_call_what_they_may_and_nothing_else(self):
        self.assert_held(stdio_route("/mcp", EVERYTHING, "stdio"), "get-env", "sdk1", "sdk2-legacy")

    def test_clients_of_either_era_call_what_they_may_and_nothing_else(self):
        self.assert_held(BUILTIN_ROUTE, "whoami", "sdk1", "sdk2-legacy", "sdk2-modern")

    def test_an_http_upstream_hears_nothing_that_headers_lie_about(self):
        reply = response(200, "Content-Type: application/json",
                         body=b'{"jsonrpc":"2.0","id":1,"result":{}}')
        upstream = Upstream(lambda _, connection: connection.send(reply))
        self.addCleanup(upstream.close)
        gate, _ = self.start(http_route(upstream))

        def body(tool):
            return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                               "params": {"name": tool}}).encode()
        with Client(gate, self.pki, self.alice) as client:
            self.assertEqual(client.exchange(request(body("echo"))).status, 200)
            for data, fields in ((body("env"), ()), (body("env"), ("Mcp-Name: echo",)),
                                 (body("echo"), ("Mcp-Name: env",)),
                                 (body("echo"), ("Mcp-Method: tools/list",)),
                                 (body("echo"), ("mcp_name: env",)),
                                 (b"[" + body("echo") + b"," + body("env") + b"]", ())):
                with self.subTest(data=data, fields=fields):
                    self.assertIn(client.exchange(request(data, *fields)).status, (400, 403))
        self.assertEqual(upstream.received().count(b"POST "), 1)

    def test_a_rule_that_goes_cuts_the_live_stream_of_whom_it_let_in(self):
        _, url = self.start(stdio_route("/mcp", EVERYTHING, "stdio"))
        streams = [Stream(url, self.pki, each) for each in (self.alice, self.bob)]
        for each in streams:
            self.addCleanup(each.close)
            wait_until(lambda each=each: "open" in each.lines, "the stream is open", 60)
        fine, doomed = streams
        self.write(rules("alice"))
        since = time.monotonic()
        wait_until(lambda: "cut" in doomed.lines, "the stream is cut", PROMISED)
        print(f"cut after {time.monotonic() - since:.2f} s")
        fine.process.stdin.write("\n")
        fine.process.stdin.flush()
        wait_until(lambda: "called" in fine.lines, "the other goes on")
        self.assertNotIn("cut", fine.lines)


if __name__ == "__main__":
    main()
