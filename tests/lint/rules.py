#!/usr/bin/env python3
"""Rules of this tree that no compiler knows, each with its reason. Prints what breaks one; exits 1."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ["base", "config", "tls", "plugin", "net", "mcp", "upstream", "admin", "client", "gate", "cli"]
SOURCES = (".cpp", ".h", ".hpp", ".c")
LONGEST_FILE = 500

# pattern, where it counts (a prefix of the path), what is allowed, why
FORBIDDEN = [
    (r"\bdlclose\s*\(", ("core/", "plugins/", "sdk/"), (),
     "plugins never unload: thread-local destructors and threads of theirs outlive dlclose"),
    (r"\b(printf|fprintf|puts)\s*\(", ("core/", "plugins/"), (),
     "the log escapes hostile bytes and never blocks; commands use iostream"),
    (r"\bgnutls_global_(init|deinit|set)", ("core/", "plugins/"), (),
     "global state of the library is not ours to change under running threads"),
    (r"\bgnutls_x509_crl_import\b", ("core/", "plugins/"), ("core/cli/",),
     "quadratic in the entries: CRLs from outside go through the plugin's own reader"),
    (r"using namespace (?!std::literals|std::chrono_literals)", ("core/", "sdk/include/"), (),
     "names stay where they belong"),
    (r"\b(strcpy|strcat|sprintf|gets|strtok)\s*\(", ("core/", "plugins/", "sdk/"), (),
     "no bound"),
    (r"\bsystem\s*\(|\bpopen\s*\(", ("core/", "plugins/"), (), "no shell"),
    (r"\b(rand|srand)\s*\(", ("core/", "plugins/"), (), "random bytes come from GnuTLS"),
    (r"\bstd::this_thread::sleep_for|\busleep\s*\(|\bsleep\s*\(\d", ("core/", "plugins/", "tests/unit/"),
     ("core/plugin/instance.cpp",),  # a retirement thread of its own looks until its bound
     "wait for a condition with a deadline"),
    (r"\b(TODO|FIXME|XXX)\b", ("core/", "plugins/", "sdk/", "packaging/", "config/"), (),
     "what is there is finished; the rest is an issue"),
    (r"\bclass \w*(Manager|Helper|Util|Utils)\b", ("core/", "plugins/", "sdk/"), (),
     "a name says what the thing is"),
    (r"#include [<\"]gnutls/", ("core/base/", "core/config/", "core/net/", "core/mcp/",
                               "core/upstream/", "core/gate/", "plugins/", "sdk/"),
     ("core/base/bytes.cpp",), "GnuTLS lives in core/tls, the plugin services and core/cli"),
    (r"#include [<\"]toml\+\+", ("core/", "plugins/"), ("core/config/toml_",),
     "toml++ is compiled in one translation unit"),
]
HEADER_GNUTLS = re.compile(r'#include [<"]gnutls/')
INCLUDE = re.compile(r'^\s*#include "([^"]+)"', re.M)


def tracked():
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT,
                           capture_output=True, text=True, check=False)
    if names.returncode == 0:
        return [Path(n) for n in names.stdout.splitlines() if (ROOT / n).is_file()]
    skip = {"build", "node_modules", ".git"}
    return [p.relative_to(ROOT) for p in ROOT.rglob("*")
            if p.is_file() and not skip & set(p.relative_to(ROOT).parts)]


def without_comments(text):
    text = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.S)
    return re.sub(r"//[^\n]*", "", text)


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def check_forbidden(path, text, code):
    for pattern, where, allowed, why in FORBIDDEN:
        if not str(path).startswith(where) or (allowed and str(path).startswith(allowed)):
            continue
        body = text if "TODO" in pattern else code
        for found in re.finditer(pattern, body):
            yield f"{path}:{line_of(body, found.start())}: {found[0].strip()}: {why}"


def check_rooms(path, text):
    if path.parts[0] != "core" or len(path.parts) < 3 or path.parts[1] not in ROOMS:
        return
    room = ROOMS.index(path.parts[1])
    for found in INCLUDE.finditer(text):
        parts = found[1].split("/")
        if parts[0] == "core" and len(parts) > 2:
            if parts[1] not in ROOMS or ROOMS.index(parts[1]) > room:
                yield (f"{path}:{line_of(text, found.start())}: includes {found[1]}: a room uses "
                       f"those above it, never those below")
        if parts[0] in ("plugins", "tests"):
            yield f"{path}:{line_of(text, found.start())}: core does not know {parts[0]}"


def check_plugins(path, text):
    if path.parts[0] != "plugins" or path.suffix not in SOURCES:
        return
    for found in INCLUDE.finditer(text):
        own = found[1].startswith(f"plugins/{path.parts[1]}/") or "/" not in found[1]
        if not own and not found[1].startswith("postern/"):
            yield (f"{path}:{line_of(text, found.start())}: includes {found[1]}: a shipped plugin "
                   f"has the SDK and nothing else")


def check_own_header_first(path, text):
    header = path.with_suffix(".h")
    if path.suffix != ".cpp" or path.parts[0] not in ("core", "plugins") or not (ROOT / header).exists():
        return
    first = INCLUDE.search(text)
    if first is None or Path(first[1]).name != header.name:
        yield f"{path}:1: includes something before {header}: the header must stand alone"


def check_shape(path, text):
    if path.suffix in (".h", ".hpp") and path.parts[0] in ("core", "plugins") and "#pragma once" not in text:
        yield f"{path}:1: no #pragma once"
    lines = text.count("\n")
    if path.parts[0] in ("core", "plugins", "sdk") and lines > LONGEST_FILE:
        yield f"{path}:{lines}: longer than {LONGEST_FILE} lines"


def main():
    problems = []
    for path in tracked():
        if path.suffix not in SOURCES:
            continue
        text = (ROOT / path).read_text(errors="replace")
        code = without_comments(text)
        for check in (check_rooms, check_plugins, check_own_header_first, check_shape):
            problems += check(path, text)
        problems += check_forbidden(path, text, code)
    print("\n".join(problems) if problems else "every rule holds")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
