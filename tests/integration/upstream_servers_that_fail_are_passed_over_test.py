"""What a client sees when a server is down or slow, and how the next of several takes over."""

import os
import pathlib
import signal
import socket

import harness
from harness import GateTest, Pki, tls_listener, wait_until
from http_peers import (Client, Upstream, call, http_route, json_response, refused_request, request,
                        response)


def named(name, session=None):
    """An answer that says which server gave it."""
    fields = [f"Mcp-Session-Id: {session}"] if session else []
    return lambda _, connection: connection.send(response(200, *fields, body=name))


class ServersThatFail(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server, self.credential = self.pki.server(), self.pki.client()

    def start(self, *upstreams, extra=""):
        for upstream in upstreams:
            self.addCleanup(upstream.close)
        self.running = self.gate(tls_listener(self.pki, self.server,
                                              route=http_route(*upstreams, extra=extra)))
        client = Client(self.running, self.pki, self.credential)
        self.addCleanup(client.close)
        return client

    def ask(self, client, *fields):
        return client.exchange(request(call(), *fields))

    def test_a_server_that_is_down_is_a_bad_gateway_until_it_is_back(self):
        upstream = Upstream()
        client = self.start(upstream)
        self.assertEqual(self.ask(client).status, 200)
        upstream.close()
        self.assertEqual(self.ask(client).status, 502)
        refused_request(self.running, client, "upstream_unreachable")
        # The connection to the client lives through it.
        self.assertEqual(self.ask(client).status, 502)
        back = harness.socket.create_server(("127.0.0.1", upstream.port))
        self.addCleanup(back.close)
        client.send(request(call()))
        peer, _ = back.accept()
        with peer:
            peer.sendall(json_response({}))
            self.assertEqual(client.reader.message().status, 200)

    def test_the_next_server_takes_over_from_one_that_is_down(self):
        first, second = Upstream(named(b"first")), Upstream(named(b"second"))
        client = self.start(first, second)
        self.assertEqual({self.ask(client).body for _ in range(8)}, {b"first", b"second"})
        first.close()
        self.assertEqual({self.ask(client).body for _ in range(8)}, {b"second"})
        second.close()
        self.assertEqual(self.ask(client).status, 502)

    def test_a_session_stays_with_the_server_that_began_it(self):
        longest = "-" * 1023
        servers = [Upstream(named(b"%d" % number, f"{number}{longest}")) for number in range(3)]
        client = self.start(*servers)
        begun = {}
        for _ in range(9):
            answer = self.ask(client)
            begun[answer.get("Mcp-Session-Id")] = answer.body
        self.assertEqual(len(begun), 3)
        for _ in range(4):
            for session, server in begun.items():
                self.assertEqual(self.ask(client, f"Mcp-Session-Id: {session}").body, server)

    def test_a_request_that_may_have_been_carried_out_is_not_sent_again(self):
        upstream = Upstream()
        client = self.start(upstream)
        self.assertEqual(self.ask(client).status, 200)
        upstream.answer = lambda _, connection: False  # hangs up once it has it all
        self.assertEqual(self.ask(client).status, 502)
        self.assertEqual(len(upstream.requests), 2)

    def test_a_request_that_changes_nothing_is_sent_again_on_a_new_connection(self):
        upstream = Upstream()
        client = self.start(upstream)
        self.assertEqual(self.ask(client).status, 200)
        first = upstream.connections[0]
        upstream.answer = lambda _, connection: (False if connection is first else
                                                 connection.send(response(body=b"again")))
        self.assertEqual(client.exchange(request(None, method="GET")).body, b"again")
        self.assertEqual(len(upstream.requests), 3)

    def pooled_connection_meets_a_request(self, happens):
        """`happens` to the server's end of a pooled connection just as a request comes, and the
        gate hears of it last: more is there at once than it takes in at a time."""
        upstream = Upstream(lambda _, connection: connection.send(json_response({})))
        client = self.start(upstream)
        self.assertEqual(self.ask(client).status, 200)
        crowd = [Client(self.running, self.pki, self.credential) for _ in range(300)]
        pid = self.running.process.pid
        os.kill(pid, signal.SIGSTOP)
        try:
            wait_until(lambda: "(posternd) T" in pathlib.Path(f"/proc/{pid}/stat").read_text(),
                       "the gate has stopped")
            client.send(request(call()))
            for each in crowd:
                each.send(request(method="GET", target="/elsewhere"))
            happens(upstream.connections[0].peer)
        finally:
            os.kill(pid, signal.SIGCONT)
        answer = client.reader.message()
        self.assertEqual((answer.status, answer.json()), (200, {}))
        for each in crowd:
            each.close()

    def test_a_pooled_connection_that_ends_as_a_request_comes_is_replaced(self):
        self.pooled_connection_meets_a_request(lambda peer: peer.shutdown(socket.SHUT_RDWR))

    def test_what_a_server_says_unasked_is_nobody_s_answer(self):
        unasked = json_response({"unasked": True})
        self.pooled_connection_meets_a_request(lambda peer: peer.sendall(unasked))

    def test_an_answer_that_does_not_come_is_given_up_after_request_timeout(self):
        ended = []

        def answer(_, connection):
            connection.wait_for_end()
            ended.append(connection)
            return False

        client = self.start(Upstream(answer), extra='request_timeout = "300ms"')
        self.assertEqual(self.ask(client).status, 504)
        refused_request(self.running, client, "upstream_timeout")
        wait_until(lambda: ended, "the upstream sees that nobody waits")

    def test_a_stream_that_has_begun_outlives_request_timeout(self):
        def answer(_, connection):
            connection.send(response(200, "Transfer-Encoding: chunked", length=False))
            connection.peer.settimeout(1.0)  # three times request_timeout
            try:
                connection.peer.recv(1)
                return False
            except TimeoutError:
                connection.send(b"4\r\nlate\r\n0\r\n\r\n")

        client = self.start(Upstream(answer), extra='request_timeout = "300ms"')
        self.assertEqual(self.ask(client).body, b"late")


if __name__ == "__main__":
    harness.main()
