"""A plugin of a new configuration is asked about the connections that stand, and may take its time:
where it is asked once more at established nothing is answered until its verdict is there, and a
verdict that comes after yet another configuration counts for nothing."""

import time
import unittest

import harness
from harness import BUILD, BUILTIN_ROUTE, GateTest, Pki, pipeline, tls_listener, wait_until
from http_peers import Client, Upstream, call, http_route, request

PLUGINS = BUILD / "tests" / "plugins"
LATE = 2.5  # seconds: a plugin that never answers is answered for by on_timeout
AT_ONCE = 0.4  # an answer that waits for no plugin comes within this
NOWHERE = request(None, method="GET", target="/nowhere")
SECOND_ROUTE = BUILTIN_ROUTE.replace('"demo"', '"second"').replace('"/mcp"', '"/second"')


@unittest.skipUnless((PLUGINS / "validator_parallel.so").exists(),
                     f"there is no {PLUGINS}: build misbehaving_plugins")
class LatePlugins(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server, self.credential = self.pki.server(), self.pki.client()

    def listener(self, *plugins, route=None):
        return tls_listener(self.pki, self.server, pipeline="".join(plugins), route=route)

    @staticmethod
    def late(name, verdict):
        """A plugin whose answer is `verdict`, and comes when LATE is over."""
        return pipeline(PLUGINS / f"{name}.so",
                        f'timeout = "{int(LATE * 1000)}ms"\non_timeout = "{verdict}"',
                        behaviour="never")

    def start(self, configuration):
        self.running = self.gate(configuration)

    def client(self):
        client = Client(self.running, self.pki, self.credential)
        self.addCleanup(client.close)
        return client

    def reload(self, configuration):
        """When it began."""
        self.running.configure(configuration)
        began = time.monotonic()
        self.assertEqual(self.running.reload()["message"], "configuration reloaded")
        return began

    def closed(self, client):
        """The log's records of a connection that the gate ended."""
        peer = "%s:%d" % client.address
        return self.running.find(message="connection closed", peer=peer)


class AskedAboutTheCertificate(LatePlugins):
    def test_a_review_that_ends_with_a_no_cuts(self):
        self.start(self.listener())
        client = self.client()
        began = self.reload(self.listener(self.late("validator_parallel", "deny")))
        with self.assertRaises((OSError, EOFError)):
            client.reader.message()
        self.assertGreater(time.monotonic() - began, LATE * 0.9)
        said = wait_until(lambda: self.closed(client), "it is logged")
        self.assertEqual(said[0]["reason"], "plugin_timeout")

    def goes_on_with_the_newest(self, verdict):
        """Two reloads, and the verdict of the first one's plugin after the second."""
        self.start(self.listener())
        client = self.client()
        self.assertEqual(client.exchange(request(call())).status, 200)
        began = self.reload(self.listener(self.late("validator_parallel", verdict)))
        self.reload(self.listener(route=SECOND_ROUTE))
        second = request(call(), target="/second")
        wait_until(lambda: client.exchange(second).status == 200, "it has the newest routes")
        self.assertLess(time.monotonic() - began, LATE)
        while time.monotonic() < began + 2 * LATE:
            self.assertEqual(client.exchange(second).status, 200)
            self.assertEqual(client.exchange(request(call())).status, 404)
        self.assertEqual(self.closed(client), [])

    def test_a_late_yes_does_not_bring_an_older_configuration_back(self):
        self.goes_on_with_the_newest("allow")

    def test_a_late_no_of_an_older_configuration_cuts_nobody(self):
        self.goes_on_with_the_newest("deny")


class AskedAtEstablished(LatePlugins):
    def setUp(self):
        super().setUp()
        self.upstream = Upstream()
        self.addCleanup(self.upstream.close)
        self.route = http_route(self.upstream)

    def is_held(self, client):
        """Sends a request that no plugin is asked about; True when nothing comes for it."""
        client.send(NOWHERE)
        client.peer.settimeout(AT_ONCE)
        try:
            self.assertEqual(client.reader.message().status, 404)
            return False
        except TimeoutError:
            return True
        finally:
            client.peer.settimeout(harness.DEADLINE)

    def hold(self, verdict):
        """A connection that goes over to a limiter, and has asked meanwhile; when that began."""
        self.start(self.listener(route=self.route))
        client = self.client()
        self.assertEqual(client.exchange(request(call())).status, 200)
        self.upstream.requests.clear()
        began = self.reload(self.listener(self.late("limiter_parallel", verdict),
                                          route=self.route))
        # The loop may take up the new configuration a little after the log has it.
        wait_until(lambda: self.is_held(client), "it is held", LATE * 0.6)
        client.send(request(call()))
        return client, began

    def test_nothing_is_answered_before_a_yes_and_all_of_it_after(self):
        client, began = self.hold("allow")
        self.assertEqual(client.reader.message().status, 404)
        self.assertGreater(time.monotonic() - began, LATE * 0.9)
        # The limiter is asked about the call as well, and is as late.
        self.assertEqual(client.reader.message().status, 200)
        self.assertGreater(time.monotonic() - began, 2 * LATE * 0.9)
        self.assertEqual(len(self.upstream.requests), 1)
        self.assertEqual(client.exchange(NOWHERE).status, 404)

    def test_nothing_is_answered_before_a_no_nor_after(self):
        client, began = self.hold("deny")
        with self.assertRaises((OSError, EOFError)):
            client.reader.message()
        self.assertGreater(time.monotonic() - began, LATE * 0.9)
        self.assertEqual(client.reader.left, b"")
        said = wait_until(lambda: self.closed(client), "it is logged")
        self.assertEqual(said[0]["reason"], "plugin_timeout")
        self.assertEqual(self.upstream.requests, [])


if __name__ == "__main__":
    harness.main()
