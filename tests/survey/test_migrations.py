"""Migrations: what they make is what the tables say, all or nothing, and never on a newer database."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from survey.errors import NewerDatabase
from survey.storage import migrate, schema
from survey.storage.database import Database


@pytest.fixture
def empty(tmp_path):
    """A database without any table."""
    found = Database(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    yield found
    found.close()


def tables(database):
    """Return the names of the tables."""
    with database.reading() as connection:
        return set(inspect(connection).get_table_names())


def test_migrations_and_tables_agree(database):
    def differences(connection):
        return compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True}), schema.metadata
        )

    assert database.write(differences) == []
    assert tables(database) == {*schema.metadata.tables, "alembic_version"}


def test_constraints_and_storage_agree_too(database, tmp_path):
    by_tables = Database(f"sqlite:///{tmp_path / 'tables.sqlite'}")
    by_tables.write(schema.metadata.create_all)
    for name in schema.metadata.tables:
        made, meant = (described(one, name) for one in (database, by_tables))
        assert made == meant
    by_tables.close()


def described(database, table):
    """Return a table's columns, keys and indexes, and whether rows are stored by their key alone."""
    with database.reading() as connection:
        found = inspect(connection)
        written = connection.scalar(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table})
        return (
            [(one["name"], str(one["type"]), one["nullable"]) for one in found.get_columns(table)],
            found.get_pk_constraint(table),
            sorted(map(str, found.get_foreign_keys(table))),
            sorted(map(str, found.get_unique_constraints(table))),
            sorted(str(one | _conditions(one)) for one in found.get_indexes(table)),
            "WITHOUT ROWID" in written,
        )


def _conditions(index):
    return {"dialect_options": {name: str(one) for name, one in index.get("dialect_options", {}).items()}}


def test_upgrading_twice_changes_nothing(empty):
    migrate.upgrade(empty)
    before = tables(empty)
    migrate.upgrade(empty)
    assert tables(empty) == before


def test_an_upgrade_that_fails_leaves_nothing_behind(empty, monkeypatch):
    real = migrate.command.upgrade

    def fails(config, revision):
        real(config, revision)
        raise OSError("the power went")

    monkeypatch.setattr(migrate.command, "upgrade", fails)
    with pytest.raises(OSError, match="power"):
        migrate.upgrade(empty)
    assert tables(empty) == set()
    monkeypatch.undo()
    migrate.upgrade(empty)
    assert "log" in tables(empty)


def test_a_newer_database_is_refused_in_words_and_left_alone(database):
    database.write(lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(NewerDatabase, match="newer version"):
        migrate.upgrade(database)
    with database.reading() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


def test_every_column_and_table_says_what_it_means():
    for table in schema.metadata.tables.values():
        assert table.comment
        assert [column.name for column in table.columns if not column.comment] == []
