"""The built-in server and one made with the official SDK get the same requests, bare and odd ones of
both eras, and agree on status, Allow, error code and id."""

import json
import urllib.error
import urllib.request

from harness import GateTest, BUILTIN_ROUTE
from node_programs import MCP, Program, main

TYPES = "application/json, text/event-stream"
WHOLE = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
         "io.modelcontextprotocol/clientCapabilities": {}}
CLIENT = {"capabilities": {}, "clientInfo": {"name": "a", "version": "1"}}
OLDER = {"MCP-Protocol-Version": "2025-11-25"}


def older(method, params=None, id=1):
    message = {"jsonrpc": "2.0", "id": id, "method": method, "params": params or {}}
    return message if id is not None else {k: v for k, v in message.items() if k != "id"}


def newer(method, params=None, id=1, meta=None):
    return older(method, {**(params or {}), "_meta": WHOLE if meta is None else meta}, id)


def headers(method, **more):
    return {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method,
            **{key.replace("_", "-"): value for key, value in more.items()}}


def future(**more):
    return {**WHOLE, "io.modelcontextprotocol/protocolVersion": "2099-01-01", **more}


def raw_id(text, method="ping"):
    return f'{{"jsonrpc":"2.0","id":{text},"method":"{method}"}}'


# A body, and the headers beside Accept and Content-Type; None takes one of those away.
CASES = {
    "no json": ("{", {}),
    "no body": ("", {}),
    "no message": ({"a": 1}, {}),
    "a scalar": ("7", {}),
    "no jsonrpc": ({"id": 1, "method": "ping"}, {}),
    "another jsonrpc": ({"jsonrpc": "1.0", "id": 1, "method": "ping"}, {}),
    "no method": ({"jsonrpc": "2.0", "id": 1}, {}),
    "a numeric method": ({"jsonrpc": "2.0", "id": 1, "method": 7}, {}),
    "params that are a list": ({**older("ping"), "params": []}, {}),
    "params that are null": ({**older("ping"), "params": None}, {}),
    "text": (older("ping"), {"Content-Type": "text/plain"}),
    "no type": (older("ping"), {"Content-Type": None}),
    "a charset": (older("ping"), {"Content-Type": "application/json; charset=utf-8"}),
    "text and nothing accepted": (older("ping"), {"Content-Type": "text/plain", "Accept": "x/y"}),
    "newer, nothing accepted": (newer("tools/list"), {**headers("tools/list"), "Accept": None}),
    **{f"id {text}": (raw_id(text), OLDER)
       for text in ("null", "true", "{}", "[]", "1.5", "1.0", "1e3", "-5", "0", '""', '"\\u00e9"')},
    "ping": (older("ping"), OLDER),
    "an unknown method": (older("nope"), OLDER),
    "discover in the older era": (older("server/discover"), OLDER),
    "logging, which is not offered": (older("logging/setLevel", {"level": "info"}), OLDER),
    "resources, which are not offered": (older("resources/list"), OLDER),
    "an unknown tool": (older("tools/call", {"name": "nope"}), OLDER),
    "a tool without a name": (older("tools/call"), OLDER),
    "arguments that are a list": (older("tools/call", {"name": "echo", "arguments": []}), OLDER),
    "arguments that are null": (older("tools/call", {"name": "echo", "arguments": None}), OLDER),
    "arguments that are missing": (older("tools/call", {"name": "echo"}), OLDER),
    "a notification": (older("notifications/initialized", id=None), OLDER),
    "an unknown notification": (older("notifications/x", id=None), {}),
    "a response": ({"jsonrpc": "2.0", "id": 1, "result": {}}, OLDER),
    **{f"initialize {version}": (older("initialize", {"protocolVersion": version, **CLIENT}), {})
       for version in ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2024-10-07",
                       "1999-01-01", "2026-07-28")},
    "initialize under a wrong header": (
        older("initialize", {"protocolVersion": "2025-11-25", **CLIENT}),
        {"MCP-Protocol-Version": "1999-01-01"}),
    "initialize under a newer header": (
        older("initialize", {"protocolVersion": "2025-11-25", **CLIENT}), headers("initialize")),
    "initialize of the newer era": (newer("initialize"), headers("initialize")),
    "2025-03-26": (older("ping"), {"MCP-Protocol-Version": "2025-03-26"}),
    "a header of letters": (older("ping"), {"MCP-Protocol-Version": "x"}),
    "a batch": ([older("ping"), older("ping", id=2)], {"MCP-Protocol-Version": "2025-03-26"}),
    "an empty batch": ([], {}),
    "a batch with a scalar": ([older("ping"), 7], {}),
    "a batch of notifications": ([older("notifications/x", id=None)], {}),
    "a batch of the newer era": ([newer("tools/list")], {}),
    "discover": (newer("server/discover"), headers("server/discover")),
    "list": (newer("tools/list"), headers("tools/list")),
    "list, spaces around": (newer("tools/list"), {"MCP-Protocol-Version": " 2026-07-28 ",
                                                  "Mcp-Method": "tools/list  "}),
    **{f"newer {method}": (newer(method), headers(method))
       for method in ("nope", "ping", "logging/setLevel", "resources/list", "prompts/list",
                      "completion/complete", "notifications/initialized")},
    "no envelope": (older("tools/list"), headers("tools/list")),
    "no capabilities": (newer("tools/list", meta={list(WHOLE)[0]: "2026-07-28"}),
                        headers("tools/list")),
    "a numeric version": (newer("tools/list", meta={**WHOLE, list(WHOLE)[0]: 7}),
                          headers("tools/list")),
    "a null envelope": (older("tools/list", {"_meta": None}), headers("tools/list")),
    "a client without a name": (
        newer("tools/list", meta={**WHOLE, "io.modelcontextprotocol/clientInfo": {}}),
        headers("tools/list")),
    "a level that is none": (
        newer("tools/list", meta={**WHOLE, "io.modelcontextprotocol/logLevel": "loud"}),
        headers("tools/list")),
    "no headers": (newer("tools/list"), {}),
    "no Mcp-Method": (newer("tools/list"), {"MCP-Protocol-Version": "2026-07-28"}),
    "another Mcp-Method": (newer("tools/list"), headers("tools/call")),
    "Mcp-Method in capitals": (newer("tools/list"), headers("Tools/List")),
    "an older header": (newer("tools/list"), {**headers("tools/list"), **OLDER}),
    "an older claim": (newer("tools/list", meta={**WHOLE, list(WHOLE)[0]: "2025-11-25"}),
                       {**headers("tools/list"), **OLDER}),
    "a future version": (newer("tools/list", meta=future()),
                         {**headers("tools/list"), "MCP-Protocol-Version": "2099-01-01"}),
    "an unknown method under another header": (newer("nope"), headers("tools/list")),
    "a call": (newer("tools/call", {"name": "nope"}), headers("tools/call", Mcp_Name="nope")),
    "a call without Mcp-Name": (newer("tools/call", {"name": "echo"}), headers("tools/call")),
    "a call with another Mcp-Name": (newer("tools/call", {"name": "echo"}),
                                     headers("tools/call", Mcp_Name="ech")),
    "a call with Mcp-Name in Base64": (newer("tools/call", {"name": "nope"}),
                                       headers("tools/call", Mcp_Name="=?base64?bm9wZQ==?=")),
    "a call with broken Base64": (newer("tools/call", {"name": "echo"}),
                                  headers("tools/call", Mcp_Name="=?base64?ZWNobw?=")),
    "a newer notification": (newer("notifications/x", id=None), headers("notifications/x")),
    "one without an envelope": (older("notifications/x", id=None), headers("notifications/x")),
    "one under another Mcp-Method": (older("notifications/x", id=None), headers("notifications/y")),
    "one of the future": (newer("notifications/x", id=None, meta=future()),
                          {**headers("notifications/x"), "MCP-Protocol-Version": "2099-01-01"}),
}


