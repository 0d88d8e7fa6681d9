"""MCP servers over TLS as an upstream of the gate: nginx before a recording server, and small ones on
Python's ssl for what nginx does not do."""

import os
import pwd
import shutil
import socket
import ssl

import harness
from harness import run, wait_until
from http_peers import Upstream, http_route

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"


def https_route(*servers, tls="", pipeline="", name="demo", extra="", host="127.0.0.1"):
    """A route to servers with a `port`; `tls` are further keys of the upstream, `pipeline` and what
    follows its tables."""
    urls = [f"https://{host}:{server.port}/mcp" for server in servers]
    return http_route(*urls, name=name, extra=extra) + tls + "\n" + pipeline


def upstream_plugin(plugin, **config):
    return harness.pipeline(plugin, **config).replace("listener.pipeline",
                                                      "listener.route.upstream.pipeline")


def self_signed(directory, base="alone"):
    """A certificate that no authority vouches for."""
    credential = harness.Credential(directory / f"{base}.crt", directory / f"{base}.key")
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", credential.key, "-out", credential.certificate, "-days", "2",
        "-subj", "/CN=alone", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
        "-addext", "keyUsage=digitalSignature", "-addext", "extendedKeyUsage=serverAuth",
        "-addext", "basicConstraints=CA:FALSE")
    return credential


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class NginxBefore:
    """nginx with TLS before an http_peers.Upstream, which sees in X-Peer whom nginx saw, in
    X-Reused whether the session was resumed and in X-Connection which connection it was."""

    def __init__(self, test, credential, upstream=None, *, options="", client_ca=None, name="nginx"):
        self.upstream = upstream or Upstream()
        self.port = free_port()
        directory = test.directory / name
        directory.mkdir()
        verify = f"ssl_verify_client on; ssl_client_certificate {client_ca};" if client_ca else ""
        user = f"user {pwd.getpwuid(0).pw_name};" if os.geteuid() == 0 else ""
        temporary = "".join(f"{kind}_temp_path {directory}/{kind};" for kind in
                            ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        file = directory / "nginx.conf"
        file.write_text(f"""
daemon off; master_process off; {user}
pid {directory}/nginx.pid; error_log {directory}/error.log info;
events {{ worker_connections 256; }}
http {{
    access_log off; {temporary}
    client_max_body_size 0; keepalive_timeout 60s;
    server {{
        listen 127.0.0.1:{self.port} ssl;
        ssl_certificate {credential.certificate}; ssl_certificate_key {credential.key};
        ssl_session_tickets on; ssl_session_cache none; {verify}
        {options}
        location / {{
            proxy_pass http://127.0.0.1:{self.upstream.port};
            proxy_http_version 1.1; proxy_set_header Connection "";
            proxy_set_header X-Peer $ssl_client_s_dn;
            proxy_set_header X-Reused $ssl_session_reused;
            proxy_set_header X-Connection $connection;
            proxy_buffering off; proxy_request_buffering off; proxy_read_timeout 600s;
        }}
    }}
}}
""")
        self.process = test.background(NGINX, "-p", directory, "-e", directory / "error.log", "-c",
                                       file)
        wait_until(self.listens, "nginx listens")

    def listens(self):
        if self.process.poll() is not None:
            raise AssertionError(f"nginx ended with {self.process.returncode}")
        with socket.socket() as peer:
            return peer.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def requests(self):
        return self.upstream.requests

    def seen(self, field):
        """What the requests so far had in a field."""
        return [each.get(field) for each in self.requests]

    def close(self):
        self.upstream.close()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class TlsUpstream(Upstream):
    """An http_peers.Upstream that speaks TLS by Python's ssl."""

    def __init__(self, credential, answer=None, *, client_ca=None, version=None):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(str(credential.certificate), str(credential.key))
        if version:
            self.context.minimum_version = self.context.maximum_version = version
        if client_ca:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.context.load_verify_locations(str(client_ca))
        self.refused = []
        super().__init__(answer)

    def _serve(self, connection):
        try:
            connection.peer = self.context.wrap_socket(connection.peer, server_side=True)
        except (OSError, ValueError) as why:
            self.refused.append(str(why))
            connection.peer.close()
            return
        connection.reader.peer = connection.peer
        super()._serve(connection)


