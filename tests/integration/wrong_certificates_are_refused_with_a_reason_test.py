"""The demo client gets through with curl, openssl s_client and gnutls-cli, in TLS 1.2 and 1.3. Every
kind of wrong certificate is refused, and the log says which it was, from which address."""

import json
import subprocess
import unittest

import harness
from harness import BUILTIN_ROUTE, CALL, GateTest, Pki, curl, pipeline, run, tls_listener, wait_until

VERSIONS = ("1.2", "1.3")
REQUEST = (b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
           b"Accept: application/json, text/event-stream\r\nConnection: close\r\n"
           b"Content-Length: %d\r\n\r\n%s")


class WrongCertificates(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server = self.pki.server()
        self.good = self.pki.client("good")
        self.revoked = self.pki.client("revoked")
        self.expired = self.pki.client("expired", "--not-before", "2025-01-01T00:00:00Z",
                                       "--not-after", "2025-02-01T00:00:00Z")
        self.unpinned = self.pki.client("unpinned")
        self.server_only = self.pki.issue("server", "server-only", "--dns", "client.example")
        self.foreign = Pki(self.directory / "foreign", "Foreign CA").client("foreign")
        self.pki.revoke(self.revoked)
        crl = self.pki.crl()
        pins = [c.pin() for c in (self.good, self.revoked, self.expired, self.server_only,
                                  self.foreign)]
        self.running = self.gate(tls_listener(
            self.pki, self.server,
            pipeline=pipeline("ratelimit", max_connections_per_ip=1000)
            + pipeline("validator") + pipeline("pinning", pins=pins)
            + pipeline("revocation", crl_files=[crl]),
            route=BUILTIN_ROUTE))
        self.port = self.running.port()
        self.url = f"https://localhost:{self.port}/mcp"

    # The three clients: each returns what the peer said, text and exit code.
    def by_curl(self, credential, version, source):
        done = curl(self.url, "--interface", source, "--resolve", f"localhost:{self.port}:127.0.0.1",
                    f"--tlsv{version}", "--tls-max", version, ca=self.pki.ca, credential=credential)
        return done.status == 200, done.stdout + done.stderr

    def by_s_client(self, credential, version, source):
        command = ["openssl", "s_client", "-quiet", "-ign_eof", "-servername", "localhost",
                   "-connect", f"127.0.0.1:{self.port}", "-bind", f"{source}:0",
                   "-CAfile", self.pki.ca, "-verify_return_error",
                   f"-tls{version.replace('.', '_')}"]
        if credential:
            command += ["-cert", credential.certificate, "-key", credential.key]
        return self.talk(command)

    def by_gnutls_cli(self, credential, version, source):
        command = ["gnutls-cli", "--x509cafile", self.pki.ca, "--sni-hostname", "localhost",
                   "--verify-hostname", "localhost", "--port", str(self.port),
                   "--priority", f"NORMAL:-VERS-ALL:+VERS-TLS{version}", "127.0.0.1"]
        if credential:
            command += ["--x509certfile", credential.certificate, "--x509keyfile", credential.key]
        return self.talk(command)

    def talk(self, command):
        body = json.dumps(CALL).encode()
        process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.processes.append(process)
        try:
            process.stdin.write(REQUEST % (len(body), body))
            process.stdin.flush()
        except BrokenPipeError:
            pass  # refused before it could ask
        try:
            # gnutls-cli reads its input to the end before it leaves: stdin stays open meanwhile.
            text = b""
            while chunk := process.stdout.read1(65536):
                text += chunk
        finally:
            try:
                process.stdin.close()
            except BrokenPipeError:
                pass
            process.wait(timeout=harness.DEADLINE)
            process.stdout.close()
        text = text.decode(errors="replace")
        return "HTTP/1.1 200" in text, text

    def every_client(self):
        yield "curl", self.by_curl
        yield "s_client", self.by_s_client
        yield "gnutls-cli", self.by_gnutls_cli

    def refusals(self, source):
        return [r for r in self.running.refusals(source) if r["message"] == "connection refused"]

    def test_the_demo_certificate_gets_through_with_every_client_and_version(self):
        for name, client in self.every_client():
            for version in VERSIONS:
                with self.subTest(client=name, version=version):
                    passed, text = client(self.good, version, "127.0.0.1")
                    self.assertTrue(passed, text)
                    self.assertIn(f"TLS {version}", text)
                    self.assertIn("plugin revocation: allow", text)

    def test_each_wrong_certificate_is_refused_with_its_reason_and_address(self):
        # reason in the log, alert on the wire (RFC 8446 section 6; TLS 1.2 has no 116)
        cases = [
            ("127.0.0.11", None, "certificate_required", {"1.2": 40, "1.3": 116}),
            ("127.0.0.12", self.foreign, "unknown_authority", 48),
            ("127.0.0.13", self.expired, "certificate_expired", 45),
            ("127.0.0.14", self.server_only, "wrong_purpose", 43),
            ("127.0.0.15", self.revoked, "revoked", 44),
            ("127.0.0.16", self.unpinned, "not_pinned", 46),
        ]
        for source, credential, reason, alert in cases:
            for name, client in self.every_client():
                for version in VERSIONS:
                    with self.subTest(reason=reason, client=name, version=version):
                        # gnutls-cli cannot choose its own address.
                        address = "127.0.0.1" if name == "gnutls-cli" else source
                        before = len(self.refusals(address))
                        passed, text = client(credential, version, address)
                        self.assertFalse(passed, text)
                        self.assertNotIn("plugin revocation", text)
                        number = alert[version] if isinstance(alert, dict) else alert
                        if name == "s_client":
                            self.assertIn(f"SSL alert number {number}\n", text)
                        if name == "gnutls-cli":
                            self.assertIn(f"alert [{number}]", text)
                        said = wait_until(lambda: self.refusals(address)[before:],
                                          "the refusal is logged")
                        self.assertEqual(said[0]["reason"], reason)

    def test_the_log_says_who_it_was_and_the_peer_learns_nothing_of_it(self):
        passed, text = self.by_curl(self.revoked, "1.3", "127.0.0.17")
        self.assertFalse(passed)
        said = wait_until(lambda: self.refusals("127.0.0.17"), "the refusal is logged")[0]
        self.assertEqual(said["plugin"], "revocation")
        self.assertEqual(said["presented_subject"], "CN=revoked")
        self.assertIn("serial", said["detail"])
        self.assertNotIn("serial", text)

    def test_tls_1_1_is_refused(self):
        done = run("openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", "-bind",
                   "127.0.0.18:0", "-tls1_1", "-cipher", "ALL@SECLEVEL=0", "-cert",
                   self.good.certificate, "-key", self.good.key, ok=False)
        self.assertIn("protocol version", done.stdout + done.stderr)
        said = wait_until(lambda: self.refusals("127.0.0.18"), "the refusal is logged")
        self.assertEqual(said[0]["reason"], "protocol_version")

    def test_plain_http_and_garbage_are_told_apart_from_tls(self):
        for source, data in (("127.0.0.19", b"GET / HTTP/1.1\r\n\r\n"), ("127.0.0.20", b"\0" * 64)):
            with harness.connect(self.port, source=source) as peer:
                peer.sendall(data)
                peer.settimeout(harness.DEADLINE)
                while peer.recv(4096):
                    pass
            said = wait_until(lambda: self.refusals(source), "the refusal is logged")
            self.assertEqual(said[0]["reason"], "not_tls")


class TheFirstConnectionOverTheLimit(GateTest):
    def test_is_refused_before_any_tls_and_only_for_its_address(self):
        pki = Pki(self.directory / "pki")
        server, client = pki.server(), pki.client()
        gate = self.gate(tls_listener(pki, server,
                                      pipeline=pipeline("ratelimit", max_connections_per_ip=3,
                                                        window="1h")))
        url = f"https://localhost:{gate.port()}/mcp"
        resolve = ("--resolve", f"localhost:{gate.port()}:127.0.0.1")

        def call(source):
            return curl(url, "--interface", source, *resolve, ca=pki.ca, credential=client)

        for _ in range(3):
            self.assertEqual(call("127.0.0.31").status, 200)
        self.assertEqual(call("127.0.0.31").status, 0)
        said = wait_until(lambda: [r for r in gate.refusals("127.0.0.31")
                                   if r["message"] == "connection refused"], "it is logged")
        self.assertEqual((said[0]["reason"], said[0]["phase"], said[0]["plugin"]),
                         ("rate_limited", "accept", "ratelimit"))
        # Not a byte of TLS comes back.
        with harness.connect(gate.port(), source="127.0.0.31") as peer:
            try:
                self.assertEqual(peer.recv(1), b"")
            except ConnectionResetError:
                pass
        self.assertEqual(call("127.0.0.32").status, 200)


if __name__ == "__main__":
    harness.main()
