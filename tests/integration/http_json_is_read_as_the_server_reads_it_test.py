"""Policy must hear what the server will hear: bodies that two JSON parsers read in two ways, or
that come under another name, are refused and never reach the upstream."""

import json

import harness
from harness import GateTest, Pki, pipeline, tls_listener
from http_peers import Client, Upstream, call, http_route, refused_request, request, response

VERSION = "io.modelcontextprotocol/protocolVersion"

AMBIGUOUS = {
    "the_method_twice": b'{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}',
    "the_method_twice_once_escaped":
        b'{"jsonrpc":"2.0","id":1,"method":"ping","m\\u0065thod":"tools/call"}',
    "the_id_twice": b'{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}',
    "the_params_twice": b'{"jsonrpc":"2.0","id":1,"method":"tools/call",'
                        b'"params":{"name":"a"},"params":{"name":"b"}}',
    "the_tool_twice": b'{"jsonrpc":"2.0","id":1,"method":"tools/call",'
                      b'"params":{"name":"safe","name":"unsafe"}}',
    "the_meta_twice": b'{"jsonrpc":"2.0","id":1,"method":"ping",'
                      b'"params":{"_meta":{"a":1},"_meta":{"a":2}}}',
    "the_version_twice": b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"%s":"x",'
                         b'"%s":"y"}}}' % (VERSION.encode(), VERSION.encode()),
    "an_unknown_key_twice": b'{"jsonrpc":"2.0","id":1,"method":"ping","x":1,"x":2}',
    "a_method_in_capitals": b'{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call"}',
    "only_a_method_in_capitals": b'{"jsonrpc":"2.0","id":1,"METHOD":"tools/call"}',
    "params_with_a_long_s":
        '{"jsonrpc":"2.0","id":1,"method":"ping","param\u017f":{}}'.encode(),
    "tasks_with_a_kelvin_sign":
        '{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"tas\u212aId":"x"}}'.encode(),
    "a_tool_that_is_no_string": call(params={"name": ["whoami"]}),
    "params_that_are_no_object": call(params=["whoami"]),
    "a_method_that_is_no_string": call(method=["tools/call"]),
    "a_method_with_a_result": call(result={}),
    "neither_request_nor_answer": b'{"jsonrpc":"2.0","id":1}',
    "an_id_that_is_an_object": call(id={}),
    "another_jsonrpc": call(jsonrpc="1.0"),
    "two_documents": call() + call(),
    "junk_behind_the_document": call() + b"x",
    "a_trailing_comma": b'{"jsonrpc":"2.0","id":1,"method":"ping",}',
    "a_comment": b'{"jsonrpc":"2.0",/**/"id":1,"method":"ping"}',
    "single_quotes": b"{'jsonrpc':'2.0','id':1,'method':'ping'}",
    "half_a_document": call()[:-1],
    "no_body": b"",
    "broken_utf_8": b'{"jsonrpc":"2.0","id":1,"method":"p\xffing"}',
    "half_a_surrogate": b'{"jsonrpc":"2.0","id":1,"method":"p\\ud800ing"}',
    "a_raw_control_character": b'{"jsonrpc":"2.0","id":1,"method":"p\ning"}',
    "utf_16": call().decode().encode("utf-16"),
    "a_thousand_levels": b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":'
                         + b"[" * 100_000 + b"]" * 100_000 + b"}}",
    "a_scalar": b"17",
    "an_empty_batch": b"[]",
    "a_batch_with_a_scalar": b"[" + call() + b",17]",
    "a_batch_in_a_batch": b"[[" + call() + b"]]",
    "a_batch_of_too_many": b"[" + b",".join([call()] * 101) + b"]",
    "a_batch_with_the_method_twice":
        b'[' + call() + b',{"jsonrpc":"2.0","id":1,"method":"a","method":"b"}]',
    "a_batch_with_a_newer_message":
        json.dumps([json.loads(call(params={"_meta": {VERSION: "2026-07-28"}}))]).encode(),
}


