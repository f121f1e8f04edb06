"""Clocks that jump and machines that sleep: nobody is signed out, nothing is counted by its time."""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest
from crowd import Crowd
from ledger import judge

from survey.rehearsal.drivers import Refused

COMPILER = shutil.which("cc") or shutil.which("gcc") or ""
HOUR, YEAR = 3600, 365 * 86_400
needs_preload = pytest.mark.skipif(
    not COMPILER or sys.platform != "linux",
    reason="needs Linux and a C compiler to let a process's clock jump",
)


class Clock:
    """A clock for one process, which can be set while it runs. What counts up steadily is left alone."""

    def __init__(self, folder):
        library = folder / "jumping_clock.so"
        source = Path(__file__).parent / "jumping_clock.c"
        subprocess.run([COMPILER, "-O2", "-shared", "-fPIC", "-o", library, source], check=True)
        self._file = folder / "ahead"
        self.environment = {"LD_PRELOAD": str(library), "CLOCK_AHEAD": str(self._file)}
        self._file.write_bytes(bytes(8))

    def set(self, seconds):
        """Set it to so many seconds from the machine's own."""
        with self._file.open("r+b") as file:
            file.write(struct.pack("@l", seconds))


def vote_as_clocks_jump(hall, clock, jumps, bug="", patience=120):
    """Let everybody vote while the server's clock jumps, and close."""
    with hall.serving(bug, clock.environment) as server, hall.facilitator(server.base) as facilitator:
        with Crowd(server.port, hall.voters, pace=0.3) as crowd:
            crowd.wait_for(20)
            for jump in jumps:
                clock.set(jump)
                crowd.wait_for(60, seconds=patience)
            history = crowd.stop()
        facilitator.close_round(hall.meeting)
    return history


@needs_preload
def test_a_clock_that_jumps_signs_nobody_out_and_reorders_nothing(hall, many, tell, tmp_path):
    jumps = [2 * HOUR, -2 * HOUR, YEAR, -YEAR] * many(1, 5)
    history = vote_as_clocks_jump(hall, Clock(tmp_path), jumps)
    judged = judge(hall, history, books=True)
    tell("clock jumps by hours and a year", len(jumps), judged, history)
    assert judged.is_clean and not history.refused, (judged, history.refused[:3])


@pytest.mark.long
@needs_preload
def test_a_server_that_asks_the_clock_is_seen_to_sign_everybody_out(hall, tmp_path):
    with pytest.raises(AssertionError, match="Nobody could vote"):
        vote_as_clocks_jump(hall, Clock(tmp_path), [-2 * HOUR], "wall_clock", patience=10)


@pytest.mark.long
@needs_preload
def test_sessions_do_not_live_for_ever_either(hall, tmp_path):
    clock = Clock(tmp_path)
    clock.set(13 * HOUR)
    with hall.serving(environment=clock.environment) as server:
        with hall.facilitator(server.base) as facilitator, pytest.raises(Refused):
            facilitator.run_page(hall.meeting)


def test_a_process_that_stands_still_loses_nothing(hall, many, tell):
    seconds = many(3, 120)
    with hall.serving() as server, hall.facilitator(server.base) as facilitator:
        with Crowd(server.port, hall.voters, pace=0.3) as crowd:
            crowd.wait_for(20)
            server.freeze()
            time.sleep(seconds)
            server.thaw()
            moment = time.monotonic()
            crowd.wait_for(50)
            back = crowd.history.back_after(moment)
            history = crowd.stop()
        facilitator.close_round(hall.meeting)
    judged = judge(hall, history, books=True)
    tell(f"process frozen for {seconds} s", 1, judged, history, [back])
    assert judged.is_clean and not history.refused, judged
