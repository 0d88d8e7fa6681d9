"""A reload that takes a route away, or leads it elsewhere, ends its streams in good order and gives
its requests drain_timeout; the streams of other routes notice nothing."""

import threading

import harness
from harness import DEADLINE, GateTest, Pki, tls_listener, wait_until
from http_peers import Client, Upstream, call, http_route, refused_request, request, response

EVENTS = response(200, "Content-Type: text/event-stream", "Transfer-Encoding: chunked",
                  length=False)
FIRST = b"data: first\n\n"
LATER = b"data: later\n\n"


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


class Reload(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server, self.credential = self.pki.server(), self.pki.client()
        self.go_on = threading.Event()
        self.gone, self.kept, self.other = (self.serve() for _ in range(3))
        self.running = self.gate(self.configuration(self.gone))

    def serve(self):
        upstream = Upstream(self.answer)
        self.addCleanup(upstream.close)
        return upstream

    def answer(self, asked, connection):
        if asked.method == "GET":
            connection.send(EVENTS + chunk(FIRST))
        self.go_on.wait(DEADLINE)
        if asked.method == "GET":
            connection.send(chunk(LATER))
            return connection.wait_for_end()
        return connection.send(response(200, body=b"done"))

    def configuration(self, upstream, drain="30s"):
        """The route "a" to `upstream`, none without one; the route "b" always the same."""
        routes = http_route(self.kept, path="/b", name="b")
        if upstream:
            routes += http_route(upstream, path="/a", name="a")
        return f'[shutdown]\ndrain_timeout = "{drain}"\n' + tls_listener(
            self.pki, self.server, route=routes)

    def client(self):
        client = Client(self.running, self.pki, self.credential)
        self.addCleanup(client.close)
        return client

    def stream(self, path):
        client = self.client()
        client.send(request(None, method="GET", target=path)).reader.head()
        self.assertEqual(client.reader.chunk(), FIRST)
        return client

    def reload(self, *args, **options):
        self.running.configure(self.configuration(*args, **options))
        self.assertEqual(self.running.reload()["message"], "configuration reloaded")

    def assert_ended_and_others_go_on(self, upstream, status):
        ends, stays = self.stream("/a"), self.stream("/b")
        self.reload(upstream)
        self.assertEqual(ends.reader.chunk(), b"")  # the last chunk, and the connection stays
        wait_until(lambda: len(self.gone.connections) == 1, "one connection to the old upstream")
        self.go_on.set()
        self.assertEqual(ends.exchange(request(call(), target="/a")).status, status)
        self.assertEqual(stays.reader.chunk(), LATER)
        self.assertEqual(len(self.kept.requests), 1)

    def test_a_removed_route_s_streams_end_and_others_go_on(self):
        self.assert_ended_and_others_go_on(None, 404)

    def test_a_redirected_route_s_streams_end_and_its_clients_reach_the_new_server(self):
        self.assert_ended_and_others_go_on(self.other, 200)
        self.assertEqual(len(self.other.requests), 1)

    def test_a_reload_that_changes_neither_ends_nothing(self):
        streams = [self.stream("/a"), self.stream("/b")]
        for drain in ("29s", "28s"):
            self.reload(self.gone, drain=drain)
        self.go_on.set()
        for stream in streams:
            self.assertEqual(stream.reader.chunk(), LATER)

    def test_a_request_under_way_completes_on_the_old_server(self):
        client = self.client()
        client.send(request(call(), target="/a"))
        wait_until(lambda: self.gone.requests, "the request is under way")
        self.reload(None)
        self.go_on.set()
        self.assertEqual(client.reader.message().body, b"done")
        self.assertEqual(client.exchange(request(call(), target="/a")).status, 404)

    def test_a_request_that_outlasts_drain_timeout_is_answered_and_ended(self):
        client = self.client()
        client.send(request(call(), target="/a"))
        wait_until(lambda: self.gone.requests, "the request is under way")
        self.reload(None, drain="100ms")
        answer = client.reader.message()
        self.assertEqual((answer.status, answer.json()["id"]), (503, 1))
        said = refused_request(self.running, client, "shutdown")
        self.assertIn("drain_timeout", said["detail"])


if __name__ == "__main__":
    harness.main()
