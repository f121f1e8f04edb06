"""Whose turn it is to write to a meeting: SQLite has one writer, on PostgreSQL several processes may."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from survey.storage import schema

_MEETING = select(schema.meeting.c.id).where(schema.meeting.c.id == bindparam("meeting"))
# Not FOR UPDATE, which would hold up every row that refers to the meeting as well.
_WAIT = _MEETING.with_for_update(key_share=True)
_IF_FREE = _MEETING.with_for_update(key_share=True, skip_locked=True)
_HIGHEST, _LOCKED = "prikk.highest", "prikk.locked"


class Busy(Exception):
    """The work must have a transaction of its own: this one may not wait for the meeting."""


def begin_transaction(connection: Connection) -> None:
    """Say that nothing is locked yet."""
    connection.info[_HIGHEST], connection.info[_LOCKED] = 0, set()


def begin_work(connection: Connection) -> None:
    """Say that a work begins behind a savepoint: a lock from before may have gone with its savepoint."""
    connection.info[_LOCKED] = set()


def lock_meeting(connection: Connection, meeting_id: int) -> bool:
    """Keep other processes' writes to this meeting waiting until this transaction ends.

    Returns whether there was anything to wait for: then what was read before may be out of date. Two
    processes that each hold a meeting and wait for the other's would wait for ever. So a transaction waits
    only for a meeting with a higher number than those it holds; raises Busy where another one is not free.
    """
    if connection.dialect.name == "sqlite":
        return False
    locked: set[int] = connection.info.setdefault(_LOCKED, set())
    if meeting_id in locked:
        return False
    may_wait = meeting_id >= connection.info.get(_HIGHEST, 0)
    found = connection.execute(_WAIT if may_wait else _IF_FREE, {"meeting": meeting_id}).first()
    if found is None and not may_wait:
        raise Busy
    connection.info[_HIGHEST] = max(meeting_id, connection.info.get(_HIGHEST, 0))
    locked.add(meeting_id)
    return True
