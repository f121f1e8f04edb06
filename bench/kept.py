"""A backup of very many ballots, and its restore, verified."""

from __future__ import annotations

import time
from pathlib import Path

from survey.meetings import backups, restoring
from survey.storage.database import Database
from survey.storage.keys import Keys

GOAL_SECONDS = 120


def rows(folder: Path, ballots: int) -> list[list[str]]:
    """Return the lines of the table, for a hall's folder with so many ballots. One run: it takes a minute."""
    database = Database(f"sqlite:///{folder / 'prikk.sqlite'}")
    times = [(time.perf_counter(), time.process_time())]
    backups.make(database, Keys(folder / "keys" / "secret"), folder / "saved", folder / "saved.keys")
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
        [f"backup of {ballots:,} ballots, s (processor), one run", "", f"{took[0]}, {size:.0f} MB"],
        [
            f"restore of {ballots:,} ballots, verified, s (processor), one run",
            f"at most {GOAL_SECONDS}",
            took[1],
        ],
    ]
