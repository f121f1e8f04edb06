"""Inserting many plain rows, without what SQLAlchemy does for each row: that costs more than the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert
from sqlalchemy.sql.compiler import SQLCompiler

# Of values in one statement; SQLite takes 32,766.
_MOST_VALUES = 30_000


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
    # SQLite lets go of the interpreter at each step and must wait to get it back: one step does for all rows.
    most = _MOST_VALUES // len(names)
    for start in range(0, len(rows), most):
        some = rows[start : start + most]
        one = f"({', '.join('?' * len(names))})"
        statement = compiled.string + f", {one}" * (len(some) - 1)
        connection.exec_driver_sql(statement, tuple(row[name] for row in some for name in names))


@cache
def _compiled(table: Table, dialect: Dialect, columns: tuple[str, ...]) -> SQLCompiler:
    found = insert(table).compile(dialect=dialect, column_keys=list(columns))
    if not isinstance(found, SQLCompiler):
        raise TypeError
    return found
