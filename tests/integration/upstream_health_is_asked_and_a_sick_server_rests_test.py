"""Servers with a health path are asked whether they are well: one that is not gets no requests until
it is, and when none is, requests are tried all the same."""

import threading
import time

import harness
from harness import GateTest, Pki, tls_listener, wait_until
from http_peers import Client, Upstream, call, http_route, request, response
from tls_upstreams import TlsUpstream, https_route

HEALTH = """
[listener.route.upstream.health]
path = "/healthz?deep"
interval = "100ms"
timeout = "2s"
"""


class Patient:
    """Answers what `health` says when it is asked for it, and its name to anybody else."""

    def __init__(self, name):
        self.name = name
        self.health = 200
        self.asked = []
        self.answered = threading.Event()
        self.answered.set()

    def __call__(self, what, connection):
        if what.target != "/healthz?deep":
            return connection.send(response(body=self.name))
        self.asked.append(what)
        self.answered.wait(harness.DEADLINE * 3)
        return connection.send(response(self.health, "Connection: close"))


class Health(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server, self.credential = self.pki.server(), self.pki.client()
        self.patients = [Patient(b"first"), Patient(b"second")]
        for patient in self.patients:
            self.addCleanup(patient.answered.set)

    def start(self, route, *servers):
        for server in servers:
            self.addCleanup(server.close)
        self.running = self.gate(tls_listener(self.pki, self.server, route=route))
        self.one = Client(self.running, self.pki, self.credential)
        self.addCleanup(self.one.close)

    def plain(self, health=HEALTH):
        servers = [Upstream(patient) for patient in self.patients]
        self.start(http_route(*servers) + health, *servers)
        return servers

    def bodies(self, count=6):
        return {self.one.exchange(request(call())).body for _ in range(count)}

    def wait_for(self, message, count=1):
        return wait_until(lambda: self.running.find(message=message)[count - 1:],
                          f"{message}, for the {count}. time")[0]

    def test_asks_the_origin_again_and_again(self):
        servers = self.plain()
        first = self.patients[0]
        wait_until(lambda: len(first.asked) >= 3, "it is asked again and again")
        asked = first.asked[0]
        self.assertEqual((asked.method, asked.body), ("GET", b""))
        self.assertEqual(asked.get("Host"), f"127.0.0.1:{servers[0].port}")
        self.assertEqual(self.bodies(), {b"first", b"second"})
        self.assertEqual(self.running.find(message="server is back"), [])

    def test_rests_one_that_says_no_until_it_says_yes(self):
        self.plain()
        self.patients[0].health = 503
        down = self.wait_for("server is down")
        self.assertEqual((down["level"], down["detail"]), ("warning", "it answered 503"))
        self.assertEqual(self.bodies(), {b"second"})
        asked = len(self.patients[0].asked)
        wait_until(lambda: len(self.patients[0].asked) > asked + 2, "it is asked on")
        wait_until(lambda: len(self.running.find(message="server is down")) >= 1, "it is logged")
        self.assertEqual(len(self.running.find(message="server is down")), 1)
        self.patients[0].health = 204
        self.wait_for("server is back")
        self.assertEqual(self.bodies(), {b"first", b"second"})

    def test_rests_one_that_does_not_answer_in_time(self):
        self.plain(HEALTH.replace('"2s"', '"100ms"'))
        self.patients[1].answered.clear()
        self.assertEqual(self.wait_for("server is down")["detail"], "no answer in time")
        self.assertEqual(self.bodies(), {b"first"})
        self.patients[1].answered.set()
        self.wait_for("server is back")

    def test_rests_one_that_cannot_be_reached(self):
        servers = self.plain()
        wait_until(lambda: self.patients[0].asked, "it was well")
        servers[0].close()
        self.wait_for("server is down")
        self.assertEqual(self.bodies(), {b"second"})

    def test_lets_requests_try_when_all_are_down(self):
        self.plain()
        for patient in self.patients:
            patient.health = 500
        self.wait_for("server is down", 2)
        self.assertEqual(self.bodies(), {b"first", b"second"})
        # That they answer requests does not make them well.
        self.patients[0].health = 200
        self.wait_for("server is back")
        self.assertEqual(self.bodies(), {b"first"})

    def test_ends_with_its_route(self):
        servers = self.plain()
        wait_until(lambda: self.patients[0].asked, "it is asked")
        self.running.configure(tls_listener(self.pki, self.server, route=http_route(servers[1])))
        self.assertEqual(self.running.reload()["message"], "configuration reloaded")
        self.assertEqual(self.bodies(), {b"second"})
        counts = [-1, -1]

        def is_still():
            before, counts[:] = list(counts), [len(each.asked) for each in self.patients]
            time.sleep(0.3)  # three intervals
            return before == counts

        wait_until(is_still, "nobody is asked any more")

    def test_goes_on_over_a_reload_that_changes_nothing(self):
        self.plain()
        self.patients[0].health = 503
        self.wait_for("server is down")
        self.assertEqual(self.running.reload()["message"], "configuration reloaded")
        self.assertEqual(self.bodies(), {b"second"})
        asked = len(self.patients[1].asked)
        wait_until(lambda: len(self.patients[1].asked) > asked + 2, "it is asked on")
        wait_until(lambda: len(self.running.find(message="server is down")) >= 1, "it is logged")
        self.assertEqual(len(self.running.find(message="server is down")), 1)

    def test_judges_a_server_over_tls_as_a_request_does(self):
        behind = Pki(self.directory / "behind")
        good = TlsUpstream(behind.server("good"), self.patients[0])
        bad = TlsUpstream(self.pki.server("bad"), self.patients[1])
        self.start(https_route(good, bad, tls=f'trusted_ca = ["{behind.ca}"]') + HEALTH, good, bad)
        self.assertRegex(self.wait_for("server is down")["detail"], "authority")
        wait_until(lambda: len(self.patients[0].asked) > 3, "the good one is asked on")
        self.assertEqual(self.bodies(), {b"first"})
        self.assertEqual(self.patients[1].asked, [])
        wait_until(lambda: len(self.running.find(message="server refused")) >= 1, "it is logged")
        self.assertEqual(len(self.running.find(message="server refused")), 1)


if __name__ == "__main__":
    harness.main()
