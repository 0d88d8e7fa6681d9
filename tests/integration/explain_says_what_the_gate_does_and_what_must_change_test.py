"""`postern explain` gives a certificate the same verdict, reason and plugin as the running gate, and
an administrator one line to act on."""

import json
import unittest

import harness
from chains_of_attackers import CA, LEAF, forge, present
from harness import Credential, GateTest, POSTERN, Pki, pipeline, run, tls_listener, wait_until


class Explain(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        authority = Credential(self.pki.ca, self.pki.directory / "ca.key")
        forged = self.directory / "forged"
        forged.mkdir()
        named = ("--dns", "client.example")
        narrow = forge(forged, "narrow", authority,
                       {**CA, "nameConstraints": "critical,permitted;DNS:inside.example"})
        outside = forge(forged, "outside", narrow, LEAF)
        with open(outside.certificate, "a", encoding="ascii") as chain:
            chain.write(narrow.certificate.read_text())
        self.good = self.pki.client("good", *named)
        self.revoked = self.pki.client("revoked", *named)
        self.pki.revoke(self.revoked)
        crl = self.pki.crl()
        # certificate, reason, who says so, a word of what must change
        self.cases = [
            (self.pki.client("expired", *named, "--not-before", "2025-01-01T00:00:00Z",
                             "--not-after", "2025-02-01T00:00:00Z"),
             "certificate_expired", "host", "renew"),
            (self.pki.client("early", *named, "--not-before", "2035-01-01T00:00:00Z",
                             "--not-after", "2035-02-01T00:00:00Z"),
             "certificate_not_yet_valid", "host", "clock"),
            (Pki(self.directory / "foreign", "Foreign CA").client("foreign", *named),
             "unknown_authority", "host", "client_ca"),
            (self.pki.issue("server", "wrong-purpose", *named), "wrong_purpose", "host",
             "clientAuth"),
            (self.pki.client("nameless"), "name_missing", "validator", "subject alternative"),
            (self.pki.client("weak", *named, "--key-type", "rsa-2048"), "weak_key", "validator",
             "new key"),
            (forge(forged, "short", authority, LEAF, key="rsa:1024"), "insecure_algorithm", "host",
             "RSA of 2048"),
            (forge(forged, "sha1", authority, LEAF, "-sha1"), "insecure_algorithm", "host",
             "SHA-256"),
            (forge(forged, "ca-leaf", authority,
                   {**LEAF, **CA, "keyUsage": "critical,digitalSignature,keyCertSign"}),
             "profile_violation", "validator", "objects to"),
            (forge(forged, "no-purpose", authority,
                   {key: LEAF[key] for key in LEAF if key != "extendedKeyUsage"}),
             "profile_violation", "validator", "objects to"),
            (outside, "name_constraint", "host", "may issue"),
            (self.pki.client("unpinned", *named), "not_pinned", "pinning", "fingerprint"),
            (self.revoked, "revoked", "revocation", "new certificate"),
        ]
        self.gate = self.gate(tls_listener(
            self.pki, self.pki.server(),
            pipeline=pipeline("ratelimit", max_connections_per_ip=1000)
            + pipeline("validator", require_san=True, minimum_rsa_bits=3072)
            + pipeline("pinning", pins=[self.good.pin(), self.revoked.pin()])
            + pipeline("revocation", entry='failure_mode = "deny"', crl_files=[crl])))

    def explain(self, credential, *options):
        return run(POSTERN, "explain", "--config", self.gate.file, "--chain",
                   credential.certificate, *options, ok=None)

    def test_the_good_certificate_is_let_in_by_every_plugin(self):
        done = self.explain(self.good, "--json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        said = json.loads(done.stdout)
        self.assertTrue(said["allowed"])
        self.assertEqual(said["identity"], "dns:client.example")
        self.assertEqual([c["subject"] for c in said["chain"]], ["CN=good", "CN=Test CA"])
        self.assertEqual({p["plugin"]: p["verdict"] for p in said["plugins"]},
                         {"ratelimit": "not asked", "validator": "allow", "pinning": "allow",
                          "revocation": "allow"})
        self.assertIn(b"HTTP/1.1", present(self.gate.port(), "127.0.0.41", self.good))

    def test_each_broken_certificate_gets_the_gate_s_own_reason_and_one_line_of_advice(self):
        for number, (credential, reason, plugin, advice) in enumerate(self.cases):
            with self.subTest(certificate=credential.certificate.stem):
                done = self.explain(credential)
                self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                line = done.stderr.strip()
                print(f"{credential.certificate.stem}: {line}")
                self.assertEqual(len(line.splitlines()), 1)
                self.assertTrue(line.startswith(f"postern: refused by {plugin}: {reason}: "), line)
                self.assertIn(advice, line.partition("; to mend: ")[2])
                said = json.loads(self.explain(credential, "--json").stdout)
                self.assertEqual((said["reason"], said["decided_by"]), (reason, plugin))

                source = f"127.0.0.{50 + number}"
                self.assertNotIn(b"HTTP/1.1", present(self.gate.port(), source, credential))
                live = wait_until(lambda: [r for r in self.gate.refusals(source)
                                           if r["message"] == "connection refused"],
                                  "the refusal is logged")
                self.assertEqual(len(live), 1)
                self.assertEqual(live[0]["reason"], reason)
                self.assertEqual(live[0].get("plugin", ""), "" if plugin == "host" else plugin)
                self.assertEqual(live[0]["detail"], said["detail"])
                self.assertTrue(live[0]["presented_subject"])

    def test_a_plugin_is_heard_although_another_refused(self):
        unpinned = next(c for c in self.cases if c[1] == "not_pinned")[0]
        said = json.loads(self.explain(unpinned, "--json").stdout)
        self.assertEqual([p["verdict"] for p in said["plugins"]],
                         ["not asked", "allow", "deny", "allow"])

    def test_the_time_can_be_another(self):
        done = self.explain(self.good, "--time", "2099-01-01T00:00:00Z")
        self.assertEqual(done.returncode, 1)
        self.assertIn("certificate_expired", done.stderr)

    def test_files_that_are_no_certificate_are_a_no_and_those_that_are_missing_wrong_usage(self):
        junk = self.directory / "junk.pem"
        junk.write_text("junk")
        for options, code in ((("--chain", junk), 1), (("--chain", self.directory / "none"), 2),
                              ((), 2), (("no_such_code",), 2), (("revoked",), 0),
                              (("--chain", self.good.certificate, "--listener", "other"), 2),
                              (("--chain", self.good.certificate, "--role", "client"), 2)):
            with self.subTest(options=options):
                done = run(POSTERN, "explain", "--config", self.gate.file, *options, ok=None)
                self.assertEqual(done.returncode, code, done.stdout + done.stderr)
                self.assertEqual(len(done.stderr.splitlines()), 0 if code == 0 else 1)


if __name__ == "__main__":
    harness.main()
