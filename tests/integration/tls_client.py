"""A TLS client for tests that keep sessions or connections, or stop half-way through a handshake.

It is Python's ssl, thus OpenSSL: not the library of the gate.
"""

import http.client
import json
import ssl

import harness
from harness import CALL, DEADLINE

VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


class Refused(Exception):
    """The gate ended the handshake or the connection; the alert's name where it sent one."""

    def __init__(self, error):
        self.alert = getattr(error, "reason", None) or type(error).__name__
        super().__init__(f"{self.alert}: {error}")


class Answer:
    def __init__(self, response):
        self.status = response.status
        text = response.read().decode()
        self.text = text
        if response.headers.get("Content-Type", "").startswith("text/event-stream"):
            text = next(line[5:] for line in text.splitlines() if line.startswith("data:"))
        try:
            self.json = json.loads(text)
        except ValueError:
            self.json = None

    @property
    def whoami(self):
        if self.status != 200:
            raise AssertionError(f"HTTP {self.status}: {self.text}")
        return self.json["result"]["structuredContent"]

    @property
    def resumed(self):
        return self.whoami["tls"]["resumed"]

    def plugins(self):
        """What each plugin said, e.g. {("pinning", "peer_certificate"): "allow"}."""
        return {(each["plugin"], each["phase"]): each["action"] for each in self.whoami["plugins"]}


class Conversation:
    """One connection on which HTTP requests go one after the other."""

    def __init__(self, sock):
        self.socket = sock

    @property
    def session(self):
        return self.socket.session

    def send(self, body=CALL, path="/mcp", host="localhost", close=False, method="POST"):
        data = json.dumps(body).encode()
        try:
            self.socket.sendall(
                (f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
                 "Accept: application/json, text/event-stream\r\n"
                 + ("Connection: close\r\n" if close else "")
                 + f"Content-Length: {len(data)}\r\n\r\n").encode() + data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused meanwhile; receive() says why

    def receive(self):
        response = http.client.HTTPResponse(self.socket, method="POST")
        try:
            response.begin()
            return Answer(response)
        except (ssl.SSLError, ConnectionError, http.client.HTTPException) as error:
            raise Refused(error) from None
        finally:
            response.close()

    def ask(self, **options):
        self.send(**options)
        return self.receive()

    def ask_last(self, **options):
        """The last request: closed in order, so that OpenSSL keeps the session fit to resume."""
        answer = self.ask(close=True, **options)
        try:
            while self.socket.recv(4096):
                pass
        except (ssl.SSLError, ConnectionError):
            pass
        return answer

    def wait_for_end(self, deadline=DEADLINE):
        """Reads until the gate ends the connection; the exception or "end" that it ended with."""
        self.socket.settimeout(deadline)
        try:
            while self.socket.recv(4096):
                pass
        except TimeoutError:
            raise AssertionError(f"not cut within {deadline} s") from None
        except (ssl.SSLError, ConnectionError) as error:
            return Refused(error)
        return "end"

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.close()


class Client:
    """One client certificate (or none) and one TLS version; its sessions fit only itself."""

    def __init__(self, ca, credential=None, version=ssl.TLSVersion.TLSv1_3):
        self.context = harness.tls_context(ca, credential, version)

    def over(self, sock, name="localhost", session=None):
        try:
            return Conversation(
                self.context.wrap_socket(sock, server_hostname=name, session=session))
        except (ssl.SSLError, ConnectionError) as error:
            if isinstance(error, ssl.SSLCertVerificationError):
                raise
            raise Refused(error) from None

    def connect(self, port, name="localhost", session=None, address="127.0.0.1", source=None):
        return self.over(harness.connect(port, address, source), name, session)

    def ask(self, port, session=None, **options):
        """One request over a connection of its own; the answer and the session it left."""
        request = {key: options.pop(key) for key in ("path", "host", "body") if key in options}
        with self.connect(port, session=session, **options) as conversation:
            answer = conversation.ask_last(**request)
            return answer, conversation.session

    def refused(self, port, **options):
        """The Refused that one request ends with, or None when it was answered."""
        try:
            self.ask(port, **options)
        except Refused as refused:
            return refused
        return None


class SlowHandshake:
    """A handshake that goes on when the test says so."""

    def __init__(self, client, port, name="localhost"):
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = client.context.wrap_bio(self.incoming, self.outgoing, server_hostname=name)
        self.socket = harness.connect(port)
        self.answered = False

    def until_it_answers(self):
        """Sends the ClientHello and reads the server's flight; the client's next one, unsent."""
        while True:
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                pass
            flight = self.outgoing.read()
            if flight and self.answered:
                return flight
            self.socket.sendall(flight)
            self.read_more()

    def read_more(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("closed without an alert")
        self.answered = True
        self.incoming.write(data)

    def pump(self, step):
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self.socket.sendall(self.outgoing.read())
                self.read_more()

    def ask(self):
        """Ends the handshake and asks; the first bytes of the answer, or Refused."""
        body = json.dumps(CALL)
        request = ("POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                   "Accept: application/json, text/event-stream\r\n"
                   f"Content-Length: {len(body)}\r\n\r\n{body}")
        try:
            self.pump(self.tls.do_handshake)
            self.tls.write(request.encode())
            self.socket.sendall(self.outgoing.read())
            return self.pump(lambda: self.tls.read(4096))
        except (ssl.SSLError, ConnectionError) as error:
            raise Refused(error) from None

    def close(self):
        self.socket.close()
