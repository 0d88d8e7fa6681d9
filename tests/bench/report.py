"""What is printed: the machine and its versions, then the table."""

import os
import re
import statistics
import subprocess
from pathlib import Path


def first_match(pattern, text, default="unknown"):
    found = re.search(pattern, text, re.MULTILINE)
    return found.group(1).strip() if found else default


def output_of(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          timeout=20, check=False)
    return done.stdout + done.stderr


def cmake_cache(build, name):
    return first_match(rf"^{name}:[A-Z]+=(.*)$", (build / "CMakeCache.txt").read_text(), "")


def print_circumstances(bench, repetitions):
    system = Path("/etc/os-release").read_text()
    cpu = first_match(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text())
    nginx = output_of(bench.programs["nginx"], "-V")
    haproxy = output_of(bench.programs["HAProxy"], "-vv")
    postern = output_of(bench.build / "core" / "gate" / "posternd", "--version")
    build_type = cmake_cache(bench.build, "CMAKE_BUILD_TYPE")
    sanitizers = cmake_cache(bench.build, "POSTERN_SANITIZE")
    system_name = first_match(r'^PRETTY_NAME="?([^"]*)', system)
    print(f"machine   {cpu}, {os.cpu_count()} cores, Linux {os.uname().release}, {system_name}")
    print(f"load      {os.getloadavg()[0]:.1f} before the run (what else the machine was doing)")
    print(f"Postern   {' '.join(postern.split())}")
    print(f"          {build_type} build" + (f", {sanitizers} sanitizer" if sanitizers else ""))
    print(f"nginx     {first_match(r'nginx/(.*)$', nginx)}, "
          f"{first_match(r'built with (.*)$', nginx)}, one worker")
    print(f"HAProxy   {first_match(r'HAProxy version ([^ ]+)', haproxy)}, "
          f"{first_match(r'Running on OpenSSL version : (.*)$', haproxy)}, one thread")
    print(f"client    bench_load_client of this build (GnuTLS, epoll, one thread), "
          f"TLS 1.3 AES-128-GCM X25519, ECDSA P-256")
    print(f"placement servers on core {bench.server_core}, client and upstream on core "
          f"{bench.client_core}; median (lowest-highest) of {repetitions}")
    if build_type != "Release" or sanitizers:
        print("note      not a plain Release build: the figures say nothing about speed")
    if bench.server_core == bench.client_core:
        print("note      one core only: client and server share it")
    print(flush=True)


def spread(values):
    return f"{statistics.median(values):.1f} ({min(values):.1f}-{max(values):.1f})"


def ratio(figures, other):
    return f"{figures['Postern'] / other:.2f}" if other > 0 else "-"


def print_table(results):
    """`results` are pairs of a row and {server: [figure of each repetition]}."""
    lines = [("server CPU per operation", "floor", "nginx", "HAProxy", "Postern", "/ best peer",
              "/ floor",
              "to reach", "reached")]
    for row, samples in results:
        figures = {name: statistics.median(values) for name, values in samples.items()}
        lines.append((f"{row.title} [{row.unit}]", spread(samples[row.floor]),
                      *(spread(samples[peer]) if peer in samples else "-"
                        for peer in ("nginx", "HAProxy")),
                      spread(samples["Postern"]), ratio(figures, row.best_peer(figures)),
                      ratio(figures, figures[row.floor]), row.target(),
                      "yes" if row.reached(figures) else "no"))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    lines.insert(1, tuple("-" * width for width in widths))
    for line in lines:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |")
    print("\nfloor: bare loop (epoll and GnuTLS, a fixed answer); for the proxied row byte relay "
          "(TLS to TCP, no HTTP)")
