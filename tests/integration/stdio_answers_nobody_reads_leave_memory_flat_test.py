"""Clients that ask for large answers and do not read them cost the gate a bounded part of its memory,
not an answer each; they are given up when others wait for it, and those others are answered."""

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import harness
from harness import GateTest, memory_slack, wait_until
from stdio_peers import META, Session, plain_listener, stdio_route, text_of, tool_call

CLIENTS = 40
OF_ONE_CHILD = 12  # which answers one after the other, when there is room again
SIZE = 9 << 20
# What one identity may have waiting and one answer above, four lines under way with what they take
# as their memory grows, and the beginning of a line from each other child. All answers: 360 MiB.
MOST = (32 + 10 + 4 * 24 + 40 // 2 << 20) + memory_slack()


class UnreadAnswers(GateTest):
    def setUp(self):
        super().setUp()
        self.running = self.gate(plain_listener(stdio_route(extra="max_children = 100")))
        first = self.session()
        first.open()
        first.call("big", {"size": SIZE})
        first.close()

    def session(self, receive_buffer=None):
        session = Session(self.running.port())
        self.addCleanup(session.close)
        if receive_buffer:
            session.connection.connect()
            session.connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        return session

    def peak_bytes(self):
        status = Path(f"/proc/{self.running.process.pid}/status").read_text()
        return int(re.search(r"^VmHWM:\s*(\d+) kB$", status, re.MULTILINE)[1]) << 10

    def assert_flat(self, clients, ask, call):
        """`ask` sends what is not read; `call` is the one whose answer is waited for."""
        # proc(5): 5 sets the peak back to what is resident now.
        Path(f"/proc/{self.running.process.pid}/clear_refs").write_text("5")
        before = self.running.resident_bytes()
        deaf = [self.session(16 << 10) for _ in range(clients)]
        for each in deaf:
            ask(each)
        wait_until(lambda: [r for r in self.running.records()
                            if "reads its answer too slowly" in r.get("detail", "")],
                   "one of them is given up")
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(call)
            wait_until(waiting.done, "a client that reads is answered", 90)
            self.assertEqual(waiting.result(), "here")
        more = self.peak_bytes() - before
        print(f"{clients} answers of {SIZE >> 20} MiB: peak {more / 2**20:+.1f} MiB")
        self.assertLess(more, MOST)
        self.assertGreater(more, SIZE)

    def test_from_one_shared_child(self):
        headers = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call",
                   "Mcp-Name": "big"}

        def ask(session):
            body = tool_call("big", {"size": SIZE}, 1, META)
            session.send("POST", body, headers)

        reader = self.session()
        reader.connection.timeout = 90
        self.assert_flat(OF_ONE_CHILD, ask,
                         lambda: text_of(reader.modern("echo", {"text": "here"})))

    def test_from_a_child_for_each(self):
        def ask(session):
            session.open()
            session.send("POST", tool_call("big", {"size": SIZE}))

        reader = self.session()
        reader.connection.timeout = 90
        reader.open()
        self.assert_flat(CLIENTS, ask, lambda: text_of(reader.call("echo", {"text": "here"})))


if __name__ == "__main__":
    harness.main()
