"""Each revision's scenarios, straight to a server and through a gate before it, line by line."""

import sys
from dataclasses import replace

import suite
from harness import Gate, Pki, tls_listener
from http_peers import http_route
from node_programs import MCP, Program, four_plugins, mutual_tls, stdio_route

FLOOR = {"2025-11-25": 30, "2026-07-28": 37}  # scored scenarios that are green without the gate
REBINDING = "dns-rebinding-protection"
# The suite sends these with node:http, which has no TLS: they take the gate's plain listener.
PLAIN_ONLY = {"2025-11-25": (),
              "2026-07-28": ("http-header-validation", "http-custom-header-server-validation")}


def compare_all(upstreams, revisions, directory):
    """Prints everything; how many scored scenarios are not as they should be."""
    pki = Pki(directory / "pki")
    server, credential = pki.server(), pki.client("suite")
    environment = mutual_tls(pki, credential)
    fixture, gate, failures = None, None, 0
    try:
        fixture = Program(directory, "fixture", MCP / "conformance_server.mjs", "http")
        port = fixture.said(r"listening (\d+)")[1]
        url = f"http://127.0.0.1:{port}/mcp"
        gate = Gate(directory, configuration(pki, server, credential, upstreams, url))
        gate.start()
        for revision in revisions:
            straight = suite.requirements(url, revision)
            print_summary(f"{revision}, straight over HTTP", straight)
            green = sum(each.scored and each.mark == "✓" for each in straight.values())
            if green < FLOOR[revision]:
                failures += 1
                print(f"{revision}: the fixture itself should be green in {FLOOR[revision]}")
            for upstream in upstreams:
                title = f"{revision}, through the gate to {upstream}"
                gated = through_gate(gate, f"/{upstream}", revision, environment)
                print_summary(title, gated)
                failures += compare(title, straight, gated)
        gate.stop()
    except BaseException:
        if gate is not None:
            print(gate.log_text()[-20000:], file=sys.stderr)
        raise
    finally:
        if gate is not None:
            gate.kill()
        if fixture is not None:
            fixture.end()
    print("\nscored scenarios: " + (f"{failures} differ" if failures else "all the same"))
    return failures


def configuration(pki, server, credential, upstreams, http_url):
    """A listener with mutual TLS and all plugins, a plain one beside it, the same routes on both."""
    routes = ""
    if "http" in upstreams:
        routes += http_route(http_url, path="/http", name="http")
    if "stdio" in upstreams:
        # The suite leaves most of its sessions behind, all of one certificate.
        routes += stdio_route("/stdio", MCP / "conformance_server.mjs", "stdio",
                              extra="max_children = 256")
    return tls_listener(pki, server, pipeline=four_plugins(pki, credential), route=routes) + f"""
[[listener]]
name = "plain"
host = "127.0.0.1"
port = 0
use_tls = false
{routes}
"""


def through_gate(gate, path, revision, environment):
    """All scenarios over mutual TLS, but for those that the suite itself cannot send that way."""
    tls = f"https://127.0.0.1:{gate.port()}{path}"
    outcomes = suite.requirements(tls, revision, environment)
    foreign_host = {**environment, "MTLS_NOCHECKHOST": "1"}
    outcomes[REBINDING] = suite.scenario(REBINDING, tls, revision, foreign_host)
    plain = f"http://127.0.0.1:{gate.port('plain')}{path}"
    for name in PLAIN_ONLY[revision]:
        outcomes[name] = replace(suite.scenario(name, plain, revision), scored=False)
    return outcomes


def print_summary(title, outcomes):
    scored = [each for each in outcomes.values() if each.scored]
    green = sum(each.mark == "✓" for each in scored)
    print(f"\n=== {title}: {green} of {len(scored)} scored scenarios green")
    for name, each in outcomes.items():
        print(f"{each.mark} {name}: {each.passed} passed, {each.failed} failed"
              f"{'' if each.scored else ' (not scored)'}")


def compare(title, straight, gated):
    """Prints every line that differs; how many of the scored ones do."""
    differing = 0
    for name in {**straight, **gated}:
        before, after = straight.get(name), gated.get(name)
        if before == after:
            continue
        scored = any(each is not None and each.scored for each in (before, after))
        differing += scored
        print(f"{title}: {name}: straight {before}, gated {after}{'' if scored else ' (not scored)'}")
    return differing
