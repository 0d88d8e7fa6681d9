"""A stream goes through event by event, ends when either end ends it, and goes no faster than the
client reads."""

import socket
import ssl
import threading
import time

import harness
from harness import DEADLINE, GateTest, Pki, tls_listener, wait_until
from http_peers import Client, Upstream, call, http_route, refused_request, request, response

EVENT_STREAM = response(200, "Content-Type: text/event-stream", "Transfer-Encoding: chunked",
                        length=False)
BIG = 64 << 20


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


class Streams(GateTest):
    EXTRA = ""

    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server, self.credential = self.pki.server(), self.pki.client()
        self.upstream = Upstream(send_buffer=64 << 10)
        self.addCleanup(self.upstream.close)
        self.running = self.gate(tls_listener(self.pki, self.server, extra=self.EXTRA,
                                              route=http_route(self.upstream)))

    def client(self, **options):
        return Client(self.running, self.pki, self.credential, **options)


class EventsOneByOne(Streams):
    def test_each_event_arrives_before_the_next_is_sent(self):
        events = [b"id: 1\ndata: \n\n", b": keep-alive\r\n", b"retry: 500\n\n",
                  b"event: message\ndata: {\"jsonrpc\":\"2.0\"}\n\n", b"data: half", b" of one\n\n"]
        seen = threading.Semaphore(0)

        def answer(_, connection):
            connection.send(EVENT_STREAM)
            for event in events:
                # Only once the client has the one before: a gate that gathers them stops here.
                if not seen.acquire(timeout=DEADLINE):
                    return False
                connection.send(chunk(event))
            connection.send(b"0\r\n\r\n")

        self.upstream.answer = answer
        with self.client() as client:
            head = client.send(request(call())).reader.head()
            self.assertEqual(head.get("Content-Type"), "text/event-stream")
            for event in events:
                seen.release()
                self.assertEqual(client.reader.chunk(), event)
            self.assertEqual(client.reader.chunk(), b"")

    def test_a_stream_without_chunks_arrives_event_by_event(self):
        seen = threading.Semaphore(0)

        def answer(_, connection):
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                            b"Connection: close\r\n\r\n")
            for number in range(5):
                if not seen.acquire(timeout=DEADLINE):
                    return False
                connection.send(b"data: %d\n\n" % number)
            return False

        self.upstream.answer = answer
        with self.client() as client:
            client.send(request(None, method="GET")).reader.head()
            for number in range(5):
                seen.release()
                self.assertEqual(client.reader.chunk(), b"data: %d\n\n" % number)
            self.assertEqual(client.reader.chunk(), b"")

    def test_many_streams_at_once_do_not_hold_each_other_up(self):
        release = threading.Event()

        def answer(seen, connection):
            connection.send(EVENT_STREAM + chunk(b"data: first\n\n"))
            release.wait(DEADLINE)
            connection.send(chunk(seen.body) + b"0\r\n\r\n")

        self.upstream.answer = answer
        clients = [self.client() for _ in range(60)]
        for number, client in enumerate(clients):
            client.send(request(call(id=number))).reader.head()
        for client in clients:
            self.assertEqual(client.reader.chunk(), b"data: first\n\n")
        release.set()
        for number, client in enumerate(clients):
            self.assertEqual(client.reader.chunk(), call(id=number))
            client.close()


