"""What stands behind a route gets the bytes that came and the client the bytes it answered: bodies,
fields and statuses are not touched; only what belongs to one hop, or speaks for the gate, is."""

import json
import threading

import harness
from harness import GateTest, Pki, tls_listener, wait_until
from http_peers import Client, Upstream, call, http_route, request, response


class BytesPassUnchanged(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server, self.credential = self.pki.server(), self.pki.client()
        self.reply = response(200, "Content-Type: application/json", body=b"{}")
        self.upstream = Upstream(lambda _, connection: connection.send(self.reply))
        self.other = Upstream(path="/behind/v1")
        self.addCleanup(self.upstream.close)
        self.addCleanup(self.other.close)
        self.running = self.gate(tls_listener(
            self.pki, self.server, route=http_route(self.upstream)
            + http_route(self.other, path="/route", name="other")))

    def client(self, **options):
        return Client(self.running, self.pki, self.credential, **options)

    def exchange(self, data, **options):
        """One exchange on a connection of its own: what the upstream saw, what the client got."""
        with self.client() as client:
            answer = client.exchange(data, **options)
        return self.upstream.requests[-1], answer

    def test_request_bodies_are_not_written_anew(self):
        bodies = [
            b'{ "jsonrpc" :"2.0",\t"id":  1 ,"method":"ping",'
            b'"params":{"n": 12345678901234567890123456789 }}',
            b'{"jsonrpc":"2.0","id":1,"method":"m\\u0065thod/\\u00e9","params":{"b":1,"a":1e300}}',
            '{"jsonrpc":"2.0","id":"é€😀","method":"ping","params":{"x":1.0,"y":-0}}\r\n'.encode(),
            b'{"jsonrpc":"2.0","id":18446744073709551615,"method":"ping"}',
            call(params={"name": "echo", "arguments": {"text": "x" * 300_000}}),
        ]
        for body in bodies:
            with self.subTest(body=body[:60]):
                seen, answer = self.exchange(request(body))
                self.assertEqual(answer.status, 200)
                self.assertEqual(seen.body, body)

    def test_forms_pass_as_they_are(self):
        body = b"grant_type=authorization_code&code=a%2Fb+c&&empty=&resource=https%3A%2F%2Fx"
        seen, answer = self.exchange(
            request(body, content_type="application/x-www-form-urlencoded"))
        self.assertEqual((answer.status, seen.body), (200, body))

    def test_answers_are_not_touched_whatever_their_status(self):
        for status in (200, 202, 400, 401, 404, 405, 409, 429, 500, 503):
            body = b' {"jsonrpc":"2.0", "id":1,  "error":{"code":-32000,"message":"\\u00e9"}}\n'
            self.reply = response(status, "Content-Type: application/json; charset=utf-8",
                                  "Allow: POST", "WWW-Authenticate: Bearer resource_metadata=\"x\"",
                                  "Retry-After: 7", "Mcp-Session-Id: s-1", body=body)
            with self.subTest(status=status):
                _, answer = self.exchange(request(call()))
                self.assertEqual((answer.status, answer.body), (status, body))
                for name, value in (("Content-Type", "application/json; charset=utf-8"),
                                    ("Allow", "POST"), ("Retry-After", "7"),
                                    ("WWW-Authenticate", 'Bearer resource_metadata="x"'),
                                    ("Mcp-Session-Id", "s-1")):
                    self.assertEqual(answer.all(name), [value])

    def test_an_answer_without_a_body_stays_without_one(self):
        self.reply = b"HTTP/1.1 204 No Content\r\n\r\n"
        with self.client() as client:
            self.assertEqual(client.exchange(request(call())).status, 204)
            self.reply = response(body=b"next")
            self.assertEqual(client.exchange(request(call())).body, b"next")

    def test_unknown_fields_pass_both_ways(self):
        self.reply = response(200, "X-Accel-Buffering: no", "Content-Encoding: gzip", "X-Two: a",
                              "X-Two: b", "Set-Cookie: c=1; Path=/", body=b"\x1f\x8bnot looked at")
        sent = {"MCP-Protocol-Version": "2025-11-25", "Mcp-Param-Region": "=?base64?w6k=?=",
                "Authorization": "Bearer abc.def", "DPoP": "eyJ", "Last-Event-ID": "17",
                "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "baggage": "k=v", "Cookie": "a=b", "Accept-Encoding": "gzip, deflate",
                "X-Odd": "  two  blanks  "}
        seen, answer = self.exchange(
            request(call(), *(f"{name}: {value}" for name, value in sent.items())))
        for name, value in sent.items():
            self.assertEqual(seen.all(name), [value.strip()], name)
        self.assertEqual(answer.all("X-Two"), ["a", "b"])
        self.assertEqual(answer.get("X-Accel-Buffering"), "no")
        self.assertEqual(answer.get("Content-Encoding"), "gzip")
        self.assertEqual(answer.get("Set-Cookie"), "c=1; Path=/")
        self.assertEqual(answer.body, b"\x1f\x8bnot looked at")

    def test_fields_of_one_hop_stay_on_it(self):
        self.reply = response(200, "Connection: keep-alive, X-Private-Answer",
                              "X-Private-Answer: 1", "Keep-Alive: timeout=5", "X-Public: 1",
                              "Proxy-Authenticate: Basic", body=b"{}")
        seen, answer = self.exchange(request(
            call(), "Connection: keep-alive, X-Private", "X-Private: 1", "Keep-Alive: timeout=9",
            "TE: trailers", "Upgrade: h2c", "Proxy-Authorization: Basic abc", "X-Public: 1"))
        for name in ("X-Private", "Keep-Alive", "TE", "Upgrade", "Proxy-Authorization",
                     "Connection"):
            self.assertEqual(seen.all(name), [], name)
        self.assertEqual(seen.get("X-Public"), "1")
        for name in ("X-Private-Answer", "Keep-Alive", "Proxy-Authenticate"):
            self.assertEqual(answer.all(name), [], name)
        self.assertEqual(answer.get("X-Public"), "1")

    def test_only_the_gate_says_who_asked(self):
        forged = ("X-Forwarded-For: 10.9.8.7", "X-Forwarded-For: 10.9.8.6",
                  "X-Forwarded-Host: evil.example", "X-Forwarded-Proto: gopher",
                  "X-Forwarded-Port: 1", "Forwarded: for=10.9.8.7", "X-Real-IP: 10.9.8.7",
                  "Client-Cert: :AAAA:", "Client-Cert-Chain: :AAAA:")
        with self.client(source="127.0.0.41") as client:
            client.exchange(request(call(), *forged, host="LOCALHOST:99"))
        seen = self.upstream.requests[-1]
        self.assertEqual(seen.all("X-Forwarded-For"), ["127.0.0.41"])
        self.assertEqual(seen.all("X-Forwarded-Host"), ["LOCALHOST:99"])
        self.assertEqual(seen.all("X-Forwarded-Proto"), ["https"])
        self.assertEqual(seen.all("Host"), [f"127.0.0.1:{self.upstream.port}"])
        for name in ("X-Forwarded-Port", "Forwarded", "X-Real-IP", "Client-Cert",
                     "Client-Cert-Chain"):
            self.assertEqual(seen.all(name), [], name)

    def test_underscores_do_not_carry_a_forged_word_past_the_gate(self):
        # CGI and WSGI servers read "_" in a field's name as "-".
        forged = ("X_Forwarded_For", "x_forwarded-for", "X-Forwarded_Host", "X_FORWARDED_PROTO",
                  "X_Forwarded_Client_Cert", "X_Real_IP", "Client_Cert", "client_cert_chain",
                  "Client-Cert_Chain")
        seen, answer = self.exchange(request(
            call(), *(f"{name}: evil" for name in forged), "X_Other: 1", "For_Warded: 1"))
        self.assertEqual(answer.status, 200)
        for name in forged:
            self.assertEqual(seen.all(name), [], name)
        self.assertNotIn(b"evil", self.upstream.received())
        self.assertEqual(seen.all("X-Forwarded-For"), ["127.0.0.1"])
        self.assertEqual((seen.get("X_Other"), seen.get("For_Warded")), ("1", "1"))

    def test_the_url_s_path_replaces_the_route_s_and_the_rest_is_kept(self):
        with self.client() as client:
            for target in ("/route", "/route?a=1&b=%20", "/route/deeper/x?q"):
                client.exchange(request(call(), target=target))
            self.assertEqual(client.exchange(request(call(), target="/routex")).status, 404)
        self.assertEqual([each.target for each in self.other.requests],
                         ["/behind/v1", "/behind/v1?a=1&b=%20", "/behind/v1/deeper/x?q"])
        self.assertEqual(self.upstream.requests, [])

    def test_every_method_an_mcp_client_uses_gets_there(self):
        for method in ("GET", "DELETE", "OPTIONS", "HEAD"):
            with self.subTest(method=method):
                seen, answer = self.exchange(request(None, method=method),
                                             has_body=method != "HEAD")
                self.assertEqual((seen.method, answer.status), (method, 200))

    def test_a_chunked_request_gets_there_whole(self):
        body = call()
        chunks = b"".join(b"%x;ext=1\r\n%s\r\n" % (len(part), part)
                          for part in (body[:1], body[1:20], body[20:]))
        seen, answer = self.exchange(
            b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n" + chunks + b"0\r\nX-T: 1\r\n\r\n")
        self.assertEqual((answer.status, seen.body), (200, body))

    def test_a_chunked_answer_gets_here_whole(self):
        parts = [b"a" * 70_000, b"\r\n0\r\n\r\n", b"", b"z"]

        def answer(_, connection):
            connection.send(response(200, "Transfer-Encoding: chunked", length=False))
            for part in filter(None, parts):
                connection.send(b"%X\r\n%s\r\n" % (len(part), part))
            connection.send(b"0\r\nX-Trailer: 1\r\n\r\n")

        self.upstream.answer = answer
        with self.client() as client:
            for _ in range(2):
                self.assertEqual(client.exchange(request(call())).body, b"".join(parts))

    def test_an_answer_that_ends_with_its_connection_gets_here_whole(self):
        def answer(_, connection):
            connection.send(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nall of it")
            return False

        self.upstream.answer = answer
        with self.client() as client:
            self.assertEqual(client.exchange(request(call())).body, b"all of it")
            self.assertEqual(client.exchange(request(call())).body, b"all of it")

    def test_connections_to_the_upstream_are_used_again(self):
        with self.client() as client:
            for _ in range(50):
                self.assertEqual(client.exchange(request(call())).status, 200)
        self.assertEqual(len(self.upstream.connections), 1)
        self.assertEqual(len(self.upstream.requests), 50)

    def test_a_connection_the_upstream_closed_is_not_used_again(self):
        closing = threading.Event()

        def answer(_, connection):
            keep = not closing.is_set()  # before the client can go on
            connection.send(self.reply)
            return keep

        self.upstream.answer = answer
        with self.client() as client:
            client.exchange(request(call()))
            closing.set()
            client.exchange(request(call()))
            wait_until(lambda: self.upstream.connections[0].peer.fileno() == -1, "it is closed")
            closing.clear()
            self.assertEqual(client.exchange(request(call())).status, 200)
        self.assertEqual(len(self.upstream.connections), 2)

    def test_the_interim_answer_comes_before_the_body_goes(self):
        body = call()
        with self.client() as client:
            head = request(body, "Expect: 100-continue")[:-len(body)]
            self.assertEqual(client.exchange(head, has_body=False).status, 100)
            self.assertEqual(client.exchange(body).status, 200)
        self.assertEqual(self.upstream.requests[-1].body, body)
        self.assertEqual(self.upstream.requests[-1].all("Expect"), [])

    def test_many_clients_at_once_get_their_own_answers(self):
        self.upstream.answer = lambda seen, connection: connection.send(
            response(200, "Content-Type: application/json", body=seen.body))
        wrong = []

        def work(number):
            with self.client() as client:
                for turn in range(20):
                    body = call(id=f"{number}-{turn}")
                    if client.exchange(request(body)).body != body:
                        wrong.append((number, turn))

        threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
        self.assertEqual(len(self.upstream.requests), 400)
        self.assertEqual(len({json.loads(each.body)["id"] for each in self.upstream.requests}), 400)


if __name__ == "__main__":
    harness.main()
