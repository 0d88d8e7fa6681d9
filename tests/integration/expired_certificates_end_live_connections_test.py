"""A connection does not outlive its client's certificate by more than a minute's grace. The gate's
clocks run faster here, by libfaketime."""

import time
import unittest
from pathlib import Path

import harness
from harness import DEADLINE, POSTERND, GateTest, Pki, tls_listener, wait_until
from http_peers import Client, call, request

FAKETIME = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
FASTER = 30
VALID, GRACE = 120, 60  # seconds of the gate's
LATE = 5.0  # of ours


def is_sanitized():
    binary = POSTERND.read_bytes()
    return b"__asan_init" in binary or b"__tsan_init" in binary


@unittest.skipUnless(FAKETIME, "there is no libfaketime")
class ExpiredCertificates(GateTest):
    def test_are_cut_after_their_grace_and_others_go_on(self):
        if is_sanitized():
            self.skipTest("the sanitizers are no company for another preloaded library")
        pki = Pki(self.directory / "pki")
        server, lasting = pki.server(), pki.client("lasting")
        gate = self.gate(tls_listener(pki, server, extra='handshake_timeout = "5m"'), start=False)
        brief = pki.client("brief", "--validity", f"{VALID}s")
        began = time.monotonic()
        gate.start({"LD_PRELOAD": str(FAKETIME[0]), "FAKETIME": f"+0 x{FASTER}"})
        doomed, fine = Client(gate, pki, brief), Client(gate, pki, lasting)
        self.addCleanup(doomed.close)
        self.addCleanup(fine.close)
        answered = began
        with self.assertRaises((OSError, EOFError)):
            while answered < began + DEADLINE:
                self.assertEqual(fine.exchange(request(call())).status, 200)
                self.assertEqual(doomed.exchange(request(call())).status, 200)
                answered = time.monotonic()
        self.assertGreater(answered - began, VALID / FASTER * 0.9)
        self.assertLess(answered - began, (VALID + GRACE) / FASTER + LATE)
        said = wait_until(lambda: gate.find(message="connection closed",
                                            peer="%s:%d" % doomed.address), "it is logged")
        self.assertEqual(said[0]["reason"], "certificate_expired")
        self.assertEqual(said[0]["identity"], "dn:CN=brief")
        self.assertEqual(fine.exchange(request(call())).status, 200)
        with self.assertRaises((OSError, EOFError)), Client(gate, pki, brief) as late:
            late.exchange(request(call()))


if __name__ == "__main__":
    harness.main()
