"""`python -m bench.million`: a database with a million ballots: restart until a vote, backup, restore."""

from __future__ import annotations

import argparse
import sqlite3
import sys
from pathlib import Path

from bench import kept, places, restart, stored, table
from bench.hall import hall
from bench.load import Voter

BALLOTS = 1_000_000
_QUESTION = "suksess"


def main() -> int:
    """Measure and print; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m bench.million", description=__doc__)
    parser.add_argument("--ballots", type=int, default=BALLOTS)
    parser.add_argument("--runs", type=int, default=5, help="how often the program is started")
    args = parser.parse_args()
    with places.folder() as name:
        voter = _filled(name / "hall", args.ballots)
        found = restart.rows(name / "hall", voter, args.ballots, args.runs)
        found += kept.rows(name / "hall", args.ballots)
    print(table.told(found))
    return 0


def _filled(folder: Path, ballots: int) -> Voter:
    """Make a hall with an open round and so many ballots in it; returns one who may vote."""
    with hall("durable", folder) as one:
        with one.fill(4) as facilitator:
            facilitator.open(one.meeting, _QUESTION)
        one.prepare()
    print(f"million: {ballots:,} ballots are stored", file=sys.stderr, flush=True)
    file = sqlite3.connect(folder / "prikk.sqlite")
    asked = "SELECT meeting.id, round.id FROM meeting, round WHERE meeting.key = ?"
    meeting, round_ = file.execute(asked, (one.meeting,)).fetchone()
    file.close()
    stored.whole(folder / "prikk.sqlite", meeting, round_, ballots)
    return one.voters[0]


if __name__ == "__main__":
    sys.exit(main())
