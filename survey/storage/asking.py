"""Asking the same over and over, without what SQLAlchemy does each time: that costs more than the answer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, Select


@cache
def _compiled(statement: Select[Any], dialect: Dialect) -> tuple[str, list[str] | None]:
    compiled = statement.compile(dialect=dialect)
    return str(compiled), getattr(compiled, "positiontup", None)


def first(
    connection: Connection, statement: Select[Any], values: Mapping[str, Any]
) -> tuple[Any, ...] | None:
    """Return the first row of a statement built once, its columns plain numbers or texts; None without one.

    Raises what SQLAlchemy raises.
    """
    if not connection.in_transaction():
        connection.begin()
    text, names = _compiled(statement, connection.dialect)
    cursor = connection.connection.cursor()
    try:
        cursor.execute(text, values if names is None else [values[name] for name in names])
        found: tuple[Any, ...] | None = cursor.fetchone()
        return found
    except connection.dialect.loaded_dbapi.Error:
        # What went wrong is told in SQLAlchemy's words.
        return connection.execute(statement, values).tuples().first()
    finally:
        cursor.close()
