#!/usr/bin/env python3
"""postern cert and postern init, with OpenSSL and certtool as judges.

Runs alone: POSTERN_BIN=.../postern python3 cert_commands_test.py
"""

import base64
import grp
import hashlib
import json
import os
import pathlib
import stat
import subprocess
import tempfile
import unittest

POSTERN = os.environ.get("POSTERN_BIN", "postern")


def run(*command, data=None):
    """A session of its own, so that there is no terminal to ask for a password on."""
    return subprocess.run(
        [str(part) for part in command],
        input=data,
        stdin=subprocess.DEVNULL if data is None else None,
        capture_output=True,
        start_new_session=True,
        timeout=60,
    )


class CertificateTest(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory(prefix="postern-cert-")
        self.addCleanup(self.place.cleanup)
        self.directory = pathlib.Path(self.place.name)

    def path(self, name):
        return self.directory / name

    def cert(self, *arguments, code=0):
        return self.postern("cert", *arguments, code=code)

    def postern(self, *arguments, code=0):
        done = run(POSTERN, *arguments)
        output, errors = done.stdout.decode(), done.stderr.decode()
        self.assertEqual(done.returncode, code, f"{arguments}\n{output}{errors}")
        if code == 0:
            self.assertEqual(errors, "")
        else:
            self.assertEqual(errors.count("\n"), 1, f"one line of error: {errors!r}")
            self.assertEqual(output, "")
        return errors if code else output

    def refused(self, *arguments, saying, code=2):
        """The error is one line and holds each of the words."""
        errors = self.cert(*arguments, code=code)
        for word in saying:
            self.assertIn(word, errors)

    def judge(self, *command):
        done = run(*command)
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}{done.stderr}")
        return done.stdout.decode() + done.stderr.decode()

    def authority(self, name="pki", *arguments):
        self.cert("init-ca", "--out", self.path(name), *arguments)
        return self.path(name)

    def leaf(self, ca, role="server", name="leaf", *arguments):
        names = ("--dns", "a.example") if role == "server" else ("--name", "alice")
        self.cert(role, "--ca", ca, "--out", self.path(name), *names, *arguments)
        return self.path(name + ".crt")

    def password(self, text, name="password"):
        self.path(name).write_text(text + "\n")
        return self.path(name)

    def mode(self, path):
        return stat.S_IMODE(os.stat(path).st_mode)


