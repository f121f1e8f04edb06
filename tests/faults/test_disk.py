"""The disk is full, read-only, or held by another program: plain refusals, and the console says why."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing

import pytest
from crowd import Crowd
from disks import fill, loop, needs_mounts, run, small
from ledger import judge

from survey.rehearsal.drivers import Refused

TOLD_WITHIN, BACK_WITHIN = 5.0, 10.0


class Watch:
    """Somebody who looks at the meeting all the time: console, a phone's page, a stream. What of it fails?"""

    def __init__(self, hall, server):
        self.failed, self.said, self.events = [], [], 0
        self._hall, self._server = hall, server
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._ask, self._look, self._listen)
        ]
        for thread in self._threads:
            thread.start()

    def told_within(self, word, seconds):
        """Wait until the console says the word; returns how many seconds that took."""
        return self._waited(
            lambda: self.said and word in self.said[-1], seconds, f"the console says {word!r}"
        )

    def silent_within(self, seconds):
        """Wait until the console complains no more."""
        return self._waited(lambda: self.said and not self.said[-1], seconds, "the console is silent")

    def _waited(self, is_so, seconds, what):
        begun = time.monotonic()
        while not is_so():
            # A shared machine may stand still for a while; the figure goes into the table.
            if time.monotonic() > begun + 3 * seconds:
                raise AssertionError(f"Not so within {seconds} s: {what}; it says {self.said[-1:]}")
            time.sleep(0.05)
        return time.monotonic() - begun

    def stop(self):
        """Look no more; raises AssertionError where a page could not be read meanwhile."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(20)
        assert not self.failed, self.failed
        assert self.events > 0 and len(self.said) > 1

    def _ask(self):
        with self._hall.facilitator(self._server.base) as console:
            while not self._stopping.wait(0.3):
                try:
                    told = console.browser.get(f"/meetings/{self._hall.meeting}/trouble", "application/json")
                    self.said.append(told.json()["said"])
                except (Refused, OSError) as error:
                    self.failed.append(error)

    def _look(self):
        with self._hall.facilitator(self._server.base) as console:
            while not self._stopping.wait(0.3):
                try:
                    console.run_page(self._hall.meeting)
                    phone = self._hall.phone(self._server.base)
                    phone.get("/vote")
                    phone.close()
                except (Refused, OSError) as error:
                    self.failed.append(error)

    def _listen(self):
        with self._hall.facilitator(self._server.base) as console:
            with console.browser.stream(f"/live/{self._hall.meeting}?for=screen") as lines:
                for line in lines:
                    self.events += line.startswith(b"data:")
                    if self._stopping.is_set():
                        return


def under_trouble(hall, server, begin, end, word, tell, fault, seconds=0.0):
    """Let trouble begin and end while people vote; check what they, the console and the box make of it."""
    watch = Watch(hall, server)
    with Crowd(server.port, hall.voters, pace=0.3, patience=15) as crowd:
        crowd.wait_for(20)
        begin()
        begun = time.monotonic()
        told = watch.told_within(word, TOLD_WITHIN)
        time.sleep(max(1.0, begun + seconds - time.monotonic()))
        refused = crowd.history.answers[503]
        moment = time.monotonic()
        end()
        crowd.wait_for(20)
        back = crowd.history.back_after(moment)
        silent = watch.silent_within(BACK_WITHIN)
        history = crowd.stop()
    watch.stop()
    judged = judge(hall, history)
    tell(fault, 1, judged, history, [back], told=round(told, 2), silent=round(silent, 2), refused=refused)
    assert judged.is_clean and refused > 0, judged
    assert "Traceback" not in "".join(history.complaints)
    return history


@pytest.mark.parametrize("bug", ["", pytest.param("ack_before_commit", marks=pytest.mark.long)])
@needs_mounts[0]
@needs_mounts[1]
def test_a_full_disk_refuses_and_voting_goes_on_when_there_is_space(hall, tmp_path, tell, bug):
    with small(tmp_path, 4) as place:
        hall = hall.copy(place / "hall")
        fillers = []

        def begin():
            fillers.append(fill(place))

        def end():
            for filler in fillers:
                filler.unlink()

        with hall.serving(bug) as server:
            if bug:
                with Crowd(server.port, hall.voters, pace=0.3) as crowd:
                    begin()
                    crowd.wait_for(50)
                    end()
                    assert judge(hall, crowd.stop(), tmp_path).lost > 0
            else:
                under_trouble(hall, server, begin, end, "full", tell, "disk full")


def test_a_lock_from_outside_refuses_and_voting_goes_on_when_it_is_gone(hall, many, tell):
    outside = sqlite3.connect(hall.file, isolation_level=None, check_same_thread=False)
    with closing(outside), hall.serving() as server:
        under_trouble(
            hall,
            server,
            lambda: outside.execute("BEGIN EXCLUSIVE"),
            lambda: outside.execute("ROLLBACK"),
            "another program",
            tell,
            "database locked from outside",
            seconds=many(11, 30),
        )


@needs_mounts[0]
@needs_mounts[1]
def test_a_disk_that_takes_nothing_any_more_loses_nothing(hall, tmp_path, tell):
    with loop(tmp_path) as disk:
        hall = hall.copy(disk.at / "hall")
        run("sync", "--file-system", disk.at)
        server = hall.server()
        server.start()
        try:
            watch = Watch(hall, server)
            with Crowd(server.port, hall.voters, pace=0.3) as crowd:
                crowd.wait_for(20)
                disk.go_read_only()
                told = watch.told_within("takes nothing", TOLD_WITHIN)
                time.sleep(1)
                watch.stop()
                assert crowd.history.answers[503] > 0
                server.kill()
                disk.unmount()
                disk.mount()
                begun = time.monotonic()
                server.start()
                crowd.wait_for(20)
                back = crowd.history.back_after(begun)
                history = crowd.stop()
        finally:
            server.stop()
        judged = judge(hall, history)
        tell("disk read-only, mended by a restart", 1, judged, history, [back], told=round(told, 2))
        assert judged.is_clean, judged
