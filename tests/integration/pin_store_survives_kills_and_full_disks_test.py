"""Two writers are killed at random through a thousand changes, and the disk fills up: the store can
always be read, and holds every pin whose writer said so."""

import base64
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import threading
import time

import harness
from harness import POSTERN, GateTest, Pki, pipeline, run, tls_listener

CHANGES = 1000
BUDGET = 45.0  # seconds for them


def pin_of(word):
    return "sha256/" + base64.b64encode(hashlib.sha256(word.encode()).digest()).decode()


class Store(GateTest):
    def setUp(self):
        super().setUp()
        self.store = self.directory / "state" / "pins"

    def listed(self):
        done = run(POSTERN, "pin", "list", "--json", "--store", self.store)
        return {each["file"]: each["pin"] for each in json.loads(done.stdout)["pins"]}


class Writer(threading.Thread):
    """Adds and removes pins of its own, and adds some that the other adds as well; kills its command
    in about half of the cases, at any moment of its life."""

    def __init__(self, store, name, changes, deadline):
        super().__init__()
        self.store, self.name, self.changes, self.deadline = store, name, changes, deadline
        self.random = random.Random(name)
        self.held, self.gone, self.shared = {}, set(), {}  # what was acknowledged last
        self.killed = self.done = 0
        self.faults = []
        self.length = 0.02  # how long a command takes, as seen so far

    def run(self):
        for number in range(self.changes):
            if time.monotonic() > self.deadline:
                self.faults.append(f"only {number} changes in time")
                return
            self.change(number)

    def change(self, number):
        base = f"{self.name}-{self.random.randrange(40)}"
        if number % 7 == 0:
            base = f"shared-{self.random.randrange(20)}"
            if self.command("add", pin_of(base), "--name", base, "--replace"):
                self.shared[base + ".pin"] = pin_of(base)
        elif base + ".pin" in self.held and self.random.random() < 0.5:
            del self.held[base + ".pin"]
            self.gone.discard(base + ".pin")
            if self.command("remove", base):
                self.gone.add(base + ".pin")
        else:
            pin = pin_of(f"{base} {number}")
            before = self.held.pop(base + ".pin", None)
            self.gone.discard(base + ".pin")
            if self.command("add", pin, "--name", base, "--replace"):
                self.held[base + ".pin"] = pin
            elif before:
                # One or the other, whole.
                content = (self.store / (base + ".pin")).read_text().strip()
                if content not in (before, pin):
                    self.faults.append(f"{base}: {content!r}")

    def command(self, *arguments):
        began = time.monotonic()
        process = subprocess.Popen([POSTERN, "pin", *arguments, "--store", self.store],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            if self.random.random() < 0.5:
                process.wait(self.random.random() * self.length)
            else:
                process.wait()
                self.length = 0.9 * self.length + 0.1 * (time.monotonic() - began)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        errors = process.stderr.read().decode()
        process.stderr.close()
        self.done += process.returncode == 0
        self.killed += process.returncode == -signal.SIGKILL
        if process.returncode not in (0, -signal.SIGKILL) and "neither a file" not in errors:
            self.faults.append(f"{arguments}: {process.returncode} {errors}")
        return process.returncode == 0


class Kills(Store):
    def test_lose_no_acknowledged_pin(self):
        pki = Pki(self.directory / "pki")
        server = pki.server()
        # The gate reads along all the while.
        gate = self.gate(tls_listener(pki, server, pipeline=pipeline(
            "pinning", storage_path="pins", pins=[pin_of("always")])))
        deadline = time.monotonic() + BUDGET
        writers = [Writer(self.store, name, CHANGES // 2, deadline) for name in ("one", "two")]
        for writer in writers:
            writer.start()
        reads = 0
        while any(writer.is_alive() for writer in writers):
            self.listed()
            reads += 1
        for writer in writers:
            writer.join()
            self.assertEqual(writer.faults, [])
        found = self.listed()
        for writer in writers:
            self.assertLessEqual(writer.held.items() | writer.shared.items(), found.items())
            self.assertFalse(writer.gone & found.keys())
        self.assertEqual([r for r in gate.find(level="error")], [])
        done, killed = (sum(getattr(w, what) for w in writers) for what in ("done", "killed"))
        self.assertGreater(done, CHANGES // 10)
        self.assertGreater(killed, CHANGES // 10)
        left = [n for n in os.listdir(self.store) if n.startswith(".")]
        print(f"{CHANGES} changes: {done} acknowledged, {killed} killed; {len(found)} pins held, "
              f"{reads} readings, {len(left)} temporary files left")
        # What killed writers leave is hidden, and swept once it is old.
        for name in left:
            os.utime(self.store / name, (0, 0))
        run(POSTERN, "pin", "add", pin_of("last"), "--store", self.store)
        self.assertEqual([n for n in os.listdir(self.store) if n.startswith(".")], [])
        self.assertEqual(self.listed().keys() - found.keys(),
                         {f"sha256-{hashlib.sha256(b'last').hexdigest()[:24]}.pin"})


class FullDisk(Store):
    def test_a_file_that_cannot_be_written_changes_nothing(self):
        run(POSTERN, "pin", "add", pin_of("a"), "--name", "a", "--store", self.store)
        before = self.listed()

        def no_room():
            resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
        for arguments in (("a", "--replace"), ("b",)):
            done = run(POSTERN, "pin", "add", pin_of("b"), "--name", *arguments, "--store",
                       self.store, ok=None, preexec_fn=no_room, restore_signals=False)
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertIn("nothing was changed", done.stderr)
            self.assertEqual(os.listdir(self.store), ["a.pin"])
            self.assertEqual(self.listed(), before)

    def test_a_full_one_loses_nothing_and_still_lets_go(self):
        script = r"""
mount -t tmpfs -o size=32k,mode=700 none "$1" || exit 77
store=$1 postern=$2; shift 2
count=0
for pin; do
    "$postern" pin add "$pin" --name "p$count" --store "$store" >/dev/null 2>"$store/../error" || break
    count=$((count + 1))
done
echo "$count $?"
"$postern" pin add sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= --name p0 --replace \
    --store "$store" 2>/dev/null
echo "replace $?"
ls -A "$store" | tr '\n' ' '; echo
"$postern" pin remove p1 --store "$store" >/dev/null && "$postern" pin add "$1" --name again \
    --store "$store" >/dev/null
echo "again $?"
"$postern" pin list --json --store "$store"
"""
        self.store.mkdir(parents=True, mode=0o700)
        if os.geteuid() != 0 or not shutil.which("unshare"):
            self.skipTest("no mount namespace of our own to be had")
        pins = [pin_of(str(number)) for number in range(64)]
        done = run("unshare", "--mount", "sh", "-c", script, "sh", self.store, POSTERN, *pins,
                   ok=None)
        if done.returncode == 77:
            self.skipTest("no tmpfs of our own to be had")
        lines = done.stdout.splitlines()
        count = int(lines[0].split()[0])
        self.assertGreater(count, 2, done.stdout + done.stderr)
        self.assertLess(count, 64)
        self.assertEqual(lines[1], "replace 3")
        self.assertEqual(sorted(lines[2].split()), sorted(f"p{n}.pin" for n in range(count)))
        self.assertEqual(lines[3], "again 0")
        listed = {p["file"]: p["pin"] for p in json.loads("\n".join(lines[4:]))["pins"]}
        expected = {f"p{n}.pin": pins[n] for n in range(count) if n != 1} | {"again.pin": pins[0]}
        self.assertEqual(listed, expected)


if __name__ == "__main__":
    harness.main()