class Issuing(CertificateTest):
    def test_server_certificate_passes_openssl_strictly(self):
        ca = self.authority()
        leaf = self.leaf(
            ca, "server", "leaf", "--ip", "::1", "--email", "me@a.example",
            "--uri", "spiffe://a.example/x", "--crl-uri", "http://a.example/crl",
            "--ocsp-uri", "http://a.example/ocsp",
        )
        self.judge("openssl", "verify", "-x509_strict", "-purpose", "sslserver",
                   "-verify_hostname", "a.example", "-CAfile", ca / "ca.crt", leaf)
        text = self.judge("openssl", "x509", "-in", leaf, "-noout", "-text")
        for part in (
            "Version: 3", "X509v3 Basic Constraints: critical", "CA:FALSE",
            "X509v3 Key Usage: critical", "Digital Signature", "TLS Web Server Authentication",
            "DNS:a.example", "IP Address:0:0:0:0:0:0:0:1", "email:me@a.example",
            "URI:spiffe://a.example/x", "URI:http://a.example/crl", "OCSP - URI:http://a.example/ocsp",
            "X509v3 Subject Key Identifier", "X509v3 Authority Key Identifier",
        ):
            self.assertIn(part, text)

    def test_client_certificate_is_for_clients_only(self):
        ca = self.authority()
        leaf = self.leaf(ca, "client")
        self.judge("openssl", "verify", "-purpose", "sslclient", "-CAfile", ca / "ca.crt", leaf)
        wrong = run("openssl", "verify", "-purpose", "sslserver", "-CAfile", ca / "ca.crt", leaf)
        self.assertNotEqual(wrong.returncode, 0)

    def test_every_key_type_verifies(self):
        for kind in ("ecdsa-p256", "ecdsa-p384", "rsa-2048", "ed25519"):
            with self.subTest(kind):
                ca = self.authority("ca-" + kind, "--key-type", kind)
                leaf = self.leaf(ca, "server", "leaf-" + kind, "--key-type", kind)
                self.judge("openssl", "verify", "-x509_strict", "-CAfile", ca / "ca.crt", leaf)
                self.judge("openssl", "pkey", "-in", leaf.with_suffix(".key"), "-noout", "-check")
        self.refused("init-ca", "--out", self.path("x"), "--key-type", "ecdsa-p265",
                     saying=["--key-type", "did you mean ecdsa-p256?"])

    def test_intermediate_writes_its_chain_into_the_leaf(self):
        root = self.authority("root")
        self.cert("init-ca", "--out", self.path("middle"), "--parent", root)
        leaf = self.leaf(self.path("middle"))
        self.assertEqual(leaf.read_text().count("BEGIN CERTIFICATE"), 2)
        self.judge("openssl", "verify", "-x509_strict", "-CAfile", root / "ca.crt",
                   "-untrusted", leaf, leaf)
        self.refused("init-ca", "--out", self.path("deeper"), "--parent", self.path("middle"),
                     saying=["--parent", "path length 0"])

    def test_self_signed_certificate_verifies_with_itself(self):
        self.cert("self-signed", "--dns", "a.example", "--out", self.path("own"))
        own = self.path("own.crt")
        self.judge("openssl", "verify", "-partial_chain", "-CAfile", own, own)
        self.refused("self-signed", "--out", self.path("other"), saying=["--dns"])

    def test_validity_is_as_asked_and_never_beyond_the_authority(self):
        ca = self.authority("pki", "--days", "30")
        enddate = self.judge("openssl", "x509", "-in", ca / "ca.crt", "-noout", "-enddate")
        leaf = self.leaf(ca)
        self.assertEqual(
            self.judge("openssl", "x509", "-in", leaf, "-noout", "-enddate"), enddate)
        expired = self.leaf(ca, "client", "expired", "--not-before", "2020-01-01T00:00:00Z",
                            "--not-after", "2020-01-02T00:00:00+00:00")
        self.assertIn("notAfter=Jan  2 00:00:00 2020 GMT",
                      self.judge("openssl", "x509", "-in", expired, "-noout", "-dates"))
        rest = ("client", "--ca", ca, "--name", "x", "--out", self.path("x"))
        self.refused(*rest, "--validity", "90d", saying=["--validity", "outlive its CA"])
        self.refused(*rest, "--not-after", "tomorrow", saying=["--not-after", "RFC 3339"])
        self.refused(*rest, "--validity", "90", saying=["--validity"])
        self.refused(*rest, "--days", "0", saying=["--days"])

    def test_names_are_checked(self):
        ca = self.authority()
        rest = ("--ca", ca, "--out", self.path("x"))
        self.refused("server", *rest, "--dns", "127.0.0.1", saying=["--dns", "--ip"])
        self.refused("server", *rest, "--dns", "a_b", saying=["--dns", "a_b"])
        self.refused("server", *rest, "--ip", "a.example", saying=["--ip"])
        self.refused("server", *rest, "--name", "a.example", saying=["--dns"])
        self.refused("client", *rest, saying=["--name"])
        self.refused("client", *rest, "--uri", "spiffe://A/b", saying=["SPIFFE"])
        self.refused("client", *rest, "--name", "x", "--purpose", "mail", saying=["--purpose"])
        self.refused("client", *rest, "--name", "x\x1b[2J", saying=["--name", "\\x1b"])

    def test_serial_is_the_one_given(self):
        ca = self.authority()
        leaf = self.leaf(ca, "server", "leaf", "--serial", "ff:01")
        self.assertEqual(self.judge("openssl", "x509", "-in", leaf, "-noout", "-serial"),
                         "serial=FF01\n")
        self.refused("server", "--ca", ca, "--dns", "a", "--out", self.path("x"), "--serial", "0",
                     saying=["--serial"])

    def test_nothing_is_overwritten(self):
        ca = self.authority()
        leaf = self.leaf(ca)
        key = leaf.with_suffix(".key")
        before = key.read_bytes()
        again = ("server", "--ca", ca, "--dns", "a.example", "--out", self.path("leaf"))
        self.refused(*again, saying=[str(key), "never overwritten"])
        self.refused(*again, "--force", saying=[str(key), "never overwritten"])
        self.refused(*again, "--key", key, saying=[str(leaf), "--force"])
        self.refused("init-ca", "--out", ca, saying=["ca.key", "never overwritten"])
        old = self.cert("fingerprint", leaf, "--only", "sha256")
        pin = self.cert("fingerprint", leaf, "--only", "pin")
        self.cert(*again, "--key", key, "--force")
        self.assertEqual(key.read_bytes(), before)
        self.assertNotEqual(self.cert("fingerprint", leaf, "--only", "sha256"), old)
        self.assertEqual(self.cert("fingerprint", leaf, "--only", "pin"), pin)

    def test_keys_are_private_and_of_the_group_asked_for(self):
        ca = self.authority()
        self.assertEqual(self.mode(ca / "ca.key"), 0o600)
        group = grp.getgrgid(os.getgid())
        leaf = self.leaf(ca, "client", "leaf", "--group", group.gr_name)
        key = leaf.with_suffix(".key")
        self.assertEqual(self.mode(key), 0o640)
        self.assertEqual(os.stat(key).st_gid, group.gr_gid)
        self.refused("client", "--ca", ca, "--name", "x", "--out", self.path("x"), "--group",
                     "no-such-group", saying=["--group", "no-such-group"])
        self.assertFalse(self.path("x.key").exists())

    def test_encrypted_keys_open_with_their_password_only(self):
        password = self.password("right")
        ca = self.authority("pki", "--password-file", password)
        self.assertIn("BEGIN ENCRYPTED PRIVATE KEY", (ca / "ca.key").read_text())
        self.judge("openssl", "pkey", "-in", ca / "ca.key", "-passin", "pass:right", "-noout")
        self.leaf(ca, "client", "leaf", "--ca-password-file", password)
        rest = ("client", "--ca", ca, "--name", "x", "--out", self.path("x"))
        self.refused(*rest, saying=["ca.key", "--ca-password-file"])
        self.refused(*rest, "--ca-password-file", self.password("wrong", "other"),
                     saying=["ca.key", "cannot be decrypted"])
        self.refused(*rest, "--ca-password-file", self.path("missing"), saying=["missing"])
        self.refused(*rest, "--ca-password-file", self.password("", "empty"), saying=["empty"])

    def test_authority_that_is_none_is_refused(self):
        ca = self.authority()
        leaf = self.leaf(ca)
        rest = ("client", "--name", "x", "--out", self.path("x"))
        self.refused(*rest, saying=["--ca"])
        self.refused(*rest, "--ca", self.path("none"), saying=["ca.crt"])
        self.refused(*rest, "--ca-cert", leaf, "--ca-key", leaf.with_suffix(".key"),
                     saying=["is not a CA"])
        self.refused(*rest, "--ca", ca, "--ca-key", leaf.with_suffix(".key"),
                     saying=["is not the key of"])


