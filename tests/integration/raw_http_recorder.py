"""What the raw HTTP cases share: their files, an upstream that reads requests as carelessly as a
server can, and clients with and without TLS."""

import base64
import json
import socket
import threading
import tomllib
from pathlib import Path

from harness import DEADLINE
from http_peers import Client, Message, Reader, Upstream, response

HERE = Path(__file__).resolve().parent


class Case:
    """One entry of a raw_http_*.toml; texts become bytes, one for each character."""

    def __init__(self, holds, entry):
        self.holds = holds
        self.name = entry["name"]
        fill = entry.get("fill", 0)
        self.bytes = (entry["bytes"].encode("latin-1").replace(b"<fill>", b"x" * fill)
                      .replace(b"<fields>", b"a: b\r\n" * fill))
        self.closes = entry.get("closes", False)
        self.method = entry.get("method", "GET")
        self.status = entry.get("status")
        self.sees = [tuple(each) for each in entry.get("sees", [])]
        self.body = entry.get("body", "").encode("latin-1")
        self.idle = entry.get("idle", "").encode("latin-1")
        self.next = entry.get("next", "").encode("latin-1")


def cases(file):
    tables = tomllib.loads((HERE / file).read_text())
    return [Case(holds, entry) for holds, entries in tables.items() for entry in entries]


class CarelessReader(Reader):
    """Reads requests unlike the gate wherever that can be done: a line ends with a bare LF, folds
    are joined, "_" is "-", the last length counts and as much of it as is a number, anything with
    "chunked" in it is chunked and goes before a length, chunk sizes may have blanks, signs, 0x."""

    def line(self):
        return self.until(b"\n").rstrip(b"\r\n")

    def message(self, has_body=True):
        start = self.line()
        while not start:
            start = self.line()
        fields = []
        while line := self.line():
            if line[:1] in b" \t" and fields:
                fields[-1] += b" " + line.strip()
            else:
                fields.append(line)
        message = Message(b"\r\n".join([start, *(each if b":" in each else each + b":"
                                                 for each in fields)]), b"")
        values = {}
        for name, value in message.fields:
            values[name.strip().lower().replace("_", "-")] = value
        if "chunked" in values.get("transfer-encoding", "").lower():
            while size := self.chunk_size():
                message.body += self.exactly(size)
                self.line()
            while self.line():
                pass
        elif digits := values.get("content-length", "").split(",")[-1].strip():
            message.body = self.exactly(abs(int(digits, 0 if digits.startswith("0x") else 10)))
        return message

    def chunk_size(self):
        return abs(int(self.line().split(b";")[0].strip() or b"0", 16))


class CarelessRecorder(Upstream):
    """Tells in the field X-Sees of each answer what it took the request for, with a number that
    goes up by one: who counts the answers knows of every request that came."""

    def __init__(self):
        self.serial = 0
        self.counting = threading.Lock()
        super().__init__(self.tell)

    def _serve(self, connection):
        connection.reader = CarelessReader(connection.peer)
        super()._serve(connection)

    def tell(self, seen, connection):
        with self.counting:
            self.serial += 1
            sees = {"serial": self.serial, "method": seen.method, "target": seen.target,
                    "fields": [part for field in seen.fields for part in field],
                    "body": seen.body.decode("latin-1")}
        body = b"answer %d" % self.serial
        told = base64.b64encode(json.dumps(sees).encode()).decode()
        connection.send(response(200, f"X-Sees: {told}", f"Content-Length: {len(body)}",
                                 body=b"" if seen.method == "HEAD" else body, length=False))


class PlainClient(Client):
    """One connection without TLS."""

    def __init__(self, gate, listener):
        self.peer = socket.create_connection(("127.0.0.1", gate.port(listener)), DEADLINE)
        self.peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = Reader(self.peer)
        self.address = self.peer.getsockname()


def end_input(client):
    """The client's half ends without a goodbye; SSLSocket.shutdown() would drop the session."""
    socket.socket.shutdown(client.peer, socket.SHUT_WR)


def final_answer(reader, method="GET"):
    """The next answer that is not an interim one; it ends where its framing, or the connection,
    does. An end that is no orderly one raises OSError or EOFError."""
    message = reader.head()
    while message.status < 200:
        message = reader.head()
    if method == "HEAD" or message.status in (204, 304):
        return message
    framed = message.all("Content-Length") + message.all("Transfer-Encoding")
    message.body = reader.body_of(message) if framed else reader.rest()
    return message


def is_over(reader):
    """True when the connection has ended, however it did, and nothing came before that."""
    try:
        return not reader.left and not reader.more()
    except OSError as fault:
        return not isinstance(fault, TimeoutError)
