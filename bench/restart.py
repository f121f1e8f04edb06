"""From starting the program on very many stored ballots until it takes a vote."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import table
from bench.hall import HOUSE, cast_once, processor_ms
from bench.load import Voter

GOAL_SECONDS = 3.0


def rows(folder: Path, voter: Voter, ballots: int, runs: int) -> list[list[str]]:
    """Return the lines of the table, for a hall's folder with so many ballots and one of its voters."""
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