class Reading(CertificateTest):
    def test_inspect_reads_every_form(self):
        ca = self.authority()
        leaf = self.leaf(ca)
        chain = self.path("chain.pem")
        chain.write_text(leaf.read_text() + (ca / "ca.crt").read_text())
        seen = json.loads(self.cert("inspect", "--json", chain))["certificates"]
        self.assertEqual([each["subject"] for each in seen], ["CN=a.example", "CN=Postern CA"])
        self.assertEqual(seen[0]["names"], [{"type": "DNS", "value": "a.example"}])
        self.assertEqual(seen[0]["days_left"], 365)
        self.assertEqual(seen[0]["extended_key_usage"], ["serverAuth"])
        self.assertIs(seen[1]["ca"], True)
        der = self.path("leaf.der")
        self.judge("openssl", "x509", "-in", leaf, "-outform", "der", "-out", der)
        self.assertIn("ECDSA P-256", self.cert("inspect", der))
        p12 = self.path("leaf.p12")
        self.judge("openssl", "pkcs12", "-export", "-in", leaf, "-inkey",
                   leaf.with_suffix(".key"), "-passout", "pass:right", "-out", p12)
        self.assertIn("CN=a.example",
                      self.cert("inspect", p12, "--password-file", self.password("right")))
        self.refused("inspect", p12, "--password-file", self.password("wrong", "other"),
                     saying=["leaf.p12", "--password-file"])
        self.refused("inspect", p12, saying=["leaf.p12", "--password-file"])
        self.cert("crl", "--ca", ca)
        self.assertIn("CRL of:", self.cert("inspect", ca / "ca.crl.pem"))

    def test_inspect_refuses_what_is_no_certificate(self):
        garbage = self.path("garbage")
        for content in (b"", b"hello", b"-----BEGIN CERTIFICATE-----\nAAAA\n",
                        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                        b"\x30\x82\xff\xff", os.urandom(4096)):
            garbage.write_bytes(content)
            self.refused("inspect", garbage, saying=["garbage"])
        self.refused("inspect", self.path("missing"), saying=["missing"])
        self.refused("inspect", self.directory, saying=[self.place.name])
        self.refused("inspect", saying=["file"])

    def test_hostile_names_do_not_reach_the_terminal(self):
        self.judge("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                   "ec_paramgen_curve:P-256", "-nodes", "-utf8", "-keyout", self.path("k"),
                   "-out", self.path("c"), "-subj", "/CN=a\x1b]0;b\x07")
        self.assertNotIn("\x1b", self.cert("inspect", self.path("c")))
        self.assertNotIn("\x1b", self.cert("fingerprint", self.path("c")))

    def test_fingerprints_are_those_of_openssl(self):
        leaf = self.leaf(self.authority())
        expected = self.judge("openssl", "x509", "-in", leaf, "-noout", "-sha256", "-fingerprint")
        self.assertEqual(self.cert("fingerprint", leaf, "--only", "sha256").strip(),
                         expected.split("=")[1].strip())
        key = run("openssl", "pkey", "-in", leaf.with_suffix(".key"), "-pubout", "-outform", "der")
        pin = base64.b64encode(hashlib.sha256(key.stdout).digest()).decode()
        self.assertEqual(self.cert("fingerprint", leaf, "--only", "pin"), f"sha256/{pin}\n")
        self.assertEqual(self.cert("fingerprint", leaf, "--only", "curl"), f"sha256//{pin}\n")
        seen = json.loads(self.cert("fingerprint", leaf, "--json"))["fingerprints"]
        self.assertEqual(seen[0]["pin"], f"sha256/{pin}")
        self.refused("fingerprint", leaf, "--only", "md5", saying=["--only"])
        self.refused("fingerprint", leaf.with_suffix(".key"), saying=["leaf.key"])


