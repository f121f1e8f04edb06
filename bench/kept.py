"""`python -m bench.kept`: a backup of a million ballots, and its restore, verified."""

from __future__ import annotations

import argparse
import sys
import time

from bench import places, stored, table
from bench.turnout import begun
from survey.meetings import backups, restoring
from survey.storage.database import Database

BALLOTS = 1_000_000
GOAL_SECONDS = 120


def main() -> int:
    """Measure and print; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m bench.kept", description=__doc__)
    parser.add_argument("--ballots", type=int, default=BALLOTS)
    args = parser.parse_args()
    print(table.told(rows(args.ballots)))
    return 0


def rows(ballots: int = BALLOTS) -> list[list[str]]:
    """Return the lines of the table. One run: it takes a minute."""
    with places.folder() as folder:
        meeting, round_, keys = begun(folder)
        print(f"kept: {ballots:,} ballots are stored", file=sys.stderr, flush=True)
        stored.whole(folder / "prikk.sqlite", meeting, round_, ballots)
        database = Database(f"sqlite:///{folder / 'prikk.sqlite'}")
        times = [(time.perf_counter(), time.process_time())]
        backups.make(database, keys, folder / "saved", folder / "saved.keys")
        database.close()
        times.append((time.perf_counter(), time.process_time()))
        there = Database(f"sqlite:///{folder / 'there.sqlite'}")
        restoring.restore(there, folder / "there" / "secret", folder / "saved", folder / "saved.keys")
        there.close()
        times.append((time.perf_counter(), time.process_time()))
        size = (folder / "saved").stat().st_size / 1e6
    took = [
        f"{after[0] - before[0]:.0f} ({after[1] - before[1]:.0f})"
        for before, after in zip(times, times[1:], strict=False)
    ]
    return [
        [f"backup of {ballots:,} ballots, s (processor)", "", f"{took[0]}, {size:.0f} MB"],
        [f"restore of {ballots:,} ballots, verified, s (processor)", f"at most {GOAL_SECONDS}", took[1]],
    ]


if __name__ == "__main__":
    sys.exit(main())
