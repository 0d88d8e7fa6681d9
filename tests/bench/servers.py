"""How each server is configured and started: alone on one core, on 127.0.0.1, in a directory of
its own. Only processes started here are ended, by their pid."""

import os
import pwd
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from measure import BenchError

START_LIMIT = 20
PING_ANSWER = '{"jsonrpc":"2.0","id":1,"result":{}}'


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A process that listens on self.port."""

    def __init__(self, name, directory, core, command, port):
        self.name = name
        self.port = port
        self.log = Path(directory) / f"{name}.log"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(["taskset", "-c", str(core), *map(str, command)],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self.wait_until_it_listens()
        except BenchError:
            self.stop()
            raise

    @property
    def pid(self):
        return self.process.pid  # taskset became the server

    def wait_until_it_listens(self):
        end = time.monotonic() + START_LIMIT
        while time.monotonic() < end and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise BenchError(f"{self.name} does not start: {self.last_words()}")

    def last_words(self):
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Bench:
    """Where the programs, the PKI and the scratch directory are."""

    def __init__(self, build, programs, directory, pki, server_core, client_core):
        self.build = Path(build)
        self.programs = programs  # of the peers, by their names
        self.directory = Path(directory)
        self.pki = pki
        self.server_core = server_core
        self.client_core = client_core

    def program(self, name):
        return self.build / "tests" / "bench" / f"bench_{name}"

    def start(self, name, row, upstream_port):
        """`name` is bare loop, byte relay, nginx, HAProxy or Postern."""
        directory = Path(tempfile.mkdtemp(prefix=f"{row.key}-{name.replace(' ', '-')}-",
                                          dir=self.directory))
        port = free_port()
        command = {"bare loop": self.small_server, "byte relay": self.small_server,
                   "nginx": self.nginx_command, "HAProxy": self.haproxy_command,
                   "Postern": self.posternd_command}[name]
        return Server(name, directory, self.server_core,
                      command(name, directory, port, row, upstream_port), port)

    def start_upstream(self):
        port = free_port()
        return Server("upstream", self.directory, self.client_core,
                      [self.program("fixed_upstream"), "--port", port], port)

    def small_server(self, name, _, port, row, upstream_port):
        command = [self.program(name.replace(" ", "_")), "--port", port,
                   "--certificate", self.pki.certificate, "--key", self.pki.key]
        if row.client_certificates:
            command += ["--client-ca", self.pki.ca]
        if upstream_port:
            command += ["--upstream-port", upstream_port]
        return command

    def nginx_command(self, _, directory, port, row, upstream_port):
        answer = f"return 200 '{PING_ANSWER}';"
        upstream = ""
        if upstream_port:
            answer = ('proxy_pass http://upstream; proxy_http_version 1.1; '
                      'proxy_set_header Connection "";')
            upstream = (f"upstream upstream {{ server 127.0.0.1:{upstream_port}; keepalive 64; "
                        "keepalive_requests 1000000000; }")
        verify = ""
        if row.client_certificates:
            verify = f"ssl_verify_client on; ssl_client_certificate {self.pki.ca};"
        user = f"user {pwd.getpwuid(0).pw_name};" if os.geteuid() == 0 else ""
        temporary = "".join(f"{kind}_temp_path {directory}/{kind};" for kind in
                            ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        file = directory / "nginx.conf"
        file.write_text(f"""
daemon off; worker_processes 1; {user}
pid {directory}/nginx.pid; error_log {directory}/error.log warn;
events {{ worker_connections 20000; }}
http {{
    access_log off; default_type application/json; {temporary}
    keepalive_timeout 3600s; keepalive_requests 1000000000;
    {upstream}
    server {{
        listen 127.0.0.1:{port} ssl backlog=1024;
        ssl_certificate {self.pki.certificate}; ssl_certificate_key {self.pki.key};
        ssl_protocols TLSv1.3; ssl_session_tickets on; ssl_session_timeout 2h; {verify}
        location / {{ {answer} }}
    }}
}}
""")
        return [self.programs["nginx"], "-p", directory, "-e", directory / "error.log", "-c", file]

    def haproxy_command(self, _, directory, port, row, upstream_port):
        pair = directory / "server.pem"
        pair.write_text(self.pki.certificate.read_text() + self.pki.key.read_text())
        verify = f"ca-file {self.pki.ca} verify required" if row.client_certificates else ""
        file = directory / "haproxy.cfg"
        file.write_text(f"""
global
    nbthread 1
    maxconn 4000
defaults
    mode http
    timeout connect 5s
    timeout client 1h
    timeout server 1h
frontend bench
    bind 127.0.0.1:{port} backlog 1024 ssl crt {pair} ssl-min-ver TLSv1.3 {verify}
    default_backend upstream
backend upstream
    http-reuse always
    server upstream 127.0.0.1:{upstream_port}
""")
        return [self.programs["HAProxy"], "-db", "-f", file]

    def posternd_command(self, _, directory, port, row, upstream_port):
        for name in ("state", "run"):
            (directory / name).mkdir(mode=0o700)
        client = 'client_certificate = "none"'
        pipeline = ""
        if row.client_certificates:
            client = f'client_certificate = "require"\nclient_ca = ["{self.pki.ca}"]'
            pipeline = self.four_plugins()
        upstream = 'kind = "builtin"'
        if upstream_port:
            upstream = f'kind = "http"\nurls = ["http://127.0.0.1:{upstream_port}/mcp"]'
        file = directory / "posternd.toml"
        file.write_text(f"""
state_directory = "{directory}/state"
runtime_directory = "{directory}/run"
[logging]
level = "warning"
[[listener]]
name = "bench"
host = "127.0.0.1"
port = {port}
max_connections = 20000
idle_timeout = "1h"
[listener.tls]
certificate = "{self.pki.certificate}"
private_key = "{self.pki.key}"
{client}
{pipeline}
[[listener.route]]
name = "bench"
path = "/mcp"
[listener.route.upstream]
{upstream}
""")
        return [self.build / "core" / "gate" / "posternd", "--config", file]

    def four_plugins(self):
        """All asked for every connection, and all say yes: no limit, the CA's key pinned, a CRL
        that revokes nobody."""
        return f"""
[[listener.pipeline]]
plugin = "ratelimit"
[listener.pipeline.config]
max_connections_per_ip = 0
[[listener.pipeline]]
plugin = "validator"
[[listener.pipeline]]
plugin = "pinning"
[listener.pipeline.config]
pinned_certificates = ["{self.pki.ca}"]
[[listener.pipeline]]
plugin = "revocation"
failure_mode = "deny"
[listener.pipeline.config]
check_mode = "crl"
crl_files = ["{self.pki.crl}"]
"""


class Pki:
    """A CA, the server's certificate and an empty CRL, by the commands a user would type."""

    def __init__(self, postern, directory):
        self.directory = Path(directory)
        self.ca = self.directory / "ca.crt"
        self.ca_key = self.directory / "ca.key"
        self.certificate = self.directory / "server.crt"
        self.key = self.directory / "server.key"
        self.crl = self.directory / "ca.crl.pem"
        for arguments in (["init-ca", "--out", self.directory, "--name", "Bench CA"],
                          ["server", "--ca", self.directory, "--dns", "localhost",
                           "--out", self.directory / "server"],
                          ["crl", "--ca", self.directory]):
            done = subprocess.run([str(postern), "cert", *map(str, arguments)], text=True,
                                  capture_output=True, timeout=60, check=False)
            if done.returncode != 0:
                raise BenchError(f"postern cert {arguments[0]}: {done.stderr.strip()}")
