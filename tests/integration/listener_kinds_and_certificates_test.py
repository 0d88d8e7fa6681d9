"""A listener serves IPv4, IPv6 and unix sockets, with TLS and, where nobody else can reach it,
without; with a PEM or PKCS#12 certificate, with several by server name; and with a client
certificate that is required, optional or not asked for."""

import socket
import stat

import harness
from harness import (BUILTIN_ROUTE, POSTERN, GateTest, Pki, curl, pipeline, run, tls_listener)
from tls_client import VERSIONS, Client


def plain_listener(host, port=0, name="mcp"):
    place = f'host = "{host}"' + ("" if host.startswith("unix:") else f"\nport = {port}")
    return f'\n[[listener]]\nname = "{name}"\n{place}\nuse_tls = false\n{BUILTIN_ROUTE}\n'


class ListenerTest(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server = self.pki.server()
        self.client = self.pki.client()

    def listener(self, host="127.0.0.1", server=None, **options):
        text = tls_listener(self.pki, server or self.server, **options)
        if host.startswith("unix:"):
            text = text.replace("port = 0", "")
        return text.replace('host = "127.0.0.1"', f'host = "{host}"')


class AnAddress(ListenerTest):
    def test_of_ipv6_is_served(self):
        gate = self.gate(self.listener("::1"))
        self.assertEqual(gate.find(message="listening")[0]["address"], f"[::1]:{gate.port()}")
        done = curl(f"https://[::1]:{gate.port()}/mcp", "--globoff", ca=self.pki.ca,
                    credential=self.client)
        self.assertEqual(done.status, 200, done.stderr)
        self.assertIn('"peer":"[::1]:', done.body)

    def test_of_ipv4_and_ipv6_at_once_is_served(self):
        gate = self.gate(self.listener("::"))
        for host in ("127.0.0.1", "::1"):
            client = Client(self.pki.ca, self.client)
            self.assertEqual(client.ask(gate.port(), address=host)[0].status, 200)

    def test_of_ipv4_is_named_as_such_even_on_an_ipv6_socket(self):
        gate = self.gate(self.listener("::"))
        answer, _ = Client(self.pki.ca, self.client).ask(gate.port())
        self.assertRegex(answer.whoami["peer"], r"\A127\.0\.0\.1:\d+\Z")

    def test_with_port_0_is_picked_by_the_kernel_and_logged(self):
        gate = self.gate(self.listener(name="one") + self.listener(name="two"))
        ports = {gate.port("one"), gate.port("two")}
        self.assertEqual(len(ports), 2)
        self.assertNotIn(0, ports)
        for port in ports:
            self.assertEqual(Client(self.pki.ca, self.client).ask(port)[0].status, 200)

    def test_of_a_unix_socket_is_served_in_plain_http(self):
        gate = self.gate(plain_listener("unix:gate.sock"))
        path = self.directory / "run" / "gate.sock"  # relative to the runtime directory
        self.assertEqual(gate.find(message="listening")[0]["address"], f"unix:{path}")
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o660)
        done = curl("http://localhost/mcp", "--unix-socket", path)
        self.assertEqual(done.status, 200, done.stderr)
        self.assertIn('"tls":null', done.body)
        gate.stop()
        self.assertFalse(path.exists())

    def test_of_a_unix_socket_that_a_dead_gate_left_is_taken_over(self):
        gate = self.gate(plain_listener("unix:gate.sock"))
        path = self.directory / "run" / "gate.sock"
        gate.kill()
        self.assertTrue(path.is_socket())
        gate.log_file.unlink()
        gate.start()
        self.assertEqual(curl("http://localhost/mcp", "--unix-socket", path).status, 200)

    def test_of_a_unix_socket_is_served_over_tls(self):
        self.gate(self.listener("unix:gate.sock"))
        path = self.directory / "run" / "gate.sock"
        for version in VERSIONS:
            with socket.socket(socket.AF_UNIX) as peer:
                peer.settimeout(harness.DEADLINE)
                peer.connect(str(path))
                with Client(self.pki.ca, self.client, version).over(peer) as conversation:
                    answer = conversation.ask()
                    self.assertEqual(answer.whoami["certificate"]["subject"], "CN=client")
        done = curl("https://localhost/mcp", "--unix-socket", path, ca=self.pki.ca)
        self.assertEqual(done.status, 0, "without a certificate")

    def test_of_loopback_may_go_without_tls(self):
        gate = self.gate(plain_listener("127.0.0.1", name="four")
                         + plain_listener("::1", name="six"))
        for url in (f"http://127.0.0.1:{gate.port('four')}/mcp",
                    f"http://[::1]:{gate.port('six')}/mcp"):
            done = curl(url, "--globoff")
            self.assertEqual(done.status, 200, done.stderr)
            self.assertIn('"identity":null', done.body)

    def test_among_several_has_its_own_rules(self):
        gate = self.gate(
            self.listener(name="strict", pipeline=pipeline("pinning", pins=[self.server_pin()]))
            + self.listener(name="lax", tls='client_certificate = "none"')
            + plain_listener("unix:gate.sock", name="local"))
        client = Client(self.pki.ca, self.client)
        self.assertIsNotNone(client.refused(gate.port("strict")))
        self.assertEqual(client.ask(gate.port("lax"))[0].whoami["listener"], "lax")
        path = self.directory / "run" / "gate.sock"
        self.assertIn('"listener":"local"',
                      curl("http://localhost/mcp", "--unix-socket", path).body)

    def server_pin(self):
        return self.server.pin()


