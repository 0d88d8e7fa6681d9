"""run.py works: it ends well and its table is complete. Never a word about how fast anything is."""

import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
COLUMNS = 9
FIGURE = r"\d+\.\d \(-?\d+\.\d--?\d+\.\d\)"


class BenchSmokeTest(unittest.TestCase):
    def test_every_row_has_a_figure_of_every_server(self):
        done = subprocess.run(
            [sys.executable, str(HERE / "run.py"), "--build", os.environ["POSTERN_BUILD"],
             "--quick", "--repetitions", "1", "--operations", "40"],
            capture_output=True, text=True, timeout=280, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        lines = [line for line in done.stdout.splitlines() if line.startswith("| ")]
        self.assertEqual(len(lines), 2 + 6, done.stdout)
        for line in lines[2:]:
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            self.assertEqual(len(cells), COLUMNS, line)
            peers = cells[2:4] if cells[0].endswith("to HTTP upstream [us]") else cells[2:3]
            for cell in (cells[1], *peers, cells[4]):
                self.assertTrue(re.fullmatch(FIGURE, cell), line)
        for word in ("machine", "Postern", "nginx", "HAProxy", "client", "placement"):
            self.assertRegex(done.stdout, rf"(?m)^{word} ")


if __name__ == "__main__":
    unittest.main()
