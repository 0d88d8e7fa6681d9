"""A connection that stands and is no longer allowed is cut within five seconds, with the reason in
the log; one that still is allowed goes on. So is a handshake that began before the change."""

import time

import harness
from harness import GateTest, Pki, pipeline, tls_listener, toml, wait_until
from slow_server import SlowServer
from tls_client import VERSIONS, Client, Refused, SlowHandshake

PROMISED = 5.0  # seconds


class LiveConnections(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server = self.pki.server()
        self.client = self.pki.client()
        self.other = self.pki.client("other")

    def open(self, gate, credential):
        """One connection for each TLS version, used once and standing."""
        live = []
        for version in VERSIONS:
            conversation = Client(self.pki.ca, credential, version).connect(gate.port())
            self.addCleanup(conversation.close)
            self.assertEqual(conversation.ask().status, 200)
            live.append(conversation)
        return live

    def assert_cut(self, gate, live, since, reason, alert=None):
        for conversation in live:
            left = since + PROMISED - time.monotonic()
            end = conversation.wait_for_end(max(left, 0.01))
            # Never an end that looks orderly: it would make half an answer look whole.
            self.assertIsInstance(end, Refused)
            if alert:
                self.assertEqual(end.alert, alert)
            peer = "%s:%d" % conversation.socket.getsockname()[:2]
            said = wait_until(lambda: gate.find(message="connection closed", peer=peer),
                              "it is in the log")
            self.assertEqual(said[0]["reason"], reason)
            self.assertEqual(said[0]["level"], "notice")
            self.assertEqual(said[0]["identity"], "dn:CN=client")
            self.assertTrue(said[0]["detail"])

    def assert_go_on(self, live):
        for conversation in live:
            self.assertEqual(conversation.ask().status, 200)

    def reload(self, gate, configuration):
        gate.configure(configuration)
        since = time.monotonic()
        self.assertEqual(gate.reload()["message"], "configuration reloaded")
        return since

    def two_authorities(self):
        newer = Pki(self.directory / "newer", "Newer CA")

        def configuration(*authorities):
            return tls_listener(self.pki, self.server).replace(
                toml([self.pki.ca]), toml([each.ca for each in authorities]))
        return newer, configuration

    def test_whose_certificate_a_new_crl_revokes_are_cut(self):
        gate = self.gate(tls_listener(self.pki, self.server,
                                      pipeline=pipeline("revocation", crl_files=[self.pki.crl()])))
        doomed, fine = self.open(gate, self.client), self.open(gate, self.other)
        self.pki.revoke(self.client)
        self.pki.crl()
        self.assert_cut(gate, doomed, time.monotonic(), "revoked",
                        "SSLV3_ALERT_CERTIFICATE_REVOKED")
        self.assert_go_on(fine)

    def test_whose_pin_leaves_the_store_are_cut(self):
        gate = self.gate(tls_listener(self.pki, self.server,
                                      pipeline=pipeline("pinning", storage_path="pins")),
                         start=False)
        store = self.directory / "state" / "pins"
        store.mkdir(mode=0o700)
        for credential in (self.client, self.other):
            (store / credential.certificate.name).write_text(credential.pin() + "\n")
        gate.start()
        doomed, fine = self.open(gate, self.client), self.open(gate, self.other)
        (store / self.client.certificate.name).unlink()
        self.assert_cut(gate, doomed, time.monotonic(), "not_pinned",
                        "SSLV3_ALERT_CERTIFICATE_UNKNOWN")
        self.assert_go_on(fine)

    def test_whose_pin_leaves_the_configuration_are_cut(self):
        def configuration(*credentials):
            return tls_listener(self.pki, self.server, pipeline=pipeline(
                "pinning", pins=[each.pin() for each in credentials]))
        gate = self.gate(configuration(self.client, self.other))
        doomed, fine = self.open(gate, self.client), self.open(gate, self.other)
        since = self.reload(gate, configuration(self.other))
        self.assert_cut(gate, doomed, since, "not_pinned", "SSLV3_ALERT_CERTIFICATE_UNKNOWN")
        self.assert_go_on(fine)

    def test_whose_authority_is_dropped_are_cut(self):
        newer, configuration = self.two_authorities()
        gate = self.gate(configuration(self.pki, newer))
        doomed, fine = self.open(gate, self.client), self.open(gate, newer.client("newer"))
        since = self.reload(gate, configuration(newer))
        self.assert_cut(gate, doomed, since, "unknown_authority", "TLSV1_ALERT_UNKNOWN_CA")
        self.assert_go_on(fine)

    def test_without_a_certificate_are_cut_once_one_is_required(self):
        gate = self.gate(tls_listener(self.pki, self.server, tls='client_certificate = "optional"'))
        doomed, fine = self.open(gate, None), self.open(gate, self.client)
        since = self.reload(gate, tls_listener(self.pki, self.server))
        for conversation in doomed:
            self.assertIsInstance(
                conversation.wait_for_end(max(since + PROMISED - time.monotonic(), 0.01)), Refused)
        said = wait_until(lambda: gate.find(message="connection closed",
                                            reason="certificate_required")[1:], "both are logged")
        self.assertEqual(said[0]["level"], "notice")
        self.assert_go_on(fine)

    def test_that_are_resumed_ones_are_cut_as_well(self):
        gate = self.gate(tls_listener(self.pki, self.server,
                                      pipeline=pipeline("revocation", crl_files=[self.pki.crl()])))
        live = []
        for version in VERSIONS:
            client = Client(self.pki.ca, self.client, version)
            _, session = client.ask(gate.port())
            conversation = client.connect(gate.port(), session=session)
            self.addCleanup(conversation.close)
            self.assertTrue(conversation.ask().resumed)
            live.append(conversation)
        self.pki.revoke(self.client)
        self.pki.crl()
        self.assert_cut(gate, live, time.monotonic(), "revoked", "SSLV3_ALERT_CERTIFICATE_REVOKED")

    def test_that_wait_for_an_answer_are_cut_as_well(self):
        upstream = SlowServer()
        self.addCleanup(upstream.close)
        gate = self.gate(tls_listener(self.pki, self.server, route=upstream.route(),
                                      pipeline=pipeline("revocation", crl_files=[self.pki.crl()])))
        live = []
        for version in VERSIONS:
            conversation = Client(self.pki.ca, self.client, version).connect(gate.port())
            self.addCleanup(conversation.close)
            conversation.send()
            upstream.wait_until_asked()
            live.append(conversation)
        self.pki.revoke(self.client)
        self.pki.crl()
        self.assert_cut(gate, live, time.monotonic(), "revoked", "SSLV3_ALERT_CERTIFICATE_REVOKED")

    def slow_handshake(self, gate, version):
        slow = SlowHandshake(Client(self.pki.ca, self.client, version), gate.port())
        self.addCleanup(slow.close)
        return slow, slow.until_it_answers()

    def test_that_were_in_their_handshake_and_are_still_allowed_go_on(self):
        configuration = tls_listener(self.pki, self.server)
        gate = self.gate(configuration)
        for version in VERSIONS:
            with self.subTest(version=version.name):
                slow, flight = self.slow_handshake(gate, version)
                self.reload(gate, configuration)
                slow.socket.sendall(flight)
                self.assertIn(b"HTTP/1.1 200", slow.ask())

    def test_that_were_in_their_handshake_are_judged_by_the_new_rules(self):
        newer, configuration = self.two_authorities()
        gate = self.gate(configuration(self.pki, newer))
        for version in VERSIONS:
            with self.subTest(version=version.name):
                self.reload(gate, configuration(self.pki, newer))
                slow, flight = self.slow_handshake(gate, version)
                self.reload(gate, configuration(newer))
                slow.socket.sendall(flight)
                with self.assertRaises(Refused):
                    slow.ask()
                peer = "%s:%d" % slow.socket.getsockname()[:2]
                said = wait_until(
                    lambda: [r for r in gate.refusals("127.0.0.1") if r["peer"] == peer],
                    "it is in the log")
                self.assertEqual(said[0]["reason"], "unknown_authority")

    def test_whose_certificate_is_revoked_after_it_was_judged_get_no_answer(self):
        # TLS 1.2 judges a certificate before the handshake ends, and a client may take its time.
        gate = self.gate(tls_listener(self.pki, self.server,
                                      pipeline=pipeline("revocation", crl_files=[self.pki.crl()])))
        slow, flight = self.slow_handshake(gate, VERSIONS[0])
        length = 5 + int.from_bytes(flight[3:5], "big")
        self.assertEqual((flight[0], flight[5]), (22, 11))  # a handshake record, Certificate
        slow.socket.sendall(flight[:length])
        self.assertEqual(Client(self.pki.ca, self.other).ask(gate.port())[0].status, 200)
        self.pki.revoke(self.client)
        self.pki.crl()
        fresh = Client(self.pki.ca, self.client)
        wait_until(lambda: fresh.refused(gate.port()), "the CRL is in force")
        slow.socket.sendall(flight[length:])
        with self.assertRaises(Refused):
            slow.ask()


if __name__ == "__main__":
    harness.main()
