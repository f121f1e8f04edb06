"""All tables as one file that either database can read: a zip with a file of rows for each table.

Rows are taken from one state of the database, so it may be in use. The questions' keys are never in it.
"""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    Table,
    bindparam,
    column,
    func,
    insert,
    select,
    table,
    text,
    update,
)

from survey.errors import WrongBackup
from survey.storage import schema
from survey.storage.columns import UTCTime

FORMAT = "prikk-backup/1"
_FACTS = "backup.json"
_AT_ONCE = 5_000
_CUT = "this is not a whole backup: the file is cut short, damaged or something else."
# Keys travel in a file of their own, and each database knows its own secret.
_LEFT_OUT = frozenset({"question_key", "secret_check"})


def tables() -> list[Table]:
    """Return the tables that are in a backup, in an order in which they can be filled.

    The log comes last: its triggers change rounds, which must be there by then.
    """
    known = [one for one in schema.metadata.sorted_tables if one.name not in _LEFT_OUT]
    return sorted(known, key=lambda one: one is schema.log)


def write(connection: Connection, file: Path, facts: dict[str, Any]) -> None:
    """Write every row to `file` (mode 0600), whole or not at all; `facts` is plain JSON that goes with it.

    `connection` must see one state of the database throughout.
    """
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as raw:
            with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                told = {one.name: _write_table(connection, archive, one) for one in tables()}
                last = {"round": _last_number(connection, schema.round_)}
                whole = {"format": FORMAT, "tables": told, "last": last, **facts}
                archive.writestr(_FACTS, json.dumps(whole, indent=1))
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _write_table(connection: Connection, archive: zipfile.ZipFile, one: Table) -> list[str]:
    """Write a table's rows; the archive has a checksum of them. Returns the columns' names."""
    asked = select(one).order_by(*one.primary_key.columns).execution_options(yield_per=_AT_ONCE)
    with archive.open(f"{one.name}.jsonl", "w", force_zip64=True) as file:
        for some in connection.execute(asked).partitions():
            file.write("".join(_encode(tuple(row)) + "\n" for row in some).encode())
    return [each.name for each in one.columns]


def _moment(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a backup")


_encode = json.JSONEncoder(default=_moment, ensure_ascii=False, separators=(",", ":")).encode


@contextmanager
def reading(file: Path) -> Iterator[tuple[zipfile.ZipFile, dict[str, Any]]]:
    """Give a backup and its facts; what is wrong with the file is raised as WrongBackup."""
    try:
        with zipfile.ZipFile(file) as archive:
            facts = json.loads(archive.read(_FACTS))
            if not isinstance(facts, dict) or facts.get("format") != FORMAT:
                raise WrongBackup(file=file, why=_CUT)
            yield archive, facts
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, TypeError, NotImplementedError):
        raise WrongBackup(file=file, why=_CUT) from None


def load(connection: Connection, archive: zipfile.ZipFile, facts: dict[str, Any]) -> None:
    """Fill the empty tables with a backup's rows; raises BadZipFile or ValueError where they are not whole.

    The columns are the backup's: the tables must be those of its revision.
    """
    if connection.dialect.name == "sqlite":
        # What is restored is larger than the usual cache, and its keys are random.
        connection.execute(text("PRAGMA cache_size = -200000"))
    for one in tables():
        if one.name in facts["tables"]:
            _load_table(connection, archive, one, facts["tables"][one.name])
    _set_last_number(connection, schema.round_, int(facts["last"]["round"]))
    if "turnout" in facts["tables"]["round"]:
        _set_turnout(connection, archive, facts)


def _load_table(connection: Connection, archive: zipfile.ZipFile, one: Table, names: list[str]) -> None:
    typed = [column(name, one.c[name].type) if name in one.c else column(name) for name in names]
    times = [at for at, each in enumerate(typed) if isinstance(each.type, UTCTime)]
    into, some = insert(table(one.name, *typed)), []
    with archive.open(f"{one.name}.jsonl") as file:
        for line in file:
            values = json.loads(line)
            for at in times:
                values[at] = values[at] and datetime.fromisoformat(values[at])
            some.append(dict(zip(names, values, strict=True)))
            if len(some) == _AT_ONCE:
                connection.execute(into, some)
                some = []
    if some:
        connection.execute(into, some)


def _set_turnout(connection: Connection, archive: zipfile.ZipFile, facts: dict[str, Any]) -> None:
    """Let each round have its turnout: the log's triggers added to it, and look at keys that may be gone."""
    its = schema.round_.c
    said = [{"its_id": row["id"], "said": row["turnout"]} for row in rows(archive, facts, schema.round_)]
    if said:
        connection.execute(
            update(schema.round_).where(its.id == bindparam("its_id")).values(turnout=bindparam("said")), said
        )


def rows(archive: zipfile.ZipFile, facts: dict[str, Any], one: Table) -> Iterator[dict[str, Any]]:
    """Return a table's rows as they stand in the backup: plain JSON by column."""
    names = facts["tables"][one.name]
    with archive.open(f"{one.name}.jsonl") as file:
        yield from (dict(zip(names, json.loads(line), strict=True)) for line in file)


def _last_number(connection: Connection, one: Table) -> int:
    """Return the highest number that was ever given to a row: a removed round's is never given again."""
    if connection.dialect.name == "sqlite":
        asked = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        return connection.scalar(asked, {"name": one.name}) or 0
    return connection.scalar(text(f"SELECT last_value FROM {_sequence(connection, one)}")) or 0


def _set_last_number(connection: Connection, one: Table, last: int) -> None:
    if connection.dialect.name == "sqlite":
        values = {"name": one.name, "last": last}
        changed = connection.execute(
            text("UPDATE sqlite_sequence SET seq = :last WHERE name = :name"), values
        )
        if not changed.rowcount:
            connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), values)
        return
    for numbered in tables():
        if "id" in numbered.c and isinstance(numbered.c.id.type, Integer):
            least = last if numbered is one else 1
            highest = connection.scalar(select(func.max(numbered.c.id))) or 1
            values = {"name": _sequence(connection, numbered), "last": max(least, highest)}
            connection.execute(text("SELECT setval(:name, :last)"), values)


def _sequence(connection: Connection, one: Table) -> str:
    name = one.name
    return str(connection.scalar(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": name}))
