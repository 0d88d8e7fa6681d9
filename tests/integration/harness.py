"""What the integration tests share: a PKI made by `postern cert`, a real posternd, real clients.

A test is a file `<behaviour>_test.py` with unittest cases whose names are sentences; each starts the
daemon it needs in a directory of its own, on loopback and on ports the kernel picks. Nothing sleeps:
wait_until() polls a condition up to a deadline. On failure the daemon's log is printed.

The build is found through POSTERN_BUILD (the CMake binary directory); CTest sets it.
"""

import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

BUILD = Path(os.environ.get("POSTERN_BUILD", Path(__file__).resolve().parents[2] / "build" / "dev"))
SOURCE = Path(__file__).resolve().parents[2]
POSTERND = BUILD / "core" / "gate" / "posternd"
POSTERN = BUILD / "core" / "cli" / "postern"
DEADLINE = float(os.environ.get("POSTERN_TEST_DEADLINE", "20"))


def memory_slack():
    """How much more memory a gate may hold after an attack; the sanitizers keep what was freed."""
    binary = POSTERND.read_bytes()
    return 1 << 30 if b"__asan_init" in binary or b"__tsan_init" in binary else 8 << 20


def wait_until(condition, what, deadline=DEADLINE):
    """Polls until condition() is true and returns its value; fails after `deadline` seconds."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline} s: {what}")
        time.sleep(0.02)


def run(*command, ok=True, timeout=60, **options):
    """Runs a command to its end; `ok=None` takes any exit code."""
    options.setdefault("stdin", subprocess.DEVNULL)
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          errors="replace", timeout=timeout, check=False, **options)
    if ok is not None and (done.returncode == 0) != ok:
        raise AssertionError(f"{' '.join(map(str, command))}: exit {done.returncode}\n"
                             f"{done.stdout}{done.stderr}")
    return done


class Pki:
    """A CA with its leaves in one directory, by the commands a user would type."""

    def __init__(self, directory, name="Test CA"):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        run(POSTERN, "cert", "init-ca", "--out", self.directory, "--name", name)
        self.ca = self.directory / "ca.crt"

    def issue(self, kind, base, *options):
        run(POSTERN, "cert", kind, "--ca", self.directory, "--out", self.directory / base, *options)
        return Credential(self.directory / f"{base}.crt", self.directory / f"{base}.key")

    def server(self, base="server", *options):
        return self.issue("server", base, "--dns", "localhost", "--ip", "127.0.0.1", "--ip", "::1",
                          *options)

    def client(self, base="client", *options):
        return self.issue("client", base, "--name", base, *options)

    def revoke(self, credential):
        run(POSTERN, "cert", "revoke", "--ca", self.directory, credential.certificate)

    def crl(self, *options):
        """Issues a CRL that holds everything revoked so far, atomically over the last one."""
        run(POSTERN, "cert", "crl", "--ca", self.directory, *options)
        return self.directory / "ca.crl.pem"


class Credential:
    def __init__(self, certificate, key):
        self.certificate = certificate
        self.key = key

    def pin(self):
        return run(POSTERN, "cert", "fingerprint", "--only", "pin", self.certificate).stdout.strip()


class Gate:
    """A posternd of our own. Configuration text is written as it is; logs are JSON."""

    HEAD = """
