"""500 sessions of the older era, opened and dropped in disorder, leave no child, no descriptor and no
session: some are deleted, some left to the idle timeout, some in the middle of a call, some with a
stream open, some with a child that was killed."""

import os
import random
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import harness
from harness import GateTest, wait_until
from stdio_peers import Session, children_of, plain_listener, stdio_route

SESSIONS = 500
AT_ONCE = 50


class StdioSessions(GateTest):
    def one(self, number):
        dice = random.Random(number)
        session = Session(self.port)
        try:
            if session.open().status != 200:
                return "not opened"
            if session.call("echo", {"text": str(number)}).last()["result"]["content"][0][
                    "text"] != str(number):
                return "a wrong answer"
            way = dice.choice(["delete", "leave", "mid-call", "stream", "kill", "double delete"])
            if way == "kill":
                pid = int(session.call("pid").last()["result"]["content"][0]["text"])
                os.kill(pid, signal.SIGKILL)
            if way in ("mid-call", "kill"):
                session.send("POST", {"jsonrpc": "2.0", "id": 9, "method": "tools/call", "params": {
                    "name": "sleep", "arguments": {"milliseconds": dice.randrange(200)}}})
            if way == "stream":
                session.send("GET")
            if way == "double delete":
                session.ask("DELETE")
            if way.endswith("delete"):
                session.ask("DELETE")
            return None
        finally:
            session.close()

    def test_nothing_is_left(self):
        gate = self.gate(plain_listener(stdio_route(
            extra=f'max_children = {2 * SESSIONS}\nidle_timeout = "3s"')))
        self.port = gate.port()
        warm = Session(self.port)
        warm.open()
        warm.ask("DELETE")
        warm.close()
        wait_until(lambda: not children_of(gate.process.pid), "the first child is gone")
        before = wait_until(gate.descriptors, "its descriptors are counted")
        with ThreadPoolExecutor(AT_ONCE) as pool:
            faults = [fault for fault in pool.map(self.one, range(SESSIONS)) if fault]
        self.assertEqual(faults, [])
        wait_until(lambda: not children_of(gate.process.pid), "no child is left", 30)
        wait_until(lambda: gate.descriptors() <= before, "no descriptor is left")
        opened, ended = gate.find(message="session opened"), gate.find(message="session ended")
        self.assertEqual(len(opened), SESSIONS + 1)
        self.assertEqual(len(ended), SESSIONS + 1)
        # Nor elsewhere on the machine, as an orphan.
        started = [record["detail"].removeprefix("pid ")
                   for record in gate.find(message="child started")]
        self.assertGreater(len(started), SESSIONS)
        self.assertEqual([pid for pid in started if is_child(pid)], [])
        gate.stop()


def is_child(pid):
    try:
        return Path(f"/proc/{pid}/comm").read_text().startswith("small_stdio")
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    harness.main()
