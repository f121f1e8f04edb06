"""The disk is full, read-only, or held by another program: plain refusals, and the console says why."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing, suppress
from http.client import HTTPException
from operator import le

import pytest
from crowd import Crowd
from disks import breakable, fill, needs_mounts, run, small
from ledger import judge

from survey.rehearsal.drivers import Refused

# Seconds promised, which the long form holds to on a machine of its own; and those before a test gives up.
TOLD_WITHIN, BACK_WITHIN, PATIENCE = 5.0, 10.0, 90.0
PROMISED, SLOW = (TOLD_WITHIN, BACK_WITHIN, BACK_WITHIN), (PATIENCE,) * 3


class Watch:
    """Somebody who looks at the meeting all the time: console, a phone's page, a stream. What of it fails?"""

    def __init__(self, hall, server):
        self.failed, self.said, self.events, self.looked = [], [], 0, 0
        self._hall, self._server = hall, server
        self._stopping = threading.Event()
        self._askers = [threading.Thread(target=work, daemon=True) for work in (self._ask, self._look)]
        self._listener = threading.Thread(target=self._listen, daemon=True)
        for thread in (*self._askers, self._listener):
            thread.start()

    def __enter__(self):
        # Signing in is a write, which trouble would hold up.
        self._waited(lambda: self.said and self.looked and self.events, "everybody looks")
        return self

    def __exit__(self, *_error):
        self._stopping.set()

    def told(self, word):
        """Wait until the console says the word; returns how many seconds that took."""
        return self._waited(lambda: self.said and word in self.said[-1].lower(), f"the console says {word!r}")

    def silent(self):
        """Wait until the console complains no more."""
        return self._waited(lambda: self.said and not self.said[-1], "the console is silent")

    def _waited(self, is_so, what):
        begun = time.monotonic()
        while not is_so():
            if time.monotonic() > begun + PATIENCE:
                raise AssertionError(f"Not so within {PATIENCE} s: {what}; it says {self.said[-1:]}")
            time.sleep(0.05)
        return time.monotonic() - begun

    def stop(self):
        """Look no more; raises AssertionError where a page could not be read meanwhile."""
        assert self.events > 0 and self._listener.is_alive(), "the stream goes on"
        self._waited(lambda: len(self.said) > 1, "the console is asked again")
        self._stopping.set()
        for thread in self._askers:
            thread.join(PATIENCE)
        assert not self.failed, self.failed

    def _ask(self):
        with self._hall.facilitator(self._server.base) as console:
            while not self._stopping.wait(0.3):
                try:
                    told = console.browser.get(f"/meetings/{self._hall.meeting}/trouble", "application/json")
                    self.said.append(told.json()["said"])
                except (Refused, OSError, HTTPException) as error:
                    self.failed.append(error)

    def _look(self):
        with self._hall.facilitator(self._server.base) as console:
            while not self._stopping.wait(0.3):
                try:
                    console.run_page(self._hall.meeting)
                    phone = self._hall.phone(self._server.base)
                    phone.get("/vote")
                    phone.close()
                    self.looked += 1
                except (Refused, OSError, HTTPException) as error:
                    self.failed.append(error)

    def _listen(self):
        # It is not joined: it waits for the server's next word, which may be the server's end.
        with self._hall.facilitator(self._server.base) as console, suppress(OSError, HTTPException):
            with console.browser.stream(f"/live/{self._hall.meeting}?for=screen") as lines:
                for line in lines:
                    self.events += line.startswith(b"data:")
                    if self._stopping.is_set():
                        return


def under_trouble(hall, server, begin, end, word, tell, fault, seconds=0.0):
    """Let trouble begin and end while people vote; check what they, the console and the box make of it.

    Returns the seconds until the console told, votes were taken again, and the console was silent.
    """
    with Watch(hall, server) as watch, Crowd(server.port, hall.voters, pace=0.3, patience=15) as crowd:
        crowd.wait_for(20)
        begin()
        begun = time.monotonic()
        told = watch.told(word)
        crowd.wait_for_refusals(1)
        time.sleep(max(1.0, begun + seconds - time.monotonic()))
        refused = crowd.history.answers[503]
        moment = time.monotonic()
        end()
        crowd.wait_for(20)
        back = crowd.history.back_after(moment)
        silent = watch.silent()
        history = crowd.stop()
        watch.stop()
    judged = judge(hall, history)
    tell(fault, 1, judged, history, [back], told=round(told, 2), silent=round(silent, 2), refused=refused)
    assert judged.is_clean and refused > 0, judged
    assert "Traceback" not in "".join(history.complaints)
    return told, back, silent


@pytest.mark.parametrize("bug", ["", pytest.param("ack_before_commit", marks=pytest.mark.long)])
@needs_mounts[0]
@needs_mounts[1]
def test_a_full_disk_refuses_and_voting_goes_on_when_there_is_space(hall, tmp_path, many, tell, bug):
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
                    crowd.wait_for(400)
                    end()
                    assert judge(hall, crowd.stop(), tmp_path).lost > 0
            else:
                took = under_trouble(hall, server, begin, end, "full", tell, "disk full")
                assert all(map(le, took, many(SLOW, PROMISED))), took


def test_a_lock_from_outside_refuses_and_voting_goes_on_when_it_is_gone(hall, many, tell):
    outside = sqlite3.connect(hall.file, isolation_level=None, check_same_thread=False)
    with closing(outside), hall.serving() as server:
        took = under_trouble(
            hall,
            server,
            lambda: outside.execute("BEGIN EXCLUSIVE"),
            lambda: outside.execute("ROLLBACK"),
            "another program",
            tell,
            "database locked from outside",
            seconds=many(11, 30),
        )
    assert all(map(le, took, many(SLOW, PROMISED))), took


@needs_mounts[0]
@needs_mounts[1]
def test_a_disk_that_takes_nothing_any_more_loses_nothing(hall, tmp_path, many, tell):
    with breakable(tmp_path) as disk:
        hall = hall.copy(disk.at / "hall")
        run("sync", "--file-system", disk.at)
        server = hall.server()
        server.start()
        try:
            with Watch(hall, server) as watch, Crowd(server.port, hall.voters, pace=0.3) as crowd:
                crowd.wait_for(20)
                disk.fail()
                told = watch.told("takes nothing")
                crowd.wait_for_refusals(20)
                watch.stop()
                server.kill()
                disk.unmount()
                disk.replace()
                disk.mount()
                begun = time.monotonic()
                server.start()
                crowd.wait_for(20)
                back = crowd.history.back_after(begun)
                history = crowd.stop()
        finally:
            server.stop()
        judged = judge(hall, history)
        tell("disk takes no write, replaced, restarted", 1, judged, history, [back], told=round(told, 2))
        assert judged.is_clean, judged
        assert told <= many(PATIENCE, TOLD_WITHIN)
