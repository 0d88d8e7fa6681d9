"""`postern pin` changes the store under a running gate: what is added comes in within seconds, what is
removed, or runs out, is cut within five, and everybody else goes on."""

import base64
import hashlib
import json
import time
from datetime import datetime, timedelta, timezone

import harness
from harness import POSTERN, GateTest, Pki, pipeline, run, tls_listener, wait_until
from http_peers import Client as RawClient
from http_peers import Upstream, http_route, json_response, request, response
from tls_client import VERSIONS, Client, Refused

PROMISED = 5.0  # seconds


def spki_digest(credential, algorithm):
    key = run("openssl", "x509", "-in", credential.certificate, "-noout", "-pubkey").stdout
    der = base64.b64decode("".join(key.splitlines()[1:-1]))
    return f"{algorithm}/" + base64.b64encode(hashlib.new(algorithm, der).digest()).decode()


class PinCase(GateTest):
    def setUp(self):
        super().setUp()
        self.store = self.directory / "state" / "pins"

    def pin(self, *arguments, code=0, store=True):
        where = ("--store", self.store) if store else ()
        done = run(POSTERN, "pin", *arguments, *where, ok=None)
        self.assertEqual(done.returncode, code, f"{arguments}: {done.stdout}{done.stderr}")
        if code:
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        return done.stdout if code == 0 else done.stderr

    def listed(self, *arguments):
        return json.loads(self.pin("list", "--json", *arguments, store=not arguments))["pins"]


class Gate(PinCase):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server = self.pki.server()
        self.client, self.other = self.pki.client(), self.pki.client("other")

    def configuration(self, route=None):
        return tls_listener(self.pki, self.server, route=route,
                            pipeline=pipeline("pinning", storage_path="pins"))

    def stream(self, gate, credential):
        client = RawClient(gate, self.pki, credential)
        self.addCleanup(client.close)
        client.send(request(None, method="GET")).reader.head()
        self.assertEqual(client.reader.chunk(), b"data: 0\n\n")
        return client

    def streaming_gate(self):
        def answer(what, connection):
            if what.method == "POST":
                return connection.send(json_response({"jsonrpc": "2.0", "id": 1, "result": {}}))
            connection.send(response(200, "Content-Type: text/event-stream",
                                     "Transfer-Encoding: chunked", length=False))
            connection.send(b"9\r\ndata: 0\n\n\r\n")
            connection.wait_for_end(harness.DEADLINE * 2)
            return False
        upstream = Upstream(answer)
        self.addCleanup(upstream.close)
        return self.gate(self.configuration(http_route(upstream)))

    def assert_cut(self, gate, stream, since, reason):
        stream.peer.settimeout(max(0.01, since + PROMISED - time.monotonic()))
        with self.assertRaises((EOFError, OSError)) as caught:
            stream.reader.chunk()
        self.assertNotIsInstance(caught.exception, TimeoutError)
        wait_until(lambda: gate.find(message="connection closed", reason=reason,
                                     identity="dn:CN=client"), "the reason is logged")

    def assert_stands(self, stream):
        stream.peer.settimeout(0.5)
        with self.assertRaises(TimeoutError):
            stream.reader.chunk()

    def test_an_added_key_comes_in_and_a_removed_one_is_cut(self):
        self.pin("add", self.other.certificate, "--name", "other")
        gate = self.streaming_gate()
        refused = Client(self.pki.ca, self.client).refused(gate.port())
        self.assertIsInstance(refused, Refused)
        self.pin("add", self.client.certificate, "--name", "client", "--comment", "her laptop")
        wait_until(lambda: not Client(self.pki.ca, self.client).refused(gate.port()),
                   "the pin is held", PROMISED)
        doomed, fine = self.stream(gate, self.client), self.stream(gate, self.other)
        self.assert_stands(doomed)
        since = time.monotonic()
        self.pin("remove", "client")
        self.assert_cut(gate, doomed, since, "not_pinned")
        self.assert_stands(fine)

    def test_a_pin_that_runs_out_is_cut_and_a_resumed_session_as_well(self):
        self.pin("add", self.other.certificate)
        # Resumption is asked as well: a session kept from before must not come in later.
        self.pin("add", self.client.certificate, "--expires", "8s")
        expires = datetime.fromisoformat(
            [p for p in self.listed() if p["expires"]][0]["expires"].replace("Z", "+00:00"))
        gate = self.streaming_gate()
        doomed, fine = self.stream(gate, self.client), self.stream(gate, self.other)
        clients = [Client(self.pki.ca, self.client, version) for version in VERSIONS]
        sessions = [client.ask(gate.port())[1] for client in clients]
        left = (expires - datetime.now(timezone.utc)).total_seconds()
        self.assertGreater(left, 0, "the test was too slow to see it held")
        self.assert_cut(gate, doomed, time.monotonic() + left, "pin_expired")
        self.assertGreaterEqual(datetime.now(timezone.utc), expires)
        for client, session in zip(clients, sessions):
            self.assertIsInstance(client.refused(gate.port(), session=session), Refused)
        self.assert_stands(fine)
        self.assertEqual({p["state"] for p in self.listed()}, {"held", "expired"})

    def test_longer_digests_and_whole_certificates_are_held(self):
        for algorithm in ("sha384", "sha512"):
            self.pin("add", spki_digest(self.client, algorithm), "--name", algorithm)
        self.pin("add", self.other.certificate, "--certificate", "--name", "whole")
        gate = self.gate(self.configuration())
        for credential in (self.client, self.other):
            self.assertIsNone(Client(self.pki.ca, credential).refused(gate.port()))
        self.assertTrue(self.listed()[2]["pin"].startswith("cert-sha256/"))
        self.pin("remove", "sha384", "sha512.pin")
        wait_until(lambda: Client(self.pki.ca, self.client).refused(gate.port()),
                   "none of hers is held", PROMISED)
        self.assertIsNone(Client(self.pki.ca, self.other).refused(gate.port()))

    def test_the_store_is_found_by_the_configuration(self):
        self.pin("add", self.client.certificate)
        gate = self.gate(self.configuration(), start=False)
        by_file = ("--config", gate.file)
        self.assertEqual(self.listed(*by_file), self.listed())
        self.assertEqual(self.listed(*by_file, "--listener", "mcp"), self.listed())
        self.assertIn("--listener mcp",
                      self.pin("list", *by_file, "--listener", "x", code=2, store=False))
        self.assertIn("--store", self.pin("list", *by_file, code=2))

    def test_a_lone_pin_is_warned_of_and_observing_refuses_nobody(self):
        self.pin("add", self.client.certificate)
        gate = self.gate(self.configuration().replace(
            'plugin = "pinning"', 'plugin = "pinning"\nmode = "observe"'))
        self.assertTrue(gate.last(lambda r: "no backup" in r["message"]))
        self.assertIsNone(Client(self.pki.ca, self.other).refused(gate.port()))
        wait_until(lambda: gate.find(message="would have refused", reason="not_pinned"),
                   "it is logged")


