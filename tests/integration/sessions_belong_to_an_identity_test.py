"""A legacy session is its owner's: with another certificate its id is worth as much as one that never
was. Renewing the certificate, and a reload of the gate, end no session."""

import itertools
import json

import harness
from harness import GateTest, Pki, tls_listener, wait_until
from http_peers import Client, Upstream, call, http_route, json_response, request, response

INITIALIZE = json.dumps({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
    "protocolVersion": "2025-11-25", "capabilities": {},
    "clientInfo": {"name": "t", "version": "1"}}}).encode()
MODERN = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {
    "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}}}).encode()


class Sessions(GateTest):
    def setUp(self):
        super().setUp()
        self.pki = Pki(self.directory / "pki")
        self.server, self.anna = self.pki.server(), self.pki.client("anna")
        self.bert = self.pki.client("bert")
        self.numbers = itertools.count()
        self.next_id = None  # what initialize gives instead of a number of its own
        self.upstream = Upstream(self.answer)
        self.addCleanup(self.upstream.close)
        self.running = self.gate(self.configuration())

    def configuration(self, tls=""):
        return tls_listener(self.pki, self.server, tls=tls, route=http_route(self.upstream)
                            + http_route(self.upstream, path="/other", name="other"))

    def answer(self, asked, connection):
        """A server of the older era, which trusts whoever knows an id."""
        session = asked.get("Mcp-Session-Id")
        begins = b'"initialize"' in asked.body
        if begins:
            session = self.next_id or f"session-{next(self.numbers)}"
        if session == "session-gone" and not begins:
            return connection.send(json_response({"jsonrpc": "2.0", "id": None, "error": {
                "code": -32001, "message": "Session not found"}}, status=404))
        if asked.method == "DELETE":
            return connection.send(response(200 if session != "session-kept" else 405))
        fields = [f"Mcp-Session-Id: {session}"] if session else []
        return connection.send(json_response({"jsonrpc": "2.0", "id": 1, "result": {}}, *fields))

    def ask(self, credential, body=None, session=None, *fields, method="POST", **options):
        with Client(self.running, self.pki, credential) as client:
            if session is not None:
                fields = (*fields, f"Mcp-Session-Id: {session}")
            self.peer = f"{client.address[0]}:{client.address[1]}"
            body = None if method != "POST" else body or call()
            return client.exchange(request(body, *fields, method=method, **options))

    def begin(self, credential):
        answer = self.ask(credential, INITIALIZE)
        self.assertEqual(answer.status, 200)
        return answer.get("Mcp-Session-Id")

    def assert_unknown(self, answer, reason, id=1):
        self.assertEqual(answer.status, 404)
        said = answer.json()
        self.assertEqual((said["jsonrpc"], said["id"]), ("2.0", id))
        self.assertEqual(said["error"], {"code": 764, "message": "Session not found"})
        return wait_until(lambda: self.running.last(lambda r: r.get("peer") == self.peer
                                                    and r.get("reason") == reason), reason)

    def assert_own(self, credential, session):
        self.assertEqual(self.ask(credential, session=session).status, 200)

    def test_another_identity_is_told_that_there_is_no_such_session(self):
        session = self.begin(self.anna)
        self.assert_own(self.anna, session)
        before = len(self.upstream.requests)
        for method in ("POST", "GET", "DELETE"):
            answer = self.ask(self.bert, session=session, method=method)
            said = self.assert_unknown(answer, "session_foreign", 1 if method == "POST" else None)
            self.assertEqual(said["identity"], "dn:CN=bert")
            self.assertIn("dn:CN=anna", said["detail"])
        unknown = self.ask(self.bert, session="never-was")
        self.assert_unknown(unknown, "session_unknown")
        foreign = self.ask(self.bert, session=session)
        self.assertEqual([f for f in foreign.fields if f[0] != "Date"],
                         [f for f in unknown.fields if f[0] != "Date"])
        self.assertEqual(foreign.body, unknown.body)
        self.assertEqual(len(self.upstream.requests), before)
        self.assert_own(self.anna, session)

    def test_a_session_is_of_one_route(self):
        session = self.begin(self.anna)
        self.assert_unknown(self.ask(self.anna, None, session, target="/other"), "session_unknown")
        self.assert_own(self.anna, session)

    def test_a_renewed_certificate_goes_on_and_one_of_another_authority_does_not(self):
        foreign = Pki(self.directory / "foreign", "Another CA")
        both = f'"{self.pki.ca}", "{foreign.ca}"'
        self.running.configure(self.configuration().replace(f'"{self.pki.ca}"', both))
        self.running.reload()
        session = self.begin(self.anna)
        renewed = self.pki.issue("client", "renewed", "--name", "anna")
        self.assert_own(renewed, session)
        same_name = foreign.issue("client", "anna", "--name", "anna")
        self.assert_unknown(self.ask(same_name, session=session), "session_foreign")

    def test_a_reload_keeps_sessions_and_a_restart_does_not(self):
        session = self.begin(self.anna)
        self.running.configure(self.configuration() + "\n[shutdown]\ndrain_timeout = \"9s\"\n")
        self.assertEqual(self.running.reload()["message"], "configuration reloaded")
        self.assert_own(self.anna, session)
        self.assert_unknown(self.ask(self.bert, session=session), "session_foreign")
        self.running.stop()
        self.running.log_file.unlink()
        self.running.start()
        # Nobody can say whose it was, so it is nobody's; its client begins anew.
        self.assert_unknown(self.ask(self.anna, session=session), "session_unknown")
        self.assert_own(self.anna, self.begin(self.anna))

    def test_a_session_that_ended_is_forgotten(self):
        session = self.begin(self.anna)
        self.assertEqual(self.ask(self.anna, session=session, method="DELETE").status, 200)
        self.assert_unknown(self.ask(self.anna, session=session), "session_unknown")
        self.next_id = "session-kept"
        self.begin(self.anna)
        self.assertEqual(
            self.ask(self.anna, session="session-kept", method="DELETE").status, 405)
        self.assert_own(self.anna, "session-kept")

    def test_what_is_not_found_in_a_session_does_not_end_it(self):
        self.next_id = "session-gone"
        self.begin(self.anna)
        for _ in range(2):
            answer = self.ask(self.anna, session="session-gone")
            self.assertEqual((answer.status, answer.json()["error"]["code"]), (404, -32001))
        self.assert_unknown(self.ask(self.bert, session="session-gone"), "session_foreign")

    def test_a_path_below_the_route_s_ends_no_session(self):
        session = self.begin(self.anna)
        answer = self.ask(self.anna, session=session, method="DELETE", target="/mcp/files/7")
        self.assertEqual(answer.status, 200)
        self.assert_own(self.anna, session)

    def assert_malformed(self, credential, why):
        answer = self.ask(credential, INITIALIZE)
        self.assertEqual(answer.status, 502)
        self.assertIsNone(answer.get("Mcp-Session-Id"))
        self.assertEqual((answer.json()["id"], answer.json()["error"]["code"]), (0, 761))
        said = wait_until(lambda: self.running.last(lambda r: r.get("peer") == self.peer
                                                    and r.get("reason") == "upstream_malformed"),
                         "a refusal")
        self.assertEqual(said["detail"], why)

    def test_what_a_server_gives_twice_stays_with_the_first(self):
        self.next_id = "constant"
        self.assertEqual(self.begin(self.anna), "constant")
        self.assert_malformed(
            self.bert, "the server gave a session id that belongs to another identity")
        # Also where the answer is a stream that stays open.
        self.upstream.answer = lambda asked, connection: connection.send(response(
            200, "Mcp-Session-Id: constant", "Content-Type: text/event-stream",
            "Transfer-Encoding: chunked", body=b"6\r\ndata: \r\n", length=False))
        self.assert_malformed(
            self.bert, "the server gave a session id that belongs to another identity")
        self.upstream.answer = self.answer
        self.assert_unknown(self.ask(self.bert, session="constant"), "session_foreign")
        self.assert_own(self.anna, "constant")

    def test_initialize_with_an_old_id_is_told_to_come_without_it(self):
        self.assert_unknown(self.ask(self.anna, INITIALIZE, "from-last-week"), "session_unknown", 0)

    def test_ids_of_absurd_size_are_no_session(self):
        self.assert_unknown(self.ask(self.anna, session="x" * 16_000), "session_unknown")
        self.next_id = "y" * 2000
        self.assert_malformed(
            self.anna, "the server gave a session id that is too long to be remembered")

    def test_the_newer_era_has_no_sessions_to_steal(self):
        session = self.begin(self.anna)
        for credential in (self.bert, self.anna):
            answer = self.ask(credential, MODERN, session, "MCP-Protocol-Version: 2026-07-28")
            self.assertEqual(answer.status, 200)
            self.assertIsNone(self.upstream.requests[-1].get("Mcp-Session-Id"))
            self.assertEqual(self.upstream.requests[-1].body, MODERN)

    def test_an_id_in_a_field_that_only_looks_like_it_stays_behind(self):
        session = self.begin(self.anna)
        for name in ("Mcp_Session_Id", "mcp_session-id", "Mcp-Session_Id", "Mcp.Session.Id"):
            answer = self.ask(self.bert, None, None, f"{name}: {session}")
            self.assertEqual(answer.status, 200)
            self.assertNotIn(session.encode(), self.upstream.connections[-1].reader.raw)

    def test_clients_without_a_certificate_share_their_sessions_with_none_that_has_one(self):
        self.running.configure(self.configuration('client_certificate = "optional"'))
        self.running.reload()
        session = self.begin(None)
        self.assert_own(None, session)
        said = self.assert_unknown(self.ask(self.anna, session=session), "session_foreign")
        self.assertIn("without a certificate", said["detail"])
        self.assert_unknown(self.ask(None, session=self.begin(self.anna)), "session_foreign")


if __name__ == "__main__":
    harness.main()
