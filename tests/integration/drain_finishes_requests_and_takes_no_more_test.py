"""SIGTERM ends a gate in order: what is under way is finished, what is idle is closed, nothing new
comes in, exit code 0. A second one ends it at once. systemd hears of each step."""

import signal
import socket
import time

import harness
from harness import GateTest, Pki, tls_listener, wait_until
from slow_server import SlowServer
from tls_client import VERSIONS, Client, Refused

AT_ONCE = 5.0  # seconds, on a busy machine; what is waited for would take far longer


class DrainTest(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server = self.pki.server()
        self.credential = self.pki.client()
        self.upstream = SlowServer()
        self.addCleanup(self.upstream.close)

    def slow_gate(self, drain_timeout="30s"):
        return self.gate(f'[shutdown]\ndrain_timeout = "{drain_timeout}"\n' + tls_listener(
            self.pki, self.server, route=self.upstream.route()))

    def connect(self, gate, version=VERSIONS[1]):
        conversation = Client(self.pki.ca, self.credential, version).connect(gate.port())
        self.addCleanup(conversation.close)
        return conversation

    def under_way(self, gate):
        """A request in each TLS version that the upstream has taken and not answered."""
        live = [self.connect(gate, version) for version in VERSIONS]
        for conversation in live:
            conversation.send()
            self.upstream.wait_until_asked()
        return live

    def terminate(self, gate):
        gate.process.send_signal(signal.SIGTERM)
        wait_until(lambda: gate.find(message="draining"), "the gate drains")

    def assert_ends(self, gate):
        """By itself: a second signal would end it anyway."""
        self.assertEqual(gate.process.wait(timeout=harness.DEADLINE), 0)


class TheFirstSignal(DrainTest):
    def test_lets_requests_under_way_finish_and_closes_their_connections(self):
        gate = self.slow_gate()
        live = self.under_way(gate)
        self.terminate(gate)
        self.assertIsNone(gate.process.poll())
        self.upstream.answer.set()
        for conversation in live:
            answer = conversation.receive()
            self.assertEqual((answer.status, answer.json["result"]), (200, {"late": True}))
            self.assertEqual(conversation.wait_for_end(), "end")
        self.assert_ends(gate)
        self.assertTrue(gate.find(message="stopped"))
        self.assertEqual(gate.find(message="connections are cut"), [])

    def test_closes_idle_connections_at_once_and_in_order(self):
        gate = self.slow_gate()
        live = self.under_way(gate)
        idle = [self.connect(gate, version) for version in VERSIONS]
        silent = harness.connect(gate.port())  # not a byte of a handshake yet
        self.addCleanup(silent.close)
        wait_until(lambda: len(gate.find(message="connection admitted")) == 4, "all are in")
        self.terminate(gate)
        for conversation in idle:
            self.assertEqual(conversation.wait_for_end(AT_ONCE), "end")
        silent.settimeout(AT_ONCE)
        try:
            self.assertEqual(silent.recv(1), b"")
        except ConnectionResetError:
            pass
        self.assertIsNone(gate.process.poll(), "requests are still under way")
        self.upstream.answer.set()
        self.assertEqual([each.receive().status for each in live], [200, 200])
        self.assert_ends(gate)

    def test_lets_no_new_connection_in(self):
        gate = self.slow_gate()
        live = self.under_way(gate)
        self.terminate(gate)
        port = gate.port()

        def refused():
            try:
                harness.connect(port).close()
            except ConnectionRefusedError:
                return True
            return False
        # Refused and not left hanging, so that a client or a balancer goes elsewhere.
        wait_until(refused, "a new connection is refused", AT_ONCE)
        self.assertIsNone(gate.process.poll())
        self.upstream.answer.set()
        self.assertEqual([each.receive().status for each in live], [200, 200])
        self.assert_ends(gate)

    def test_leaves_its_address_to_a_successor(self):
        gate = self.slow_gate()
        live = self.under_way(gate)
        self.terminate(gate)
        directory = self.directory / "successor"
        directory.mkdir()
        successor = harness.Gate(directory, tls_listener(self.pki, self.server).replace(
            "port = 0", f"port = {gate.port()}"))
        self.gates.append(successor)
        successor.start()
        client = Client(self.pki.ca, self.credential)
        self.assertEqual(client.ask(gate.port())[0].whoami["listener"], "mcp")
        self.upstream.answer.set()
        self.assertEqual([each.receive().status for each in live], [200, 200])
        self.assert_ends(gate)
        self.assertEqual(client.ask(gate.port())[0].status, 200)

    def test_takes_no_further_request_on_a_connection_that_stands(self):
        gate = self.slow_gate()
        live = self.under_way(gate)
        self.terminate(gate)
        for conversation in live:
            conversation.send()  # pipelined behind the one under way
        self.upstream.answer.set()
        for conversation in live:
            self.assertEqual(conversation.receive().status, 200)
            with self.assertRaises(Refused):
                conversation.receive()
        self.assert_ends(gate)
        self.assertFalse(self.upstream.asked.acquire(blocking=False))

    def test_waits_no_longer_than_drain_timeout(self):
        gate = self.slow_gate("1s")
        live = self.under_way(gate)
        began = time.monotonic()
        self.terminate(gate)
        self.assertEqual(gate.process.wait(timeout=harness.DEADLINE), 0)
        self.assertGreaterEqual(time.monotonic() - began, 0.9)
        for conversation in live:
            with self.assertRaises(Refused):
                conversation.receive()
        said = gate.find(message="connections are cut")
        self.assertEqual([(r["level"], r["connections"]) for r in said], [("warning", "2")])

    def test_ends_a_gate_without_connections_at_once(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            gate = self.slow_gate()
            began = time.monotonic()
            gate.process.send_signal(number)
            self.assertEqual(gate.process.wait(timeout=harness.DEADLINE), 0)
            self.assertLess(time.monotonic() - began, AT_ONCE)
            gate.log_file.unlink()


class TheSecondSignal(DrainTest):
    def test_ends_the_gate_at_once(self):
        gate = self.slow_gate()
        live = self.under_way(gate)
        self.terminate(gate)
        began = time.monotonic()
        gate.process.send_signal(signal.SIGTERM)
        self.assertEqual(gate.process.wait(timeout=AT_ONCE), 0)
        self.assertLess(time.monotonic() - began, AT_ONCE)
        for conversation in live:
            with self.assertRaises(Refused):
                conversation.receive()


class Systemd(DrainTest):
    def setUp(self):
        super().setUp()
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.notify.close)
        self.notify.bind(str(self.directory / "notify"))
        self.notify.settimeout(harness.DEADLINE)

    def told(self):
        return self.notify.recv(4096).decode().splitlines()

    def test_hears_of_readiness_reloads_and_the_end(self):
        configuration = tls_listener(self.pki, self.server)
        gate = self.gate(configuration, start=False)
        gate.start({"NOTIFY_SOCKET": str(self.directory / "notify")})
        self.assertIn("READY=1", self.told())
        gate.reload()
        self.assertIn("RELOADING=1", self.told())
        self.assertIn("READY=1", self.told())
        gate.configure("bad")
        gate.reload()
        self.assertIn("RELOADING=1", self.told())
        after = self.told()
        self.assertIn("READY=1", after)
        self.assertTrue([line for line in after if line.startswith("STATUS=")
                         and "refused" in line], after)
        gate.stop()
        self.assertIn("STOPPING=1", self.told())

    def test_hears_nothing_of_a_gate_that_does_not_start(self):
        gate = self.gate(tls_listener(self.pki, self.server).replace("port = 0", "port = 0\nx = 1"),
                         start=False)
        with self.assertRaises(AssertionError):
            gate.start({"NOTIFY_SOCKET": str(self.directory / "notify")})
        self.notify.setblocking(False)
        with self.assertRaises(BlockingIOError):
            self.told()


if __name__ == "__main__":
    harness.main()
