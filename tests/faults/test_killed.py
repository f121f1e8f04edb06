"""Killed at any moment: what was acked is counted once, what was not is counted once or not at all.

A power switch ends the server and the scribe beside it; each may also be killed alone.
"""

from __future__ import annotations

import os
import random
import signal
import time

import pytest
from crowd import Crowd
from ledger import judge

MOST_BACK = 3.0


def both(server, moment):
    """Kill the server and its scribe, if it has one already."""
    time.sleep(moment)
    server.kill()


def both_at_work(server, moment):
    """Kill both, but not before the scribe stores."""
    server.scribe()
    time.sleep(moment)
    server.kill()


def server_alone(server, moment):
    """Kill the server, and leave its scribe to end by itself."""
    server.scribe()
    time.sleep(moment)
    server.kill_alone()


def kill_over_and_over(hall, times, bug="", kill=both):
    """Kill the server so many times while everybody votes; returns history and seconds without a vote."""
    chance, back = random.Random(times), []
    with hall.serving(bug) as server:
        with Crowd(server.port, hall.voters, pace=0.4) as crowd:
            crowd.wait_for(20)
            for _ in range(times):
                kill(server, chance.uniform(0.05, 0.5))
                begun = time.monotonic()
                server.start()
                crowd.wait_for(25)
                back.append(crowd.history.back_after(begun))
            history = crowd.stop()
        with hall.facilitator(server.base) as facilitator:
            facilitator.close_round(hall.meeting)
    return history, back


@pytest.mark.parametrize(
    ("kill", "short", "long"), [(both, 2, 100), (both_at_work, 2, 100), (server_alone, 2, 50)]
)
def test_killed_under_fifty_voters(hall, many, tell, kill, short, long):
    times = many(short, long)
    history, back = kill_over_and_over(hall, times, kill=kill)
    judged = judge(hall, history, books=True)
    what = "killed with -9 under 50 voters: " + kill.__name__.replace("_", " ")
    tell(what, times, judged, history, back)
    assert judged.is_clean and judged.acked > 20 * times, judged
    assert history.lost_lines > times


def test_the_scribe_killed_under_fifty_voters(hall, many, tell):
    times, slowest = many(2, 30), []
    with hall.serving() as server:
        with Crowd(server.port, hall.voters, pace=0.4) as crowd:
            for _ in range(times):
                os.kill(server.scribe(), signal.SIGKILL)
                begun = time.monotonic()
                crowd.wait_for(25)
                slowest.append(crowd.history.back_after(begun))
            history = crowd.stop()
        with hall.facilitator(server.base) as facilitator:
            facilitator.close_round(hall.meeting)
        assert server.output.count("has ended") == times and "Traceback" not in server.output
    judged = judge(hall, history, books=True)
    tell("the scribe alone killed with -9", times, judged, history, slowest)
    assert judged.is_clean and judged.acked > 20 * times, judged
    # The phones did not even notice.
    assert not history.lost_lines and not history.refused and max(slowest) < MOST_BACK


def test_asked_to_stop_under_fifty_voters_both_finish_what_they_have_begun(hall):
    with hall.serving() as server:
        with Crowd(server.port, hall.voters, pace=0.1) as crowd:
            crowd.wait_for(20)
            server.scribe()
            crowd.wait_for(50)
            # As Ctrl-C and systemd do: to both.
            server.stop()
            assert "has ended" not in server.output and "Traceback" not in server.output
            assert not hall.file.with_name("prikk.sqlite-wal").exists()
            server.start()
            crowd.wait_for(20)
            history = crowd.stop()
    judged = judge(hall, history)
    assert judged.is_clean and judged.acked > 50, judged


@pytest.mark.parametrize(
    ("bug", "kill"), [("ack_before_commit", both), ("scribe_answers_before_commit", both_at_work)]
)
def test_the_checker_finds_what_was_acked_before_it_was_stored(hall, bug, kill):
    history, _ = kill_over_and_over(hall, 1, bug, kill)
    assert judge(hall, history).lost > 0
