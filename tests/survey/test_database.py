"""The writer: answered after the commit, each with a verdict of its own, and plain when the disk says no."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading

import gevent
import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import InternalError

from survey.errors import NotFound, StorageUnavailable
from survey.storage import database as database_module
from survey.storage import schema
from survey.storage.database import Database

NAME = schema.facilitator.c.name


def add(name):
    """Return a write that adds a row of this name."""
    return lambda c: c.execute(insert(schema.facilitator).values(name=name)) and name


def names(database):
    """Return the names that are stored."""
    with database.reading() as connection:
        return set(connection.scalars(select(NAME)))


class Held:
    """Keeps the writer busy until it is let go, so that other writes gather behind it."""

    def __init__(self, database):
        self._go, started = threading.Event(), threading.Event()

        def work(connection):
            started.set()
            self._go.wait(30)

        self.greenlet = gevent.spawn(database.write, work)
        while not started.is_set():
            gevent.sleep(0.001)

    def let_go(self):
        """Let the writer go on."""
        self._go.set()


def together(database, works):
    """Run writes that wait at the same time; returns their results or what they raised."""
    held = Held(database)
    waiting = [gevent.spawn(_verdict, database, work) for work in works]
    gevent.sleep(0.05)
    held.let_go()
    gevent.joinall([held.greenlet, *waiting], timeout=30)
    return [one.value for one in waiting]


def _verdict(database, work):
    try:
        return database.write(work)
    except Exception as error:  # noqa: BLE001 - it is the verdict
        return error


def test_a_write_is_answered_only_when_everybody_can_see_it(database):
    seen_inside = []

    def work(connection):
        add("kari")(connection)
        seen_inside.append(names(database))
        return "done"

    assert database.write(work) == "done"
    assert seen_inside == [set()]
    assert names(database) == {"kari"}


def test_a_lone_write_waits_for_nobody(database):
    for number in range(5):
        assert database.write(add(str(number))) == str(number)
        assert str(number) in names(database)


def test_writes_that_wait_share_a_commit_and_get_verdicts_of_their_own(database):
    transactions = []

    def refused(connection):
        add("refused")(connection)
        transactions.append(connection.get_transaction())
        raise NotFound

    def twice(connection):
        add("twice")(connection)
        add("twice")(connection)

    def fine(name):
        def work(connection):
            transactions.append(connection.get_transaction())
            return add(name)(connection)

        return work

    verdicts = together(database, [fine("a"), refused, fine("b"), twice, fine("c")])
    assert verdicts[0::2] == ["a", "b", "c"]
    assert isinstance(verdicts[1], NotFound)
    assert type(verdicts[3]).__name__ == "IntegrityError"
    assert names(database) == {"a", "b", "c"}
    assert len(set(map(id, transactions))) == 1


@pytest.mark.sqlite
def test_a_commit_that_fails_is_nobodys_success(database):
    def fails_at_commit(connection):
        connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        connection.execute(insert(schema.membership).values(facilitator_id=99, meeting_id=99))
        return "never"

    verdicts = together(database, [add("a"), fails_at_commit, add("b")])
    assert verdicts[0] == "a" and verdicts[2] == "b"
    assert type(verdicts[1]).__name__ == "IntegrityError"
    assert names(database) == {"a", "b"}


@pytest.mark.sqlite
def test_a_full_disk_refuses_and_recovers(database):
    def too_much(connection):
        connection.execute(text("PRAGMA max_page_count=10"))
        for number in range(200):
            connection.execute(insert(schema.facilitator).values(name=f"{number}", password_hash="x" * 200))

    verdicts = together(database, [add("a"), too_much, add("b")])
    assert verdicts[0] == "a" and verdicts[2] == "b"
    assert isinstance(verdicts[1], StorageUnavailable)
    assert names(database) == {"a", "b"}
    assert database.write(add("c")) == "c"


def test_a_lock_from_outside_refuses_and_recovers(tmp_path, fresh_database):
    file = shutil.copy(fresh_database, tmp_path / "locked.sqlite")
    database = Database(f"sqlite:///{file}", busy_seconds=0.05)
    outside = sqlite3.connect(file, isolation_level=None)
    outside.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageUnavailable):
        database.write(add("kari"))
    assert names(database) == set()
    outside.execute("ROLLBACK")
    outside.close()
    assert database.write(add("kari")) == "kari"
    database.close()


def test_waiting_for_the_disk_stops_nobody_else(database):
    held = Held(database)
    assert names(database) == set()
    assert not held.greenlet.ready()
    held.let_go()
    held.greenlet.get(timeout=30)


def test_too_many_waiting_are_turned_away(database, monkeypatch):
    monkeypatch.setattr(database_module, "_MOST_WAITING", 3)
    verdicts = together(database, [add(str(number)) for number in range(5)])
    assert verdicts[:3] == ["0", "1", "2"]
    assert all(isinstance(verdict, StorageUnavailable) for verdict in verdicts[3:])
    assert names(database) == {"0", "1", "2"}


def test_who_stops_waiting_harms_nobody(database):
    held = Held(database)
    impatient, patient = (gevent.spawn(database.write, add(name)) for name in ("impatient", "patient"))
    gevent.sleep(0.02)
    impatient.kill()
    held.let_go()
    assert patient.get(timeout=30) == "patient"
    assert names(database) == {"impatient", "patient"}


def test_native_threads_write_too(database):
    threads = [threading.Thread(target=database.write, args=[add(str(number))]) for number in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        gevent.sleep(0.001)
    assert names(database) == {str(number) for number in range(8)}


def test_a_write_within_a_write_is_refused_in_words(database):
    with pytest.raises(RuntimeError, match="its connection"):
        database.write(lambda _connection: database.write(add("kari")))
    assert names(database) == set()


def test_a_forked_process_has_a_writer_of_its_own(database):
    database.write(add("parent"))
    child = os.fork()
    if child == 0:
        # The child may not run the rest of the tests, whatever happens.
        try:
            database.write(add("child"))
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    assert database.write(add("again")) == "again"
    assert names(database) == {"parent", "child", "again"}


def test_a_closed_database_can_be_used_again(database):
    database.write(add("before"))
    database.close()
    database.write(add("after"))
    assert names(database) == {"before", "after"}


def test_reading_sees_one_state_and_keeps_nothing(database):
    database.write(add("kari"))
    count = select(func.count()).select_from(schema.facilitator)
    with database.reading() as connection:
        assert connection.scalar(count) == 1
        database.write(add("ola"))
        assert connection.scalar(count) == 1
    with database.reading() as connection:
        assert connection.scalar(count) == 2
        if database.is_sqlite:
            add("nobody")(connection)
        else:
            with pytest.raises(InternalError, match="read-only"):
                add("nobody")(connection)
    assert names(database) == {"kari", "ola"}


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1)],
)
def test_every_connection_is_a_safe_one(database, pragma, value):
    def ask(connection):
        return connection.scalar(text(f"PRAGMA {pragma}"))

    assert database.write(ask) == value
    with database.reading() as connection:
        assert ask(connection) == value


def test_housekeeping_runs_outside_any_transaction_and_writing_goes_on(database):
    database.write(add("kari"))
    database.outside_transaction(lambda c: c.execute(text("VACUUM")))
    assert database.write(add("ola")) == "ola"
    with pytest.raises(NotFound):
        database.outside_transaction(_refuse)
    assert names(database) == {"kari", "ola"}


def _refuse(_connection):
    raise NotFound
