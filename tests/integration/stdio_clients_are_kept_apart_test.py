"""Clients that share a stdio route, an identity, even every id and progress token they use, never see
each other's messages; identities do not share children, sessions or what their child knows of them."""

from concurrent.futures import ThreadPoolExecutor

import harness
from harness import GateTest, Pki, tls_context, tls_listener
from stdio_peers import META, Session, stdio_route, text_of, tool_call

CLIENTS = 16
CALLS = 25


class StdioClients(GateTest):
    def setUp(self):
        super().setUp()
        pki = Pki(self.directory / "pki")
        server = pki.server()
        self.contexts = {name: tls_context(pki.ca, pki.client(name)) for name in ("ann", "bob")}
        self.running = self.gate(tls_listener(pki, server, route=stdio_route()))

    def session(self, name):
        session = Session(self.running.port(), self.contexts[name])
        self.addCleanup(session.close)
        return session

    def test_equal_ids_and_tokens_do_not_mix(self):
        def talk(number):
            session = self.session("ann" if number % 2 else "bob")
            older = number % 4 < 2
            if older:
                session.open()
            faults = []
            for call in range(CALLS):
                body = tool_call("notify", {"count": 3}, 1)
                body["params"]["_meta"] = {**({} if older else META), "progressToken": "same"}
                said = session.ask("POST", body, {} if older else {
                    "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call",
                    "Mcp-Name": "notify"}).messages()
                progress = [m["params"]["progress"] for m in said if "method" in m]
                tokens = {m["params"]["progressToken"] for m in said if "method" in m}
                if progress != [1, 2, 3] or tokens != {"same"} or said[-1]["id"] != 1:
                    faults.append(said)
                text = f"{number}.{call}"
                ask = session.call if older else session.modern
                if text_of(ask("echo", {"text": text})) != text:
                    faults.append(text)
            return faults

        with ThreadPoolExecutor(CLIENTS) as pool:
            self.assertEqual([f for faults in pool.map(talk, range(CLIENTS)) for f in faults], [])

    def test_identities_have_sessions_and_children_of_their_own(self):
        ann, bob = self.session("ann"), self.session("bob")
        ann.open()
        bob.id = ann.id
        for method in ("POST", "GET", "DELETE"):
            body = tool_call("pid") if method == "POST" else None
            self.assertEqual(bob.ask(method, body).status, 404, method)
        bob.id = None
        pids = {text_of(ann.call("pid")), text_of(ann.modern("pid")), text_of(bob.modern("pid"))}
        self.assertEqual(len(pids), 3)
        ann_again = self.session("ann")
        self.assertIn(text_of(ann_again.modern("pid")), pids)


if __name__ == "__main__":
    harness.main()
