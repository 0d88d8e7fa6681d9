"""A ticket resumes while nothing has changed, with the whole certificate phase asked again. It is
worth nothing once its certificate is revoked or unpinned, its CA dropped or a certificate required,
or under another name or at another listener: in TLS 1.2 and 1.3."""

import json
import subprocess

import harness
from harness import BUILTIN_ROUTE, CALL, GateTest, Pki, pipeline, tls_listener, toml, wait_until
from tls_client import VERSIONS, Client, Refused

ADDRESS = "127.0.0.61"  # of the client whose ticket must not work


class TicketTest(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server = self.pki.server()
        self.client = self.pki.client()
        self.other = self.pki.client("other")

    def take_ticket(self, client, port, **options):
        """A session that is proven to resume; the proof itself never uses it up."""
        answer, session = client.ask(port, **options)
        self.assertFalse(answer.resumed)
        again, _ = client.ask(port, session=session, **options)
        self.assertTrue(again.resumed, "without a change the ticket has to resume")
        return session

    def take_tickets(self, port, credential=None, **options):
        clients = [Client(self.pki.ca, credential, version) for version in VERSIONS]
        return [(client, self.take_ticket(client, port, **options)) for client in clients]

    def assert_worthless(self, gate, tickets, reason, alerts=None, **options):
        for client, session in tickets:
            version = client.context.minimum_version.name
            with self.subTest(version=version):
                before = len(gate.refusals(ADDRESS))
                refused = client.refused(gate.port(), session=session, source=ADDRESS, **options)
                self.assertIsNotNone(refused, "the gate answered")
                if alerts:
                    self.assertIn(refused.alert, alerts)
                said = wait_until(lambda: gate.refusals(ADDRESS)[before:], "it is in the log")
                self.assertEqual([(r["message"], r["reason"]) for r in said],
                                 [("connection refused", reason)])

    def assert_resumes(self, gate, tickets):
        for client, session in tickets:
            with self.subTest(version=client.context.minimum_version.name):
                self.assertTrue(client.ask(gate.port(), session=session)[0].resumed)

    def assert_served(self, gate, credential):
        """The change is about one client: who is not concerned still gets in."""
        for version in VERSIONS:
            answer, _ = Client(self.pki.ca, credential, version).ask(gate.port())
            self.assertEqual(answer.status, 200)

    def reload(self, gate, configuration):
        gate.configure(configuration)
        self.assertEqual(gate.reload()["message"], "configuration reloaded")

    def wait_until_refused(self, gate, credential):
        fresh = Client(self.pki.ca, credential)
        wait_until(lambda: fresh.refused(gate.port()), "a full handshake is refused")


class ATicket(TicketTest):
    def test_resumes_and_the_whole_certificate_phase_is_asked_again(self):
        gate = self.gate(tls_listener(
            self.pki, self.server,
            pipeline=pipeline("validator") + pipeline("pinning", pins=[self.client.pin()])
            + pipeline("revocation", crl_files=[self.pki.crl()])))
        for client, session in self.take_tickets(gate.port(), self.client):
            answer, _ = client.ask(gate.port(), session=session)
            self.assertTrue(answer.resumed)
            self.assertEqual(answer.plugins(),
                             {("validator", "peer_certificate"): "allow",
                              ("pinning", "peer_certificate"): "allow",
                              ("revocation", "peer_certificate"): "allow"})
            self.assertEqual(answer.whoami["certificate"]["subject"], "CN=client")

    def test_is_not_given_where_tickets_are_off(self):
        gate = self.gate(tls_listener(self.pki, self.server, tls="session_tickets = false"))
        for version in VERSIONS:
            client = Client(self.pki.ca, self.client, version)
            _, session = client.ask(gate.port())
            self.assertFalse(client.ask(gate.port(), session=session)[0].resumed)

    def test_still_resumes_after_a_reload_that_changes_nothing(self):
        configuration = tls_listener(self.pki, self.server,
                                     pipeline=pipeline("pinning", pins=[self.client.pin()]))
        gate = self.gate(configuration)
        tickets = self.take_tickets(gate.port(), self.client)
        self.reload(gate, configuration)
        self.assert_resumes(gate, tickets)


class ATicketIsWorthNothingAfter(TicketTest):
    def test_its_certificate_is_revoked(self):
        gate = self.gate(tls_listener(self.pki, self.server,
                                      pipeline=pipeline("revocation", crl_files=[self.pki.crl()])))
        tickets = self.take_tickets(gate.port(), self.client)
        self.pki.revoke(self.client)
        self.pki.crl()
        self.wait_until_refused(gate, self.client)
        self.assert_worthless(gate, tickets, "revoked", ["SSLV3_ALERT_CERTIFICATE_REVOKED"])
        self.assert_served(gate, self.other)

    def test_its_certificate_is_revoked_for_s_client_too(self):
        gate = self.gate(tls_listener(self.pki, self.server,
                                      pipeline=pipeline("revocation", crl_files=[self.pki.crl()])))
        for version in ("tls1_2", "tls1_3"):
            ticket = self.directory / f"{version}.pem"
            self.assertIn('"resumed":false', self.s_client(gate, version, "-sess_out", ticket))
            self.assertIn('"resumed":true', self.s_client(gate, version, "-sess_in", ticket))
        self.pki.revoke(self.client)
        self.pki.crl()
        self.wait_until_refused(gate, self.client)
        for version in ("tls1_2", "tls1_3"):
            text = self.s_client(gate, version, "-sess_in", self.directory / f"{version}.pem")
            self.assertNotIn("HTTP/1.1", text)
            self.assertIn("SSL alert number 44\n", text)

    def s_client(self, gate, version, *options):
        """One request; -ign_eof lets it read on, so that a TLS 1.3 ticket arrives."""
        body = json.dumps(CALL)
        request = ("POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                   "Accept: application/json, text/event-stream\r\nConnection: close\r\n"
                   f"Content-Length: {len(body)}\r\n\r\n{body}")
        command = ["openssl", "s_client", "-ign_eof", "-servername", "localhost", "-CAfile",
                   self.pki.ca, "-verify_return_error", f"-{version}", "-connect",
                   f"127.0.0.1:{gate.port()}", "-cert", self.client.certificate, "-key",
                   self.client.key, *options]
        done = subprocess.run([str(part) for part in command], input=request.encode(), check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=harness.DEADLINE)
        return done.stdout.decode(errors="replace")

    def test_its_pin_is_removed_from_the_store(self):
        gate = self.gate(tls_listener(self.pki, self.server,
                                      pipeline=pipeline("pinning", storage_path="pins")),
                         start=False)
        store = self.directory / "state" / "pins"
        store.mkdir(mode=0o700)
        for credential in (self.client, self.other):
            (store / credential.certificate.name).write_text(credential.pin() + "\n")
        gate.start()
        tickets = self.take_tickets(gate.port(), self.client)
        (store / self.client.certificate.name).unlink()
        self.wait_until_refused(gate, self.client)
        self.assert_worthless(gate, tickets, "not_pinned", ["SSLV3_ALERT_CERTIFICATE_UNKNOWN"])
        self.assert_served(gate, self.other)

    def test_its_pin_is_removed_from_the_configuration(self):
        for key, value in (("pins", lambda each: each.pin()),
                           ("pinned_certificates", lambda each: each.certificate)):
            with self.subTest(key=key):
                def configuration(*credentials):
                    return tls_listener(self.pki, self.server, pipeline=pipeline(
                        "pinning", **{key: [value(each) for each in credentials]}))
                gate = self.gate(configuration(self.client, self.other))
                tickets = self.take_tickets(gate.port(), self.client)
                self.reload(gate, configuration(self.other))
                self.assert_worthless(gate, tickets, "not_pinned",
                                      ["SSLV3_ALERT_CERTIFICATE_UNKNOWN"])
                self.assert_served(gate, self.other)
                gate.stop()
                gate.log_file.unlink()

    def test_its_pin_goes_under_trust_pin(self):
        def configuration(*credentials):
            return tls_listener(self.pki, self.server, tls='trust = "pin"', pipeline=pipeline(
                "pinning", pins=[each.pin() for each in credentials]))
        gate = self.gate(configuration(self.client, self.other))
        tickets = self.take_tickets(gate.port(), self.client)
        self.reload(gate, configuration(self.other))
        self.assert_worthless(gate, tickets, "not_pinned", ["SSLV3_ALERT_CERTIFICATE_UNKNOWN"])
        self.assert_served(gate, self.other)

    def test_its_authority_is_dropped(self):
        newer = Pki(self.directory / "newer", "Newer CA")

        def configuration(*authorities):
            return tls_listener(self.pki, self.server).replace(
                toml([self.pki.ca]), toml([each.ca for each in authorities]))
        gate = self.gate(configuration(self.pki, newer))
        tickets = self.take_tickets(gate.port(), self.client)
        self.reload(gate, configuration(newer))
        self.assert_worthless(gate, tickets, "unknown_authority", ["TLSV1_ALERT_UNKNOWN_CA"])
        self.assert_served(gate, newer.client())

    def test_a_certificate_is_required_and_it_had_none(self):
        for before in ("optional", "none"):
            with self.subTest(before=before):
                gate = self.gate(tls_listener(self.pki, self.server,
                                              tls=f'client_certificate = "{before}"'))
                tickets = self.take_tickets(gate.port())
                self.reload(gate, tls_listener(self.pki, self.server))
                self.assert_worthless(gate, tickets, "certificate_required")
                self.assert_served(gate, self.client)
                gate.stop()
                gate.log_file.unlink()

    def test_a_stricter_plugin_joins_the_pipeline(self):
        gate = self.gate(tls_listener(self.pki, self.server))
        tickets = self.take_tickets(gate.port(), self.client)
        self.reload(gate, tls_listener(self.pki, self.server,
                                       pipeline=pipeline("pinning", pins=[self.other.pin()])))
        self.assert_worthless(gate, tickets, "not_pinned", ["SSLV3_ALERT_CERTIFICATE_UNKNOWN"])
        self.assert_served(gate, self.other)

    def test_the_gate_starts_anew(self):
        configuration = tls_listener(self.pki, self.server)
        gate = self.gate(configuration)
        tickets = self.take_tickets(gate.port(), self.client)
        gate.stop()
        gate.log_file.unlink()
        gate.start()
        for client, session in tickets:
            self.assertFalse(client.ask(gate.port(), session=session)[0].resumed)


class ATicketIsWorthNothingUnder(TicketTest):
    def test_another_server_name_with_another_certificate(self):
        a = self.pki.issue("server", "a", "--dns", "a.example")
        b = self.pki.issue("server", "b", "--dns", "b.example")
        more = "".join(f'[[listener.tls.certificates]]\ncertificate = "{each.certificate}"\n'
                       f'private_key = "{each.key}"\n' for each in (a, b))
        gate = self.gate(tls_listener(self.pki, self.server, tls=more))
        for version in VERSIONS:
            with self.subTest(version=version.name):
                client = Client(self.pki.ca, self.client, version)
                ticket = self.take_ticket(client, gate.port(), name="a.example", host="a.example")
                with client.connect(gate.port(), name="b.example", session=ticket) as peer:
                    self.assertFalse(peer.ask_last(host="b.example").resumed)
                    self.assertIn(("DNS", "b.example"),
                                  peer.socket.getpeercert()["subjectAltName"])

    def test_a_name_whose_route_is_another(self):
        both = self.pki.issue("server", "both", "--dns", "a.example", "--dns", "b.example")
        routes = "".join(BUILTIN_ROUTE.replace('"demo"', f'"{name}"').replace(
            'path =', f'host = "{name}.example"\npath =') for name in ("a", "b"))
        gate = self.gate(tls_listener(self.pki, both, route=routes))
        for version in VERSIONS:
            with self.subTest(version=version.name):
                client = Client(self.pki.ca, self.client, version)
                ticket = self.take_ticket(client, gate.port(), name="a.example", host="a.example")
                # Resumed or not: a connection made as "a" never reaches what stands behind "b".
                for sni, host, status in (("a.example", "b.example", 421),
                                          ("b.example", "a.example", 421),
                                          ("b.example", "b.example", 200)):
                    answer, _ = client.ask(gate.port(), session=ticket, name=sni, host=host,
                                           source=ADDRESS)
                    self.assertEqual(answer.status, status, (sni, host))
                said = wait_until(lambda: gate.find(message="request refused"), "it is logged")
                self.assertEqual({r["reason"] for r in said}, {"misdirected"})

    def test_another_listener_that_requires_a_certificate(self):
        gate = self.gate(
            tls_listener(self.pki, self.server, name="open", tls='client_certificate = "optional"')
            + tls_listener(self.pki, self.server, name="closed"))
        for version in VERSIONS:
            with self.subTest(version=version.name):
                client = Client(self.pki.ca, None, version)
                ticket = self.take_ticket(client, gate.port("open"))
                with self.assertRaises(Refused):
                    client.ask(gate.port("closed"), session=ticket)
                wait_until(lambda: gate.find(message="connection refused", listener="closed",
                                             reason="certificate_required"), "it is logged")


if __name__ == "__main__":
    harness.main()