state_directory = "state"
runtime_directory = "run"
[logging]
level = "debug"
format = "json"
"""

    def __init__(self, directory, configuration):
        self.directory = Path(directory)
        self.file = self.directory / "posternd.toml"
        for name in ("state", "run"):
            (self.directory / name).mkdir(exist_ok=True, mode=0o700)
        self.log_file = self.directory / "posternd.log"
        self.process = None
        self.configure(configuration)

    def configure(self, configuration):
        text = self.HEAD.replace('"state"', f'"{self.directory}/state"').replace(
            '"run"', f'"{self.directory}/run"') + configuration
        temporary = self.file.with_suffix(".new")
        temporary.write_text(text)
        temporary.rename(self.file)

    def start(self, environment=None):
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [str(POSTERND), "--config", str(self.file)], stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
        wait_until(lambda: self.process.poll() is not None or self.find(message="ready"),
                   "the gate is ready")
        if self.process.poll() is not None:
            raise AssertionError(f"the gate ended: {self.log_file.read_text()}")
        return self

    def stop(self, expect=0, deadline=DEADLINE):
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=deadline)
        self.process = None
        if code != expect:
            raise AssertionError(f"the gate ended with {code}:\n{self.log_text()}")

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process = None

    def reload(self):
        """SIGHUP, and the line that says how it ended."""
        before = self.count_reloads()
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.count_reloads() > before, "the reload is taken or refused")
        return self.last(lambda r: r["message"].startswith("configuration "))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def resident_bytes(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"^VmRSS:\s*(\d+) kB$", status, re.MULTILINE)[1]) << 10

    def count_reloads(self):
        return len([r for r in self.records() if r["message"].startswith("configuration ")])

    def log_text(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def records(self):
        records = []
        for line in self.log_text().splitlines():
            try:
                records.append(json.loads(line))
            except ValueError:
                continue
        return records

    def find(self, **fields):
        """The log records in which every given field has the given value."""
        return [r for r in self.records() if all(r.get(k) == v for k, v in fields.items())]

    def last(self, condition):
        found = [r for r in self.records() if condition(r)]
        return found[-1] if found else None

    def port(self, listener="mcp"):
        address = self.find(message="listening", listener=listener)[-1]["address"]
        return int(address.rsplit(":", 1)[1])

    def refusals(self, peer_address):
        """Refused connections and requests of one client address, e.g. "127.0.0.5"."""
        return [r for r in self.records()
                if r["message"] in ("connection refused", "request refused", "connection closed")
                and re.fullmatch(re.escape(peer_address) + r":\d+", r.get("peer", ""))]


class GateTest(unittest.TestCase):
    """A directory and whatever is started in it, cleaned up; the log shown when a test fails."""

    maxDiff = None

    def setUp(self):
        self.directory = Path(tempfile.mkdtemp(prefix="postern-"))
        os.chmod(self.directory, 0o755)
        self.gates = []
        self.processes = []

    def tearDown(self):
        outcome = getattr(self, "_outcome", None)
        failed = bool(outcome and any(error for _, error in getattr(outcome, "errors", []) or []))
        result = getattr(outcome, "result", None)
        if result is not None:
            failed = failed or any(case is self for case, _ in result.failures + result.errors)
        for gate in self.gates:
            gate.kill()
            if failed:
                print(f"--- {gate.log_file}\n{gate.log_text()[-20000:]}")
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def gate(self, configuration, start=True):
        gate = Gate(self.directory, configuration)
        self.gates.append(gate)
        return gate.start() if start else gate

    def background(self, *command, **options):
        process = subprocess.Popen([str(part) for part in command], **options)
        self.processes.append(process)
        return process


def tls_listener(pki, server, *, name="mcp", extra="", tls="", pipeline="", route=None):
    """The configuration of one listener on 127.0.0.1 and a port the kernel picks."""
    return f"""
[[listener]]
name = "{name}"
host = "127.0.0.1"
port = 0
{extra}
[listener.tls]
certificate = "{server.certificate}"
private_key = "{server.key}"
client_ca = ["{pki.ca}"]
{tls}
{pipeline}
{route or BUILTIN_ROUTE}
"""


BUILTIN_ROUTE = """
[[listener.route]]
name = "demo"
path = "/mcp"
[listener.route.upstream]
kind = "builtin"
"""


def pipeline(plugin, entry="", **config):
    """One [[listener.pipeline]] entry; values are written as TOML literals."""
    lines = [f'[[listener.pipeline]]\nplugin = "{plugin}"', entry, "[listener.pipeline.config]"]
    lines += [f"{key} = {toml(value)}" for key, value in config.items()]
    return "\n".join(lines) + "\n"


def toml(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml(each) for each in value) + "]"
    return json.dumps(str(value))


# Of a stdio upstream: tests may run as root, and so may their servers.
ALLOW_ROOT = "allow_root = true"

CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "whoami", "arguments": {}}}


def curl(url, *options, body=CALL, ca=None, credential=None, ok=None):
    """One POST by curl; stdout ends with a line "\\nSTATUS"."""
    command = ["curl", "--silent", "--show-error", "--max-time", "20",
               "--write-out", "\n%{http_code}"]
    if body is not None:
        command += ["--header", "Content-Type: application/json",
                    "--header", "Accept: application/json, text/event-stream",
                    "--data-binary", body if isinstance(body, str) else json.dumps(body)]
    if ca:
        command += ["--cacert", ca]
    if credential:
        command += ["--cert", credential.certificate, "--key", credential.key]
    done = run(*command, *options, url, ok=ok)
    text, _, status = done.stdout.rpartition("\n")
    done.status = int(status) if status.isdigit() else 0
    done.body = text
    return done


def tls_context(ca, credential=None, version=None):
    context = ssl.create_default_context(cafile=str(ca))
    # Some builds of Python take an end without close_notify for an orderly one.
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    if credential:
        context.load_cert_chain(str(credential.certificate), str(credential.key))
    if version is not None:
        context.minimum_version = context.maximum_version = version
    return context


def connect(port, address="127.0.0.1", source=None, timeout=DEADLINE):
    return socket.create_connection((address, port), timeout=timeout,
                                    source_address=(source, 0) if source else None)


def main():
    if not POSTERND.exists():
        print(f"skipped: there is no {POSTERND}; set POSTERN_BUILD")
        raise SystemExit(77)
    unittest.main(verbosity=2)
