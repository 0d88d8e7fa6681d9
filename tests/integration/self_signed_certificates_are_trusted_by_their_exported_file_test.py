"""As between the .NET server and its clients: a self-signed CN=MCP Server without subject alternative
names and its exported .cer are all that either end has of the other, and mutual TLS works both ways
with trust = "pin". One changed byte of the key ends it."""

import ssl

import harness
from harness import Credential, GateTest, Pki, curl, pipeline, run, tls_listener, wait_until
from http_peers import Client as RawClient
from http_peers import call, request
from tls_client import VERSIONS
from tls_upstreams import TlsUpstream, https_route, upstream_plugin


class Exported(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server, self.client = self.make("server"), self.make("client")

    def make(self, base):
        """As CertificateRequest.CreateSelfSigned() does it: RSA, a subject, and no names."""
        credential = Credential(self.directory / f"{base}.crt", self.directory / f"{base}.key")
        configuration = self.directory / "bare.cnf"
        configuration.write_text("[req]\ndistinguished_name = dn\n[dn]\n")
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-config", configuration,
            "-keyout", credential.key, "-out", credential.certificate, "-days", "2",
            "-subj", "/CN=MCP Server" if base == "server" else "/CN=MCP Client")
        text = run("openssl", "x509", "-in", credential.certificate, "-noout", "-text").stdout
        self.assertNotIn("Subject Alternative Name", text)
        return credential

    def exported(self, credential, changed=False):
        """X509ContentType.Cert: DER; `changed`: with one byte of the public key another."""
        file = self.directory / f"{credential.certificate.stem}{'-changed' * changed}.cer"
        run("openssl", "x509", "-in", credential.certificate, "-outform", "der", "-out", file)
        if changed:
            modulus = run("openssl", "x509", "-in", credential.certificate, "-noout",
                          "-modulus").stdout.strip().split("=")[1]
            content = bytearray(file.read_bytes())
            at = content.index(bytes.fromhex(modulus)) + 100
            content[at] ^= 1
            file.write_bytes(content)
        return file

    def front(self, held, exact, route=None):
        """A gate whose own certificate is the bare one, and that knows clients by `held`."""
        return tls_listener(self.pki, self.server, tls='trust = "pin"', route=route,
                            pipeline=pipeline("pinning", pinned_certificates=[held],
                                              require_exact_certificate_match=exact)).replace(
            f'client_ca = ["{self.pki.ca}"]', "")

    def ask(self, gate, credential, version="1.3"):
        key = self.server.pin().replace("sha256/", "sha256//")
        return curl(f"https://localhost:{gate.port()}/mcp", "--insecure", "--pinnedpubkey", key,
                    "--tls-max", version, credential=credential)

    def test_clients_are_known_by_theirs(self):
        for exact in (True, False):
            gate = self.gate(self.front(self.exported(self.client), exact))
            for version in ("1.2", "1.3"):
                self.assertEqual(self.ask(gate, self.client, version).status, 200)
                self.assertEqual(self.ask(gate, self.make("stranger"), version).status, 0)
            gate.configure(self.front(self.exported(self.client, changed=True), exact))
            self.assertEqual(gate.reload()["message"], "configuration reloaded")
            self.assertEqual(self.ask(gate, self.client).status, 0)
            wait_until(lambda: gate.find(message="connection refused", reason="not_pinned")[2:],
                       "it is logged")
            gate.stop()
            gate.log_file.unlink()

    def test_servers_are_known_by_theirs(self):
        own, front, caller = self.make("gate"), self.pki.server(), self.pki.client()
        for version in VERSIONS:
            upstream = TlsUpstream(self.server, client_ca=own.certificate, version=version)
            self.addCleanup(upstream.close)

            def configuration(changed, upstream=upstream):
                return tls_listener(self.pki, front, route=https_route(
                    upstream, tls=f'trust = "pin"\ncertificate = "{own.certificate}"\n'
                                  f'private_key = "{own.key}"\n',
                    pipeline=upstream_plugin(
                        "pinning", pinned_certificates=[self.exported(self.server, changed)],
                        require_exact_certificate_match=True)))
            gate = self.gate(configuration(False))
            with RawClient(gate, self.pki, caller) as client:
                self.assertEqual(client.exchange(request(call())).status, 200)
            self.assertEqual(len(upstream.requests), 1)
            self.assertEqual(upstream.connections[0].peer.getpeercert()["subject"],
                             ((("commonName", "MCP Client"),),))
            gate.configure(configuration(True))
            self.assertEqual(gate.reload()["message"], "configuration reloaded")
            with RawClient(gate, self.pki, caller) as client:
                self.assertEqual(client.exchange(request(call())).status, 502)
            self.assertEqual(len(upstream.requests), 1)
            wait_until(lambda: gate.find(message="server refused", reason="not_pinned"),
                       "it is logged")
            gate.stop()
            gate.log_file.unlink()

    def test_both_ends_in_one(self):
        own = self.make("gate")
        upstream = TlsUpstream(self.server, client_ca=own.certificate,
                               version=ssl.TLSVersion.TLSv1_3)
        self.addCleanup(upstream.close)
        route = https_route(
            upstream, tls=f'trust = "pin"\ncertificate = "{own.certificate}"\n'
                          f'private_key = "{own.key}"\n',
            pipeline=upstream_plugin("pinning",
                                     pinned_certificates=[self.exported(self.server)]))
        gate = self.gate(self.front(self.exported(self.client), True, route))
        self.assertEqual(self.ask(gate, self.client).status, 200)
        self.assertEqual(self.ask(gate, own).status, 0)


if __name__ == "__main__":
    harness.main()
