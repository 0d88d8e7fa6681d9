"""What would leave a child with the gate's secrets or with root's rights is an error at the start and
at --check, in one line that says what to do."""

import os
import unittest

import harness
from harness import ALLOW_ROOT, POSTERND, GateTest, Pki, run, tls_listener
from stdio_peers import stdio_route


class Guards(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server = self.pki.server()
        self.text = tls_listener(self.pki, self.server, route=stdio_route())

    def check(self, text):
        gate = self.gate(text, start=False)
        return run(POSTERND, "--config", gate.file, "--check", ok=None)

    def test_a_key_with_two_names(self):
        self.assertEqual(self.check(self.text).returncode, 0)
        os.link(self.server.key, self.directory / "another-name")
        refused = self.check(self.text)
        self.assertEqual(refused.returncode, 2)
        self.assertIn(f"{self.server.key} has 2 names", refused.stderr)
        self.assertEqual(self.check(self.text.replace(
            ALLOW_ROOT, ALLOW_ROOT + "\nhide_gate_files = false")).returncode, 0)

    @unittest.skipUnless(os.geteuid() == 0, "takes root")
    def test_a_server_that_would_run_as_root(self):
        refused = self.check(self.text.replace(ALLOW_ROOT, ""))
        self.assertEqual(refused.returncode, 2)
        self.assertIn("allow_root", refused.stderr)
        self.assertEqual(len(refused.stderr.strip().splitlines()), 1)
        self.assertEqual(self.check(self.text.replace(ALLOW_ROOT, 'user = "nobody"')).returncode, 0)


if __name__ == "__main__":
    harness.main()