class Converting(CertificateTest):
    def test_pem_to_der_and_back(self):
        leaf = self.leaf(self.authority())
        self.cert("convert", leaf, "--to", "der", "--out", self.path("leaf.der"))
        self.judge("openssl", "x509", "-inform", "der", "-in", self.path("leaf.der"), "-noout")
        self.cert("convert", self.path("leaf.der"), "--to", "pem", "--out", self.path("back.crt"))
        self.assertEqual(self.path("back.crt").read_text(), leaf.read_text())
        self.refused("convert", leaf, "--to", "der", "--out", self.path("leaf.der"),
                     saying=["leaf.der", "--force"])
        self.cert("convert", leaf, "--to", "der", "--out", self.path("leaf.der"), "--force")
        self.refused("convert", leaf, "--to", "jks", "--out", self.path("x"), saying=["--to"])

    def test_several_certificates_do_not_fit_into_der(self):
        ca = self.authority()
        chain = self.path("chain.pem")
        chain.write_text(self.leaf(ca).read_text() + (ca / "ca.crt").read_text())
        self.refused("convert", chain, "--to", "der", "--out", self.path("x"),
                     saying=["2 certificates"])

    def test_keys_become_pkcs8_and_are_never_overwritten(self):
        self.judge("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out",
                   self.path("sec1.key"))
        self.cert("convert", self.path("sec1.key"), "--to", "der", "--out", self.path("k.der"))
        self.assertEqual(self.mode(self.path("k.der")), 0o600)
        self.judge("openssl", "pkcs8", "-inform", "der", "-nocrypt", "-in", self.path("k.der"))
        self.refused("convert", self.path("sec1.key"), "--to", "der", "--out", self.path("k.der"),
                     "--force", saying=["k.der", "never overwritten"])

    def test_pkcs12_holds_key_chain_and_name(self):
        ca = self.authority()
        leaf = self.leaf(ca, "client")
        key, p12 = leaf.with_suffix(".key"), self.path("leaf.p12")
        password = self.password("right")
        make = ("convert", leaf, "--to", "pkcs12", "--out", p12, "--key", key)
        self.refused(*make, saying=["--out-password-file"])
        self.cert(*make, "--chain", ca / "ca.crt", "--name", "my name", "--out-password-file",
                  password)
        self.assertEqual(self.mode(p12), 0o600)
        content = self.judge("openssl", "pkcs12", "-in", p12, "-nodes", "-passin", "pass:right")
        self.assertEqual(content.count("BEGIN CERTIFICATE"), 2)
        self.assertEqual(content.count("BEGIN PRIVATE KEY"), 1)
        self.assertIn("friendlyName: my name", content)
        content = self.judge("certtool", "--p12-info", "--inder", "--infile", p12, "--password",
                             "right")
        self.assertIn("my name", content)
        self.cert("convert", p12, "--to", "pem", "--password-file", password, "--out",
                  self.path("back.crt"), "--key-out", self.path("back.key"))
        self.assertTrue(self.path("back.crt").read_text().startswith(leaf.read_text()))
        self.assertEqual(self.path("back.key").read_text(), key.read_text())
        self.assertEqual(self.mode(self.path("back.key")), 0o600)

    def test_pkcs12_refuses_wrong_keys_and_passwords(self):
        ca = self.authority()
        leaf = self.leaf(ca, "client")
        p12, password = self.path("leaf.p12"), self.password("right")
        make = ("convert", leaf, "--to", "pkcs12", "--out", p12, "--out-password-file", password)
        self.refused(*make, saying=["--key"])
        self.refused(*make, "--key", ca / "ca.key", saying=["is not the key of"])
        self.cert(*make, "--key", leaf.with_suffix(".key"))
        self.refused(*make, "--key", leaf.with_suffix(".key"), saying=["leaf.p12", "overwritten"])
        self.refused("convert", p12, "--to", "pem", "--out", self.path("x"), "--password-file",
                     self.password("wrong", "other"), saying=["leaf.p12", "password"])