class JsonBodies(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server, self.credential = self.pki.server(), self.pki.client()
        self.upstream = Upstream(lambda seen, connection: connection.send(response(body=b"ok")))
        self.addCleanup(self.upstream.close)
        self.running = self.gate(tls_listener(self.pki, self.server,
                                              pipeline=pipeline("validator"),
                                              route=http_route(self.upstream)))

    def client(self):
        return Client(self.running, self.pki, self.credential)

    def refused(self, data):
        self.upstream.requests.clear()
        with self.client() as client:
            self.assertEqual(client.exchange(data).status, 400)
            refused_request(self.running, client, "json_malformed")
            # The message was whole, so the connection goes on in step.
            self.assertEqual(client.exchange(request(call())).body, b"ok")
        self.assertEqual(len(self.upstream.requests), 1)

    def passed(self, data):
        with self.client() as client:
            self.assertEqual(client.exchange(data).body, b"ok")

    def test_what_two_parsers_read_differently_is_refused(self):
        for name, body in AMBIGUOUS.items():
            with self.subTest(case=name):
                self.refused(request(body))

    def test_json_under_another_name_is_refused(self):
        for name in ("text/plain", "application/json-rpc", "text/json", "application/octet-stream",
                     "application/x-www-form-urlencoded", "application/vnd.api+json", "x"):
            for body in (call(), b" \r\n\t" + call(), b"[" + call() + b"]",
                         b"\xef\xbb\xbf" + call(), call().decode().encode("utf-16"),
                         call().decode().encode("utf-32-be")):
                with self.subTest(content_type=name, body=body[:5]):
                    self.refused(request(body, content_type=name))

    def test_what_may_hide_json_is_refused_and_what_cannot_passes(self):
        self.passed(request(b"text", content_type="text/plain"))
        self.refused(request(bytes(range(256)), content_type="application/octet-stream"))
        form = "application/x-www-form-urlencoded"
        self.refused(request(b"a=%s" % call(), content_type=form))
        self.passed(request(b"a=b&c=%7B", content_type=form))

    def test_json_without_a_content_type_is_refused(self):
        body = call()
        self.refused(b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"
                     % (len(body), body))

    def test_json_by_its_name_passes(self):
        for name in ("application/json", "Application/JSON", "application/json; charset=utf-8",
                     "application/json ;x=y"):
            with self.subTest(content_type=name):
                self.passed(request(call(), content_type=name))

    def test_json_in_another_charset_is_refused(self):
        # A server that decodes as it is told to would read another message than the gate did.
        for parameters in ("charset=utf-7", 'charset="utf-7"', "charset=UTF-7", "Charset=utf-16",
                           "charset=utf-16le", "charset=utf-32", "charset=iso-8859-1", "charset=",
                           "charset", "charset=utf-8; charset=utf-7",
                           "charset=utf-7; charset=utf-8", "charset=utf-8, charset=utf-7",
                           "charset=utf-8;x=y", 'charset="utf-8', "charset=utf-8x",
                           "charset = utf-8", "x=y; charset=utf-7"):
            name = f"application/json; {parameters}"
            with self.subTest(content_type=name):
                self.refused(request(call(), content_type=name))

    def test_another_charset_hides_json_that_shows_no_brace(self):
        hidden = call().decode().replace("{", "+AHs-").replace("}", "+AH0-").encode()
        for name in ("text/plain; charset=utf-7", 'text/plain; charset="utf-7"',
                     "application/x-www-form-urlencoded; charset=utf-7",
                     "application/json; charset=utf-7"):
            with self.subTest(content_type=name):
                self.refused(request(hidden, content_type=name))
        # Under UTF-8 it is the text that it looks like.
        self.passed(request(hidden, content_type="text/plain; charset=utf-8"))

    def test_utf_8_by_its_name_passes(self):
        for parameters in ("charset=utf-8", 'charset="utf-8"', "charset=UTF-8", "CHARSET=utf-8",
                           "x=y; charset=utf-8"):
            name = f"application/json; {parameters}"
            with self.subTest(content_type=name):
                self.passed(request(call(), content_type=name))

    def test_a_body_with_get_or_delete_is_refused(self):
        for method in ("GET", "DELETE", "OPTIONS"):
            with self.subTest(method=method), self.client() as client:
                self.assertEqual(client.exchange(request(call(), method=method)).status, 400)
                refused_request(self.running, client, "request_malformed")
        self.assertEqual(self.upstream.requests, [])

    def test_a_batch_passes_where_the_revision_has_batches(self):
        batch = b"[" + call() + b"," + call(id="2") + b"]"
        self.passed(request(batch))
        self.passed(request(batch, "MCP-Protocol-Version: 2025-03-26"))
        for version in ("2025-06-18", "2025-11-25", "2026-07-28"):
            with self.subTest(version=version):
                self.refused(request(batch, f"MCP-Protocol-Version: {version}"))

    def test_every_shape_of_message_passes(self):
        for body in (call(), call(id="é"), call(id=0), call(method="notifications/x", params=None),
                     b'{"jsonrpc":"2.0","id":3,"result":{}}',
                     b'{"jsonrpc":"2.0","id":3,"error":{"code":-1,"message":"x"}}',
                     call(params={"name": "a", "arguments": {"method": 1, "name": {}, "id": []}}),
                     b' {"jsonrpc":"2.0","id":1,"m\\u0065thod":"ping"}\r\n'):
            with self.subTest(body=body):
                self.passed(request(body))


if __name__ == "__main__":
    harness.main()