def ask(url, method, body, more):
    """What the two must agree on: status, Allow, and of a JSON-RPC answer kind or code, and id."""
    fields = {"Accept": TYPES, "Content-Type": "application/json", **more}
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
    asked = urllib.request.Request(url, method=method, data=body.encode() if body is not None else None,
                                   headers={k: v for k, v in fields.items() if v is not None})
    if fields["Content-Type"] is None:
        asked.add_unredirected_header("Content-Type", "")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        answer = opener.open(asked, timeout=20)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        text = answer.read().decode()
    told = []
    lines = [line[5:] for line in text.split("\n") if line.startswith("data:")] or [text]
    for part in (json.loads(line) for line in lines if line.strip()):
        for message in part if isinstance(part, list) else [part]:
            told.append((message.get("error", {}).get("code", "result"), message["id"]))
    return answer.status, answer.headers.get("Allow"), told


class AsTheSdk(GateTest):
    def setUp(self):
        super().setUp()
        server = Program(self.directory, "sdk", MCP / "modern_server.mjs")
        self.addCleanup(server.end)
        self.sdk = "http://127.0.0.1:{}/mcp".format(server.said(r"listening (\d+)")[1])
        running = self.gate(f"""
[[listener]]
name = "mcp"
host = "127.0.0.1"
port = 0
use_tls = false
{BUILTIN_ROUTE}""")
        self.builtin = f"http://127.0.0.1:{running.port()}/mcp"

    def test_posts_are_answered_alike(self):
        for name, (body, more) in CASES.items():
            with self.subTest(case=name):
                self.assertEqual(ask(self.builtin, "POST", body, more),
                                 ask(self.sdk, "POST", body, more))

    def test_other_methods_are_answered_alike(self):
        for method in ("GET", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH"):
            for more in ({}, headers("ping"), OLDER):
                with self.subTest(method=method, headers=more):
                    self.assertEqual(ask(self.builtin, method, None, more),
                                     ask(self.sdk, method, None, more))

    def test_an_accept_that_lacks_a_type_is_refused_alike(self):
        # The id is told where the SDK's server tells none: it could be read.
        for accept in (None, "application/json", "text/event-stream", "x/y"):
            with self.subTest(accept=accept):
                status, _, told = ask(self.builtin, "POST", older("ping"), {"Accept": accept})
                self.assertEqual((status, told), (406, [(-32000, 1)]))
                status, _, told = ask(self.sdk, "POST", older("ping"), {"Accept": accept})
                self.assertEqual((status, told), (406, [(-32000, None)]))


if __name__ == "__main__":
    main()
