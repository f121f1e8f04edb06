"""What the writer learns of the database: told by name, waited for once, and over when it is over."""

from __future__ import annotations

import shutil
import sqlite3

import gevent
import pytest
from sqlalchemy import insert

from survey.errors import StorageUnavailable
from survey.storage import health, schema
from survey.storage.database import Database


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self):
        return self.now


def add(name):
    """Return a write that adds a row of this name."""
    return lambda c: c.execute(insert(schema.facilitator).values(name=name)) and name


def verdict(database, name):
    """Write and return the result or what was raised."""
    try:
        return database.write(add(name))
    except StorageUnavailable as refusal:
        return refusal


@pytest.fixture
def locked(tmp_path, fresh_database):
    """A database that another program holds, and that program's connection."""
    file = shutil.copy(fresh_database, tmp_path / "locked.sqlite")
    database = Database(f"sqlite:///{file}", busy_seconds=0.05)
    outside = sqlite3.connect(file, isolation_level=None)
    outside.execute("BEGIN EXCLUSIVE")
    yield database, outside
    outside.close()
    database.close()


def test_all_who_wait_for_a_lock_wait_together(locked, monkeypatch):
    database, _ = locked
    failures, failed = [], database.health.failed
    monkeypatch.setattr(database.health, "failed", lambda error: (failures.append(error), failed(error)))
    waiting = [gevent.spawn(verdict, database, str(number)) for number in range(20)]
    gevent.joinall(waiting, timeout=30)
    assert all(isinstance(one.value, StorageUnavailable) for one in waiting)
    assert len(failures) < 5
    assert database.health.trouble() == "locked"


def test_trouble_is_over_when_something_was_written_and_not_before(locked):
    database, outside = locked
    assert isinstance(verdict(database, "kari"), StorageUnavailable)
    outside.execute("ROLLBACK")
    database.write(lambda _connection: "nothing was written")
    assert database.health.trouble() == "locked"
    database.probe()
    assert database.health.trouble() == ""


def test_a_commit_that_takes_long_is_told_before_it_fails():
    clock = Clock()
    found = health.Health(clock)
    found.begins()
    clock.now = 1.0
    assert found.trouble() == ""
    clock.now = 3.0
    assert found.trouble() == "slow"
    found.rests()
    assert found.trouble() == ""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SQLITE_FULL", "full"),
        ("SQLITE_IOERR_WRITE", "read_only"),
        ("SQLITE_READONLY", "read_only"),
        ("SQLITE_BUSY_SNAPSHOT", "locked"),
        ("SQLITE_CORRUPT_INDEX", "damaged"),
        ("", "away"),
    ],
)
def test_every_error_has_a_name_and_a_sentence(name, expected):
    error = sqlite3.OperationalError()
    error.sqlite_errorname = name
    assert health.reason(error) == expected
    assert health.SENTENCES[expected]
