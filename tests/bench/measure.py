"""Reads what a server costs, and takes turns with the load client."""

import json
import os
import subprocess
import threading
import time
from pathlib import Path

TICK_US = 1e6 / os.sysconf("SC_CLK_TCK")
CLIENT_LIMIT = 120  # seconds, for the warm-up and for the measured part each


class BenchError(Exception):
    """One line for the reader; the run ends."""


def process_tree(pid):
    """The process and everything below it: nginx's worker does the work of its master."""
    tree = [pid]
    for member in tree:
        for children in Path(f"/proc/{member}/task").glob("*/children"):
            try:
                tree += [int(child) for child in children.read_text().split()]
            except OSError:
                continue  # a thread that ended
    return tree


def cpu_microseconds(pid):
    """User and system time of the tree, with the children that have ended."""
    ticks = 0
    for member in process_tree(pid):
        fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(int(field) for field in fields[11:15])
    return ticks * TICK_US


def resident_bytes(pid):
    total = 0
    for member in process_tree(pid):
        for line in Path(f"/proc/{member}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                total += int(line.split()[1]) * 1024
    return total


def settled(read, deadline=2.0):
    """The value once it stands still: a server may still be closing the last connections."""
    end = time.monotonic() + deadline
    value = read()
    while time.monotonic() < end:
        time.sleep(0.05)
        before, value = value, read()
        if before == value:
            break
    return value


class LoadClient:
    """One run of load_client: warm when entered, ended when left."""

    def __init__(self, program, core, arguments):
        self.command = ["taskset", "-c", str(core), str(program),
                        "--time-limit", str(CLIENT_LIMIT), *map(str, arguments)]
        self.process = None
        self.watchdog = None

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.watchdog = threading.Timer(2.5 * CLIENT_LIMIT, self.process.kill)
        self.watchdog.start()
        try:
            self.expect("warm")
        except BenchError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.watchdog.cancel()
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def measure(self):
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        return json.loads(self.expect("done").removeprefix("done "))

    def expect(self, word):
        line = self.process.stdout.readline().strip()
        if line.split(" ")[0] != word:
            self.process.kill()
            raise BenchError(self.process.stderr.read().strip() or "the load client was stopped")
        return line


def cpu_per_operation(server, client):
    """Microseconds of the server's CPU an operation, warm-up left out."""
    with client:
        before = settled(lambda: cpu_microseconds(server.pid))
        figures = client.measure()
        after = settled(lambda: cpu_microseconds(server.pid))
    return (after - before) / figures["operations"]


def memory_per_connection(server, client):
    """Kilobytes (1024) of resident memory for each connection that stays open."""
    with client:
        before = settled(lambda: resident_bytes(server.pid))
        figures = client.measure()
        after = settled(lambda: resident_bytes(server.pid))
    return (after - before) / 1024 / figures["operations"]
