"""Inserting many plain rows, without what SQLAlchemy does for each row: that costs more than the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert
from sqlalchemy.sql.compiler import SQLCompiler


def insert_many(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, if any, all of the same columns; the driver must take their values as they are.

    That is so for texts and numbers, not for times and JSON.
    """
    if not rows:
        return
    compiled = _compiled(table, connection.dialect, tuple(rows[0]))
    names = compiled.positiontup
    if names is None:
        connection.exec_driver_sql(compiled.string, rows)
        return
    # One by one: within a statement of many rows SQLite keeps what it would take to undo half of them.
    connection.exec_driver_sql(compiled.string, [tuple(row[name] for name in names) for row in rows])


@cache
def _compiled(table: Table, dialect: Dialect, columns: tuple[str, ...]) -> SQLCompiler:
    found = insert(table).compile(dialect=dialect, column_keys=list(columns))
    if not isinstance(found, SQLCompiler):
        raise TypeError
    return found
