"""`audit_file` holds one JSON line for each verdict on a connection and each refused request, whatever
the log's level; a reload goes on in a file that was moved away."""

import json
import os
import stat
import unittest

import harness
from chains_of_attackers import present
from harness import GateTest, Pki, curl, pipeline, tls_listener, wait_until


class AuditFile(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.good = self.pki.client("good")
        self.foreign = Pki(self.directory / "foreign", "Foreign CA").client("foreign")
        self.audit = self.directory / "state" / "audit.json"
        self.configuration = tls_listener(self.pki, self.pki.server(),
                                          pipeline=pipeline("validator"))

    def running(self, name="audit.json"):
        gate = self.gate(self.configuration, start=False)
        self.configure(gate, name)
        return gate.start()

    def configure(self, gate, name):
        gate.HEAD = type(gate).HEAD.replace('format = "json"',
                                            f'format = "json"\naudit_file = "{name}"')
        gate.configure(self.configuration)

    def lines(self, path=None):
        path = path or self.audit
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def wait_for(self, **fields):
        found = wait_until(lambda: [line for line in self.lines()
                                    if all(line.get(k) == v for k, v in fields.items())],
                           f"the audit file has {fields}")
        return found[0]

    def test_yes_and_no_are_written_with_who_and_why(self):
        gate = self.running()
        self.assertEqual(stat.S_IMODE(os.stat(self.audit).st_mode), 0o640)
        present(gate.port(), "127.0.0.71", self.foreign)
        refused = self.wait_for(message="connection refused", reason="unknown_authority")
        self.assertTrue(refused["peer"].startswith("127.0.0.71:"))
        self.assertEqual(refused["presented_subject"], "CN=foreign")
        self.assertIn("CN=Foreign CA", refused["detail"])
        url = f"https://localhost:{gate.port()}/elsewhere"
        resolve = ("--resolve", f"localhost:{gate.port()}:127.0.0.1")
        self.assertEqual(curl(url, *resolve, ca=self.pki.ca, credential=self.good).status, 404)
        admitted = self.wait_for(message="connection admitted", identity="dn:CN=good")
        self.assertEqual(len(admitted["sha256"]), 64)
        self.assertEqual(self.wait_for(message="request refused")["reason"], "no_route")

    def test_a_reload_opens_it_anew_and_one_that_cannot_be_opened_is_refused(self):
        gate = self.running()
        present(gate.port(), "127.0.0.72", self.good)
        self.wait_for(message="connection admitted")
        moved = self.audit.with_suffix(".1")
        self.audit.rename(moved)
        before = len(self.lines(moved))
        self.assertEqual(gate.reload()["message"], "configuration reloaded")
        present(gate.port(), "127.0.0.73", self.good)
        self.wait_for(message="connection admitted")
        self.assertEqual(len(self.lines(moved)), before)

        self.configure(gate, "no/such/folder/audit.json")
        said = gate.reload()
        self.assertTrue(said["message"].startswith("configuration refused"), said)
        self.assertIn("audit.json", said["detail"])
        count = len(self.lines())
        present(gate.port(), "127.0.0.74", self.good)
        wait_until(lambda: len(self.lines()) > count, "the old file is still written")


if __name__ == "__main__":
    harness.main()
