"""The ballot box's log: append-only, each entry chained to the one before. It is the message bus too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, insert, select

from survey.ballots.hashing import canonical, digest
from survey.errors import BrokenChain
from survey.storage import schema

START = "0" * 64
_LOG = schema.log
# Statements on a ballot's way are built once.
_LAST = (
    select(_LOG.c.seq, _LOG.c.hash)
    .where(_LOG.c.meeting_id == bindparam("meeting"))
    .order_by(_LOG.c.seq.desc())
    .limit(1)
)
_ADD = insert(_LOG)


class Entry(NamedTuple):
    """Where an entry stands in its meeting's chain."""

    seq: int
    hash: str


def lock(connection: Connection, meeting_id: int) -> bool:
    """Keep other processes' writes to this meeting waiting until this transaction ends.

    Returns whether there was anything to wait for: then what was read before may be out of date. SQLite has
    one writer, which already holds its lock.
    """
    if connection.dialect.name == "sqlite":
        return False
    connection.execute(select(schema.meeting.c.id).where(schema.meeting.c.id == meeting_id).with_for_update())
    return True


def append(
    connection: Connection,
    meeting_id: int,
    type: str,
    round_id: int | None = None,
    pseudonym: str | None = None,
    commitment: str | None = None,
    data: dict[str, Any] | None = None,
) -> Entry:
    """Add an entry to the meeting's chain and return it. `type`: at most 12 letters, `data`: plain JSON."""
    lock(connection, meeting_id)
    last = head(connection, meeting_id)
    values: dict[str, Any] = {
        "meeting_id": meeting_id,
        "seq": last.seq + 1,
        "type": type,
        "round_id": round_id,
        "pseudonym": pseudonym,
        "commitment": commitment,
        "data": None if data is None else canonical(data),
        "prev": last.hash,
    }
    values["hash"] = entry_hash(values)
    connection.execute(_ADD, values)
    return Entry(values["seq"], values["hash"])


def entry_hash(values: Any) -> str:
    """Return the hash of an entry, a mapping with the log's column names."""
    names = ("seq", "type", "round_id", "pseudonym", "commitment", "data", "prev")
    return digest("entry", [values[name] for name in names])


def head(connection: Connection, meeting_id: int) -> Entry:
    """Return the chain's last entry; `Entry(0, zeros)` before the first."""
    found = connection.execute(_LAST, {"meeting": meeting_id}).first()
    return Entry(found.seq, found.hash) if found else Entry(0, START)


def entries(connection: Connection, meeting_id: int, after: int = 0) -> Sequence[Row[Any]]:
    """Return the rows of the log behind seq `after`, in order."""
    wanted = select(_LOG).where(_LOG.c.meeting_id == meeting_id, _LOG.c.seq > after).order_by(_LOG.c.seq)
    return connection.execute(wanted).all()


def check(connection: Connection, meeting_id: int) -> None:
    """Verify the meeting's whole chain; raises BrokenChain at the first entry that does not fit."""
    last = Entry(0, START)
    for row in entries(connection, meeting_id):
        values = row._mapping
        if row.seq != last.seq + 1 or row.prev != last.hash or entry_hash(values) != row.hash:
            raise BrokenChain(seq=last.seq + 1)
        last = Entry(row.seq, row.hash)
