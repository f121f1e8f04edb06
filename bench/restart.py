"""`python -m bench.restart`: from starting the program on a million stored ballots until it takes a vote."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import places, stored, table
from bench.hall import HOUSE, cast_once, hall, processor_ms
from bench.load import Voter

BALLOTS = 1_000_000
GOAL_SECONDS = 3.0
_QUESTION = "suksess"


def main() -> int:
    """Measure and print; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m bench.restart", description=__doc__)
    parser.add_argument("--ballots", type=int, default=BALLOTS)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    print(table.told(rows(args.ballots, args.runs)))
    return 0


def rows(ballots: int = BALLOTS, runs: int = 5) -> list[list[str]]:
    """Return the line of the table."""
    with places.folder() as name:
        folder = name / "hall"
        with hall("durable", folder) as one:
            with one.fill(4) as facilitator:
                facilitator.open(one.meeting, _QUESTION)
            one.prepare()
            voter, meeting = one.voters[0], one.meeting
        print(f"restart: {ballots:,} ballots are stored", file=sys.stderr, flush=True)
        file = sqlite3.connect(folder / "prikk.sqlite")
        asked = "SELECT meeting.id, round.id FROM meeting, round WHERE meeting.key = ?"
        numbers = file.execute(asked, (meeting,)).fetchone()
        file.close()
        stored.whole(folder / "prikk.sqlite", numbers[0], numbers[1], ballots)
        took = [_until_a_vote(folder, voter) for _ in range(runs)]
    what = f"restart with {ballots:,} stored ballots until a vote is taken, s"
    waited, worked = zip(*took, strict=True)
    return [
        [what, f"at most {GOAL_SECONDS:g}", table.spread(waited, 2)],
        ["of that the program's own processor time, s", "", table.spread(worked, 2)],
    ]


def _until_a_vote(folder: Path, voter: Voter) -> tuple[float, float]:
    """Start the program as people do; return the seconds until a ballot sent again and again is taken.

    Also the seconds of processor time that the program has used by then.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    begun = time.perf_counter()
    with _served(folder, port) as process:
        while not _is_taken(port, voter):
            if time.perf_counter() - begun > 120:
                raise RuntimeError("No vote was taken within two minutes.")
            time.sleep(0.02)
        return time.perf_counter() - begun, processor_ms(process) / 1000


@contextmanager
def _served(folder: Path, port: int) -> Iterator[int]:
    command = [sys.executable, "-m", "survey", "serve", "--host", "127.0.0.1", "--port", str(port)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PRIKK_")}
    kept["PRIKK_INSTANCE"] = str(folder)
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=HOUSE, env=kept, stdout=quiet, stderr=quiet)
    try:
        yield process.pid
    finally:
        # As a power cut would, so that the next start finds what it may have to mend.
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)


def _is_taken(port: int, voter: Voter) -> bool:
    try:
        status = cast_once(f"http://127.0.0.1:{port}", voter)
    except OSError:
        return False
    if status not in (303, 503):
        raise RuntimeError(f"The vote was answered with {status}.")
    return status == 303


if __name__ == "__main__":
    sys.exit(main())
