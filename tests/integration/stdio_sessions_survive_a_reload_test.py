"""A reload that changes nothing of a stdio upstream keeps its sessions and children; one that does
lets calls under way finish and ends the rest. At the end of the gate calls finish, streams end and
the children go."""

import harness
from harness import GateTest, Pki, tls_listener, wait_until
from stdio_peers import Session, children_of, plain_listener, stdio_route, text_of, tool_call


class StdioReload(GateTest):
    def setUp(self):
        super().setUp()
        self.running = self.gate(plain_listener(stdio_route()))
        self.session = Session(self.running.port())
        self.addCleanup(self.session.close)
        self.session.open()

    def other_connection(self):
        other = Session(self.running.port())
        self.addCleanup(other.close)
        other.id = self.session.id
        return other

    def test_a_session_survives_a_reload(self):
        pid = text_of(self.session.call("pid"))
        self.running.configure(plain_listener(stdio_route()) + "\n# another comment\n")
        self.assertEqual(self.running.reload()["message"], "configuration reloaded")
        self.assertEqual(text_of(self.session.call("pid", request_id=2)), pid)

    def test_a_session_survives_another_listener_with_a_key_of_its_own(self):
        pid = text_of(self.session.call("pid"))
        pki = Pki(self.directory / "other")
        self.running.configure(plain_listener(stdio_route())
                               + tls_listener(pki, pki.server(), name="other"))
        self.assertEqual(self.running.reload()["message"], "configuration reloaded")
        self.assertEqual(text_of(self.session.call("pid", request_id=2)), pid)
        self.session.call("crash", request_id=3)
        self.assertNotEqual(text_of(self.session.call("pid", request_id=4)), pid)

    def test_a_changed_upstream_ends_what_is_not_under_way(self):
        stream = self.other_connection()
        stream.send("GET")
        opened = stream.connection.getresponse()
        self.session.send("POST", tool_call("sleep", {"milliseconds": 500}))
        wait_until(lambda: children_of(self.running.process.pid), "the child is there")
        self.running.configure(plain_listener(stdio_route(extra="max_children = 3")))
        self.assertEqual(self.running.reload()["message"], "configuration reloaded")
        opened.read()  # the stream ends
        self.assertEqual(self.session.receive().status, 200)
        wait_until(lambda: not children_of(self.running.process.pid), "the old child is gone")
        self.assertEqual(self.session.call("pid").status, 404)

    def test_calls_finish_and_streams_end_when_the_gate_stops(self):
        stream = self.other_connection()
        stream.send("GET")
        opened = stream.connection.getresponse()
        self.session.send("POST", tool_call("sleep", {"milliseconds": 700}))
        wait_until(lambda: len(self.running.find(message="connection admitted")) == 2,
                   "both are served")
        children = children_of(self.running.process.pid)
        self.running.process.terminate()
        opened.read()
        self.assertEqual(self.session.receive().status, 200)
        self.running.stop()
        for pid in children:
            wait_until(lambda: not harness.Path(f"/proc/{pid}").exists(), "the child is gone")


if __name__ == "__main__":
    harness.main()
