"""What is asked straight of the driver answers, and fails, as SQLAlchemy does."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import SQLAlchemyError

from survey.storage import asking, migrate, schema
from survey.storage.database import Database

_VERSION = select(schema.meeting.c.version, schema.meeting.c.id).where(
    schema.meeting.c.id == bindparam("meeting"), schema.meeting.c.key != bindparam("key")
)


@pytest.fixture
def database(tmp_path):
    found = Database(f"sqlite:///{tmp_path / 'prikk.sqlite'}")
    migrate.upgrade(found)
    yield found
    found.close()


def test_no_row_is_none(database):
    with database.reading() as connection:
        assert asking.first(connection, _VERSION, {"key": "a", "meeting": 1}) is None


def test_one_state_of_the_database_is_seen(database):
    asked = select(schema.question_key.c.question_id)
    with database.reading() as connection:
        assert asking.first(connection, asked, {}) is None
        database.write(lambda c: c.execute(text("DROP TABLE question_key")))
        assert asking.first(connection, asked, {}) is None


def test_what_fails_is_told_as_by_sqlalchemy(database):
    database.write(lambda c: c.execute(text("DROP TABLE question_key")))
    with database.reading() as connection, pytest.raises(SQLAlchemyError):
        asking.first(connection, select(schema.question_key.c.question_id), {})
