"""Connections that hold the gate up are each closed in their time, and it answers everybody else
meanwhile. Afterwards it holds no more descriptors and memory than before."""

import os
import random
import resource
import selectors
import ssl
import threading
import time

import harness
from harness import GateTest, Pki, tls_listener, wait_until
from http_peers import Client, Upstream, call, http_route, request, response

# Short for the gate, far below the deadline of the tests; the slack is for a busy machine.
HANDSHAKE, HEADER, IDLE = 3.0, 1.5, 2.0
EARLY, LATE = 0.2, 12.0
LIMITS = f"""
handshake_timeout = "{int(HANDSHAKE * 1000)}ms"
header_timeout = "{int(HEADER * 1000)}ms"
idle_timeout = "{int(IDLE * 1000)}ms"
"""
CROWD = 1000


def client_hello():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    try:
        context.wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


class Crowd:
    """Many connections that each send something and wait for the gate to close them."""

    def __init__(self, port, size, data_of):
        self.selector = selectors.DefaultSelector()
        self.opened = {}
        self.lived = []
        self.came = []
        for number in range(size):
            peer = harness.connect(port, timeout=harness.DEADLINE)
            self.opened[peer] = time.monotonic()
            try:
                peer.sendall(data_of(number))
            except (ConnectionResetError, BrokenPipeError):
                pass  # refused before it was through
            peer.setblocking(False)
            self.selector.register(peer, selectors.EVENT_READ)

    def look(self, timeout=0.0):
        """Takes note of what has been closed."""
        for key, _ in self.selector.select(timeout):
            peer = key.fileobj
            try:
                data = peer.recv(65536)
            except ConnectionResetError:
                data = b""
            if data:
                self.came.append(data)
                continue
            self.lived.append(time.monotonic() - self.opened.pop(peer))
            self.selector.unregister(peer)
            peer.close()
        return not self.opened

    def close(self):
        for peer in self.opened:
            peer.close()
        self.selector.close()


class UnderAttack(GateTest):
    EXTRA = LIMITS

    def setUp(self):
        super().setUp()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = 8192 if hard == resource.RLIM_INFINITY else min(hard, 8192)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
        self.pki = Pki(self.directory / "pki")
        self.server, self.credential = self.pki.server(), self.pki.client()
        self.running = self.gate(tls_listener(self.pki, self.server, extra=self.EXTRA,
                                              route=self.route()))
        self.descriptors = self.running.descriptors()
        self.good_request()

    def route(self):
        return None

    def client(self, **options):
        return Client(self.running, self.pki, self.credential, **options)

    def good_request(self):
        with self.client() as client:
            answer = client.exchange(request(call()))
            self.assertEqual(answer.status, 200)
            return answer

    def at_rest_again(self):
        wait_until(lambda: self.running.descriptors() == self.descriptors,
                   "every descriptor is given back")

    def count(self, reason):
        return len([r for r in self.running.records() if r.get("reason") == reason])

    def attack(self, data_of, reason, least, most, size=CROWD):
        """A crowd at once, a good request meanwhile, and when each of the crowd was closed."""
        before = self.count(reason)
        crowd = Crowd(self.running.port(), size, data_of)
        self.addCleanup(crowd.close)
        self.good_request()
        wait_until(lambda: crowd.look(0.1), "the gate closes all of them", HANDSHAKE + LATE * 2)
        self.assertGreater(min(crowd.lived), least)
        self.assertLess(max(crowd.lived), most)
        wait_until(lambda: self.count(reason) - before >= size, f"each is logged as {reason}")
        self.at_rest_again()
        self.good_request()
        return crowd