class Command(PinCase):
    PIN = "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

    def test_lists_what_was_added(self):
        self.assertEqual(self.listed(), [])
        self.pin("add", self.PIN, "--name", "a", "--comment", "one # two", "--for", "dn:CN=A B",
                 "--expires", "2099-01-31T00:00:00Z")
        self.assertEqual((self.store / "a.pin").read_text(),
                         f"{self.PIN} expires=2099-01-31T00:00:00Z for=dn:CN=A%20B # one # two\n")
        self.assertEqual(self.listed(), [{
            "file": "a.pin", "pin": self.PIN, "state": "held", "expires": "2099-01-31T00:00:00Z",
            "for": "dn:CN=A B", "comment": "one # two"}])
        self.assertIn("for dn:CN=A B", self.pin("list"))
        self.assertEqual(self.store.stat().st_mode & 0o777, 0o700)
        self.pin("remove", self.PIN)
        self.assertEqual(list(self.store.iterdir()), [])

    def test_says_what_it_will_not_do(self):
        self.pin("add", self.PIN, "--name", "a")
        self.assertIn("--replace", self.pin("add", self.PIN, "--name", "a", code=1))
        self.pin("add", self.PIN, "--name", "a", "--comment", "anew", "--replace")
        self.assertEqual(self.listed()[0]["comment"], "anew")
        before = sorted(path.name for path in self.store.iterdir())
        for word, *arguments in (
                ("is no pin", "sha256/short"), ("missing.pem", "missing.pem"),
                ("has passed", self.PIN, "--expires", "2020-01-01T00:00:00Z"),
                ("--expires", self.PIN, "--expires", "soon"),
                ("--name", self.PIN, "--name", "../a"), ("--name", self.PIN, "--name", ".a"),
                ("--name", self.PIN, "--name", "a.pending"),
                ("--comment", self.PIN, "--comment", "a\nb"),
                ("--for", self.PIN, "--for", "a" * 2000),
                ("--certificate", self.PIN, "--certificate")):
            self.assertIn(word, self.pin("add", *arguments, code=2))
        self.assertIn("neither a file nor a pin", self.pin("remove", "b", code=1))
        self.assertIn("neither a file nor a pin", self.pin("remove", "a", "b", code=1))
        self.assertIn("does not wait", self.pin("approve", "a", code=1))
        self.assertEqual(sorted(path.name for path in self.store.iterdir()), before)
        (self.store / "several").write_text(f"{self.PIN}\nsha256/{'A' * 43}=\n")
        self.assertIn("2 pins", self.pin("remove", f"sha256/{'A' * 43}=", code=2))
        (self.store / "several").unlink()
        (self.store / "junk").write_text("junk\n")
        self.assertIn("line 1", self.pin("list", code=2))
        self.assertIn("cannot be read",
                      self.pin("list", "--store", "/dev/null", code=2, store=False))


if __name__ == "__main__":
    harness.main()
