"""Runs the official conformance suite and reads its summary."""

import re
import subprocess
from dataclasses import dataclass

from node_programs import CONFORMANCE, MCP, MUTUAL_TLS, NODE

LIMIT = 180  # seconds for one run of the suite; it takes a few
SUMMARY = "=== SUMMARY ==="
LINE = re.compile(r"^(?P<mark>[✓✗]) (?P<scenario>[\w-]+): "
                  r"(?P<passed>\d+) passed, (?P<failed>\d+) failed")
NOT_SCORED = re.compile(r"^  [✓✗] (?P<scenario>[\w-]+) \((?P<why>.+)\)")


class SuiteError(Exception):
    """The suite did not come to its end."""


@dataclass(frozen=True)
class Outcome:
    mark: str
    passed: int
    failed: int
    scored: bool

    def __str__(self):
        return f"{self.mark} {self.passed} passed, {self.failed} failed"


def requirements(url, revision, environment=None):
    """What a revision requires of a server, and what the suite runs beside it: name to Outcome."""
    return read_summary(suite(url, environment, "--requirements", revision))


def scenario(name, url, revision, environment=None):
    """One scenario on its own; the suite prints no summary for it, but its checks."""
    text = suite(url, environment, "--scenario", name, "--spec-version", revision)
    counts = re.search(r"Passed: (\d+)/\d+, (\d+) failed", text)
    if counts is None:
        raise SuiteError(f"{name} at {url} gave no result:\n{text}")
    passed, failed = map(int, counts.groups())
    return Outcome("✗" if failed else "✓", passed, failed, True)


def suite(url, environment, *options):
    preload = ["--import", MUTUAL_TLS] if url.startswith("https:") else []
    command = [NODE, *preload, CONFORMANCE, "server", "--url", url, *options]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          errors="replace", timeout=LIMIT, check=False, cwd=MCP, env=environment,
                          stdin=subprocess.DEVNULL)
    return done.stdout + done.stderr


def read_summary(text):
    head, found, summary = text.partition(SUMMARY)
    if not found:
        raise SuiteError(f"the suite came to no summary:\n{head[-4000:]}")
    lines = summary.splitlines()
    extra = {match["scenario"] for match in map(NOT_SCORED.match, lines) if match}
    return {match["scenario"]: Outcome(match["mark"], int(match["passed"]), int(match["failed"]),
                                       match["scenario"] not in extra)
            for match in map(LINE.match, lines) if match}
