"""The benchmark runs from one end to the other, and counts what it was told was taken."""

import re
import subprocess
import sys
from pathlib import Path

HOUSE = Path(__file__).parent.parent


def test_a_short_benchmark_finds_every_ballot_it_was_told_was_taken():
    command = [sys.executable, "-m", "bench", "--runs", "1", "--seconds", "0.3", "--voters", "4"]
    done = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    counted = re.findall(r"Acknowledged ([\d,]+) ballots, stored ([\d,]+)\.", done.stdout)
    assert counted
    assert all(told == stored != "0" for told, stored in counted)
