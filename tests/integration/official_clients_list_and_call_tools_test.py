"""The official TypeScript clients of both eras list tools and call one over mutual TLS, with all
four plugins on: on the built-in server, and through to official servers. Without the right
certificate none of them gets anywhere."""

import json
import os

import node_programs
from harness import BUILTIN_ROUTE, GateTest, Pki, curl, run, tls_listener, wait_until
from http_peers import http_route
from node_programs import EVERYTHING, MCP, NODE, Program, four_plugins, free_port, mutual_tls

LEGACY = ("sdk1", "sdk2-legacy")
CLIENTS = (*LEGACY, "sdk2-modern")
PLUGINS = {"ratelimit", "validator", "pinning", "revocation"}


class OfficialClients(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server, self.good = self.pki.server(), self.pki.client("good")
        self.revoked, self.unpinned = self.pki.client("revoked"), self.pki.client("unpinned")
        self.foreign = Pki(self.directory / "foreign", "Foreign CA").client("foreign")
        self.pki.revoke(self.revoked)
        self.everything, modern = self.start_everything(), self.start_modern()
        self.running = self.gate(tls_listener(
            self.pki, self.server,
            pipeline=four_plugins(self.pki, self.good, self.revoked, self.foreign),
            route=BUILTIN_ROUTE
            + http_route(self.everything, path="/everything", name="everything")
            + http_route(modern, path="/modern", name="modern")))

    def program(self, name, *command, environment=None):
        program = Program(self.directory, name, *command, environment=environment)
        self.addCleanup(program.end)
        return program

    def start_everything(self):
        port = free_port()
        self.program("everything", EVERYTHING, "streamableHttp",
                     environment={"PORT": str(port)}).said("listening on port")
        return f"http://127.0.0.1:{port}/mcp"

    def start_modern(self):
        said = self.program("modern", MCP / "modern_server.mjs").said(r"listening (\d+)")
        return f"http://127.0.0.1:{said[1]}/"

    def call(self, client, path, tool, arguments, credential=None, version=None):
        """Runs one client to its end."""
        if credential == "none":
            environment = {**os.environ, "MTLS_CA": str(self.pki.ca), "NO_PROXY": "*"}
        else:
            environment = mutual_tls(self.pki, credential or self.good)
        if version:
            environment["MTLS_VERSION"] = version
        return run(NODE, MCP / "client.mjs", client,
                   f"https://127.0.0.1:{self.running.port()}{path}", tool, json.dumps(arguments),
                   ok=None, env=environment, cwd=MCP)

    def passed(self, *arguments, **options):
        done = self.call(*arguments, **options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def test_every_client_uses_the_built_in_server(self):
        for client in CLIENTS:
            for version in ("TLSv1.2", "TLSv1.3"):
                with self.subTest(client=client, version=version):
                    said = self.passed(client, "/mcp", "whoami", {}, version=version)
                    self.assertEqual(set(said["tools"]), {"echo", "whoami"})
                    facts = said["result"]["structuredContent"]
                    self.assertEqual(facts["tls"]["version"], version.replace("TLSv", "TLS "))
                    self.assertEqual(facts["certificate"]["subject"], "CN=good")
                    self.assertEqual({each["plugin"] for each in facts["plugins"]}, PLUGINS)
            said = self.passed(client, "/mcp", "echo", {"text": "é€😀"})
            self.assertEqual(said["result"]["content"][0]["text"], "é€😀")

    def test_every_client_gets_through_to_a_server_of_both_eras(self):
        for client in CLIENTS:
            with self.subTest(client=client):
                said = self.passed(client, "/modern", "echo", {"message": "through"})
                self.assertEqual(said["tools"], ["echo"])
                self.assertEqual(said["result"]["content"][0]["text"], "Echo: through")

    def test_clients_of_the_older_era_get_through_to_a_server_of_that_era(self):
        for client in LEGACY:
            with self.subTest(client=client):
                said = self.passed(client, "/everything", "echo", {"message": "through"})
                self.assertIn("get-sum", said["tools"])
                self.assertEqual(said["result"]["content"][0]["text"], "Echo: through")
                said = self.passed(client, "/everything", "trigger-long-running-operation",
                                   {"duration": 1, "steps": 4})
                self.assertIn("completed", said["result"]["content"][0]["text"])

    def test_a_client_of_the_newer_era_hears_the_older_server_s_own_refusal(self):
        done = self.call("sdk2-modern", "/everything", "echo", {"message": "x"})
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("did not offer pinned protocol version", done.stderr)
        # What it heard is what it would have heard without the gate.
        question = {"jsonrpc": "2.0", "id": 1, "method": "server/discover",
                    "params": {"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}}}
        straight = curl(self.everything, body=question)
        through = curl(f"https://127.0.0.1:{self.running.port()}/everything", body=question,
                       ca=self.pki.ca, credential=self.good)
        self.assertEqual((through.status, through.body), (straight.status, straight.body))
        self.assertEqual(through.status, 400)
        self.assertEqual(self.running.find(message="request refused"), [])

    def test_every_client_is_refused_without_the_right_certificate(self):
        refusals = lambda: self.running.find(message="connection refused")
        for credential, reason in ((self.foreign, "unknown_authority"), (self.revoked, "revoked"),
                                   (self.unpinned, "not_pinned"), ("none", "certificate_required")):
            for client in CLIENTS:
                with self.subTest(reason=reason, client=client):
                    before = len(refusals())
                    done = self.call(client, "/mcp", "whoami", {}, credential=credential)
                    self.assertNotEqual(done.returncode, 0, done.stdout)
                    self.assertEqual(done.stdout, "")
                    said = wait_until(lambda: refusals()[before:], "the refusal is logged")
                    self.assertEqual({each["reason"] for each in said}, {reason})


if __name__ == "__main__":
    node_programs.main()
