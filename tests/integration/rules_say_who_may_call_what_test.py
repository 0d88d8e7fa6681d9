"""Rules of the validator say who may call which tool, prompt and resource: in both eras, in batches,
over stdio and HTTP, whatever the headers, the letters or the encoding claim. A session stays whole."""

import json

import harness
from harness import GateTest, Pki, curl, pipeline, run, tls_listener, wait_until
from tls_client import Client, Refused

PROMISED = 5.0  # seconds
MODERN = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientCapabilities": {}}
RULES = """
[group]
readers = ["spiffe://corp.example/readers/*"]
[[rule]]
name = "no-echo-for-bob"
identity = "spiffe://corp.example/readers/bob"
tools = ["echo"]
action = "deny"
[[rule]]
name = "readers"
identity = "group:readers"
route = "/mcp"
tools = ["who*"]
"""


def call(tool, **more):
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": tool, "arguments": {}, **more}}


class Rules(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server = self.pki.server()
        self.alice = self.pki.client("alice", "--uri", "spiffe://corp.example/readers/alice")
        self.bob = self.pki.client("bob", "--uri", "spiffe://corp.example/readers/bob")
        self.eve = self.pki.client("eve", "--uri", "spiffe://corp.example/others/eve")
        self.rules = self.directory / "rules.toml"
        self.rules.write_text(RULES)

    def start(self, route=None):
        return self.gate(tls_listener(self.pki, self.server, route=route, pipeline=pipeline(
            "validator", rules_file=self.rules)))

    def ask(self, gate, body, *options, credential=None):
        return curl(f"https://localhost:{gate.port()}/mcp", *options, body=body, ca=self.pki.ca,
                    credential=credential or self.alice)

    def write(self, text):
        temporary = self.rules.with_suffix(".new")
        temporary.write_text(text)
        temporary.rename(self.rules)

    def test_only_the_tools_of_the_rule_are_called_and_the_log_names_the_rule(self):
        gate = self.start()
        self.assertEqual(self.ask(gate, call("whoami")).status, 200)
        self.assertEqual(self.ask(gate, call("echo")).status, 403)
        refused = wait_until(lambda: gate.find(message="request refused"), "it is in the log")[0]
        self.assertEqual(refused["reason"], "identity_not_allowed")
        self.assertEqual(refused["detail"],
                         'no rule allows "tools/call" of "echo" on route "demo"')
        self.assertEqual(self.ask(gate, call("echo"), credential=self.bob).status, 403)
        said = wait_until(lambda: gate.find(message="request refused")[1:], "it is in the log")
        self.assertIn('rule "no-echo-for-bob" denies', said[0]["detail"])
        self.assertTrue(gate.find(level="debug", message='rule "readers" allows '
                                  '"tools/call" of "whoami" on route "demo"'))

    def test_a_session_works_with_nothing_but_a_tool_allowed(self):
        gate = self.start()
        for method in ("initialize", "ping", "tools/list"):
            body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {
                "protocolVersion": "2025-06-18", "capabilities": {},
                "clientInfo": {"name": "x", "version": "1"}}}
            self.assertEqual(self.ask(gate, body).status, 200, method)
        self.assertEqual(self.ask(gate, {"jsonrpc": "2.0", "id": 1,
                                         "method": "completion/complete"}).status, 403)

    def test_neither_header_nor_letters_nor_escapes_pass_by_a_rule(self):
        gate = self.start()
        lies = ["--header", "Mcp-Method: tools/list", "--header", "Mcp-Name: whoami"]
        self.assertNotEqual(self.ask(gate, call("echo"), *lies).status, 200)
        escaped = json.dumps(call("echo")).replace("echo", "\\u0065cho")
        self.assertEqual(self.ask(gate, escaped).status, 403)
        twice = json.dumps(call("echo")).replace('"name": "echo"',
                                                 '"name": "whoami", "name": "echo"')
        self.assertEqual(self.ask(gate, twice).status, 400)
        cased = {**call("echo"), "method": "Tools/Call"}
        self.assertEqual(self.ask(gate, cased).status, 403)
        self.assertEqual(self.ask(gate, [call("whoami"), call("echo")]).status, 403)
        self.assertEqual(self.ask(gate, call("Whoami")).status, 403)

    def test_the_newer_era_is_judged_alike(self):
        gate = self.start()

        def headers(tool):
            return ["--header", "MCP-Protocol-Version: 2026-07-28", "--header",
                    "Mcp-Method: tools/call", "--header", f"Mcp-Name: {tool}"]
        self.assertEqual(
            self.ask(gate, call("whoami", _meta=MODERN), *headers("whoami")).status, 200)
        self.assertEqual(self.ask(gate, call("echo", _meta=MODERN), *headers("echo")).status, 403)
        lied = self.ask(gate, call("echo", _meta=MODERN), *headers("whoami"))
        self.assertIn(lied.status, (400, 403))

    def test_whom_no_rule_lets_do_anything_is_refused_in_the_handshake(self):
        gate = self.start()
        with self.assertRaises(Refused):
            Client(self.pki.ca, self.eve).ask(gate.port())
        said = wait_until(lambda: gate.refusals("127.0.0.1"), "it is in the log")[0]
        self.assertEqual(said["reason"], "identity_not_allowed")

    def test_a_changed_file_cuts_whom_it_no_longer_lets_in_and_nobody_else(self):
        gate = self.start()
        doomed = Client(self.pki.ca, self.bob).connect(gate.port())
        fine = Client(self.pki.ca, self.alice).connect(gate.port())
        for each in (doomed, fine):
            self.addCleanup(each.close)
            self.assertEqual(each.ask().status, 200)
        self.write(RULES.replace("readers/*", "readers/alice"))
        self.assertIsInstance(doomed.wait_for_end(PROMISED), Refused)
        self.assertEqual(fine.ask().status, 200)

    def test_a_broken_file_leaves_the_rules_as_they_were_and_is_told_once(self):
        gate = self.start()
        self.write(RULES.replace("tools =", "tool =", 1))
        said = wait_until(lambda: gate.find(level="error"), "it is in the log")
        self.assertIn('rules.toml:7:1: rule[0].tool: unknown key; did you mean "tools"?',
                      said[0]["message"])
        self.assertEqual(self.ask(gate, call("whoami")).status, 200)
        self.assertEqual(self.ask(gate, call("echo")).status, 403)
        self.write(RULES.replace("who*", "echo"))
        wait_until(lambda: self.ask(gate, call("echo")).status == 200, "the new rule is in force")

    def test_wrong_rules_are_told_at_the_start_in_one_line_with_their_place(self):
        for wrong, told in (
                ("", "rules.toml:1:1: there is no [[rule]]"),
                ("[[rule]]\n", "rules.toml:1:1: rule[0]: identity is required"),
                ('[[rule]]\nidentity = "group:x"\n', "rules.toml:2:1: rule[0].identity"),
                ('[[rule]]\nidentity = "dn:CN=alice"\n', "by a common name alone"),
                ('[[rule]]\nidentity = "spiffe://a/b*"\n', "has a * that is not a whole segment"),
                ('[[rule]]\nidentity = "*"\ntools = ["*_read"]\n', "has a * before its end"),
                ('[[rule]]\nidentity = "*"\naction = "maybe"\n', "must be one of"),
                ("[[rule]\n", "rules.toml:1:")):
            with self.subTest(wrong=wrong):
                self.rules.write_text(wrong)
                gate = self.gate(tls_listener(self.pki, self.server, pipeline=pipeline(
                    "validator", rules_file=self.rules)), start=False)
                done = run(harness.POSTERND, "--check", "--config", gate.file, ok=False)
                self.assertIn(told, done.stderr)
                self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)

    def test_without_rules_one_warning_says_who_may_call_what(self):
        gate = self.gate(tls_listener(self.pki, self.server, pipeline=pipeline("validator")))
        said = [line for line in gate.find(level="warning") if "no rules" in line["message"]]
        self.assertEqual(len(said), 1)
        self.assertIn('whoever the listener "mcp" admits may call every tool', said[0]["message"])


if __name__ == "__main__":
    harness.main()
