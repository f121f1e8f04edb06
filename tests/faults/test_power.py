"""The power is cut: what was acked is on the disk, by count of acks and not by integrity_check."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import pytest
from crowd import Crowd, History
from disks import loop, mounted, needs_mounts, run
from ledger import judge

pytestmark = needs_mounts


def cut_over_and_over(hall, folder, times, bug=""):
    """Cut the power so many times while everybody votes; yields what is acked and what is found afterwards.

    The disk is copied while the server stands still: what it has written and not synced is not in the copy.
    """
    chance = random.Random(times)
    with loop(folder) as disk:
        hall = hall.copy(disk.at / "hall")
        # The hall itself has long been on the disk; only what happens from here may be lost.
        run("sync", "--file-system", disk.at)
        with hall.serving(bug) as server, Crowd(server.port, hall.voters, pace=0.4) as crowd:
            crowd.wait_for(20)
            for number in range(times):
                crowd.wait_for(25)
                time.sleep(chance.uniform(0.0, 0.5))
                server.freeze()
                told = History(sendings=[replace(one) for one in list(crowd.history.sendings)])
                afterwards = disk.copy(f"cut{number}")
                server.thaw()
                with mounted(afterwards) as place:
                    yield judge(replace(hall, folder=place / "hall"), told, folder)
                afterwards.image.unlink()
            assert not crowd.stop().complaints


def test_a_power_cut_loses_nothing_that_was_acked(hall, tmp_path, many, tell):
    times = many(2, 50)
    last = None
    for last in cut_over_and_over(hall, tmp_path, times):
        assert last.is_clean, last
    assert last is not None and last.acked > 20 * min(times, 5)
    tell("power cuts under 50 voters", times, last)


@pytest.mark.long
def test_the_checker_finds_what_a_power_cut_takes_from_relaxed_syncing(hall, tmp_path):
    (judged,) = cut_over_and_over(hall, tmp_path, 1, "synchronous_normal")
    assert judged.lost > 0
