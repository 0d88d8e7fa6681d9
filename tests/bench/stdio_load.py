#!/usr/bin/env python3
"""Tool calls on one session, so many in flight, each on a connection that stays. Prints "warm" when
the first calls are answered, waits for a line, and prints "done {"operations": N}".

Every answer is looked at: its status, its id, that it has a result."""

import argparse
import json
import re
import select
import socket
import ssl
import sys
import time

LEGACY, MODERN = "2025-11-25", "2026-07-28"
HEAD_END = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
SESSION = re.compile(rb"\r\nmcp-session-id: *([^\r]+)", re.IGNORECASE)


class LoadError(Exception):
    pass


class Connection:
    """Answers are read whole: with a length, or in chunks, of which one may be a stream's event."""

    def __init__(self, options):
        self.peer = socket.create_connection(("127.0.0.1", options.port), timeout=10)
        self.peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if options.ca:
            context = ssl.create_default_context(cafile=options.ca)
            context.load_cert_chain(options.certificate, options.key)
            self.peer = context.wrap_socket(self.peer, server_hostname="localhost")
        self.left = b""
        self.expected = None

    def send(self, request, expected):
        self.expected = expected
        self.peer.sendall(request)

    def answer(self):
        """The answer, once it is there whole; None before."""
        while True:
            data = self.peer.recv(65536)
            if not data:
                raise LoadError(f"the connection ended after {self.left[-300:]!r}")
            self.left += data
            if not (isinstance(self.peer, ssl.SSLSocket) and self.peer.pending()):
                break
        head_end = self.left.find(HEAD_END)
        if head_end < 0:
            return None
        head, body = self.left[:head_end + 2], self.left[head_end + 4:]
        if length := LENGTH.search(head):
            whole = len(body) >= int(length[1])
        elif CHUNKED.search(head):
            whole = body.endswith(b"0\r\n\r\n")
        else:
            whole = True
        if not whole:
            return None
        self.left = b""
        return head, body

    def wait_for_answer(self):
        while (answer := self.answer()) is None:
            pass
        return answer


class Session:
    """The requests of one session of either era."""

    def __init__(self, options):
        self.options = options
        self.fields = (f"MCP-Protocol-Version: {MODERN}\r\n"
                       "Mcp-Method: tools/call\r\nMcp-Name: echo\r\n")
        about = "io.modelcontextprotocol/"
        self.meta = {"_meta": {about + "protocolVersion": MODERN, about + "clientCapabilities": {},
                               about + "clientInfo": {"name": "load", "version": "1"}}}
        if options.era == "legacy":
            self.meta = {}
            self.open()

    def open(self):
        connection = Connection(self.options)
        self.fields = ""
        connection.send(self.post({"id": 0, "method": "initialize", "params": {
            "protocolVersion": LEGACY, "capabilities": {},
            "clientInfo": {"name": "load", "version": "1"}}}), 0)
        head, body = connection.wait_for_answer()
        session = SESSION.search(head)
        if session is None:
            raise LoadError(f"no session: {head + body!r}")
        self.fields = (f"MCP-Protocol-Version: {LEGACY}\r\n"
                       f"Mcp-Session-Id: {session[1].decode()}\r\n")
        connection.send(self.post({"method": "notifications/initialized"}), None)
        head, _ = connection.wait_for_answer()
        if b" 202 " not in head:
            raise LoadError(f"notifications/initialized: {head!r}")
        connection.peer.close()

    def call(self, number):
        return self.post({"id": number, "method": "tools/call", "params": {
            "name": "echo", "arguments": {"text": "sixteen at a time"}, **self.meta}})

    def post(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}, separators=(",", ":"))
        return (f"POST {self.options.path} HTTP/1.1\r\nHost: localhost:{self.options.port}\r\n"
                "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
                f"{self.fields}Content-Length: {len(body)}\r\n\r\n{body}").encode()


class Load:
    def __init__(self, options):
        self.session = Session(options)
        self.deadline = time.monotonic() + options.time_limit
        self.poll = select.epoll()
        self.connections = {}
        self.number = 0
        for _ in range(options.in_flight):
            connection = Connection(options)
            self.poll.register(connection.peer, select.EPOLLIN)
            self.connections[connection.peer.fileno()] = connection

    def run(self, operations):
        """So many calls, each sent when another is answered."""
        last = self.number + operations
        for connection in list(self.connections.values())[:operations]:
            self.send(connection)
        answered = 0
        while answered < operations:
            if time.monotonic() > self.deadline:
                raise LoadError(f"{answered} of {operations} calls were answered in time")
            for descriptor, _ in self.poll.poll(1):
                connection = self.connections[descriptor]
                if (answer := connection.answer()) is None:
                    continue
                check(answer, connection.expected)
                answered += 1
                if self.number < last:
                    self.send(connection)

    def send(self, connection):
        self.number += 1
        connection.send(self.session.call(self.number), self.number)


def check(answer, number):
    head, body = answer
    if not head.startswith(b"HTTP/1.1 200 ") or b'"result"' not in body \
            or not re.search(rb'"id": *%d[,}]' % number, body):
        raise LoadError(f"call {number}: {head + body!r}"[:2000])


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for flag, kind in (("time-limit", float), ("port", int), ("operations", int),
                       ("warm-up", int), ("in-flight", int)):
        parser.add_argument(f"--{flag}", type=kind, required=True)
    parser.add_argument("--path", default="/mcp")
    parser.add_argument("--era", choices=("legacy", "modern"), required=True)
    for flag in ("ca", "certificate", "key"):
        parser.add_argument(f"--{flag}")
    return parser.parse_args()


def main():
    options = read_options()
    try:
        load = Load(options)
        load.run(options.warm_up)
        print("warm", flush=True)
        if not sys.stdin.readline():
            return 1
        load.deadline = time.monotonic() + options.time_limit
        load.run(options.operations)
    except (LoadError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print("done " + json.dumps({"operations": options.operations}), flush=True)
    sys.stdin.readline()
    return 0


if __name__ == "__main__":
    sys.exit(main())
