"""Children that write without end what nobody listens to keep no other client waiting."""

import statistics
import time

import harness
from harness import GateTest, wait_until
from stdio_peers import Session, children_of, plain_listener, stdio_route, text_of, tool_call

FLOODS = 24


class Floods(GateTest):
    def test_a_call_comes_between(self):
        running = self.gate(plain_listener(stdio_route()))
        quiet = Session(running.port())
        self.addCleanup(quiet.close)
        quiet.open()
        for _ in range(FLOODS):
            loud = Session(running.port())
            loud.open()
            loud.send("POST", tool_call("notify", {"count": 1 << 30}))
            loud.close()
        wait_until(lambda: len(children_of(running.process.pid)) == FLOODS + 1, "all are there")
        took = []
        for number in range(200):
            begun = time.monotonic()
            self.assertEqual(text_of(quiet.call("echo", {"text": "x"}, number)), "x")
            took.append(time.monotonic() - begun)
        print(f"beside {FLOODS} floods: {statistics.median(took) * 1000:.1f} ms a call")


if __name__ == "__main__":
    harness.main()
