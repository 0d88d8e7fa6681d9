"""Ten megabytes of certificates, or a thousand that loop, end their own handshake and nothing else."""

import time

import harness
from chains_of_attackers import CA, forge, present
from harness import Credential, GateTest, Pki, pipeline, tls_listener, wait_until


class ChainsWithoutEnd(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.good = self.pki.client("good", "--dns", "client.example")
        forged = self.directory / "forged"
        forged.mkdir()
        authority = Credential(self.pki.ca, self.pki.directory / "ca.key")
        one = forge(forged, "one", authority, CA)
        two = forge(forged, "two", one, CA)
        self.leaf = self.good.certificate.read_text()
        self.loop = two.certificate.read_text() + one.certificate.read_text()
        self.running = self.gate(tls_listener(self.pki, self.pki.server(),
                                              pipeline=pipeline("validator")))

    def refused(self, source, text):
        long = Credential(self.directory / "long.crt", self.good.key)
        long.certificate.write_text(text)
        before = self.running.resident_bytes()
        begin = time.monotonic()
        self.assertNotIn(b"HTTP/1.1", present(self.running.port(), source, long))
        said = wait_until(lambda: [r for r in self.running.refusals(source)
                                   if r["message"] == "connection refused"], "it is logged")
        print(f"{len(text) // 1024} KiB of PEM: {said[0]['reason']} after "
              f"{time.monotonic() - begin:.2f} s, {said[0]['detail']}")
        self.assertLess(self.running.resident_bytes() - before, harness.memory_slack())
        self.assertIn(b"HTTP/1.1", present(self.running.port(), "127.0.0.1", self.good))
        return said[0]["reason"]

    def test_ten_megabytes_are_not_taken_in(self):
        loops = 10 * 1024 * 1024 // len(self.loop) * 4 // 3
        self.assertEqual(self.refused("127.0.0.61", self.leaf + self.loop * loops),
                         "handshake_failed")

    def test_a_thousand_that_loop_are_not_taken_in(self):
        self.assertEqual(self.refused("127.0.0.62", self.leaf + self.loop * 500),
                         "handshake_failed")

    def test_a_hundred_that_loop_are_not_looked_at(self):
        self.assertEqual(self.refused("127.0.0.63", self.leaf + self.loop * 50), "chain_too_long")

    def test_fifteen_that_loop_lead_nowhere_or_to_the_anchor(self):
        foreign = Pki(self.directory / "foreign", "Foreign CA").client("foreign")
        chain = Credential(self.directory / "loop.crt", foreign.key)
        chain.certificate.write_text(foreign.certificate.read_text() + self.loop * 7)
        self.assertNotIn(b"HTTP/1.1", present(self.running.port(), "127.0.0.64", chain))
        said = wait_until(lambda: [r for r in self.running.refusals("127.0.0.64")
                                   if r["message"] == "connection refused"], "it is logged")
        self.assertEqual(said[0]["reason"], "unknown_authority")
        chain = Credential(self.directory / "long.crt", self.good.key)
        chain.certificate.write_text(self.leaf + self.loop * 7)
        self.assertIn(b"HTTP/1.1", present(self.running.port(), "127.0.0.65", chain))


if __name__ == "__main__":
    harness.main()
