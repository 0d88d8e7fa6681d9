"""MCP over a gate's stdio route, spoken by hand: what the tests of that route share."""

import http.client
import json
from pathlib import Path

from harness import ALLOW_ROOT, BUILD, DEADLINE, toml

SMALL_SERVER = BUILD / "tests" / "integration" / "small_stdio_server"
JSON_HEADERS = {"Content-Type": "application/json",
                "Accept": "application/json, text/event-stream"}
META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {}}


def stdio_route(*options, extra="", command=SMALL_SERVER):
    return f"""
[[listener.route]]
name = "small"
path = "/mcp"
[listener.route.upstream]
kind = "stdio"
command = {toml([command, *options])}
{ALLOW_ROOT}
{extra}
"""


def plain_listener(route):
    """Without TLS, for tests of what lies behind it."""
    return f"""
[[listener]]
name = "mcp"
host = "127.0.0.1"
port = 0
use_tls = false
{route}
"""


def children_of(pid):
    return [int(child) for file in Path(f"/proc/{pid}/task").glob("*/children")
            for child in file.read_text().split()]


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.text = response.read().decode()

    def messages(self):
        """What it says, whether it came as JSON or as an event stream."""
        if self.headers.get_content_type() == "text/event-stream":
            return [json.loads(line[5:]) for line in self.text.splitlines()
                    if line.startswith("data:") and line[5:].strip()]
        return [json.loads(self.text)] if self.text else []

    def last(self):
        return self.messages()[-1]


class Session:
    """A client of the older era on one connection; `context` makes it one of TLS."""

    def __init__(self, port, context=None):
        self.connection = (
            http.client.HTTPSConnection("127.0.0.1", port, timeout=DEADLINE, context=context)
            if context else http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE))
        self.id = None

    def send(self, method, body=None, headers=None):
        """Without waiting for the answer."""
        headers = {**JSON_HEADERS, **({"Mcp-Session-Id": self.id} if self.id else {}),
                   **(headers or {})}
        self.connection.request(method, "/mcp", json.dumps(body) if body is not None else None,
                                headers)

    def receive(self):
        return Answer(self.connection.getresponse())

    def ask(self, method, body=None, headers=None):
        self.send(method, body, headers)
        return self.receive()

    def open(self):
        answer = self.ask("POST", {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"}}})
        self.id = answer.headers["Mcp-Session-Id"]
        self.ask("POST", {"jsonrpc": "2.0", "method": "notifications/initialized"})
        return answer

    def call(self, tool, arguments=None, request_id=1):
        return self.ask("POST", tool_call(tool, arguments, request_id))

    def modern(self, tool, arguments=None, request_id=1):
        return self.ask("POST", tool_call(tool, arguments, request_id, META), {
            "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": tool})

    def close(self):
        self.connection.close()


def tool_call(tool, arguments=None, request_id=1, meta=None):
    params = {"name": tool, "arguments": arguments or {}}
    if meta:
        params["_meta"] = meta
    return {"jsonrpc": "2.0", "id": request_id, "method": "tools/call", "params": params}


def text_of(answer):
    return answer.last()["result"]["content"][0]["text"]
