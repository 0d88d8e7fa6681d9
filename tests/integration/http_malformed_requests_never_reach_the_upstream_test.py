"""What two parsers could read in two ways is refused, and nothing of it, nor of what hides
behind it, reaches the upstream. The connection ends there, since nobody knows where the next
message is."""

import harness
from harness import GateTest, Pki, tls_listener
from http_peers import (Client, Upstream, call, http_route, refused_request, request, response)

# A form is what passes uninspected, so that nothing but the fault stands in its way.
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
START = b"POST /mcp HTTP/1.1\r\n" + FORM
HOST = b"Host: localhost\r\n"
HIDDEN = START + HOST + b"Content-Length: 6\r\n\r\nhidden"


def framed(*fields, body=b"", version=b"1.1"):
    """A POST with exactly these framing fields, and another request behind or inside it."""
    return (b"POST /mcp HTTP/%s\r\n" % version + FORM + HOST
            + b"".join(field + b"\r\n" for field in fields) + b"\r\n" + body + HIDDEN)


# One of each kind; every kind there is stands in raw_http_requests.toml, which asks what both ends
# made of it. Here it is what the log says.
FAULTS = {
    "a_transfer_encoding_that_only_looks_chunked": framed(b"Transfer-Encoding: xchunked",
                                                          body=b"0\r\n\r\n"),
    "a_chunk_size_with_0x": framed(b"Transfer-Encoding: chunked",
                                   body=b"0x3\r\nabc\r\n0\r\n\r\n"),
    "a_bare_lf": START + b"Host: localhost\nX: 1\r\n\r\n" + HIDDEN,
    "two_hosts": framed(b"Host: localhost", b"Content-Length: 0"),
    "a_dot_segment": b"GET /mcp/../admin HTTP/1.1\r\n" + HOST + b"\r\n" + HIDDEN,
    "two_origins": framed(b"Origin: https://localhost", b"Origin: https://localhost",
                          b"Content-Length: 0"),
    # What Connection names is taken off on the way: the upstream would not see what was judged by.
    "connection_names_the_session": framed(b"Connection: Mcp-Session-Id", b"Mcp-Session-Id: a",
                                           b"Content-Length: 0"),
    "connection_names_a_field_that_is_not_there": framed(b"Connection: Mcp-Session-Id",
                                                         b"Content-Length: 0"),
    "connection_names_the_content_type": framed(b"Connection: close, Content-Type",
                                                b"Content-Length: 0"),
    "connection_names_the_version_in_capitals": framed(b"Connection: MCP-PROTOCOL-VERSION",
                                                       b"Content-Length: 0"),
    "a_second_connection_names_the_host": framed(b"Connection: keep-alive", b"Connection: Host",
                                                 b"Content-Length: 0"),
    "connection_names_the_origin": framed(b"Connection: x,\tOrigin ,y", b"Content-Length: 0"),
    "connection_names_the_authorization": framed(b"Connection: authorization",
                                                 b"Authorization: a", b"Content-Length: 0"),
}


class WithAnUpstream(GateTest):
    EXTRA = ""

    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server, self.credential = self.pki.server(), self.pki.client()
        self.upstream = Upstream(lambda seen, connection: connection.send(
            response(body=b"answer to " + seen.body)))
        self.addCleanup(self.upstream.close)
        self.running = self.gate(tls_listener(self.pki, self.server, extra=self.EXTRA,
                                              route=http_route(self.upstream)))

    def client(self):
        return Client(self.running, self.pki, self.credential)


class MalformedRequests(WithAnUpstream):
    def check(self, cases):
        good = request(call(id="good"))
        for name, data in cases.items():
            # On a fresh connection, behind an answered request, and pipelined behind one.
            for before, pipelined in ((b"", False), (good, False), (good, True)):
                with self.subTest(case=name, after=len(before), pipelined=pipelined), \
                        self.client() as client:
                    seen = len(self.upstream.requests)
                    client.send(before + data if pipelined else before)
                    if before:
                        self.assertEqual(client.reader.message().body,
                                         b"answer to " + call(id="good"))
                    if not pipelined:
                        client.send(data)
                    answer = client.reader.message()
                    self.assertEqual(answer.status, 400)
                    self.assertEqual(answer.get("Connection"), "close")
                    # Not a second answer: what is behind was not taken for a request.
                    self.assertTrue(client.is_ended())
                    refused_request(self.running, client, "request_malformed")
                    self.assertEqual(len(self.upstream.requests) - seen, 1 if before else 0)
        self.assertNotIn(b"hidden", self.upstream.received())
        self.assertEqual(self.upstream.faults, [])
        with self.client() as client:
            self.assertEqual(client.exchange(good).status, 200)

    def test_what_can_be_read_in_two_ways_is_refused_and_logged(self):
        self.check(FAULTS)

    def test_every_case_would_be_taken_without_its_fault(self):
        # The frame of the cases is well-formed: what is refused above is the fault and no more.
        for data, answers in ((framed(b"Content-Length: 3", body=b"abc"), [b"abc", b"hidden"]),
                              (framed(b"Transfer-Encoding: chunked",
                                      body=b"3\r\nabc\r\n0\r\n\r\n"), [b"abc", b"hidden"]),
                              (START + HOST + b"Content-Length: 0\r\n\r\n" + HIDDEN,
                               [b"", b"hidden"])):
            with self.subTest(data=data), self.client() as client:
                client.send(data)
                self.assertEqual([client.reader.message().body for _ in answers],
                                 [b"answer to " + each for each in answers])


