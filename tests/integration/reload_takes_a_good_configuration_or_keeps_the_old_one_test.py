"""SIGHUP swaps in a good configuration without a refused connection, and keeps the old one with a
clear error on a bad one."""

import socket
import threading
from pathlib import Path

import harness
from harness import (BUILTIN_ROUTE, GateTest, Pki, pipeline, tls_listener, wait_until)
from slow_server import SlowServer
from tls_client import VERSIONS, Client, Conversation

SECOND_ROUTE = BUILTIN_ROUTE.replace('"demo"', '"second"').replace('"/mcp"', '"/second"')


class ReloadTest(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server = self.pki.server()
        self.credential = self.pki.client()
        self.client = Client(self.pki.ca, self.credential)

    def listener(self, **options):
        return tls_listener(self.pki, self.server, **options)

    def reload(self, gate, configuration):
        gate.configure(configuration)
        done = gate.reload()
        self.assertEqual(done["message"], "configuration reloaded", done)
        return done

    def status(self, gate, path="/mcp"):
        return self.client.ask(gate.port(), path=path)[0].status

    def serial(self, gate):
        with self.client.connect(gate.port()) as peer:
            return peer.socket.getpeercert()["serialNumber"]


class AGoodConfiguration(ReloadTest):
    def test_brings_a_new_route_and_takes_an_old_one_away(self):
        gate = self.gate(self.listener())
        self.assertEqual((self.status(gate), self.status(gate, "/second")), (200, 404))
        self.reload(gate, self.listener(route=SECOND_ROUTE))
        self.assertEqual((self.status(gate), self.status(gate, "/second")), (404, 200))

    def test_brings_a_new_certificate_under_another_or_the_same_name(self):
        gate = self.gate(self.listener())
        first = self.serial(gate)
        other = self.pki.server("renewed")
        self.reload(gate, tls_listener(self.pki, other))
        second = self.serial(gate)
        self.assertNotEqual(second, first)
        for file in (other.certificate, other.key):  # renewed in place
            file.unlink()
        self.pki.server("renewed")
        self.assertEqual(self.serial(gate), second)
        self.assertEqual(gate.reload()["message"], "configuration reloaded")
        self.assertNotIn(self.serial(gate), (first, second))

    def test_keeps_the_port_that_the_kernel_picked(self):
        gate = self.gate(self.listener())
        port = gate.port()
        self.reload(gate, self.listener(route=SECOND_ROUTE))
        self.assertEqual(len(gate.find(message="listening")), 1)
        self.assertEqual(gate.port(), port)

    def test_opens_a_new_listener_and_closes_one_that_is_gone(self):
        gate = self.gate(self.listener())
        first = gate.port()
        self.reload(gate, self.listener(name="new"))
        self.assertEqual(self.client.ask(gate.port("new"))[0].status, 200)
        with self.assertRaises(ConnectionRefusedError):
            self.client.ask(first)

    def test_keeps_a_connection_and_gives_it_the_new_routes(self):
        gate = self.gate(self.listener())
        live = []
        for version in VERSIONS:
            conversation = Client(self.pki.ca, self.credential, version).connect(gate.port())
            self.addCleanup(conversation.close)
            self.assertEqual(conversation.ask().status, 200)
            live.append(conversation)
        self.reload(gate, self.listener(route=BUILTIN_ROUTE + SECOND_ROUTE,
                                        pipeline=pipeline("pinning",
                                                          pins=[self.credential.pin()])))
        for conversation in live:
            wait_until(lambda: conversation.ask(path="/second").status == 200,
                       "the connection goes over to the new routes", 5)
            self.assertEqual(conversation.ask().whoami["certificate"]["subject"], "CN=client")

    def test_lets_a_request_under_way_end_on_the_route_it_began_with(self):
        upstream = SlowServer()
        self.addCleanup(upstream.close)
        gate = self.gate(self.listener(route=upstream.route()))
        with self.client.connect(gate.port()) as conversation:
            conversation.send()
            upstream.wait_until_asked()
            self.reload(gate, self.listener(route=SECOND_ROUTE))
            upstream.answer.set()
            answer = conversation.receive()
            self.assertEqual((answer.status, answer.json["result"]), (200, {"late": True}))
            self.assertEqual(conversation.ask().status, 404)
            self.assertEqual(conversation.ask(path="/second").status, 200)

    def test_keeps_connections_without_tls_or_without_a_certificate(self):
        def configuration(route):
            return (f'[[listener]]\nname = "plain"\nport = 0\nuse_tls = false\n{route}'
                    + self.listener(tls='client_certificate = "optional"', route=route))
        gate = self.gate(configuration(BUILTIN_ROUTE))
        live = [Conversation(harness.connect(gate.port("plain"))),
                Client(self.pki.ca).connect(gate.port())]
        for conversation in live:
            self.addCleanup(conversation.close)
            self.assertEqual(conversation.ask().status, 200)
        self.reload(gate, configuration(SECOND_ROUTE))
        for conversation in live:
            wait_until(lambda: conversation.ask(path="/second").status == 200,
                       "the connection goes over to the new routes", 5)

    def test_changes_the_log_level(self):
        gate = self.gate(self.listener())
        self.assertEqual(self.status(gate), 200)
        wait_until(lambda: gate.find(message="connection admitted"), "it is logged")
        gate.HEAD = gate.HEAD.replace('"debug"', '"notice"')
        self.reload(gate, self.listener())
        before = len(gate.records())
        self.assertEqual(self.status(gate), 200)
        self.assertEqual(gate.reload()["message"], "configuration reloaded")
        self.assertEqual([r for r in gate.records()[before:]
                          if r["message"] == "connection admitted"], [])

    def test_twenty_times_over_refuses_no_connection(self):
        routes = (BUILTIN_ROUTE, BUILTIN_ROUTE + SECOND_ROUTE)
        gate = self.gate(self.listener(route=routes[0]))
        port = gate.port()
        stop, problems, counts = threading.Event(), [], [0, 0]

        def call(which):
            client = Client(self.pki.ca, self.credential, VERSIONS[which])
            while not stop.is_set():
                try:
                    if client.ask(port)[0].status != 200:
                        raise AssertionError("not 200")
                    counts[which] += 1
                except Exception as error:  # whatever it is, it is the test's failure
                    problems.append(error)
                    return

        callers = [threading.Thread(target=call, args=(which,)) for which in (0, 1)]
        for caller in callers:
            caller.start()
        try:
            for i in range(20):
                before = list(counts)
                wait_until(lambda: problems or counts[0] > before[0] and counts[1] > before[1],
                           "both callers get through between two reloads")
                self.reload(gate, self.listener(route=routes[(i + 1) % 2]))
        finally:
            stop.set()
            for caller in callers:
                caller.join()
        self.assertEqual(problems, [])
        self.assertEqual(len(gate.find(message="listening")), 1)
        self.assertEqual(len(gate.find(message="configuration reloaded")), 20)

    def test_keeps_the_old_generations_from_piling_up(self):
        gate = self.gate(self.listener(pipeline=pipeline("pinning", pins=[self.credential.pin()])))
        if "san.so" in Path(f"/proc/{gate.process.pid}/maps").read_text(encoding="utf-8"):
            self.skipTest("a sanitizer keeps what was freed")

        def resident():
            text = Path(f"/proc/{gate.process.pid}/status").read_text(encoding="ascii")
            return int(text.split("VmRSS:")[1].split()[0])
        with self.client.connect(gate.port()) as idle:
            self.assertEqual(idle.ask().status, 200)
            for _ in range(20):
                gate.reload()
            before = resident()
            for _ in range(100):
                gate.reload()
            self.assertLess(resident() - before, 8 * 1024)  # KiB; a generation is more than 100
            self.assertEqual(idle.ask().status, 200)


class ABadConfiguration(ReloadTest):
    def assert_kept(self, gate, configuration, *said):
        before = self.serial(gate)
        gate.configure(configuration)
        done = gate.reload()
        self.assertEqual((done["message"], done["level"]),
                         ("configuration refused; the old one stays", "error"))
        for text in said:
            self.assertRegex(done["detail"], text)
        self.assertNotIn("\n", done["detail"])
        self.assertEqual(self.status(gate), 200)
        self.assertEqual(self.serial(gate), before)

    def test_keeps_the_old_one_and_says_why(self):
        gate = self.gate(self.listener())
        good = self.listener(route=SECOND_ROUTE)  # what must not come into force
        garbage = self.directory / "garbage.pem"
        garbage.write_text("not a CRL\n")
        missing = self.directory / "missing"
        foreign = self.pki.server("foreign")
        line = r"posternd\.toml:\d+:\d+: "
        cases = {
            "syntax": (good + "\n[[listener\n", line),
            "unknown key": (good.replace("host =", "hots ="), line, '"?hots"?', '"?host"?'),
            "missing key": (good.replace(str(self.server.key), str(missing)), line, str(missing),
                            "No such file"),
            "key is a directory": (good.replace(str(self.server.key), str(self.directory)), line,
                                   str(self.directory), "not a regular file"),
            "key mismatch": (good.replace(str(self.server.key), str(foreign.key)), line,
                             str(foreign.key), "does not match", str(self.server.certificate)),
            "bad CA": (good.replace(str(self.pki.ca), str(garbage)), line, str(garbage)),
            "bad CRL": (self.listener(route=SECOND_ROUTE,
                                      pipeline=pipeline("revocation", crl_files=[garbage])),
                        line, "revocation", str(garbage)),
            "missing CRL": (self.listener(route=SECOND_ROUTE,
                                          pipeline=pipeline("revocation", crl_files=[missing])),
                            line, "revocation", str(missing)),
            "empty pin set": (self.listener(route=SECOND_ROUTE, pipeline=pipeline("pinning")),
                              line, "pinning"),
            "missing plugin": (self.listener(route=SECOND_ROUTE, pipeline=pipeline("pining")),
                               "pining"),
            "no authority": (good.replace("client_ca", "# client_ca"), line, "client_ca"),
            "state directory": (good, "state_directory", "restart"),
        }
        for name, (configuration, *said) in cases.items():
            with self.subTest(name):
                head = gate.HEAD
                if name == "state directory":
                    gate.HEAD = head.replace('"state"', '"run"')
                self.assert_kept(gate, configuration, *said)
                gate.HEAD = head
        self.reload(gate, good)
        self.assertEqual((self.status(gate), self.status(gate, "/second")), (404, 200))

    def test_with_a_new_listener_whose_port_is_in_use_keeps_the_old_one(self):
        gate = self.gate(self.listener())
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            new = self.listener(name="free") + self.listener(name="new").replace(
                "port = 0", f"port = {port}")
            self.assert_kept(gate, self.listener(route=SECOND_ROUTE) + new, f"127.0.0.1:{port}",
                             "in use", "posternd.toml:")
        self.assertEqual(gate.find(message="listening", listener="free"), [])
        self.reload(gate, self.listener() + new)
        self.assertEqual(self.client.ask(port)[0].status, 200)

    def test_leaves_connections_as_they_are(self):
        gate = self.gate(self.listener())
        with self.client.connect(gate.port()) as live:
            self.assertEqual(live.ask().status, 200)
            self.assert_kept(gate, self.listener(route=SECOND_ROUTE, pipeline=pipeline("pinning")))
            self.assertEqual(live.ask().status, 200)

    def test_that_is_gone_altogether_keeps_the_old_one(self):
        gate = self.gate(self.listener())
        gate.file.unlink()
        self.assertIn(str(gate.file), gate.reload()["detail"])
        self.assertEqual(self.status(gate), 200)


if __name__ == "__main__":
    harness.main()
