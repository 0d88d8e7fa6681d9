#!/usr/bin/env python3
"""The official conformance suite, straight to a server and through the gate. See README.md.

Exit: 0 every scored scenario came out the same; 1 some did not, or too few are green straight;
2 wrong usage; 3 something did not run; 77 Node or the daemon is not there."""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
REVISIONS = ("2025-11-25", "2026-07-28")
UPSTREAMS = ("http", "stdio")


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, help="CMake's binary directory; "
                        "default: POSTERN_BUILD, else build/dev")
    parser.add_argument("--upstreams", default=",".join(UPSTREAMS),
                        help=f"some of {','.join(UPSTREAMS)}")
    parser.add_argument("--revisions", default=",".join(REVISIONS),
                        help=f"some of {','.join(REVISIONS)}")
    arguments = parser.parse_args()
    for flag, known in (("upstreams", UPSTREAMS), ("revisions", REVISIONS)):
        wanted = getattr(arguments, flag).split(",")
        if unknown := [each for each in wanted if each not in known]:
            parser.error(f"--{flag}: no {unknown[0]!r}; there are {', '.join(known)}")
        setattr(arguments, flag, wanted)
    if arguments.build:
        os.environ["POSTERN_BUILD"] = str(arguments.build.resolve())
    return arguments


def main():
    arguments = read_arguments()
    # The harness looks for the build when it is imported.
    sys.path.insert(0, str(SOURCE / "tests" / "integration"))
    from comparison import compare_all
    from harness import POSTERND
    from node_programs import CONFORMANCE, MCP, NODE
    from suite import SuiteError
    for needed, how in ((POSTERND, "build it, or set --build"), (NODE, f"run npm ci in {MCP}"),
                        (CONFORMANCE, f"run npm ci in {MCP}")):
        if not needed.exists():
            print(f"skipped: there is no {needed}; {how}")
            return 77
    with tempfile.TemporaryDirectory(prefix="postern-conformance-") as directory:
        os.chmod(directory, 0o755)
        try:
            failures = compare_all(arguments.upstreams, arguments.revisions, Path(directory))
        except (AssertionError, OSError, SuiteError, subprocess.TimeoutExpired) as error:
            print(f"run.py: {error}", file=sys.stderr)
            return 3
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
