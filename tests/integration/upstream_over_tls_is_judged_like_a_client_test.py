"""A server over https is called as a client calls: its certificate is judged by host and plugins,
the gate shows its own, and a refused server is a 502 that says little and a log line that says why."""

import os
import re
import shutil
import ssl
import subprocess
import threading

import harness
from harness import DEADLINE, GateTest, Pki, tls_listener, wait_until
from http_peers import Client, Upstream, call, json_response, request, response
from tls_upstreams import NginxBefore, TlsUpstream, https_route, self_signed, upstream_plugin

PROMISED = 5.0  # seconds
VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
BIG = 10 << 20


class OverTls(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server, self.credential = self.pki.server(), self.pki.client()
        self.behind = Pki(self.directory / "behind", "Servers' CA")
        self.own = self.behind.client("gate")

    def trusted(self, more=""):
        return f'trusted_ca = ["{self.behind.ca}"]\n{more}'

    def configuration(self, route, **options):
        return tls_listener(self.pki, self.server, route=route, **options)

    def serve(self, *servers, tls=None, pipeline="", **options):
        for server in servers:
            self.addCleanup(server.close)
        route = https_route(*servers, tls=self.trusted() if tls is None else tls,
                            pipeline=pipeline)
        (self.directory / "posternd.log").unlink(missing_ok=True)  # of a gate before this one
        self.running = self.gate(self.configuration(route, **options))
        return self.client()

    def client(self):
        client = Client(self.running, self.pki, self.credential)
        self.addCleanup(client.close)
        return client

    def ask(self, client, *fields, body=None):
        return client.exchange(request(body or call(), *fields))

    def assert_refused(self, client, reason, *said, message="server refused"):
        """A JSON-RPC error for the caller, that does not say which check failed, and the log does."""
        answer = self.ask(client)
        self.assertEqual(answer.status, 502, answer.body)
        error = answer.json()
        self.assertEqual(error["id"], 1)
        self.assertNotIn("certificate", json_text := str(error["error"]))
        self.assertNotIn("127.0.0.1", json_text)
        record = wait_until(lambda: self.running.find(message=message, reason=reason),
                            f"{reason} is logged")[-1]
        self.assertEqual(record["level"], "warning")
        for part in said:
            self.assertRegex(record["detail"], part)
        refused = wait_until(lambda: self.running.last(lambda r: r["message"] == "request refused"),
                             "the caller's request is logged as refused")
        self.assertEqual(refused["reason"], "upstream_unreachable")
        return record

    def issue(self, base, *options):
        return self.behind.issue("server", base, *options)


class GoodServers(OverTls):
    def test_see_the_gates_certificate_and_are_used_again(self):
        for number, version in enumerate(("TLSv1.2", "TLSv1.3")):
            with self.subTest(version=version):
                nginx = NginxBefore(self, self.behind.server(f"server{number}"),
                                    client_ca=self.behind.ca, options=f"ssl_protocols {version};",
                                    name=version)
                client = self.serve(nginx, tls=self.trusted(
                    f'certificate = "{self.own.certificate}"\nprivate_key = "{self.own.key}"\n'))
                for _ in range(3):
                    self.assertEqual(self.ask(client).status, 200)
                self.assertEqual(nginx.seen("X-Peer"), ["CN=gate"] * 3)
                self.assertEqual(len(set(nginx.seen("X-Connection"))), 1)
                self.assertEqual({each.get("Host") for each in nginx.requests},
                                 {f"127.0.0.1:{nginx.upstream.port}"})
                self.running.stop()

    def test_resume_a_session_on_a_new_connection(self):
        for number, version in enumerate(("TLSv1.2", "TLSv1.3")):
            with self.subTest(version=version):
                nginx = NginxBefore(self, self.behind.server(f"server{number}"), name=version,
                                    options=f"ssl_protocols {version}; keepalive_requests 1;")
                client = self.serve(nginx)
                for _ in range(12):
                    self.assertEqual(self.ask(client).status, 200)
                self.assertEqual(nginx.seen("X-Reused")[0], ".")
                self.assertIn("r", nginx.seen("X-Reused"))
                self.assertEqual(len(set(nginx.seen("X-Connection"))), 12)
                self.running.stop()

    def test_by_name_get_that_name(self):
        nginx = NginxBefore(self, self.issue("named", "--dns", "mcp.example"))
        client = self.serve(nginx, tls=self.trusted('server_name = "mcp.example"\n'))
        self.assertEqual(self.ask(client).status, 200)

    def test_that_are_pinned_need_no_authority(self):
        alone = self_signed(self.directory)
        nginx = NginxBefore(self, alone)
        client = self.serve(nginx, tls='trust = "pin"\n',
                            pipeline=upstream_plugin("pinning", pins=[alone.pin()]))
        self.assertEqual(self.ask(client).status, 200)

    def test_carry_large_bodies_and_streams(self):
        body = os.urandom(BIG)
        got = []
        seen = threading.Semaphore(0)

        def answer(what, connection):
            if what.method == "POST":
                got.append(what.body)
                return connection.send(response(body=body))
            connection.send(response(200, "Content-Type: text/event-stream",
                                     "Transfer-Encoding: chunked", length=False))
            for number in range(5):
                if not seen.acquire(timeout=DEADLINE):
                    return False
                event = b"data: %d\n\n" % number
                connection.send(b"%x\r\n%s\r\n" % (len(event), event))
            connection.send(b"0\r\n\r\n")

        nginx = NginxBefore(self, self.behind.server(), Upstream(answer))
        client = self.serve(nginx, extra='max_body = "16MiB"')
        sent = call(params={"name": "whoami", "arguments": {"a": "x" * BIG}})
        self.assertEqual(self.ask(client, body=sent).body, body)
        self.assertEqual(got, [sent])
        client.send(request(None, method="GET")).reader.head()
        for number in range(5):
            seen.release()
            self.assertEqual(client.reader.chunk(), b"data: %d\n\n" % number)
        self.assertEqual(client.reader.chunk(), b"")
        self.assertEqual(self.ask(client, body=sent).body, body)


class RefusedServers(OverTls):
    def test_of_an_unknown_authority(self):
        nginx = NginxBefore(self, self.pki.server("other"))
        client = self.serve(nginx)
        record = self.assert_refused(client, "unknown_authority")
        self.assertTrue(record["presented_sha256"])
        self.assertEqual(nginx.requests, [])

    def test_by_another_name_and_the_log_has_the_names(self):
        nginx = NginxBefore(self, self.issue("named", "--dns", "mcp.example", "--dns", "b.example"))
        self.assert_refused(self.serve(nginx), "name_mismatch", r"not for \"127\.0\.0\.1\"",
                            r"mcp\.example b\.example")

    def test_that_are_expired(self):
        nginx = NginxBefore(self, self.issue(
            "old", "--ip", "127.0.0.1", "--not-before", "2020-01-01T00:00:00Z",
            "--not-after", "2021-01-01T00:00:00Z"))
        self.assert_refused(self.serve(nginx), "certificate_expired", "2021")

    def test_that_have_a_clients_certificate(self):
        nginx = NginxBefore(self, self.behind.issue("client", "c", "--ip", "127.0.0.1"))
        self.assert_refused(self.serve(nginx), "wrong_purpose")

    def test_that_are_not_pinned_and_the_log_has_the_pin(self):
        server = self.behind.server("pinned")
        nginx = NginxBefore(self, server)
        client = self.serve(nginx, pipeline=upstream_plugin("pinning", pins=[self.own.pin()]))
        record = self.assert_refused(client, "not_pinned")
        self.assertEqual(record["plugin"], "pinning")
        self.assertIn(server.pin(), record["detail"])

    def test_that_no_authority_vouches_for_unless_pinned(self):
        nginx = NginxBefore(self, self_signed(self.directory))
        client = self.serve(nginx, tls='trust = "pin"\n',
                            pipeline=upstream_plugin("pinning", pins=[self.own.pin()]))
        self.assert_refused(client, "not_pinned")

    def test_are_passed_over_for_one_that_is_good(self):
        bad = NginxBefore(self, self.pki.server("other"), name="bad")
        good = NginxBefore(self, self.behind.server("good"), name="good")
        client = self.serve(bad, good)
        for _ in range(6):
            self.assertEqual(self.ask(client).status, 200)
        self.assertEqual(len(good.requests), 6)
        self.assertEqual(bad.requests, [])
        # It counts as down for a while.
        wait_until(lambda: len(self.running.find(message="server refused")) >= 1, "it is logged")
        self.assertEqual(len(self.running.find(message="server refused")), 1)

    def test_that_do_not_speak_tls(self):
        plain = Upstream()
        client = self.serve(plain)
        self.assertEqual(self.ask(client).status, 502)
        self.assertEqual(plain.requests, [])

    def test_that_refuse_the_gate_are_said_to_by_their_alert(self):
        for number, version in enumerate(VERSIONS):
            with self.subTest(version=version.name):
                credential = self.behind.server(f"picky{number}")
                picky = TlsUpstream(credential, client_ca=self.behind.ca, version=version)
                client = self.serve(picky)
                self.assertEqual(self.ask(client).status, 502)
                record = wait_until(
                    lambda: self.running.last(lambda r: r["message"] in
                                              ("refused by server", "server refused")), "logged")
                self.assertEqual(record["reason"], "peer_alert")
                self.assertRegex(record["detail"], "certificate_required|handshake_failure")
                self.assertEqual(picky.requests, [])
                self.running.stop()

    def test_that_refuse_the_gate_late_leave_the_request_to_the_next(self):
        picky = TlsUpstream(self.behind.server("picky"), client_ca=self.behind.ca,
                            version=ssl.TLSVersion.TLSv1_3)
        good = TlsUpstream(self.behind.server("good"))
        client = self.serve(picky, good)
        for _ in range(4):
            self.assertEqual(self.ask(client).status, 200)
        self.assertEqual(len(good.requests), 4)
        wait_until(lambda: len(self.running.find(message="refused by server")) >= 1, "it is logged")
        self.assertEqual(len(self.running.find(message="refused by server")), 1)

    def test_answers_of_a_server_to_a_missing_certificate_pass(self):
        # nginx takes the connection and answers by itself.
        nginx = NginxBefore(self, self.behind.server(), client_ca=self.behind.ca)
        client = self.serve(nginx)
        answer = self.ask(client)
        self.assertEqual(answer.status, 400)
        self.assertIn(b"No required SSL certificate", answer.body)

    def test_answers_that_end_without_a_goodbye_are_not_whole(self):
        def answer(_, connection):
            connection.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf")
            os.close(connection.peer.detach())
            return False

        client = self.serve(TlsUpstream(self.behind.server(), answer))
        client.send(request(call()))
        with self.assertRaises((EOFError, OSError)):
            while client.reader.more():
                pass
            raise EOFError if b"0\r\n\r\n" not in client.reader.raw else AssertionError


class SystemStore(OverTls):
    BUNDLE = "/etc/ssl/certs/ca-certificates.crt"

    def with_system_store(self, tls):
        """Starts the gate where the servers' CA is all that the system trusts."""
        probe = f"mount --bind {self.behind.ca} {self.BUNDLE}"
        if not shutil.which("unshare") or subprocess.run(
                ["unshare", "--mount", "sh", "-c", probe], capture_output=True, check=False).returncode:
            self.skipTest("no mount namespace of our own to be had")
        script = self.directory / "posternd"
        script.write_text(f"#!/bin/sh\nexec unshare --mount sh -c '{probe} && exec "
                          f"{harness.POSTERND} \"$@\"' sh \"$@\"\n")
        script.chmod(0o755)
        daemon, harness.POSTERND = harness.POSTERND, script
        try:
            return self.serve(NginxBefore(self, self.behind.server()), tls=tls)
        finally:
            harness.POSTERND = daemon

    def test_is_asked_by_default(self):
        self.assertEqual(self.ask(self.with_system_store("")).status, 200)

    def test_is_not_asked_beside_trusted_ca(self):
        client = self.with_system_store(f'trusted_ca = ["{self.pki.ca}"]')
        self.assert_refused(client, "unknown_authority")


class Changes(OverTls):
    def stream(self, client):
        client.send(request(None, method="GET")).reader.head()
        self.assertEqual(client.reader.chunk(), b"data: 0\n\n")

    def answer(self, what, connection):
        if what.method == "POST":
            return connection.send(json_response({"jsonrpc": "2.0", "id": 1, "result": {}}))
        connection.send(response(200, "Content-Type: text/event-stream",
                                 "Transfer-Encoding: chunked", length=False))
        connection.send(b"9\r\ndata: 0\n\n\r\n")
        connection.wait_for_end(DEADLINE * 2)
        return False

    def assert_cut(self, client, reason):
        client.peer.settimeout(PROMISED)
        with self.assertRaises((EOFError, ConnectionError, ssl.SSLError)):
            client.reader.chunk()
        self.assertTrue(wait_until(lambda: self.running.find(message="connection to server cut",
                                                             reason=reason), "it is logged"))

    def assert_stands(self, client):
        client.peer.settimeout(0.5)
        with self.assertRaises(TimeoutError):
            client.reader.chunk()

    def test_a_server_that_is_revoked_is_cut_and_called_no_more(self):
        server = self.behind.server("doomed")
        nginx = NginxBefore(self, server, Upstream(self.answer))
        client = self.serve(nginx, pipeline=upstream_plugin("revocation",
                                                            crl_files=[self.behind.crl()]))
        streaming = self.client()
        self.assertEqual(self.ask(client).status, 200)
        self.stream(streaming)
        self.behind.crl()  # nothing new: what is good stands
        self.assert_stands(streaming)
        self.behind.revoke(server)
        self.behind.crl()
        self.assert_cut(streaming, "revoked")
        asked = len(nginx.requests)
        record = self.assert_refused(client, "revoked")
        self.assertEqual(record["plugin"], "revocation")
        self.assertEqual(len(nginx.requests), asked)

    def test_a_pin_that_goes_cuts_as_well(self):
        server = self.behind.server()
        nginx = NginxBefore(self, server, Upstream(self.answer))
        store = self.directory / "state" / "pins"
        self.addCleanup(nginx.close)
        self.running = self.gate(self.configuration(https_route(
            nginx, tls=self.trusted(), pipeline=upstream_plugin("pinning", storage_path="pins"))),
            start=False)
        store.mkdir(mode=0o700)
        (store / "server").write_text(server.pin() + "\n")
        self.running.start()
        client, streaming = self.client(), self.client()
        self.assertEqual(self.ask(client).status, 200)
        self.stream(streaming)
        (store / "server").unlink()
        self.assert_cut(streaming, "not_pinned")
        self.assert_refused(client, "not_pinned")

    def test_a_reload_judges_by_the_new_authority(self):
        nginx = NginxBefore(self, self.behind.server("old"), Upstream(self.answer), name="old")
        client = self.serve(nginx)
        streaming = self.client()
        self.assertEqual(self.ask(client).status, 200)
        self.stream(streaming)
        both = https_route(nginx, tls=f'trusted_ca = ["{self.behind.ca}", "{self.pki.ca}"]')
        self.running.configure(self.configuration(both))
        self.assertEqual(self.running.reload()["message"], "configuration reloaded")
        self.assertEqual(self.ask(client).status, 200)
        self.assert_stands(streaming)
        self.running.configure(self.configuration(
            https_route(nginx, tls=f'trusted_ca = ["{self.pki.ca}"]')))
        self.assertEqual(self.running.reload()["message"], "configuration reloaded")
        self.assert_cut(streaming, "unknown_authority")
        self.assert_refused(client, "unknown_authority")
        newer = NginxBefore(self, self.pki.server("newer"), name="newer")
        self.addCleanup(newer.close)
        self.running.configure(self.configuration(
            https_route(newer, tls=f'trusted_ca = ["{self.pki.ca}"]')))
        self.assertEqual(self.running.reload()["message"], "configuration reloaded")
        self.assertEqual(self.ask(client).status, 200)

    def test_a_file_that_changed_is_read_at_the_reload(self):
        nginx = NginxBefore(self, self.behind.server())
        bundle = self.directory / "bundle.crt"
        shutil.copy(self.behind.ca, bundle)
        client = self.serve(nginx, tls=f'trusted_ca = ["{bundle}"]')
        self.assertEqual(self.ask(client).status, 200)
        shutil.copy(self.pki.ca, bundle)
        self.assertEqual(self.running.reload()["message"], "configuration reloaded")
        self.assert_refused(client, "unknown_authority")


class Mistakes(OverTls):
    def check(self, route, *said):
        gate = self.gate(self.configuration(route), start=False)
        for option in ([], ["--check"]):
            done = harness.run(harness.POSTERND, "--config", gate.file, *option, ok=None)
            self.assertEqual(done.returncode, 2, done.stderr)
            for part in said:
                self.assertRegex(done.stderr, part)

    class Somewhere:
        port = 9

    def test_are_said_with_their_place(self):
        place = rf"{re.escape(str(self.directory))}/posternd\.toml:\d+"
        missing = self.directory / "missing.crt"
        self.check(https_route(self.Somewhere, tls=f'trusted_ca = ["{missing}"]'), place,
                   re.escape(str(missing)))
        self.check(https_route(self.Somewhere, tls=self.trusted(),
                               pipeline=upstream_plugin("pinning", pinz=["x"])), place, "pinz")
        self.check(https_route(self.Somewhere, tls=self.trusted(),
                               pipeline=upstream_plugin("nosuch")), place, "nosuch")
        mixed = https_route(self.Somewhere, tls=self.trusted()).replace(
            'urls = [', 'urls = ["http://127.0.0.1:9/mcp", ')
        self.check(mixed, place, "one scheme")


if __name__ == "__main__":
    harness.main()