class Revoking(CertificateTest):
    def crl_text(self, ca):
        crl = ca / "ca.crl.pem"
        return self.judge("openssl", "crl", "-in", crl, "-CAfile", ca / "ca.crt", "-verify",
                          "-noout", "-text")

    def test_revoked_certificate_is_on_the_next_crl_with_its_reason(self):
        ca = self.authority()
        leaf = self.leaf(ca)
        self.cert("crl", "--ca", ca)
        text = self.crl_text(ca)
        self.assertIn("verify OK", text)
        self.assertIn("No Revoked Certificates", text)
        self.cert("revoke", leaf, "--ca", ca, "--reason", "keyCompromise")
        self.cert("revoke", "--serial", "0102", "--ca", ca, "--date", "2026-01-01T00:00:00Z")
        self.cert("crl", "--ca", ca, "--validity", "1d")
        text = self.crl_text(ca)
        for part in ("verify OK", "Key Compromise", "Serial Number: 0102",
                     "Jan  1 00:00:00 2026 GMT", "X509v3 Authority Key Identifier"):
            self.assertIn(part, text)
        self.assertRegex(text, r"X509v3 CRL Number:\s+2\n")
        verdict = run("openssl", "verify", "-crl_check", "-CRLfile", ca / "ca.crl.pem", "-CAfile",
                      ca / "ca.crt", leaf)
        self.assertIn(b"certificate revoked", verdict.stdout + verdict.stderr)
        self.assertIn("Verified",
                      self.judge("certtool", "--verify-crl", "--load-ca-certificate",
                                 ca / "ca.crt", "--infile", ca / "ca.crl.pem"))

    def test_every_key_type_signs_a_crl(self):
        for kind in ("ecdsa-p384", "rsa-2048", "ed25519"):
            with self.subTest(kind):
                ca = self.authority(kind, "--key-type", kind)
                self.cert("revoke", "--serial", "7f", "--ca", ca)
                self.cert("crl", "--ca", ca)
                self.assertIn("verify OK", self.crl_text(ca))

    def test_revoking_refuses_what_it_cannot_mean(self):
        ca = self.authority()
        leaf = self.leaf(ca)
        other = self.authority("other")
        self.refused("revoke", "--ca", ca, saying=["--serial"])
        self.refused("revoke", leaf, "--serial", "01", "--ca", ca, saying=["--serial"])
        self.refused("revoke", leaf, "--ca", other, saying=["was not issued by"])
        self.refused("revoke", ca / "ca.crt", "--ca", ca, saying=["the CA itself"])
        self.refused("revoke", leaf, "--ca", ca, "--reason", "supersedet",
                     saying=["--reason", "did you mean superseded?"])
        self.refused("revoke", leaf, "--ca", ca, "--date", "now", saying=["--date"])
        self.cert("revoke", leaf, "--ca", ca)
        self.refused("revoke", leaf, "--ca", ca, saying=["is revoked since"], code=1)

    def test_damaged_state_stops_the_crl(self):
        ca = self.authority()
        (ca / "ca.revoked.json").write_text("{}")
        self.refused("crl", "--ca", ca, saying=["ca.revoked.json"])
        self.refused("revoke", "--serial", "01", "--ca", ca, saying=["ca.revoked.json"])
        self.assertFalse((ca / "ca.crl.pem").exists())

    def test_crl_times_are_as_asked(self):
        ca = self.authority()
        out = self.path("old.crl")
        self.cert("crl", "--ca", ca, "--out", out, "--format", "der", "--this-update",
                  "2020-01-01T00:00:00Z", "--next-update", "2020-01-02T00:00:00Z")
        text = self.judge("openssl", "crl", "-inform", "der", "-in", out, "-noout", "-lastupdate",
                          "-nextupdate")
        self.assertIn("nextUpdate=Jan  2 00:00:00 2020 GMT", text)
        self.refused("crl", "--ca", ca, "--next-update", "2020-01-01T00:00:00Z",
                     saying=["before"])
        self.refused("crl", "--ca", ca, "--format", "txt", saying=["--format"])

    def test_parallel_revocations_lose_nothing(self):
        ca = self.authority()
        running = [
            subprocess.Popen([POSTERN, "cert", "revoke", "--ca", ca, "--serial", f"{n:02x}"],
                             stdout=subprocess.DEVNULL)
            for n in range(1, 17)
        ]
        for each in running:
            self.assertEqual(each.wait(timeout=60), 0)
        state = json.loads((ca / "ca.revoked.json").read_text())
        self.assertEqual(len(state["revoked"]), 16)


