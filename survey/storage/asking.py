"""Asking the same over and over, without what SQLAlchemy does each time: that costs more than the answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Dialect, Select, bindparam


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
    try:
        with _asked(connection, statement, values) as cursor:
            found: tuple[Any, ...] | None = cursor.fetchone()
            return found
    except connection.dialect.loaded_dbapi.Error:
        # What went wrong is told in SQLAlchemy's words.
        return connection.execute(statement, values).first()


def rows(
    connection: Connection, statement: Select[Any], values: Mapping[str, Any]
) -> Sequence[tuple[Any, ...]]:
    """Return all rows of a statement, as `first` returns one; on SQLite alone by the shorter way.

    What failed there may be asked again; on PostgreSQL the transaction would be lost.
    """
    if connection.dialect.name == "sqlite":
        with suppress(connection.dialect.loaded_dbapi.Error), _asked(connection, statement, values) as cursor:
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found
    return connection.execute(statement, values).all()


def among(column: Column[Any], number: int) -> ColumnElement[bool]:
    """Return the condition that a column is one of `number` values: those of `numbered`."""
    return column.in_([bindparam(name) for name in numbered(range(number))])


def numbered(values: Iterable[Any]) -> dict[str, Any]:
    """Return values by the names under which a condition made by `among` looks for them."""
    return {f"one{place}": value for place, value in enumerate(values)}


@contextmanager
def _asked(connection: Connection, statement: Select[Any], values: Mapping[str, Any]) -> Iterator[Any]:
    if not connection.in_transaction():
        connection.begin()
    text, names = _compiled(statement, connection.dialect)
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(text, values if names is None else [values[name] for name in names])
        yield cursor