class AServerCertificate(ListenerTest):
    def test_in_a_pkcs12_file_is_served(self):
        password, bundle = self.directory / "password", self.directory / "server.p12"
        password.write_text("open sesame\n")
        run(POSTERN, "cert", "convert", "--to", "pkcs12", "--key", self.server.key,
            "--out-password-file", password, "--out", bundle, self.server.certificate)
        gate = self.gate(self.listener().replace(str(self.server.certificate), str(bundle)).replace(
            f'private_key = "{self.server.key}"', f'password_file = "{password}"'))
        for version in VERSIONS:
            client = Client(self.pki.ca, self.client, version)
            self.assertEqual(client.ask(gate.port())[0].status, 200)

    def test_with_an_encrypted_key_is_served(self):
        password = self.directory / "password"
        password.write_text("open sesame\n")
        locked = self.pki.server("locked", "--password-file", password)
        gate = self.gate(self.listener(server=locked, tls=f'password_file = "{password}"'))
        self.assertEqual(Client(self.pki.ca, self.client).ask(gate.port())[0].status, 200)

    def test_is_chosen_by_server_name(self):
        names = {}
        more = ""
        for base, listed in (("a.example", ""), ("b.example", ""),
                             ("c.example", 'server_names = ["www.c.example"]\n')):
            each = self.pki.issue("server", base, "--dns", base, "--dns", f"www.{base}")
            more += (f'[[listener.tls.certificates]]\ncertificate = "{each.certificate}"\n'
                     f'private_key = "{each.key}"\n{listed}')
            names[f"www.{base}"] = base
        gate = self.gate(self.listener(tls=more, extra='allowed_hosts = ["localhost"]'))
        for name, base in names.items():
            for version in VERSIONS:
                with Client(self.pki.ca, self.client, version).connect(gate.port(),
                                                                       name=name) as peer:
                    self.assertIn(("DNS", base), peer.socket.getpeercert()["subjectAltName"])
        # A name nobody has, and none at all, get the first one.
        for option in (["-noservername"], ["-servername", "d.example"]):
            done = run("openssl", "s_client", "-connect", f"127.0.0.1:{gate.port()}", *option,
                       "-cert", self.client.certificate, "-key", self.client.key, ok=None)
            shown = run("openssl", "x509", "-noout", "-ext", "subjectAltName",
                        input=done.stdout, stdin=None)
            self.assertIn("localhost", shown.stdout)

    def test_does_not_open_hosts_that_it_does_not_name(self):
        gate = self.gate(self.listener())
        client = Client(self.pki.ca, self.client)
        self.assertEqual(client.ask(gate.port(), host="localhost")[0].status, 200)
        self.assertEqual(client.ask(gate.port(), host="evil.example")[0].status, 421)


class AClientCertificate(ListenerTest):
    def test_that_is_optional_is_verified_when_it_is_given(self):
        gate = self.gate(self.listener(tls='client_certificate = "optional"'))
        foreign = Pki(self.directory / "foreign", "Foreign CA").client("foreign")
        for version in VERSIONS:
            with self.subTest(version=version.name):
                without, _ = Client(self.pki.ca, None, version).ask(gate.port())
                self.assertIsNone(without.whoami["identity"])
                given, _ = Client(self.pki.ca, self.client, version).ask(gate.port())
                self.assertEqual(given.whoami["identity"]["name"], "dn:CN=client")
                refused = Client(self.pki.ca, foreign, version).refused(gate.port())
                self.assertEqual(refused.alert, "TLSV1_ALERT_UNKNOWN_CA")

    def test_is_not_asked_for_with_none(self):
        gate = self.gate(self.listener(tls='client_certificate = "none"'))
        for version in VERSIONS:
            answer, _ = Client(self.pki.ca, self.client, version).ask(gate.port())
            self.assertIsNone(answer.whoami["certificate"])

    def test_is_required_by_default(self):
        gate = self.gate(self.listener())
        for version in VERSIONS:
            self.assertIsNotNone(Client(self.pki.ca, None, version).refused(gate.port()))
            self.assertEqual(
                Client(self.pki.ca, self.client, version).ask(gate.port())[0].status, 200)

    def test_of_its_own_making_is_taken_when_it_is_pinned_and_trust_is_pin(self):
        run(POSTERN, "cert", "self-signed", "--purpose", "client", "--name", "lone", "--out",
            self.directory / "lone")
        lone = harness.Credential(self.directory / "lone.crt", self.directory / "lone.key")
        gate = self.gate(self.listener(tls='trust = "pin"', pipeline=pipeline(
            "pinning", pinned_certificates=[lone.certificate])))
        self.assertTrue([r for r in gate.records() if 'trust = "pin"' in r["message"]])
        for version in VERSIONS:
            with self.subTest(version=version.name):
                answer, _ = Client(self.pki.ca, lone, version).ask(gate.port())
                self.assertEqual(answer.whoami["certificate"]["subject"], "CN=lone")
                refused = Client(self.pki.ca, self.client, version).refused(gate.port())
                self.assertEqual(refused.alert, "SSLV3_ALERT_CERTIFICATE_UNKNOWN")


if __name__ == "__main__":
    harness.main()
