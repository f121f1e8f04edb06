"""Inserting many plain rows, without what SQLAlchemy does for each: that costs more than the database."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection, Dialect, Table, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.compiler import SQLCompiler


def insert_many(connection: Connection, table: Table, rows: Sequence[NamedTuple]) -> None:
    """Insert rows, if any: named tuples of one type, whose fields are columns in the table's order.

    The driver must take their values as they are: texts and numbers, not times and JSON. Raises
    IntegrityError, and on SQLite else what the driver raises.
    """
    if not rows:
        return
    compiled = _compiled(table, connection.dialect, rows[0]._fields)
    if compiled.positiontup is None:
        connection.exec_driver_sql(compiled.string, [row._asdict() for row in rows])
        return
    try:
        with closing(connection.connection.cursor()) as cursor:
            # One by one: in a statement of many rows SQLite keeps what it would take to undo half of them.
            cursor.executemany(compiled.string, rows)
    except connection.dialect.loaded_dbapi.IntegrityError as error:
        raise IntegrityError(compiled.string, None, error) from error


@cache
def _compiled(table: Table, dialect: Dialect, columns: tuple[str, ...]) -> SQLCompiler:
    found = insert(table).compile(dialect=dialect, column_keys=list(columns))
    if not isinstance(found, SQLCompiler) or found.positiontup not in (None, list(columns)):
        raise TypeError("The rows' fields are not columns in the table's order.")
    return found
