"""The official Inspector's command line lists and calls tools over mutual TLS, whatever it is told
about the era: on the built-in server and on an official server of both eras,
behind HTTP and behind stdio. Without a certificate
it says that it reached nothing."""

import json

import node_programs
from harness import BUILTIN_ROUTE, GateTest, Pki, run, tls_listener
from http_peers import http_route
from node_programs import (INSPECTOR, MCP, MUTUAL_TLS, NODE, Program, four_plugins, mutual_tls,
                           stdio_route)

ERAS = ("legacy", "auto", "modern")
UNREACHABLE = 4


class Inspector(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server, self.good = self.pki.server(), self.pki.client("good")
        self.unpinned = self.pki.client("unpinned")
        fixture = Program(self.directory, "fixture", MCP / "conformance_server.mjs", "http")
        self.addCleanup(fixture.end)
        port = fixture.said(r"listening (\d+)")[1]
        self.running = self.gate(tls_listener(
            self.pki, self.server, pipeline=four_plugins(self.pki, self.good),
            route=BUILTIN_ROUTE
            + http_route(f"http://127.0.0.1:{port}/mcp", path="/http", name="http")
            + stdio_route("/stdio", MCP / "conformance_server.mjs", "stdio")))

    def inspector(self, path, era, *options, credential=None, ok=True):
        """What it remembers is below HOME and in its catalog: both are in the test's directory."""
        home = self.directory / "home"
        home.mkdir(exist_ok=True)
        return run(NODE, INSPECTOR, "--cli", f"https://127.0.0.1:{self.running.port()}{path}",
                   "--transport", "http", "--protocol-era", era, "--format", "json", *options,
                   ok=ok, cwd=MCP, env=mutual_tls(
                       self.pki, credential or self.good, HOME=str(home),
                       MCP_CATALOG_PATH=str(home / "catalog.json"),
                       NODE_OPTIONS=f"--import={MUTUAL_TLS.as_uri()}"))

    def assert_works(self, path, era, server, tool, argument, text):
        listed = json.loads(self.inspector(path, era, "--method", "tools/list").stdout)
        self.assertIn(tool, [each["name"] for each in listed["result"]["tools"]])
        called = json.loads(self.inspector(path, era, "--method", "tools/call", "--tool-name", tool,
                                           *argument).stdout)["result"]
        self.assertEqual(called["content"], [{"type": "text", "text": text}])
        # Only servers of the newer era sign each answer.
        signed = called.get("_meta", {}).get("io.modelcontextprotocol/serverInfo", {})
        self.assertEqual(signed.get("name"), None if era == "legacy" else server)

    def test_every_era_works_with_the_built_in_server(self):
        for era in ERAS:
            with self.subTest(era=era):
                self.assert_works("/mcp", era, "postern", "echo", ["--tool-arg", "text=é€😀"],
                                  "é€😀")

    def test_every_era_works_with_a_server_behind_http_and_behind_stdio(self):
        for path in ("/http", "/stdio"):
            for era in ERAS:
                with self.subTest(path=path, era=era):
                    self.assert_works(path, era, "postern-conformance-fixture",
                                      "test_tool_with_progress", [], "All of it is done.")

    def test_no_era_gets_anywhere_without_the_right_certificate(self):
        for era in ERAS:
            with self.subTest(era=era):
                done = self.inspector("/mcp", era, "--method", "tools/list",
                                      credential=self.unpinned, ok=False)
                self.assertEqual(done.returncode, UNREACHABLE)
                self.assertEqual(done.stdout, "")
                self.assertEqual(json.loads(done.stderr)["error"]["code"], "unreachable")
        reasons = {each["reason"] for each in self.running.find(message="connection refused")}
        self.assertEqual(reasons, {"not_pinned"})


if __name__ == "__main__":
    node_programs.main()
