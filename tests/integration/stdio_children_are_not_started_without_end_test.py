"""A client that starts children over and over is told to wait, in a way that it can tell from other
errors; the log says so once."""

import harness
from harness import GateTest
from stdio_peers import Session, plain_listener, stdio_route


class Starts(GateTest):
    def test_a_client_that_opens_and_ends_sessions_is_slowed_down(self):
        running = self.gate(plain_listener(stdio_route(extra="max_children = 40")))
        client = Session(running.port())
        self.addCleanup(client.close)
        refused = []
        for _ in range(60):
            client.id = None
            answer = client.open()
            if client.id:
                self.assertEqual(client.ask("DELETE").status, 200)
            elif answer.status == 429:
                refused.append(answer)
            else:  # those that end are counted too
                self.assertEqual(answer.status, 503, answer.text)
        self.assertGreater(len(refused), 5)
        self.assertGreaterEqual(int(refused[0].headers["Retry-After"]), 1)
        self.assertEqual(refused[0].last()["error"]["code"], 500)
        self.assertLessEqual(len(running.find(message="child started")), 40)
        loud = [r for r in running.records() if r.get("level") == "warning"
                and "starts children too often" in r.get("detail", "")]
        self.assertEqual(len(loud), 1)


if __name__ == "__main__":
    harness.main()