class Init(CertificateTest):
    def test_init_makes_a_gate_and_says_what_to_type(self):
        gate = self.path("my gate")
        output = self.postern("init", "--directory", gate, "--host", "127.0.0.1", "--port", "9443")
        pki = gate / "pki"
        for name in ("ca.key", "server.key", "client.key"):
            self.assertEqual(self.mode(pki / name), 0o600)
        for purpose, name in (("sslserver", "server.crt"), ("sslclient", "client.crt")):
            self.judge("openssl", "verify", "-x509_strict", "-purpose", purpose, "-crl_check",
                       "-CRLfile", pki / "ca.crl.pem", "-CAfile", pki / "ca.crt", pki / name)
        text = self.judge("openssl", "x509", "-in", pki / "server.crt", "-noout", "-text")
        for name in ("DNS:localhost", "IP Address:127.0.0.1", "IP Address:0:0:0:0:0:0:0:1"):
            self.assertIn(name, text)
        configuration = (gate / "posternd.toml").read_text()
        plugins = [line.split('"')[1] for line in configuration.splitlines()
                   if line.startswith("plugin = ")]
        self.assertEqual(plugins, ["ratelimit", "validator", "pinning", "revocation"])
        self.assertIn('kind = "builtin"', configuration)
        self.assertIn("port = 9443", configuration)
        self.assertIn(f"posternd --config '{gate}/posternd.toml'", output)
        self.assertIn("https://localhost:9443/mcp", output)
        self.assertNotIn("PRIVATE", output)

    def test_init_overwrites_nothing(self):
        gate = self.path("gate")
        self.postern("init", "--directory", gate)
        before = {path: path.read_bytes() for path in gate.rglob("*") if path.is_file()}
        self.assertIn("overwrites nothing", self.postern("init", "--directory", gate, code=2))
        (gate / "posternd.toml").unlink()
        self.assertIn("overwrites nothing", self.postern("init", "--directory", gate, code=2))
        for path, content in before.items():
            if path.name != "posternd.toml":
                self.assertEqual(path.read_bytes(), content)

    def test_init_puts_an_upstream_behind_the_gate(self):
        gate = self.path("gate")
        self.postern("init", "--directory", gate, "--upstream", "http://127.0.0.1:3000/mcp")
        self.assertIn('urls = ["http://127.0.0.1:3000/mcp"]', (gate / "posternd.toml").read_text())

    def test_init_puts_a_command_behind_the_gate(self):
        for name, line, command in (
                ("plain", "npx -y  server", '["npx", "-y", "server"]'),
                ("quoted", "server --name 'a b'",
                 '["/bin/sh", "-c", "server --name \'a b\'"]')):
            gate = self.path(name)
            self.postern("init", "--directory", gate, "--stdio", line)
            text = (gate / "posternd.toml").read_text()
            self.assertIn(f"command = {command}", text)
            self.assertIn(f'working_directory = "{os.getcwd()}"', text)

    def test_init_refuses_what_it_cannot_do(self):
        rest = ("init", "--directory", self.path("gate"))
        for arguments, word in (
            (("--stdio", " "), "is blank"),
            (("--stdio", "server", "--upstream", "http://a"), "give one"),
            (("--upstream", "ftp://a"), "--upstream"),
            (("--host", "a.example"), "--host"),
            (("--port", "0"), "--port"),
            (("--port", "65536"), "--port"),
            (("--dns", "a_b"), "--dns"),
        ):
            self.assertIn(word, self.postern(*rest, *arguments, code=2))
        self.assertFalse(self.path("gate").exists())


class CommandLine(CertificateTest):
    def test_mistyped_words_get_the_nearest_one(self):
        for arguments, word in (
            (("crt",), "did you mean cert?"),
            (("cert", "servr"), "did you mean server?"),
            (("cert", "server", "--dsn", "a"), "did you mean --dns?"),
            (("cert", "inspect", "a", "b"), 'unexpected argument "b"'),
            (("cert", "server", "--days"), "--days"),
            ((), "--help"),
            (("cert",), "--help"),
        ):
            self.assertIn(word, self.postern(*arguments, code=2))

    def test_help_and_version_succeed(self):
        self.assertRegex(self.postern("--version"), r"^postern \d+\.\d+\.\d+ \(GnuTLS 3\.")
        for command in ("init-ca", "server", "client", "self-signed", "inspect", "convert",
                        "fingerprint", "revoke", "crl"):
            self.assertIn("Usage: postern cert " + command, self.cert(command, "--help"))

    def test_full_disk_is_a_fault(self):
        leaf = self.leaf(self.authority())
        with open("/dev/full", "w") as full:
            done = subprocess.run([POSTERN, "cert", "inspect", leaf], stdout=full,
                                  stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"standard output", done.stderr)


if __name__ == "__main__":
    unittest.main()
