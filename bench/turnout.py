"""`python -m bench.turnout`: how long a new ballot takes to become a new number, at any size of the log.

Measured is what the process that feeds the streams does after a ballot: one look at the database.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from bench import places, stored, table
from survey import create_app, starting
from survey.audiences.feeds import Feed
from survey.ballots import box, log
from survey.meetings import plans
from survey.printing import cards
from survey.storage.database import Database
from survey.storage.keys import Keys

SIZES = (1_000, 100_000, 10_000_000)
GOAL_MS = 0.1
_QUESTION = "suksess"
_LOOKS = 100


def main() -> int:
    """Measure and print; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m bench.turnout", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--runs", type=int, default=5, help="how often each size is measured")
    args = parser.parse_args()
    print(table.told(rows(args.sizes, args.runs)))
    return 0


def rows(sizes: tuple[int, ...] = SIZES, runs: int = 5) -> list[list[str]]:
    """Return the lines of the table: a size each. All sizes are measured in turn, ballot by ballot."""
    with ExitStack() as stack:
        followed = [stack.enter_context(_followed(size)) for size in sizes]
        took = [[one.look() for one in followed] for _ in range(runs * _LOOKS)]
    found = []
    for place, size in enumerate(sizes):
        each = [statistics.median(some[place] for some in took[at::runs]) for at in range(runs)]
        what = f"turnout update at {size:,} ballots, ms of processor time"
        found.append([what, f"at most {GOAL_MS}", table.spread(each, 3)])
    return found


def begun(folder: Path) -> tuple[int, int, Keys]:
    """Make the demo meeting in a folder and open its dots question; returns meeting, round and keys."""
    app = create_app({"PRIKK_INSTANCE": str(folder), "PRIKK_DATABASE": "", "PRIKK_SECRET_FILE": ""})
    database, keys = app.extensions["prikk.database"], app.extensions["prikk.keys"]

    def begin(connection: Connection) -> tuple[int, int]:
        meeting = plans.store(connection, plans.ready_plan(plans.DEMO), starting.owner(connection))
        cards.issue_missing(connection, keys, meeting)
        asked = "SELECT id FROM question WHERE key = ?"
        question = connection.exec_driver_sql(asked, (_QUESTION,)).scalar_one()
        return meeting, box.open_round(connection, keys, question)

    meeting, round_ = database.write(begin)
    database.close()
    return meeting, round_, keys


@contextmanager
def _followed(size: int) -> Iterator[Followed]:
    """Give a meeting of so many ballots that is followed."""
    print(f"turnout: {size:,} ballots are stored", file=sys.stderr, flush=True)
    with places.folder() as folder:
        meeting, round_, _keys = begun(folder)
        stored.only_log(folder / "prikk.sqlite", meeting, round_, size)
        database = Database(f"sqlite:///{folder / 'prikk.sqlite'}")
        yield Followed(database, meeting, round_, size)
        database.close()


class Followed:
    """A meeting with an open round and `ballots` in it, and the feed of those who follow it."""

    def __init__(self, database: Database, meeting: int, round_: int, ballots: int) -> None:
        self._database, self._meeting, self._round, self._ballots = database, meeting, round_, ballots
        self._feed = Feed(meeting)
        with database.reading() as connection:
            self._feed.look(connection)

    def look(self) -> float:
        """Cast one more ballot; returns how many ms the look took that found it."""
        self._ballots += 1
        self._database.write(partial(_cast, self._meeting, self._round, f"{self._ballots:032x}"))
        # The numbers on the screen may wait a third of a second; here nobody waits.
        self._feed._told.clear()
        with self._database.reading() as connection:
            before = time.thread_time()
            self._feed.look(connection)
            took = (time.thread_time() - before) * 1000
        if self._feed.states["screen"]["turnout"] != self._ballots:
            raise RuntimeError(
                f"The turnout is {self._feed.states['screen']['turnout']}, not {self._ballots}."
            )
        return took


def _cast(meeting: int, round_: int, who: str, connection: Connection) -> None:
    log.append(connection, meeting, "cast", round_, who, who * 2)


if __name__ == "__main__":
    sys.exit(main())
