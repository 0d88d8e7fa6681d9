"""A child that would set the gate's resource limits (prlimit) cannot, as whatever user both run; its
own it can lower."""

import http.client
import shutil
import unittest
from pathlib import Path

import harness
from harness import GateTest, wait_until
from http_peers import call
from stdio_peers import SMALL_SERVER, plain_listener, stdio_route

TRIES = """
prlimit --pid $PPID --nofile=7:7; gate=$?
ulimit -n 64; own=$?
echo "limits gate=$gate own=$own parent=$PPID" >&2
exec "$0"
"""


@unittest.skipUnless(shutil.which("prlimit"), "there is no prlimit")
@unittest.skipUnless(SMALL_SERVER.exists(), "the small server is not built")
class Limits(GateTest):
    def limit(self):
        text = Path(f"/proc/{self.running.process.pid}/limits").read_text()
        return next(line for line in text.splitlines() if line.startswith("Max open files"))

    def test_the_gate_s_limits_stay_and_the_child_s_own_do_not(self):
        self.running = self.gate(plain_listener(
            stdio_route("-c", TRIES, SMALL_SERVER, command="/bin/sh")))
        before = self.limit()
        peer = http.client.HTTPConnection("127.0.0.1", self.running.port(), timeout=20)
        self.addCleanup(peer.close)
        peer.request("POST", "/mcp", call(method="initialize", params={
            "protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": {"name": "t", "version": "1"}}), {
                "Content-Type": "application/json",
                "Accept": "application/json, text/event-stream"})
        self.assertEqual(peer.getresponse().status, 200)
        said = wait_until(lambda: next((line for line in self.running.log_text().splitlines()
                                        if "limits gate=" in line and "own=" in line), None),
                          "the child says what it could do")
        self.assertRegex(said, rf"limits gate=[1-9]\d* own=0 parent={self.running.process.pid}\b")
        self.assertEqual(self.limit(), before)


if __name__ == "__main__":
    harness.main()