class EndsAreTold(Streams):
    def open_stream(self):
        """A client with a stream under way, and the gate's connection to the upstream for it."""
        served = []

        def answer(_, connection):
            served.append(connection)  # before the client can go on
            connection.send(EVENT_STREAM + chunk(b"data: 1\n\n"))
            connection.wait_for_end()
            return False

        self.upstream.answer = answer
        client = self.client()
        client.send(request(call())).reader.head()
        client.reader.chunk()
        return client, served[0]

    def test_a_client_that_leaves_is_told_to_the_upstream_at_once(self):
        client, connection = self.open_stream()
        client.close()
        self.assertTrue(connection.peer_gone.wait(DEADLINE))

    def test_a_client_whose_connection_breaks_is_told_to_the_upstream_at_once(self):
        client, connection = self.open_stream()
        client.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
        self.assertTrue(connection.peer_gone.wait(DEADLINE))

    def test_a_client_that_leaves_before_the_answer_is_told_to_the_upstream(self):
        served = []

        def answer(_, connection):
            served.append(connection)
            connection.wait_for_end()
            return False

        self.upstream.answer = answer
        client = self.client()
        client.send(request(call()))
        connection = wait_until(lambda: served, "the request is there")[0]
        self.assertFalse(connection.peer_gone.is_set())
        client.close()
        self.assertTrue(connection.peer_gone.wait(DEADLINE))

    def test_a_stream_stays_open_while_nobody_says_anything(self):
        client, connection = self.open_stream()
        self.assertFalse(connection.peer_gone.wait(1.0))
        connection.send(chunk(b"data: 2\n\n"))
        self.assertEqual(client.reader.chunk(), b"data: 2\n\n")
        client.close()

    def cut_after(self, sent):
        def answer(_, connection):
            connection.send(sent)
            return False

        self.upstream.answer = answer
        client = self.client()
        client.send(request(call()))
        return client

    def test_an_upstream_that_ends_within_the_body_cuts_the_client(self):
        for sent in (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
                     EVENT_STREAM + chunk(b"data: 1\n\n"), EVENT_STREAM + b"10\r\nhalf"):
            with self.subTest(sent=sent[-30:]), self.cut_after(sent) as client:
                client.reader.head()
                # No close_notify: what looks like an orderly end would make half an answer whole.
                with self.assertRaises((ssl.SSLError, ConnectionResetError)):
                    client.reader.rest()
                refused_request(self.running, client, "upstream_malformed")

    def test_an_answer_longer_than_announced_is_cut_to_what_was_announced(self):
        with self.cut_after(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfourHTTP/1.1 200 OK\r\n"
                            b"Content-Length: 3\r\n\r\nbad") as client:
            self.assertEqual(client.reader.message().body, b"four")
            self.upstream.answer = lambda _, connection: connection.send(response(body=b"own"))
            self.assertEqual(client.exchange(request(call())).body, b"own")

    def test_an_upstream_that_answers_nonsense_is_a_bad_gateway(self):
        for sent in (b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"
                     b"Content-Length: 2\r\n\r\nxx", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"
                     b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n",
                     b"HTTP/1.1 200 OK\r\nX: a\r\n folded\r\n\r\n",
                     b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", b"HTTP/1.1 200"):
            with self.subTest(sent=sent), self.cut_after(sent) as client:
                self.assertEqual(client.reader.message().status, 502)
                refused_request(self.running, client, "upstream_malformed")

    def test_an_upstream_that_hangs_up_without_a_word_is_a_bad_gateway(self):
        with self.cut_after(b"") as client:
            self.assertEqual(client.reader.message().status, 502)
            refused_request(self.running, client, "upstream_unreachable")
            self.upstream.answer = lambda _, connection: connection.send(response(body=b"back"))
            self.assertEqual(client.exchange(request(call())).body, b"back")


class SlowReaders(Streams):
    EXTRA = 'idle_timeout = "60s"'

    def test_a_slow_reader_holds_the_upstream_back_and_costs_no_memory(self):
        sent = [0]
        finished = threading.Event()

        def answer(_, connection):
            connection.send(response(200, "Content-Length: %d" % BIG, length=False))
            block = b"x" * 65536
            while sent[0] < BIG:
                connection.send(block)
                sent[0] += len(block)
            finished.set()

        self.upstream.answer = answer
        before = self.running.resident_bytes()
        with self.client(receive_buffer=64 << 10) as client:
            client.send(request(call())).reader.head()

            def stalled():
                was = sent[0]
                time.sleep(0.5)  # not a wait for something: that nothing comes is what is looked at
                return was > 0 and sent[0] == was

            wait_until(stalled, "the upstream is held back")
            self.assertFalse(finished.is_set())
            self.assertLess(sent[0], 16 << 20)
            self.assertLess(self.running.resident_bytes() - before, harness.memory_slack())
            # And it goes on when the client does.
            left = BIG - len(client.reader.left)
            client.reader.left = b""
            while left > 0:
                data = client.peer.recv(1 << 20)
                self.assertTrue(data)
                left -= len(data)
            self.assertEqual(left, 0)
        self.assertTrue(finished.wait(DEADLINE))

    def test_others_are_served_while_one_does_not_read(self):
        def answer(seen, connection):
            if b"slow" not in seen.body:
                connection.send(response(body=b"quick"))
                return
            connection.send(response(200, "Content-Length: %d" % BIG, length=False))
            for _ in range(BIG // 65536):
                connection.send(b"x" * 65536)

        self.upstream.answer = answer
        slow = [self.client(receive_buffer=4096) for _ in range(8)]
        for client in slow:
            client.send(request(call(id="slow"))).reader.head()
        with self.client() as client:
            for _ in range(20):
                self.assertEqual(client.exchange(request(call())).body, b"quick")
        for client in slow:
            client.close()


if __name__ == "__main__":
    harness.main()
