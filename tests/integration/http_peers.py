"""The two ends around the gate, both as raw as a test wants: an HTTP server that records every byte
which reaches it, and an HTTP client on one TLS connection."""

import json
import socket
import threading

import harness
from harness import CALL, DEADLINE, wait_until

BLOCK = 65536


class Message:
    """One HTTP message as it was read: start line, fields in their order, body without framing."""

    def __init__(self, head, body):
        lines = head.decode("latin-1").split("\r\n")
        self.start = lines[0]
        self.fields = [tuple(part.strip(" \t") for part in line.split(":", 1))
                       for line in lines[1:] if line]
        self.body = body

    @property
    def status(self):
        return int(self.start.split(" ")[1])

    @property
    def method(self):
        return self.start.split(" ")[0]

    @property
    def target(self):
        return self.start.split(" ")[1]

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def get(self, name, default=None):
        return (self.all(name) or [default])[0]

    def json(self):
        return json.loads(self.body)


class Reader:
    """Reads messages from a socket; what came and was not asked for yet stays in `left`."""

    def __init__(self, peer):
        self.peer = peer
        self.left = b""
        self.raw = b""

    def more(self):
        """One read; False at the end of the input."""
        data = self.peer.recv(BLOCK)
        self.left += data
        self.raw += data
        return bool(data)

    def until(self, mark):
        while mark not in self.left:
            if not self.more():
                raise EOFError(f"ended before {mark!r}; came: {self.left[:2000]!r}")
        part, _, self.left = self.left.partition(mark)
        return part + mark

    def exactly(self, size):
        while len(self.left) < size:
            if not self.more():
                raise EOFError(f"ended after {len(self.left)} of {size} bytes")
        part, self.left = self.left[:size], self.left[size:]
        return part

    def head(self):
        return Message(self.until(b"\r\n\r\n"), b"")

    def chunk(self):
        """The next chunk's data; empty at the last."""
        size = int(self.until(b"\r\n").split(b";")[0], 16)
        data = self.exactly(size)
        if size:
            self.until(b"\r\n")
        else:
            while self.until(b"\r\n") != b"\r\n":
                pass
        return data

    def body_of(self, message):
        if message.get("Transfer-Encoding", "").lower() == "chunked":
            body = b""
            while data := self.chunk():
                body += data
            return body
        length = message.get("Content-Length")
        return self.exactly(int(length)) if length is not None else b""

    def message(self, has_body=True):
        message = self.head()
        if has_body:
            message.body = self.body_of(message)
        return message

    def rest(self):
        while self.more():
            pass
        part, self.left = self.left, b""
        return part


def response(status=200, *fields, body=b"", length=True):
    """The bytes of a response; `fields` are "Name: value"."""
    lines = [f"HTTP/1.1 {status} Whatever", *fields]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def json_response(value, *fields, status=200):
    return response(status, "Content-Type: application/json", *fields,
                    body=json.dumps(value).encode())


class ServedConnection:
    """A connection of the gate to a test's upstream, in the upstream's thread for it."""

    def __init__(self, peer):
        self.peer = peer
        self.reader = Reader(peer)
        self.peer_gone = threading.Event()

    def send(self, data):
        self.peer.sendall(data)

    def wait_for_end(self, deadline=DEADLINE):
        """Blocks until the gate hangs up; sets peer_gone."""
        self.peer.settimeout(deadline)
        try:
            while self.peer.recv(BLOCK):
                pass
        except ConnectionResetError:
            pass
        self.peer_gone.set()


class Upstream:
    """Calls answer(request, connection) for every request, in a thread for each connection; it
    keeps a connection unless answer() returns False. `path` is what the gate's URL for it has."""

    def __init__(self, answer=None, path="/mcp", receive_buffer=None, send_buffer=None):
        self.answer = answer or (lambda request, connection: connection.send(
            json_response({"jsonrpc": "2.0", "id": 1, "result": {}})))
        self.requests = []
        self.connections = []
        self.faults = []
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        for option, size in ((socket.SO_RCVBUF, receive_buffer), (socket.SO_SNDBUF, send_buffer)):
            if size:
                self.listening.setsockopt(socket.SOL_SOCKET, option, size)
        self.port = self.listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}{path}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                peer, _ = self.listening.accept()
            except OSError:
                return
            peer.settimeout(DEADLINE * 3)
            connection = ServedConnection(peer)
            self.connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection.peer:
            try:
                while True:
                    request = connection.reader.message()
                    self.requests.append(request)
                    if self.answer(request, connection) is False:
                        return
            except (OSError, EOFError):
                return  # the gate hung up, or the test is over
            except ValueError as fault:
                self.faults.append(fault)

    def received(self):
        """Every byte that came, on all connections."""
        return b"".join(connection.reader.raw for connection in self.connections)

    def close(self):
        """Nobody listens any more, and what is open is shut. Closing alone would leave the accept()
        under way to take one more."""
        for each in (self.listening, *(connection.peer for connection in self.connections)):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.listening.close()


def http_route(*upstreams, extra="", path="/mcp", name="demo"):
    """A [[listener.route]] to Upstreams or URLs."""
    urls = ", ".join(f'"{getattr(each, "url", each)}"' for each in upstreams)
    return f"""
[[listener.route]]
name = "{name}"
path = "{path}"
{extra}
[listener.route.upstream]
kind = "http"
urls = [{urls}]
"""


def request(body=b"", *fields, method="POST", target="/mcp", content_type="application/json",
            host="localhost"):
    """The bytes of a well-formed request; body None: no body."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    if body is not None:
        lines += [f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    if not any(field.lower().startswith("accept:") for field in fields):
        lines.append("Accept: application/json, text/event-stream")
    return "\r\n".join([*lines, *fields]).encode("latin-1") + b"\r\n\r\n" + (body or b"")


def call(**fields):
    return json.dumps({**CALL, **fields}).encode()


class Client:
    """One TLS connection to the gate. A cut without close_notify raises, as it must be seen."""

    def __init__(self, gate, pki, credential, listener="mcp", source=None, receive_buffer=None,
                 server_name="localhost"):
        plain = socket.socket()
        if receive_buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source:
            plain.bind((source, 0))
        plain.settimeout(DEADLINE)
        plain.connect(("127.0.0.1", gate.port(listener)))
        try:
            self.peer = harness.tls_context(pki.ca, credential).wrap_socket(
                plain, server_hostname=server_name, suppress_ragged_eofs=False)
        except BaseException:
            plain.close()
            raise
        self.reader = Reader(self.peer)
        self.address = self.peer.getsockname()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, data):
        self.peer.sendall(data)
        return self

    def exchange(self, data, has_body=True):
        self.send(data)
        return self.reader.message(has_body)

    def is_ended(self):
        """Waits for the orderly end of the connection; False if something else came."""
        return self.reader.left == b"" and not self.reader.more()

    def close(self):
        """Without a goodbye, as a client that is killed."""
        self.peer.close()


def refused_request(gate, client, reason):
    """The log's record of what was refused on this client's connection."""
    address = f"{client.address[0]}:{client.address[1]}"
    return wait_until(lambda: gate.last(lambda r: r.get("peer") == address
                                        and r.get("reason") == reason
                                        and r["message"] in ("request refused",
                                                             "connection closed",
                                                             "connection refused")),
                      f"{reason} is logged for {address}")
