"""What is asked straight of the driver answers, and fails, as SQLAlchemy does."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, insert, select, text
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


def test_all_rows_of_many_values_are_found(database):
    ids = [1, 3]
    database.write(
        lambda c: c.execute(
            insert(schema.facilitator), [{"id": number, "name": str(number)} for number in (1, 2, 3)]
        )
    )
    asked = select(schema.facilitator.c.id, schema.facilitator.c.name).where(
        asking.among(schema.facilitator.c.id, len(ids))
    )
    with database.reading() as connection:
        found = asking.rows(connection, asked, asking.numbered(ids))
    assert sorted(map(tuple, found)) == [(1, "1"), (3, "3")]


def test_one_state_of_the_database_is_seen(database):
    asked = select(schema.question_key.c.question_id)
    with database.reading() as connection:
        assert asking.first(connection, asked, {}) is None
        database.write(lambda c: c.execute(text("DROP TABLE question_key")))
        assert asking.first(connection, asked, {}) is None


@pytest.mark.parametrize("ask", [asking.first, asking.rows])
def test_what_fails_is_told_as_by_sqlalchemy(database, ask):
    database.write(lambda c: c.execute(text("DROP TABLE question_key")))
    with database.reading() as connection, pytest.raises(SQLAlchemyError):
        ask(connection, select(schema.question_key.c.question_id), {})
