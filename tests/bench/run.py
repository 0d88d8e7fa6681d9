#!/usr/bin/env python3
"""Postern beside nginx, HAProxy and a bare GnuTLS loop, in one run on one machine: README.md."""

import argparse
import os
import resource
import shutil
import sys
import tempfile
from pathlib import Path

from measure import BenchError, LoadClient, cpu_per_operation, memory_per_connection
from report import print_circumstances, print_table
from rows import ROWS
from servers import Bench, Pki

SOURCE = Path(__file__).resolve().parents[2]
QUICK_SHARE = 4  # --quick does this part of the operations


def read_arguments():
    keys = [row.key for row in ROWS]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=SOURCE / "build" / "release",
                        help="CMake's binary directory; default: build/release")
    parser.add_argument("--rows", default=",".join(keys), help=f"some of {','.join(keys)}")
    parser.add_argument("--quick", action="store_true", help="a few seconds a row, less exact")
    parser.add_argument("--repetitions", type=int, help="default: 5, with --quick 3")
    parser.add_argument("--operations", type=int, help="instead of each row's own number")
    arguments = parser.parse_args()
    wanted = arguments.rows.split(",")
    if unknown := [key for key in wanted if key not in keys]:
        parser.error(f"--rows: no row {unknown[0]}; there are {', '.join(keys)}")
    for flag in ("repetitions", "operations"):
        value = getattr(arguments, flag)
        if value is not None and not 1 <= value <= 1000000:
            parser.error(f"--{flag}: 1 to 1000000")
    arguments.rows = [row for row in ROWS if row.key in wanted]
    arguments.repetitions = arguments.repetitions or (3 if arguments.quick else 5)
    return arguments


def find_programs(build):
    peers = {}
    for name, package in (("nginx", "nginx-light"), ("HAProxy", "haproxy")):
        peers[name] = shutil.which(name.lower(), path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if peers[name] is None:
            raise BenchError(f"{name} is not installed; on Debian: apt-get install {package}")
    for program in ("core/gate/posternd", "core/cli/postern", "tests/bench/bench_load_client",
                    "tests/bench/bench_bare_loop", "tests/bench/bench_byte_relay",
                    "tests/bench/bench_fixed_upstream"):
        if not (build / program).is_file():
            raise BenchError(f"{build / program} is not built; first: cmake --preset release "
                             "-DPOSTERN_TESTS=ON && cmake --build --preset release")
    return peers


def allow_many_connections():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def measure_row(bench, row, operations, repetitions):
    """Every server of the row is up; they take turns, so that a noisy minute hits them all."""
    warm_up = max(row.connections, min(operations // 10, 500))
    client_arguments = [row.work, "--operations", operations, "--warm-up", warm_up,
                        "--connections", row.connections,
                        "--identities", row.identities(operations, warm_up),
                        "--ca-cert", bench.pki.ca, "--ca-key", bench.pki.ca_key]
    measure = memory_per_connection if row.work == "idle" else cpu_per_operation
    samples = {name: [] for name in (row.floor, *row.peers, "Postern")}
    running = []
    try:
        if row.upstream:
            running.append(bench.start_upstream())
        upstream_port = running[0].port if running else 0
        # A heap that has held the connections once does not grow for them again: the memory row
        # takes a new server each time.
        rounds = repetitions if row.work == "idle" else 1
        for _ in range(rounds):
            servers = []
            for name in samples:
                servers.append(bench.start(name, row, upstream_port))
                running.append(servers[-1])
            for _ in range(repetitions // rounds):
                for server in servers:
                    client = LoadClient(bench.program("load_client"), bench.client_core,
                                        [*client_arguments, "--port", server.port])
                    try:
                        samples[server.name].append(measure(server, client))
                    except BenchError as error:
                        raise BenchError(f"{row.key}, {server.name}: {error} "
                                         f"(its log: {server.last_words()})") from None
            for server in servers:
                server.stop()
    finally:
        for server in running:
            server.stop()
    return samples


def run(arguments):
    allow_many_connections()
    peers = find_programs(arguments.build)
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="postern-bench-") as directory:
        pki = Pki(arguments.build / "core" / "cli" / "postern", Path(directory) / "pki")
        bench = Bench(arguments.build, peers, directory, pki, cores[0], cores[-1])
        print_circumstances(bench, arguments.repetitions)
        results = []
        for row in arguments.rows:
            operations = row.operations // (QUICK_SHARE if arguments.quick else 1)
            operations = arguments.operations or operations
            print(f"{row.key}: {operations} operations, {arguments.repetitions} times",
                  file=sys.stderr, flush=True)
            samples = measure_row(bench, row, operations, arguments.repetitions)
            results.append((row, samples))
        print_table(results)


def main():
    try:
        run(read_arguments())
    except BenchError as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
