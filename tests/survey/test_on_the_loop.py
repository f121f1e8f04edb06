"""What many greenlets bring at once is done on the loop and committed beside it, whatever else goes on."""

from __future__ import annotations

import shutil
import sqlite3
import threading

import gevent
import pytest
from gevent.monkey import get_original
from sqlalchemy import insert, select, text
from sqlalchemy.engine.base import RootTransaction

from survey.errors import StorageUnavailable
from survey.storage import schema
from survey.storage.database import Database

NAME = schema.facilitator.c.name
this_thread = get_original("_thread", "get_ident")
sleep = get_original("time", "sleep")


class Adding:
    """A shared work that adds a row for each name, and tells in which threads it ran, on how many at once."""

    def __init__(self):
        self.threads, self.sizes = [], []

    def __call__(self, connection, names):
        self.threads.append(this_thread())
        self.sizes.append(len(names))
        connection.execute(insert(schema.facilitator), [{"name": name} for name in names])
        return names


@pytest.fixture
def lite(fresh_database, tmp_path):
    """Give a database of SQLite (no other is worked on from the loop) that waits 0.3 s for a lock."""
    opened = Database(f"sqlite:///{shutil.copy(fresh_database, tmp_path / 'loop.sqlite')}", busy_seconds=0.3)
    yield opened
    opened.close()


def names(database):
    """Return the names that are stored, sorted."""
    with database.reading() as connection:
        return sorted(connection.scalars(select(NAME)))


def verdict(ask, *given):
    """Return what a write returned or raised."""
    try:
        return ask(*given)
    except Exception as error:  # noqa: BLE001 - it is the verdict
        return error


def at_once(database, work, wanted):
    """Bring these names at the same time; returns the greenlets."""
    return [gevent.spawn(verdict, database.write_together, work, name) for name in wanted]


def test_many_share_one_batch_on_the_loop_and_one_commit_off_it(lite, monkeypatch):
    work, committed = Adding(), []
    commit = RootTransaction.commit
    monkeypatch.setattr(
        RootTransaction, "commit", lambda self: (committed.append(this_thread()), commit(self))
    )
    waiting = at_once(lite, work, "abcde")
    gevent.joinall(waiting, timeout=30)
    assert [one.value for one in waiting] == list("abcde") == names(lite)
    assert work.sizes == [5] and work.threads == [this_thread()]
    assert len(committed) == 1 and committed[0] != this_thread()


def test_the_loop_turns_while_a_commit_waits_for_the_disk_and_the_next_gather(lite, monkeypatch):
    work, go, commit = Adding(), threading.Event(), RootTransaction.commit
    monkeypatch.setattr(RootTransaction, "commit", lambda self: (go.wait(30), commit(self)))
    first = at_once(lite, work, "ab")
    gevent.sleep(0.02)
    later = at_once(lite, work, "cde")
    gevent.sleep(0.02)
    assert work.sizes == [2] and not any(one.ready() for one in first + later)
    assert names(lite) == []
    go.set()
    gevent.joinall(first + later, timeout=30)
    assert work.sizes == [2, 3] and names(lite) == list("abcde")


def test_a_lock_from_outside_stops_only_those_who_write(lite):
    outside = sqlite3.connect(lite.url.removeprefix("sqlite:///"), isolation_level=None)
    outside.execute("BEGIN IMMEDIATE")
    turns = []

    def turn():
        while True:
            turns.append(1)
            gevent.sleep(0.005)

    turning = gevent.spawn(turn)
    waiting = at_once(lite, Adding(), "abc")
    gevent.joinall(waiting, timeout=30)
    turning.kill()
    assert {type(one.value) for one in waiting} == {StorageUnavailable}
    assert len(turns) > 10 and lite.health.trouble() == "locked"
    outside.execute("ROLLBACK")
    outside.close()
    waiting = at_once(lite, Adding(), "abc")
    gevent.joinall(waiting, timeout=30)
    assert names(lite) == list("abc") and lite.health.trouble() == ""


def test_a_commit_that_fails_once_is_done_again_and_everybody_is_told_once(lite, monkeypatch):
    commit, failed = RootTransaction.commit, []

    def fails_once(self):
        if not failed:
            failed.append(1)
            raise sqlite3.OperationalError("disk I/O error")
        commit(self)

    monkeypatch.setattr(RootTransaction, "commit", fails_once)
    waiting = at_once(lite, Adding(), "abc")
    gevent.joinall(waiting, timeout=30)
    assert failed and [one.value for one in waiting] == list("abc") == names(lite)


def test_what_fails_on_the_loop_leaves_nothing_and_only_the_culprit_is_refused(lite):
    def picky(connection, wanted):
        connection.execute(insert(schema.facilitator), [{"name": name} for name in wanted])
        if "x" in wanted:
            raise ValueError("x")
        return wanted

    waiting = at_once(lite, picky, "axb")
    gevent.joinall(waiting, timeout=30)
    assert [str(one.value) for one in waiting] == list("axb") and names(lite) == list("ab")
    assert isinstance(waiting[1].value, ValueError)


def test_who_is_killed_while_a_commit_is_on_its_way_holds_up_nobody(lite, monkeypatch):
    go, commit = threading.Event(), RootTransaction.commit
    monkeypatch.setattr(RootTransaction, "commit", lambda self: (go.wait(30), commit(self)))
    work = Adding()
    gone = at_once(lite, work, "ab")
    gevent.sleep(0.02)
    gevent.killall(gone)
    go.set()
    after = at_once(lite, work, "c")
    gevent.joinall(after, timeout=30)
    assert after[0].value == "c" and names(lite) == list("abc")


@pytest.mark.parametrize("seconds", [0.0, 0.002])
def test_loop_threads_and_housekeeping_take_turns(lite, monkeypatch, seconds):
    commit = RootTransaction.commit
    monkeypatch.setattr(RootTransaction, "commit", lambda self: (sleep(seconds), commit(self)))
    work, wanted = Adding(), [f"{number:03}" for number in range(120)]

    def alone(name):
        return lambda connection: connection.execute(insert(schema.facilitator).values(name=name))

    def natively(some):
        for name in some:
            lite.write(alone(name))

    threads = [threading.Thread(target=natively, args=[wanted[at:40:2]]) for at in (0, 1)]
    for thread in threads:
        thread.start()
    greenlets = [gevent.spawn(lite.write, alone(name)) for name in wanted[40:60]]
    for at in range(60, 120, 6):
        greenlets += at_once(lite, work, wanted[at : at + 6])
        greenlets.append(gevent.spawn(lite.outside_transaction, lambda c: c.execute(text("VACUUM"))))
        gevent.sleep(0.001)
    gevent.joinall(greenlets, timeout=60, raise_error=True)
    while any(thread.is_alive() for thread in threads):
        gevent.sleep(0.001)
    assert names(lite) == wanted


def test_who_asks_again_at_once_is_served_and_nothing_is_begun_of_nothing(lite, monkeypatch):
    work, sizes, begin = Adding(), [], lite._writer._begin_on_loop

    def noted(batch):
        sizes.append(len(batch))
        return begin(batch)

    def ask(name):
        for number in range(3):
            lite.write_together(work, f"{name}{number}")
            lite.write(lambda connection: connection.execute(select(NAME)).all())

    monkeypatch.setattr(lite._writer, "_begin_on_loop", noted)
    gevent.joinall([gevent.spawn(ask, name) for name in "abcd"], timeout=30, raise_error=True)
    assert len(names(lite)) == 12
    # Begun of nothing it took the writer's turn with it, and nothing was ever written again.
    assert sizes and 0 not in sizes
