"""Plugins that answer late, wrongly, never, or not at all, in the real daemon: what they hold up
ends in its time by on_error and on_timeout, and nobody on another listener notices."""

import os
import signal
import socket
import ssl
import struct
import time
import unittest
from pathlib import Path

import harness
from harness import BUILD, Gate, GateTest, Pki, pipeline, tls_listener, wait_until
from http_peers import Client, call, request

PLUGINS = BUILD / "tests" / "plugins"
TIMEOUT, LATE = 0.5, 10.0
ENTRY = f'timeout = "{int(TIMEOUT * 1000)}ms"'
# The phases at which the validator that misbehaves is asked before it is the request's turn.
REFUSED_AT = {"accept", "client hello", "peer certificate"}


@unittest.skipUnless((PLUGINS / "validator_serial.so").exists(),
                     f"there is no {PLUGINS}: build misbehaving_plugins")
class Misbehaving(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server, self.credential = self.pki.server(), self.pki.client()

    def start(self, name, behaviour, entry=ENTRY, **config):
        """A gate with the plugin on the listener "bad" and none on the listener "good"."""
        self.name = name
        text = tls_listener(self.pki, self.server, name="good")
        text += tls_listener(self.pki, self.server, name="bad", pipeline=pipeline(
            PLUGINS / f"{name}.so", entry, behaviour=behaviour, **config))
        place = self.directory / f"gate-{len(self.gates)}"
        place.mkdir()
        self.running = Gate(place, text)
        self.gates.append(self.running)
        self.running.start()

    def client(self, listener="bad"):
        return Client(self.running, self.pki, self.credential, listener)

    def good_request(self):
        with self.client("good") as client:
            self.assertEqual(client.exchange(request(call())).status, 200)

    def passes(self):
        with self.client() as client:
            answer = client.exchange(request(call()))
            self.assertEqual(answer.status, 200)
            return answer.json()["result"]["structuredContent"]["plugins"]

    def is_refused(self, reason):
        """How long it took until the gate had refused a client for this reason."""
        before = len(self.refusals(reason))
        began = time.monotonic()
        with self.assertRaises((OSError, EOFError)):
            with self.client() as client:
                # In TLS 1.3 a client hears of a refusal after its handshake.
                client.exchange(request(call()))
        took = time.monotonic() - began
        said = wait_until(lambda: self.refusals(reason)[before:], f"it is logged as {reason}")
        self.assertEqual(said[0]["plugin"], self.name)
        self.assertIn(said[0]["phase"], REFUSED_AT)
        return took

    def refusals(self, reason):
        return self.running.find(message="connection refused", reason=reason)


class NoAnswer(Misbehaving):
    def hold_up(self, name, behaviour):
        """A crowd that the plugin lets wait; the other listener answers meanwhile."""
        self.start(name, behaviour)
        began = time.monotonic()
        waiting = [harness.connect(self.running.port("bad")) for _ in range(40)]
        self.good_request()
        for peer in waiting:
            with peer:
                peer.sendall(b"\x16")  # half a ClientHello: it is the plugin that is waited for
                try:
                    self.assertEqual(peer.recv(1), b"")
                except ConnectionResetError:
                    pass
        took = time.monotonic() - began
        self.assertGreater(took, TIMEOUT * 0.9)
        self.assertLess(took, TIMEOUT + LATE)
        wait_until(lambda: len(self.running.find(message="connection refused", plugin=name)) == 40,
                   "each is logged")
        self.good_request()
        self.running.stop()

    def test_a_plugin_that_never_answers(self):
        self.hold_up("validator_parallel", "never")
        self.assertEqual(len(self.refusals("plugin_timeout")), 40)

    def test_a_plugin_of_each_loop_that_never_answers(self):
        self.hold_up("validator_per_loop", "never")
        self.assertEqual(len(self.refusals("plugin_timeout")), 40)

    def test_a_plugin_that_blocks_its_own_thread(self):
        self.hold_up("validator_serial", "block")

    def test_a_plugin_that_answers_only_when_it_is_told_to_stop(self):
        self.hold_up("validator_parallel", "after_cancel")
        self.assertEqual(len(self.refusals("plugin_timeout")), 40)

    def test_a_limiter_that_never_answers(self):
        self.hold_up("limiter_serial", "never")

    def test_on_timeout_allow_lets_pass_after_the_time_out(self):
        self.start("validator_parallel", "never", 'timeout = "200ms"\non_timeout = "allow"')
        began = time.monotonic()
        said = self.passes()
        # Asked at accept, ClientHello, certificate and request; each time waited for.
        self.assertGreater(time.monotonic() - began, 4 * 0.2 * 0.9)
        self.assertEqual(said[0]["action"], "abstain")
        self.assertEqual(said[0]["reason"], "plugin_timeout")

    def test_a_revocation_plugin_that_never_answers_is_no_answer_and_failure_mode_decides(self):
        # on_timeout does not decide: "no answer" is what failure_mode is for.
        self.start("revocation_parallel", "never",
                   ENTRY + '\nfailure_mode = "deny"\non_timeout = "allow"')
        self.assertGreater(self.is_refused("revocation_unknown"), TIMEOUT * 0.9)
        self.good_request()

    def test_a_revocation_plugin_that_never_answers_passes_where_failure_mode_allows(self):
        self.start("revocation_parallel", "never",
                   ENTRY + '\nfailure_mode = "allow"\non_timeout = "deny"')
        self.assertEqual(self.passes()[0]["reason"], "revocation_unknown")

    def test_the_gate_ends_in_order_while_a_plugin_keeps_connections_waiting(self):
        self.start("validator_serial", "block", 'timeout = "60s"')
        waiting = [harness.connect(self.running.port("bad")) for _ in range(5)]
        began = time.monotonic()
        self.running.stop()
        self.assertLess(time.monotonic() - began, LATE)
        for peer in waiting:
            peer.close()

    def stops_within_the_bound(self):
        began = time.monotonic()
        self.running.stop(deadline=8 * LATE)  # its exit code is 0 all the same
        took = time.monotonic() - began
        self.assertLess(took, 1.5 * LATE)
        said = self.running.find(message="the process ends although plugins have not")
        self.assertEqual([(each["level"], each["plugins"]) for each in said],
                         [("warning", self.name)])
        self.assertEqual(self.running.records()[-1]["message"], "stopped")

    def test_many_generations_that_owe_answers_do_not_add_up_when_the_gate_ends(self):
        self.start("validator_parallel", "never")
        for generation in range(1, 6):
            with harness.connect(self.running.port("bad")):
                wait_until(lambda: len(self.refusals("plugin_timeout")) == generation,
                           "it is refused")
            self.running.reload()
        self.good_request()
        self.stops_within_the_bound()

    def test_a_plugin_whose_drain_hangs_does_not_hold_up_the_end(self):
        self.start("validator_parallel", "hang_in_drain")
        self.running.reload()
        self.good_request()
        self.stops_within_the_bound()

    def test_a_gate_whose_plugins_owe_nothing_ends_at_once_and_names_nobody(self):
        self.start("validator_parallel", "allow")
        self.passes()
        self.running.reload()
        began = time.monotonic()
        self.running.stop()
        self.assertLess(time.monotonic() - began, LATE / 2)
        self.assertEqual(self.running.find(message="the process ends although plugins have not"),
                         [])


class ResetMeanwhile(Misbehaving):
    """A reset cannot be masked: a gate that waits on must not be woken for it without end."""

    TIMEOUT = 2.0
    ENTRY = f'timeout = "{int(TIMEOUT * 1000)}ms"'

    def processor_seconds(self):
        stat = Path(f"/proc/{self.running.process.pid}/stat").read_text()
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    @staticmethod
    def reset(peer):
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()

    def has_read_all(self, client):
        """Whether the gate has taken from its socket what the client sent."""
        gate, peer = (f"0100007F:{port:04X}"
                      for port in (self.running.port("bad"), client.address[1]))
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[1:3] == [gate, peer]:
                return fields[4].endswith(":00000000")
        return False

    def costs_nothing(self, address):
        """After a reset, for as long as the plugin's answer may still come."""
        began, used = time.monotonic(), self.processor_seconds()
        wait_until(lambda: time.monotonic() > began + self.TIMEOUT, "the plugin's time is over")
        elapsed, used = time.monotonic() - began, self.processor_seconds() - used
        self.assertLess(used, elapsed / 4)
        peer = "%s:%d" % address
        said = wait_until(lambda: self.running.find(message="connection refused", peer=peer),
                          "it is logged")
        self.assertEqual([each["reason"] for each in said], ["peer_closed"])
        self.good_request()

    def test_while_accept_is_asked(self):
        self.start("validator_parallel", "never", self.ENTRY)
        peer = harness.connect(self.running.port("bad"))
        address = peer.getsockname()
        self.reset(peer)
        self.costs_nothing(address)

    def test_while_the_certificate_is_judged(self):
        self.start("pinning_parallel", "never", self.ENTRY)
        # In TLS 1.3 the client's handshake is over before the gate judges.
        client = self.client()
        wait_until(lambda: self.has_read_all(client), "the gate has its certificate")
        self.reset(client.peer)
        self.costs_nothing(client.address)


class WrongAnswers(Misbehaving):
    def test_what_is_no_answer_is_refused(self):
        for behaviour, reason in (("throw", "plugin_error"), ("error", "plugin_error"),
                                  ("unknown_code", "plugin_error"),
                                  ("unknown_action", "plugin_unknown_action"),
                                  ("both", "plugin_error")):
            with self.subTest(behaviour=behaviour):
                self.start("validator_parallel", behaviour)
                self.assertLess(self.is_refused(reason), LATE)
                self.good_request()
                self.running.stop()

    def test_what_is_no_answer_passes_with_on_error_allow(self):
        for behaviour in ("throw", "error", "unknown_action"):
            with self.subTest(behaviour=behaviour):
                self.start("validator_parallel", behaviour, 'on_error = "allow"')
                self.assertEqual(self.passes()[0]["action"], "abstain")
                self.running.stop()

    def test_on_error_allow_is_not_for_answers_that_deny(self):
        self.start("validator_parallel", "deny", 'on_error = "allow"\non_timeout = "allow"')
        self.is_refused("policy")
        self.good_request()

    def test_an_answer_that_comes_from_another_thread_or_twice_counts_once(self):
        for behaviour in ("thread", "twice", "before_return", "forge", "allow", "abstain"):
            for model in ("parallel", "per_loop", "serial"):
                with self.subTest(behaviour=behaviour, model=model):
                    self.start(f"validator_{model}", behaviour, 'timeout = "10s"')
                    for _ in range(5):
                        self.passes()
                    self.running.stop()

    def test_a_limiter_that_throws_refuses_at_accept_without_a_byte(self):
        self.start("limiter_parallel", "throw")
        with harness.connect(self.running.port("bad")) as peer:
            try:
                self.assertEqual(peer.recv(1), b"")
            except ConnectionResetError:
                pass
        said = wait_until(lambda: self.refusals("plugin_error"), "it is logged")
        self.assertEqual(said[0]["phase"], "accept")
        self.good_request()

    def test_a_pinning_plugin_that_denies_is_refused_with_its_alert(self):
        self.start("pinning_parallel", "deny")
        with self.assertRaises(ssl.SSLError) as raised, self.client() as client:
            client.exchange(request(call()))
        self.assertIn("access denied", str(raised.exception).lower().replace("_", " "))
        said = wait_until(lambda: self.refusals("policy"), "it is logged")
        self.assertEqual(said[0]["phase"], "peer certificate")
        self.assertIn("xxxx", said[0]["detail"])
        self.assertLess(len(said[0]["detail"]), 5000)


class Observed(Misbehaving):
    def observed(self, name, behaviour, reason, **config):
        self.start(name, behaviour, 'mode = "observe"\ntimeout = "200ms"', **config)
        said = self.passes()
        self.assertEqual((said[0]["observed"], said[0]["reason"]), (True, reason))
        # What it would have done is what observe mode is for.
        wait_until(lambda: [r for r in self.running.records() if "would" in r["message"]
                            and r.get("plugin") == name and r.get("reason") == reason
                            and r.get("peer", "").startswith("127.0.0.1:")],
                   "what it would have done is logged", 5)
        self.assertEqual(self.running.find(message="connection refused"), [])
        self.assertEqual(self.running.find(message="request refused"), [])

    def test_a_plugin_that_denies_is_observed_and_no_more(self):
        self.observed("validator_parallel", "deny", "policy")

    def test_a_plugin_that_throws_is_observed_and_no_more(self):
        self.observed("validator_parallel", "throw", "plugin_error")

    def test_a_plugin_that_never_answers_is_observed_and_no_more(self):
        self.observed("validator_parallel", "never", "plugin_timeout")

    def test_a_limiter_that_delays_is_observed_and_no_more(self):
        self.observed("limiter_parallel", "delay", "rate_limited", delay="1h")


class RefusedAtStart(Misbehaving):
    def test_modules_that_do_not_fit_are_told_with_their_place_and_exit_2(self):
        for name, words in (("no_entry", "has no postern_module_v1"),
                            ("only_v2", "postern_module_v2"), ("other_major", "plugin ABI 2.0"),
                            ("needs_newer", "needs plugin ABI 1.900"), ("null", "does not serve"),
                            ("bad_id", "valid id"), ("many", "1000"),
                            ("executable_stack", "executable stack"),
                            ("wants_service", "org.example.nowhere/1"),
                            ("absent", "No such file")):
            with self.subTest(plugin=name):
                with self.assertRaises(AssertionError):
                    self.start(name, "allow")
                self.assertEqual(self.running.process.returncode, 2)
                line = self.running.log_text().splitlines()[-1]
                self.assertIn(str(self.running.file), line)
                self.assertIn(words, line)

    def test_a_plugin_that_crashes_the_process_is_named_in_its_last_line(self):
        with self.assertRaises(AssertionError):
            self.start("crashes", "allow")
        self.assertEqual(self.running.process.returncode, -signal.SIGABRT)
        self.assertIn("crashes", self.running.log_text().splitlines()[-1])


if __name__ == "__main__":
    harness.main()
