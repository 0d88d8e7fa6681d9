"""Everything that a session of the older era can do works through the gate with mutual TLS and all
plugins, with server-everything behind HTTP and behind stdio: progress, cancellation, requests from
the server to the client, subscriptions. Two clients at once never see each other's messages."""

import json
import subprocess
from pathlib import Path

import node_programs
from harness import GateTest, Pki, tls_listener, wait_until
from http_peers import http_route
from node_programs import (EVERYTHING, MCP, MUTUAL_TLS, NODE, Program, four_plugins, free_port,
                           mutual_tls, stdio_route)

NAMES = ("Alice", "Boris")
DEADLINE = 60


def resource(name):
    return f"demo://resource/dynamic/text/{NAMES.index(name) + 1}"


def children(pid):
    return [child for file in Path(f"/proc/{pid}/task").glob("*/children")
            for child in file.read_text().split()]


class ServerEverything(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server = self.pki.server()
        self.credentials = {name: self.pki.client(name) for name in NAMES}

    def start(self, route):
        return self.gate(tls_listener(
            self.pki, self.server, route=route,
            pipeline=four_plugins(self.pki, *self.credentials.values())))

    def client(self, gate, kind, name, credential):
        """A client that is connected and waits for a line."""
        client = self.background(
            NODE, "--import", MUTUAL_TLS, MCP / "everything_client.mjs", kind,
            f"https://127.0.0.1:{gate.port()}/mcp", name, resource(name), cwd=MCP,
            env=mutual_tls(self.pki, credential), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        said = client.stdout.readline()
        self.assertEqual(said, "ready\n", client.stderr.read() if said == "" else "")
        return client

    def run_both(self, gate, kind, credentials):
        clients = {name: self.client(gate, kind, name, credentials[name]) for name in NAMES}
        for client in clients.values():
            client.stdin.write("go\n")
            client.stdin.flush()
        outcomes = {}
        for name, client in clients.items():
            said, errors = client.communicate(timeout=DEADLINE)
            self.assertEqual(client.returncode, 0, errors)
            outcomes[name] = json.loads(said)
        return outcomes

    def assert_all_worked(self, name, other, outcome):
        results = outcome["results"]
        self.assertIn("Long running operation completed", results["progress"]["said"])
        self.assertEqual(results["progress"]["seen"], [1, 2, 3, 4])
        self.assertIn("enough", results["cancellation"]["error"])
        self.assertTrue(results["cancellation"]["told"])
        self.assertFalse(results["cancellation"]["answered"])
        self.assertEqual(results["subscription"], resource(name))
        self.assertEqual(results["echoes"], [f"Echo: {name} {index}" for index in range(20)])
        self.assertIn(f"{name} was asked: Resource trigger-sampling-request context: {name}",
                      results["sampling"])
        self.assertIn(f"- Name: {name}", results["elicitation"])
        self.assertIn(f"URI: file:///{name}", results["roots"])
        received = json.dumps(outcome["received"])
        self.assertNotIn(other, received)
        self.assertNotIn(resource(other), received)

    def assert_two_clients_use_it_in_full(self, gate):
        same = dict.fromkeys(NAMES, self.credentials[NAMES[0]])
        for kind in ("sdk1", "sdk2-legacy"):
            for certificates, credentials in (("two", self.credentials), ("one", same)):
                with self.subTest(kind=kind, certificates=certificates):
                    outcomes = self.run_both(gate, kind, credentials)
                    for name, other in zip(NAMES, reversed(NAMES)):
                        self.assert_all_worked(name, other, outcomes[name])

    def test_behind_http(self):
        port = free_port()
        server = Program(self.directory, "everything", EVERYTHING, "streamableHttp",
                         environment={"PORT": str(port)})
        self.addCleanup(server.end)
        server.said("listening on port")
        gate = self.start(http_route(f"http://127.0.0.1:{port}/mcp"))
        self.assert_two_clients_use_it_in_full(gate)

    def test_behind_stdio(self):
        gate = self.start(stdio_route("/mcp", EVERYTHING, "stdio"))
        self.assert_two_clients_use_it_in_full(gate)
        wait_until(lambda: not children(gate.process.pid), "every session's child is gone")


if __name__ == "__main__":
    node_programs.main()
