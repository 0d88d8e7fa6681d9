"""However much streams through the gate, and however slowly a client takes it, the gate holds no
more than its few buffers: a tool result of 100 MB, 10,000 notifications, fast and slow readers."""

import contextlib
import hashlib
import json
import re
import threading
import time
from pathlib import Path

import harness
from harness import ALLOW_ROOT, BUILD, GateTest, Pki, memory_slack, tls_listener, wait_until
from http_peers import Client, Upstream, call, http_route, request, response

SIZE = 100_000_000
NOTIFICATIONS = 10_000
PADDING = 2000  # bytes of text in each, so that all of them are more than sockets hold
BLOCK = 256 << 10
EVENT_STREAM = response(200, "Content-Type: text/event-stream", "Transfer-Encoding: chunked",
                        length=False)
SMALL_STDIO_SERVER = BUILD / "tests" / "integration" / "small_stdio_server"


def stdio_route(*arguments, name="demo", path="/mcp"):
    command = json.dumps([str(SMALL_STDIO_SERVER), *arguments])
    return f"""
[[listener.route]]
name = "{name}"
path = "{path}"
[listener.route.upstream]
kind = "stdio"
command = {command}
{ALLOW_ROOT}
"""


def big_result():
    """A tool's result of SIZE bytes, piece by piece."""
    start = b'{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"'
    end = b'"}]}}'
    yield start
    left = SIZE - len(start) - len(end)
    block = bytes(range(0x61, 0x7b)) * (BLOCK // 26)
    while left > 0:
        yield block[:left]
        left -= min(left, len(block))
    yield end


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def body_pieces(client, head):
    """The body as it comes; nothing of it is kept, unlike by Reader.body_of()."""
    buffer, client.reader.left = bytearray(client.reader.left), b""

    def more():
        data = client.peer.recv(BLOCK)
        if not data:
            raise EOFError("ended within the body")
        buffer.extend(data)

    def take(size):
        while size > 0:
            if not buffer:
                more()
            piece = bytes(buffer[:size])
            del buffer[:len(piece)]
            size -= len(piece)
            yield piece

    def line():
        while (end := buffer.find(b"\r\n", 0, 64)) < 0:
            more()
        text = bytes(buffer[:end])
        del buffer[:end + 2]
        return text

    length = head.get("Content-Length")
    if length is not None:
        yield from take(int(length))
        return
    while size := int(line(), 16):
        yield from take(size)
        line()
    line()


class Streams(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server, self.credential = self.pki.server(), self.pki.client()

    def serve(self, route):
        self.running = self.gate(tls_listener(self.pki, self.server, route=route))

    def client(self, slow=False):
        return Client(self.running, self.pki, self.credential,
                      receive_buffer=16 << 10 if slow else None)

    def peak_bytes(self):
        status = Path(f"/proc/{self.running.process.pid}/status").read_text()
        return int(re.search(r"^VmHWM:\s*(\d+) kB$", status, re.MULTILINE)[1]) << 10

    @contextlib.contextmanager
    def flat_memory(self, what):
        """The gate's peak within the block, over what it has at the start, printed and bounded."""
        # proc(5): 5 sets the peak back to what is resident now.
        Path(f"/proc/{self.running.process.pid}/clear_refs").write_text("5")
        before = self.running.resident_bytes()
        yield
        more = self.peak_bytes() - before
        print(f"{what}: peak {self.peak_bytes() / 2**20:.1f} MiB, {more / 2**20:+.2f} MiB")
        self.assertLess(more, memory_slack())

    def gather(self, slow, data, take):
        """Sends `data` on a connection for each of `slow`; those that are slow read nothing until
        held_back() says that the source waits for them. Returns what take(at, body) made of
        each."""
        results = [None] * len(slow)

        def read(at, client, head):
            results[at] = take(at, body_pieces(client, head))

        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(self.client(each)) for each in slow]
            for client, each in zip(clients, data):
                client.send(each)
            heads = [client.reader.head() for client in clients]
            readers = [threading.Thread(target=read, args=(at, clients[at], heads[at]))
                       for at, each in enumerate(slow) if not each]
            for reader in readers:
                reader.start()
            for reader in readers:
                reader.join()
            if any(slow):
                self.held_back()
            for at, each in enumerate(slow):
                if each:
                    read(at, clients[at], heads[at])
        return results

    def notifications(self, token, body):
        """How many there are of this token, in their order; the result must be the last event."""
        number, rest, ended = 0, b"", False
        for piece in body:
            *events, rest = (rest + piece).split(b"\n\n")
            for event in events:
                data = b"".join(line[6:] for line in event.split(b"\n")
                                if line.startswith(b"data: "))
                if not data:
                    continue  # a priming event, or a comment
                message = json.loads(data)
                ended = "result" in message
                if not ended:
                    number += 1
                    told = message["params"]
                    self.assertEqual((told["progressToken"], told["progress"]), (token, number))
        self.assertTrue(ended)
        self.assertEqual(rest, b"")
        return number


class ThroughHttp(Streams):
    def setUp(self):
        super().setUp()
        self.upstream = Upstream(self.answer, send_buffer=64 << 10)
        self.addCleanup(self.upstream.close)
        self.serve(http_route(self.upstream))
        self.sent, self.unfinished, self.counting = 0, 0, threading.Lock()
        self.ask(call(method="ping"))  # what the first request needs once is there

    def answer(self, seen, connection):
        self.count(unfinished=1)
        self.answer_in_pieces(seen.json(), connection)
        self.count(unfinished=-1)

    def count(self, sent=0, unfinished=0):
        with self.counting:
            self.sent += sent
            self.unfinished += unfinished

    def answer_in_pieces(self, asked, connection):
        kind = asked.get("params", {}).get("name")
        if kind == "json":
            self.send(connection, response(200, "Content-Type: application/json",
                                           f"Content-Length: {SIZE}", length=False))
            for piece in big_result():
                self.send(connection, piece)
        elif kind == "event":
            self.send(connection, EVENT_STREAM + chunk(b"event: message\ndata: "))
            for piece in big_result():
                self.send(connection, chunk(piece))
            self.send(connection, chunk(b"\n\n") + b"0\r\n\r\n")
        elif kind == "notify":
            self.send(connection, EVENT_STREAM)
            for number in range(1, NOTIFICATIONS + 1):
                note = {"jsonrpc": "2.0", "method": "notifications/progress",
                        "params": {"progressToken": asked["id"], "progress": number,
                                   "message": "x" * PADDING}}
                self.send(connection, chunk(b"data: " + json.dumps(note).encode() + b"\n\n"))
            self.send(connection, chunk(b'data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n')
                      + b"0\r\n\r\n")
        else:
            self.send(connection, response(body=b"{}"))

    def send(self, connection, data):
        connection.send(data)
        self.count(sent=len(data))

    def ask(self, body):
        with self.client() as client:
            return client.exchange(request(body))

    def held_back(self):
        def stalled():
            was = self.sent
            time.sleep(0.5)  # not a wait for something: that nothing moves is what is looked at
            return self.sent == was

        wait_until(stalled, "the upstream is held back", 60)
        self.assertGreater(self.unfinished, 0)

    def digests(self, kind, slow):
        def digest(_, body):
            state, size = hashlib.sha256(), 0
            for piece in body:
                state.update(piece)
                size += len(piece)
            return size, state.hexdigest()

        body = request(call(params={"name": kind}))
        return self.gather(slow, [body] * len(slow), digest)

    def test_a_result_of_100_megabytes_as_json(self):
        right = hashlib.sha256()
        for piece in big_result():
            right.update(piece)
        for slow in ((False,), (True,), (False, True, True)):
            with self.subTest(slow=slow), self.flat_memory(f"JSON of 100 MB, slow readers {slow}"):
                self.assertEqual(self.digests("json", slow),
                                 [(SIZE, right.hexdigest())] * len(slow))

    def test_a_result_of_100_megabytes_as_one_event(self):
        right = hashlib.sha256(b"event: message\ndata: ")
        for piece in big_result():
            right.update(piece)
        right.update(b"\n\n")
        size = SIZE + len(b"event: message\ndata: \n\n")
        for slow in ((False,), (True,), (False, True, True)):
            with self.subTest(slow=slow), self.flat_memory(f"event of 100 MB, slow readers {slow}"):
                self.assertEqual(self.digests("event", slow),
                                 [(size, right.hexdigest())] * len(slow))

    def test_10_000_notifications(self):
        for slow in ((False,), (True,), (False, False, True, True)):
            with self.subTest(slow=slow), \
                    self.flat_memory(f"10,000 notifications over HTTP, slow readers {slow}"):
                data = [request(call(id=at, params={"name": "notify"}))
                        for at, _ in enumerate(slow)]
                self.assertEqual(self.gather(slow, data, self.notifications),
                                 [NOTIFICATIONS] * len(slow))


class ThroughStdio(Streams):
    """Each client has a session, and so a child, of its own."""

    def setUp(self):
        super().setUp()
        self.serve(stdio_route())
        self.open_session()  # what the first request needs once is there

    def open_session(self):
        body = call(method="initialize", params={
            "protocolVersion": "2025-06-18", "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"}})
        with self.client() as client:
            answer = client.exchange(request(body))
        self.assertEqual(answer.status, 200, answer.body)
        return answer.get("Mcp-Session-Id")

    def held_back(self):
        def written():
            tasks = Path(f"/proc/{self.running.process.pid}/task").iterdir()
            children = [pid for task in tasks for pid in (task / "children").read_text().split()]
            return [int(re.search(r"^wchar: (\d+)$", Path(f"/proc/{pid}/io").read_text(), re.M)[1])
                    for pid in children]

        def stalled():
            was = written()
            time.sleep(0.5)  # not a wait for something: that nothing moves is what is looked at
            return written() == was

        wait_until(stalled, "the children are held back", 60)
        self.assertTrue([size for size in written()
                         if PADDING * 10 < size < PADDING * NOTIFICATIONS])

    def test_10_000_notifications(self):
        for slow in ((False,), (True,), (False, False, True, True)):
            sessions = [self.open_session() for _ in slow]
            with self.subTest(slow=slow), \
                    self.flat_memory(f"10,000 notifications over stdio, slow readers {slow}"):
                data = [request(call(id=at, params={
                    "name": "notify", "_meta": {"progressToken": at},
                    "arguments": {"count": NOTIFICATIONS, "size": PADDING}}),
                    f"Mcp-Session-Id: {session}", "MCP-Protocol-Version: 2025-06-18")
                        for at, session in enumerate(sessions)]
                self.assertEqual(self.gather(slow, data, self.notifications),
                                 [NOTIFICATIONS] * len(slow))


if __name__ == "__main__":
    harness.main()