class BeforeTheHandshake(UnderAttack):
    def in_time(self, data_of, size=CROWD):
        return self.attack(data_of, "handshake_timeout", HANDSHAKE - EARLY, HANDSHAKE + LATE, size)

    def test_half_a_client_hello_held_open_a_thousand_times(self):
        half = client_hello()
        half = half[:len(half) // 2]
        crowd = self.in_time(lambda _: half)
        self.assertEqual(crowd.came, [])
        memory = self.running.resident_bytes()
        self.in_time(lambda _: half)
        self.assertLess(self.running.resident_bytes() - memory, harness.memory_slack())

    def test_connections_that_say_nothing(self):
        self.assertEqual(self.in_time(lambda _: b"").came, [])

    def test_handshakes_that_stall_after_the_client_hello(self):
        hello = client_hello()
        crowd = self.in_time(lambda _: hello, size=300)
        self.assertGreaterEqual(len(crowd.came), 300)  # each had its ServerHello

    def test_garbage_instead_of_tls_a_thousand_times(self):
        dice = random.Random(1)

        def garbage(_):
            first = bytes([dice.choice([0, 1, 20, 23, 71, 80, 128, 255])])
            return first + dice.randbytes(dice.randrange(16, 2000))

        # At once, not at the end of handshake_timeout: fast enough that none waited for it.
        crowd = self.attack(garbage, "not_tls", 0, LATE)
        self.assertLess(sorted(crowd.lived)[CROWD // 2], HANDSHAKE)
        memory = self.running.resident_bytes()
        self.attack(garbage, "not_tls", 0, LATE)
        self.assertLess(self.running.resident_bytes() - memory, harness.memory_slack())

    def test_records_with_garbage_for_a_client_hello(self):
        dice = random.Random(2)

        def garbage(_):
            body = b"\x01" + (200).to_bytes(3, "big") + b"\x03\x03" + dice.randbytes(198)
            return b"\x16\x03\x01" + len(body).to_bytes(2, "big") + body

        self.attack(garbage, "client_hello_malformed", 0, LATE, size=300)

    def test_a_client_hello_without_end_is_not_gathered(self):
        # 16 MiB announced, in records of 16 KiB: refused by its size, long before it has come.
        header = b"\x01" + (0xFFFFFF).to_bytes(3, "big")
        with harness.connect(self.running.port()) as peer:
            sent = 0
            with self.assertRaises((ConnectionResetError, BrokenPipeError)):
                while sent < 0xFFFFFF:
                    body = (header if sent == 0 else b"") + b"\0" * 16000
                    peer.sendall(b"\x16\x03\x01" + len(body).to_bytes(2, "big") + body)
                    sent += len(body)
        wait_until(lambda: self.count("client_hello_malformed"), "it is refused")
        self.at_rest_again()

    def test_a_client_hello_drip_fed_has_no_more_time(self):
        hello = client_hello()
        began = time.monotonic()
        with harness.connect(self.running.port()) as peer:
            peer.settimeout(0.05)
            for byte in hello * 100:
                try:
                    peer.send(bytes([byte]))
                    if peer.recv(1) == b"":
                        break
                except TimeoutError:
                    continue
                except (ConnectionResetError, BrokenPipeError):
                    break
        lived = time.monotonic() - began
        self.assertGreater(lived, HANDSHAKE - EARLY)
        self.assertLess(lived, HANDSHAKE + LATE)
        wait_until(lambda: self.count("handshake_timeout"), "it is logged")


class DripFed(UnderAttack):
    def drip(self, start, rest, clients=30):
        """Many clients that go on byte by byte until they are closed; how long each lived, and the
        statuses they were told."""
        peers = [self.client() for _ in range(clients)]
        began = time.monotonic()
        for client in peers:
            client.send(start)
            client.peer.settimeout(0.001)
        lived, statuses = [], []
        while peers and time.monotonic() - began < LATE * 2:
            for client in list(peers):
                try:
                    client.send(rest)
                    if client.reader.more():
                        continue
                except (TimeoutError, ssl.SSLWantReadError):
                    continue
                except (ssl.SSLError, OSError):
                    pass
                lived.append(time.monotonic() - began)
                statuses.append(client.reader.raw[9:12])
                peers.remove(client)
                client.close()
            self.good_request()
        for client in peers:
            client.close()
        self.assertEqual(len(lived), clients)
        self.at_rest_again()
        return lived, statuses

    def test_headers_drip_fed(self):
        lived, statuses = self.drip(b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nX: ", b"a")
        self.assertGreater(min(lived), HEADER - EARLY)
        self.assertLess(max(lived), HEADER + LATE)
        self.assertEqual(set(statuses), {b"408"})
        self.assertEqual(self.count("header_timeout"), len(lived))

    def test_a_body_drip_fed(self):
        lived, statuses = self.drip(request(b" " * 100_000)[:-100_000], b" ", clients=10)
        self.assertEqual(set(statuses), {b"408"})
        self.assertGreater(min(lived), HEADER * 2 - EARLY)
        self.assertLess(max(lived), HEADER * 2 + LATE)
        self.assertEqual(self.count("body_timeout"), len(lived))

    def test_chunks_drip_fed(self):
        start = (b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                 b"Transfer-Encoding: chunked\r\n\r\n")
        lived, statuses = self.drip(start, b"1\r\n \r\n", clients=10)
        self.assertEqual(set(statuses), {b"408"})
        self.assertLess(max(lived), HEADER * 2 + LATE)
        self.assertEqual(self.count("body_timeout"), len(lived))

    def test_a_body_that_comes_slowly_but_surely_is_taken(self):
        body = call(params={"name": "echo", "arguments": {"text": "x" * 60_000}})
        data = request(body)
        with self.client() as client:
            began = time.monotonic()
            step = len(data) // 40
            for at in range(0, len(data), step):
                client.send(data[at:at + step])
                time.sleep(0.1)  # the pace is what is tested
            self.assertGreater(time.monotonic() - began, HEADER * 2)
            self.assertEqual(client.reader.message().status, 200)

    def test_connections_that_ask_for_nothing_end_after_idle_timeout(self):
        clients = [self.client() for _ in range(50)]
        began = time.monotonic()
        for client in clients[:25]:
            self.assertEqual(client.exchange(request(call())).status, 200)
        for client in clients:
            self.assertTrue(client.is_ended())
            client.close()
        self.assertGreater(time.monotonic() - began, IDLE - EARLY)
        self.assertLess(time.monotonic() - began, IDLE + LATE)
        self.at_rest_again()


class NeverReading(UnderAttack):
    def route(self):
        self.ended = threading.Semaphore(0)

        def answer(seen, connection):
            if b"endless" not in seen.body:
                connection.send(response(body=b"{}"))
                return True
            connection.send(response(200, "Content-Type: text/event-stream",
                                     "Transfer-Encoding: chunked", length=False))
            event = b"4000\r\n" + b":" * 0x3ffe + b"\r\n\r\n"
            try:
                while True:
                    connection.send(event)
            except OSError:
                self.ended.release()
                return False

        self.upstream = Upstream(answer, send_buffer=64 << 10)
        self.addCleanup(self.upstream.close)
        return http_route(self.upstream) + """
[[listener.route]]
name = "builtin"
path = "/builtin"
[listener.route.upstream]
kind = "builtin"
"""

    def test_clients_that_never_read_a_stream_are_cut_and_their_upstreams_told(self):
        memory = self.running.resident_bytes()
        clients = [self.client(receive_buffer=4096) for _ in range(30)]
        began = time.monotonic()
        for client in clients:
            client.send(request(call(id="endless")))
        for _ in clients:
            while not self.ended.acquire(timeout=0.2):
                self.good_request()
                self.assertLess(time.monotonic() - began, IDLE + LATE * 2)
                self.assertLess(self.running.resident_bytes() - memory,
                                len(clients) * (1 << 20) + harness.memory_slack())
        self.assertGreater(time.monotonic() - began, IDLE - EARLY)
        wait_until(lambda: self.count("write_timeout") == len(clients), "each is logged")
        for client in clients:
            client.close()
        # But for what the loops keep for the next request.
        wait_until(lambda: self.running.descriptors() <= self.descriptors + os.cpu_count(),
                   "every descriptor is given back")
        self.good_request()

    def test_a_client_that_asks_on_and_on_and_reads_nothing_is_not_gathered_for(self):
        memory = self.running.resident_bytes()
        data = request(call(params={"name": "echo", "arguments": {"text": "x" * 4000}}),
                       target="/builtin") * 50
        with self.client(receive_buffer=4096) as client:
            client.peer.settimeout(0.5)
            sent = 0
            try:
                while sent < 256 << 20:
                    client.send(data)
                    sent += len(data)
            except (OSError, ssl.SSLError):
                pass
            self.assertLess(sent, 64 << 20)
            self.assertLess(self.running.resident_bytes() - memory, harness.memory_slack())
            self.good_request()
            wait_until(lambda: self.count("write_timeout") == 1, "it is cut")


class TooMany(UnderAttack):
    LIMIT = 20
    EXTRA = LIMITS.replace(f'idle_timeout = "{int(IDLE * 1000)}ms"', 'idle_timeout = "60s"') \
        + f"max_connections = {LIMIT}\n"

    def refused(self):
        """Closed at once, without a byte."""
        with harness.connect(self.running.port()) as peer:
            try:
                peer.sendall(client_hello())
                return peer.recv(1) == b""
            except (ConnectionResetError, BrokenPipeError):
                return True

    def admitted(self):
        try:
            return self.client()
        except (OSError, ssl.SSLError):
            return None

    def test_max_connections_is_kept_to_and_given_back(self):
        for _ in range(3):  # what is not given back is missed in the next round
            clients = [wait_until(self.admitted, "a place is free") for _ in range(self.LIMIT)]
            for _ in range(10):
                self.assertTrue(self.refused())
            # Those who are in are served.
            for client in clients:
                self.assertEqual(client.exchange(request(call())).status, 200)
            clients.pop().close()
            clients.append(wait_until(self.admitted, "a place is free"))
            self.assertTrue(self.refused())
            for client in clients:
                client.close()
        self.at_rest_again()
        said = self.running.find(reason="connection_limit")
        self.assertEqual(said[0]["limit"], str(self.LIMIT))

    def test_a_crowd_that_never_shakes_hands_makes_room_in_time(self):
        half = client_hello()[:50]
        crowd = Crowd(self.running.port(), self.LIMIT * 5, lambda _: half)
        self.addCleanup(crowd.close)
        self.assertTrue(self.refused())
        client = wait_until(self.admitted, "there is room again", HANDSHAKE + LATE)
        self.assertEqual(client.exchange(request(call())).status, 200)
        client.close()
        wait_until(lambda: crowd.look(0.1), "all of them are closed", HANDSHAKE + LATE)


if __name__ == "__main__":
    harness.main()
