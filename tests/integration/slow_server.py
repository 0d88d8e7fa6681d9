"""An MCP server that keeps its callers waiting."""

import http.server
import threading

import harness


class SlowServer:
    """An HTTP server that answers when it is told to."""

    def __init__(self):
        self.asked = threading.Semaphore(0)
        self.answer = threading.Event()
        slow = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                slow.asked.release()
                slow.answer.wait(harness.DEADLINE * 2)
                body = b'{"jsonrpc":"2.0","id":1,"result":{"late":true}}'
                try:
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    pass  # the gate did not wait for it

            def log_message(self, *ignored):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/mcp"

    def route(self, path="/mcp"):
        return f"""
[[listener.route]]
name = "slow"
path = "{path}"
[listener.route.upstream]
kind = "http"
urls = ["{self.url}"]
"""

    def wait_until_asked(self):
        if not self.asked.acquire(timeout=harness.DEADLINE):
            raise AssertionError("the request did not come")

    def close(self):
        self.answer.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
