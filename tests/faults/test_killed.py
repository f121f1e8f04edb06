"""Killed at any moment: what was acked is counted once, what was not is counted once or not at all."""

from __future__ import annotations

import random
import time

from crowd import Crowd
from ledger import judge

MOST_BACK = 3.0


def kill_over_and_over(hall, times, bug=""):
    """Kill the server so many times while everybody votes; returns history and seconds without a vote."""
    chance, back = random.Random(times), []
    with hall.serving(bug) as server:
        with Crowd(server.port, hall.voters, pace=0.4) as crowd:
            crowd.wait_for(20)
            for _ in range(times):
                time.sleep(chance.uniform(0.05, 0.5))
                server.kill()
                begun = time.monotonic()
                server.start()
                crowd.wait_for(25)
                back.append(crowd.history.back_after(begun))
            history = crowd.stop()
        with hall.facilitator(server.base) as facilitator:
            facilitator.close_round(hall.meeting)
    return history, back


def test_killed_under_fifty_voters(hall, many, tell):
    times = many(3, 200)
    history, back = kill_over_and_over(hall, times)
    judged = judge(hall, history, books=True)
    tell("killed with -9 under 50 voters", times, judged, history, back)
    assert judged.is_clean and judged.acked > 20 * times, judged
    assert history.lost_lines > times


def test_the_checker_finds_what_was_acked_before_it_was_stored(hall):
    history, _ = kill_over_and_over(hall, 1, "ack_before_commit")
    assert judge(hall, history).lost > 0
