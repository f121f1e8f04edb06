"""`make bench`: every benchmark, one after the other, and one table of goals and measures at the end."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from bench import places, table

# The shorter ones first.
COMMANDS = (
    ("bench", "--runs", "5"),
    ("bench.workers", "--runs", "5"),
    ("bench.streams",),
    ("bench.arrivals",),
    ("bench.million",),
    ("bench.turnout",),
    ("bench.analysis",),
)
_HOUSE = Path(__file__).parent.parent
_MOST_SECONDS = 600


def main() -> int:
    """Run them all and print; returns how many did not end well."""
    parser = argparse.ArgumentParser(prog="python -m bench.whole", description=__doc__)
    parser.add_argument("only", nargs="*", help="names of benchmarks, such as streams; left out: all")
    args = parser.parse_args()
    chosen = [one for one in COMMANDS if not args.only or one[0].rpartition(".")[2] in args.only]
    failed = []
    with places.folder() as folder:
        kept = folder / "kept.jsonl"
        kept.touch()
        for command in chosen:
            begun = time.monotonic()
            if not _run(command, kept):
                failed.append(command[0])
            print(f"{command[0]} took {time.monotonic() - begun:.0f} s\n", file=sys.stderr, flush=True)
        rows = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    print(
        f"Medians (least to most); {os.cpu_count()} cores, load average at the end {os.getloadavg()[0]:.1f}."
    )
    print(table.lines([table.HEADING, *rows]))
    if failed:
        print(f"\nDid not end well: {', '.join(failed)}")
    return len(failed)


def _run(command: tuple[str, ...], kept: Path) -> bool:
    arguments = [sys.executable, "-m", *command]
    environment = {**os.environ, table.KEPT: str(kept)}
    process = subprocess.Popen(arguments, cwd=_HOUSE, env=environment)
    try:
        return process.wait(_MOST_SECONDS) == 0
    except subprocess.TimeoutExpired:
        process.terminate()
        process.wait(60)
        return False


if __name__ == "__main__":
    sys.exit(main())
