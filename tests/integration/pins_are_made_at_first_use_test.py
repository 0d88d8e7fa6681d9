"""A name's first key is pinned where first_use says so, or waits for `postern pin approve`; another key
for it is refused; and nothing is written for whom the gate only observes."""

import os
import shutil

import harness
from harness import POSTERN, Credential, GateTest, Pki, pipeline, run, tls_listener, wait_until
from http_peers import Client as RawClient
from http_peers import call, request
from tls_client import VERSIONS, Client, Refused
from tls_upstreams import TlsUpstream, https_route, self_signed, upstream_plugin

PROMISED = 5.0  # seconds


class FirstUse(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server = self.pki.server()
        self.store = self.directory / "state" / "pins"

    def start(self, first_use, entry="", **options):
        return self.gate(tls_listener(self.pki, self.server, pipeline=pipeline(
            "pinning", entry, first_use=first_use), **options))

    def stored(self, ending=""):
        return [n for n in (os.listdir(self.store) if self.store.exists() else [])
                if n.endswith(ending) and not n.startswith(".")]

    def refused(self, gate, credential, version=VERSIONS[1]):
        return Client(self.pki.ca, credential, version).refused(gate.port())

    def assert_refused(self, gate, credential, reason, version=VERSIONS[1]):
        before = len(gate.find(reason=reason))
        self.assertIsInstance(self.refused(gate, credential, version), Refused)
        wait_until(lambda: len(gate.find(reason=reason)) > before, f"{reason} is logged")

    def test_the_first_key_is_pinned_and_the_next_refused(self):
        alice, bob = self.pki.client("alice"), self.pki.client("bob")
        other = self.pki.issue("client", "other", "--name", "alice")
        gate = self.start("pin")
        for version in VERSIONS:
            self.assertIsNone(self.refused(gate, alice, version))
        self.assertEqual(len(self.stored(".pin")), 1)
        content = (self.store / self.stored()[0]).read_text()
        self.assertTrue(content.startswith(f"{alice.pin()} for=dn:CN=alice # first seen 2"), content)
        for version in VERSIONS:
            self.assert_refused(gate, other, "not_pinned", version)
            self.assertIsNone(self.refused(gate, bob, version))
        self.assertEqual(len(self.stored(".pin")), 2)
        gate.stop()
        gate.log_file.unlink()
        gate.start()
        self.assertIsNone(self.refused(gate, alice))
        self.assert_refused(gate, other, "not_pinned")
        # What a human takes away lets another key in.
        run(POSTERN, "pin", "remove", alice.pin(), "--store", self.store)
        wait_until(lambda: not self.refused(gate, other), "the name is free", PROMISED)
        self.assert_refused(gate, alice, "not_pinned")

    def test_somebody_without_the_key_pins_nothing(self):
        # TLS 1.2 shows the certificate to the plugins before the key has proved itself.
        alice, bob = self.pki.client("alice"), self.pki.client("bob")
        gate = self.start("pin")
        done = run("openssl", "s_client", "-connect", f"127.0.0.1:{gate.port()}", "-tls1_2",
                   "-cert", alice.certificate, "-key", bob.key, ok=None)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(self.stored(), [])
        self.assertIsNone(self.refused(gate, alice))

    def test_what_waits_for_approval_is_refused_until_then(self):
        alice = self.client_of_its_own("alice")
        gate = self.gate(self.without_chain("approve"))
        for version in VERSIONS:
            self.assert_refused(gate, alice, "pin_pending", version)
        self.assertEqual(len(self.stored()), 1)
        name = self.stored(".pending")[0]
        self.assertIn("pending, for dn:CN=alice",
                      run(POSTERN, "pin", "list", "--store", self.store).stdout)
        said = gate.last(lambda r: "postern pin approve" in r["message"])
        self.assertIn(name, said["message"])
        run(POSTERN, "pin", "approve", name, "--store", self.store)
        wait_until(lambda: not self.refused(gate, alice), "it is held", PROMISED)
        self.assertEqual(self.stored(".pending"), [])
        self.assert_refused(gate, self.client_of_its_own("alice", "next"), "pin_pending")
        # On a listener, anybody's word alone is never enough.
        gate.configure(self.without_chain("pin"))
        self.assertEqual(gate.reload()["message"], "configuration reloaded")
        self.assert_refused(gate, self.client_of_its_own("mallory"), "not_pinned")
        self.assertIsNone(self.refused(gate, alice))

    def without_chain(self, first_use):
        return tls_listener(self.pki, self.server, tls='trust = "pin"',
                            pipeline=pipeline("pinning", first_use=first_use)).replace(
            f'client_ca = ["{self.pki.ca}"]', "")

    def client_of_its_own(self, name, base=None):
        credential = Credential(self.directory / f"{base or name}.crt",
                                self.directory / f"{base or name}.key")
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-keyout", credential.key, "-out", credential.certificate, "-days", "2",
            "-subj", f"/CN={name}")
        return credential

    def test_observing_writes_nothing(self):
        alice = self.pki.client("alice")
        for word in ("pin", "approve"):
            gate = self.start(word, 'mode = "observe"')
            self.assertIsNone(self.refused(gate, alice))
            wait_until(lambda: word == "pin" or gate.find(message="would have refused",
                                                          reason="pin_pending"), "it is logged")
            self.assertEqual(gate.find(message="would have refused", reason="not_pinned"), [])
            self.assertEqual(self.stored(), [])
            gate.stop()
            shutil.rmtree(self.store, ignore_errors=True)
            gate.log_file.unlink()

    def test_a_server_is_pinned_by_the_name_it_is_called_by(self):
        first, second = (TlsUpstream(self_signed(self.directory, each)) for each in ("one", "two"))
        self.addCleanup(second.close)
        route = https_route(first, tls='trust = "pin"\n',
                            pipeline=upstream_plugin("pinning", first_use="pin"))
        client = self.pki.client()
        configuration = tls_listener(self.pki, self.server, route=route)
        gate = self.gate(configuration)

        def ask():
            with RawClient(gate, self.pki, client) as one:
                return one.exchange(request(call())).status
        self.assertEqual(ask(), 200)
        self.assertIn("for=host:127.0.0.1", (self.store / self.stored(".pin")[0]).read_text())
        first.close()
        gate.configure(configuration.replace(str(first.port), str(second.port)))
        self.assertEqual(gate.reload()["message"], "configuration reloaded")
        self.assertEqual(ask(), 502)
        self.assertTrue(wait_until(lambda: gate.find(message="server refused", reason="not_pinned"),
                                   "it is logged"))
        self.assertEqual(second.requests, [])


if __name__ == "__main__":
    harness.main()
