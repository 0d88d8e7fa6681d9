#!/usr/bin/env python3
"""usage: tidy.py BUILD-DIRECTORY
clang-tidy 14 over core and plugins. What was clean once is not looked at again as long as neither
the preprocessed source nor the checks have changed."""

import concurrent.futures
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TIDY = "clang-tidy-14"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "postern-tidy"


def preprocessed(entry):
    command = [part for part in shlex.split(entry["command"]) if "ccache" not in part]
    for option in ("-c",):
        command.remove(option)
    at = command.index("-o")
    del command[at:at + 2]
    done = subprocess.run([*command, "-E", "-P"], cwd=entry["directory"], capture_output=True, check=True)
    return done.stdout


def look_at(entry, build, checks):
    key = hashlib.sha256(checks + preprocessed(entry)).hexdigest()
    mark = CACHE / key[:2] / key
    if mark.exists():
        return None
    done = subprocess.run([TIDY, "--quiet", "-p", build, entry["file"]], capture_output=True, text=True,
                          check=False)
    if done.returncode == 0:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
        return None
    return done.stdout + done.stderr


def main():
    if shutil.which(TIDY) is None:
        print(f"skipped: no {TIDY}")
        return 77
    build = sys.argv[1]
    entries = [e for e in json.loads((Path(build) / "compile_commands.json").read_text())
               if Path(e["file"]).is_relative_to(ROOT / "core")
               or Path(e["file"]).is_relative_to(ROOT / "plugins")]
    entries = list({e["file"]: e for e in entries}.values())
    checks = (ROOT / ".clang-tidy").read_bytes() + subprocess.run(
        [TIDY, "--version"], capture_output=True, check=True).stdout
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for said in pool.map(lambda e: look_at(e, build, checks), entries):
            if said:
                failed += 1
                print(said)
    print(f"{len(entries)} files, {failed} with findings")
    return 1 if failed or not entries else 0


if __name__ == "__main__":
    sys.exit(main())
