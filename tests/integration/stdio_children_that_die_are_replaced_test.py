"""A child that dies in the middle of a call fails that call within a second, and the next call of the
same session, or of the same identity in the newer era, works on another child. A line over the limit
is such an end: an error for its caller and for nobody else."""

import os
import re
import signal
import time
from pathlib import Path

import harness
from harness import GateTest, wait_until
from stdio_peers import META, Session, children_of, plain_listener, stdio_route, text_of, tool_call

WITHIN = 1.0


def bytes_read(pid):
    return int(re.search(r"^rchar: (\d+)$", Path(f"/proc/{pid}/io").read_text(), re.MULTILINE)[1])


class StdioChildren(GateTest):
    def start(self, *options, extra=""):
        self.running = self.gate(plain_listener(stdio_route(*options, extra=extra)))
        return self.running

    def session(self):
        session = Session(self.running.port())
        self.addCleanup(session.close)
        return session

    def kill_in_call(self, session, ask):
        pid = int(text_of(ask("pid")))
        headers = {}
        body = tool_call("sleep", {"milliseconds": 20000}, "slow")
        if ask == session.modern:
            body["params"]["_meta"] = META
            headers = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call",
                       "Mcp-Name": "sleep"}
        before = bytes_read(pid)
        session.send("POST", body, headers)
        wait_until(lambda: bytes_read(pid) > before, "the child has read the call")
        os.kill(pid, signal.SIGKILL)
        began = time.monotonic()
        answer = session.receive()
        self.assertLess(time.monotonic() - began, WITHIN)
        self.assertEqual(answer.status, 502)
        self.assertEqual(answer.last()["id"], "slow")
        self.assertGreater(answer.last()["error"]["code"], -32000)
        other = int(text_of(ask("pid", request_id=2)))
        self.assertNotEqual(other, pid)

    def test_a_session_goes_on(self):
        self.start()
        session = self.session()
        session.open()
        self.kill_in_call(session, session.call)

    def test_a_client_without_a_session_goes_on(self):
        self.start()
        session = self.session()
        self.kill_in_call(session, session.modern)

    def test_a_line_over_the_limit_is_its_callers_error_alone(self):
        self.start(extra='max_line = "64KiB"')
        loud, quiet = self.session(), self.session()
        loud.open()
        quiet.open()
        quiet.send("POST", tool_call("sleep", {"milliseconds": 500}))
        self.assertEqual(loud.call("big", {"size": 60_000}).status, 200)
        answer = loud.call("big", {"size": 70_000}, "big")
        self.assertEqual(answer.status, 502)
        self.assertEqual(answer.last()["id"], "big")
        self.assertEqual(text_of(loud.call("echo", {"text": "on"})), "on")
        self.assertEqual(quiet.receive().status, 200)
        wait_until(lambda: self.running.last(
            lambda record: "line of more than 64KiB" in record.get("detail", "")), "it is logged")

    def test_a_command_that_ends_at_once_is_not_started_without_end(self):
        self.running = self.gate(plain_listener(stdio_route(command="/bin/false")))
        statuses = [self.session().open().status for _ in range(10)]
        self.assertEqual(statuses[:2], [502, 502])
        self.assertEqual(statuses[2:], [503] * 8)
        wait_until(lambda: len(self.running.find(message="child started")) >= 2, "it is logged")
        self.assertEqual(len(self.running.find(message="child started")), 2)
        self.assertEqual(children_of(self.running.process.pid), [])


if __name__ == "__main__":
    harness.main()
