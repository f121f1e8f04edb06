"""Clocks that jump and machines that sleep: nobody is signed out, nothing is counted by its time."""

from __future__ import annotations

import glob
import time

import pytest
from crowd import Crowd
from ledger import judge

from survey.rehearsal.drivers import Refused

LIBRARY = next(iter(glob.glob("/usr/lib/*/faketime/libfaketime.so.1")), "")
HOUR, YEAR = 3600, 365 * 86_400


@pytest.mark.skipif(not LIBRARY, reason="needs libfaketime, Debian's package, to let a clock jump")
def test_a_clock_that_jumps_signs_nobody_out_and_reorders_nothing(hall, many, tell, tmp_path):
    clock = tmp_path / "clock"
    clock.write_text("+0")
    faked = {
        "LD_PRELOAD": LIBRARY,
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    jumps = [2 * HOUR, -2 * HOUR, YEAR, -YEAR, 0]
    with hall.serving(environment=faked) as server, hall.facilitator(server.base) as facilitator:
        with Crowd(server.port, hall.voters, pace=0.3) as crowd:
            crowd.wait_for(20)
            for jump in jumps * many(1, 5):
                clock.write_text(f"{jump:+d}")
                crowd.wait_for(60)
            history = crowd.stop()
        clock.write_text("+0")
        facilitator.close_round(hall.meeting)
    judged = judge(hall, history, books=True)
    tell("clock jumps by hours and a year", len(jumps) * many(1, 5), judged, history)
    assert judged.is_clean and not history.refused, (judged, history.refused[:3])


@pytest.mark.skipif(not LIBRARY, reason="needs libfaketime, Debian's package, to let a clock jump")
def test_sessions_do_not_live_for_ever_either(hall, tmp_path):
    clock = tmp_path / "clock"
    clock.write_text("+0")
    faked = {"LD_PRELOAD": LIBRARY, "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1"}
    with hall.serving(environment=faked | {"FAKETIME_DONT_FAKE_MONOTONIC": "1"}) as server:
        with hall.facilitator(server.base) as facilitator:
            facilitator.run_page(hall.meeting)
            clock.write_text(f"{13 * HOUR:+d}")
            with pytest.raises(Refused):
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