class Pipelining(WithAnUpstream):
    def test_pipelined_requests_are_answered_one_after_the_other(self):
        bodies = [call(id=number) for number in range(50)]
        with self.client() as client:
            client.send(b"".join(request(body) for body in bodies))
            self.assertEqual([client.reader.message().body for _ in bodies],
                             [b"answer to " + body for body in bodies])
        self.assertEqual([each.body for each in self.upstream.requests], bodies)

    def test_a_request_byte_by_byte_is_the_same_request(self):
        with self.client() as client:
            for byte in request(call()) + request(call(id=2))[:-1]:
                client.send(bytes([byte]))
            self.assertEqual(client.reader.message().body, b"answer to " + call())
            client.send(request(call(id=2))[-1:])
            self.assertEqual(client.reader.message().body, b"answer to " + call(id=2))

    def test_nothing_behind_connection_close_is_taken(self):
        with self.client() as client:
            client.send(request(call(), "Connection: close") + HIDDEN)
            self.assertEqual(client.reader.message().get("Connection"), "close")
            self.assertTrue(client.is_ended())
        self.assertNotIn(b"hidden", self.upstream.received())

    def test_http_1_0_gets_an_answer_that_ends_with_the_connection(self):
        def answer(_, connection):
            connection.send(response(200, "Transfer-Encoding: chunked", length=False)
                            + b"3\r\nabc\r\n0\r\n\r\n")

        self.upstream.answer = answer
        with self.client() as client:
            client.send(b"GET /mcp HTTP/1.0\r\nHost: localhost\r\n\r\n" + HIDDEN)
            head = client.reader.head()
            self.assertEqual(head.all("Transfer-Encoding"), [])
            self.assertEqual(client.reader.rest(), b"abc")
        self.assertNotIn(b"hidden", self.upstream.received())


class Sizes(WithAnUpstream):
    EXTRA = 'max_header = "2KiB"\nmax_body = "10KiB"'

    def refused(self, data, status, reason):
        with self.client() as client:
            self.assertEqual(client.exchange(data).status, status)
            self.assertTrue(client.is_ended())
            refused_request(self.running, client, reason)
        self.assertEqual(self.upstream.requests, [])

    def test_a_head_above_max_header_is_refused_and_one_below_passes(self):
        self.refused(request(call(), "X: " + "a" * 2048), 431, "header_too_large")
        with self.client() as client:
            self.assertEqual(client.exchange(request(call(), "X: " + "a" * 1800)).status, 200)

    def test_too_many_fields_are_refused(self):
        self.refused(request(call(), *["a: b"] * 300), 400,
                     "request_malformed")

    def test_a_body_above_max_body_is_refused_and_one_of_max_body_passes(self):
        start = START + HOST
        self.refused(start + b"Content-Length: 10241\r\n\r\n", 413, "body_too_large")
        self.refused(start + b"Transfer-Encoding: chunked\r\n\r\n1400\r\n" + b"x" * 0x1400
                     + b"\r\n1401\r\n" + b"x" * 0x1401, 413, "body_too_large")
        self.refused(start + b"Content-Length: 18446744073709551615\r\n\r\n", 413,
                     "body_too_large")
        with self.client() as client:
            body = call().ljust(10240)
            self.assertEqual(client.exchange(request(body)).body, b"answer to " + body)


class HostAndOrigin(WithAnUpstream):
    def status(self, *fields, host="localhost"):
        seen = len(self.upstream.requests)
        with self.client() as client:
            answer = client.exchange(request(call(), *fields, host=host))
            passed = len(self.upstream.requests) > seen
            self.assertEqual(passed, answer.status == 200)
            if not passed:
                refused_request(self.running, client,
                                "origin_not_allowed" if fields else "host_not_allowed")
            return answer.status

    def test_another_host_is_misdirected(self):
        for host in ("evil.example", "localhost.evil.example", "evil.example:443", "10.0.0.1",
                     "127.0.0.1.evil.example", "[fe80::1]"):
            with self.subTest(host=host):
                self.assertEqual(self.status(host=host), 421)

    def test_the_certificate_s_names_and_loopback_are_taken(self):
        for host in ("localhost", "LOCALHOST:1", "127.0.0.1:8443", "[::1]:8443", "localhost."):
            with self.subTest(host=host):
                self.assertEqual(self.status(host=host), 200)

    def test_another_origin_is_forbidden(self):
        for origin in ("https://evil.example", "https://localhost.evil.example", "null",
                       "https://localhost@evil.example", "https://evil.example/localhost", "file:",
                       "https://evil.example#@localhost", "https://127.evil.example", ""):
            with self.subTest(origin=origin):
                self.assertEqual(self.status(f"Origin: {origin}"), 403)

    def test_loopback_is_an_origin_that_is_taken(self):
        for origin in ("http://localhost:3000", "https://localhost", "http://127.0.0.1:8443",
                       "http://[::1]:8443"):
            with self.subTest(origin=origin):
                self.assertEqual(self.status(f"Origin: {origin}"), 200)


if __name__ == "__main__":
    harness.main()
