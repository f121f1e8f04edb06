"""Whose turn it is to write to a meeting: SQLite has one writer, on PostgreSQL several processes may."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, select

from survey.storage import schema

_ID = schema.meeting.c.id
# Rows are locked in the order in which they are sorted.
_MEETINGS = select(_ID).where(_ID.in_(bindparam("meetings", expanding=True))).order_by(_ID)
# Not FOR UPDATE, which would hold up every row that refers to a meeting as well.
_WAIT = _MEETINGS.with_for_update(key_share=True)
_IF_FREE = _MEETINGS.with_for_update(key_share=True, skip_locked=True)
_HIGHEST, _LOCKED = "prikk.highest", "prikk.locked"


class Busy(Exception):
    """The work must have a transaction of its own: this one may not wait for the meeting."""


def begin_transaction(connection: Connection) -> None:
    """Say that nothing is locked yet."""
    connection.info[_HIGHEST], connection.info[_LOCKED] = 0, set()


def begin_work(connection: Connection) -> None:
    """Say that a work begins behind a savepoint: a lock from before may have gone with its savepoint."""
    connection.info[_LOCKED] = set()


def lock_meetings(connection: Connection, meeting_ids: Iterable[int]) -> bool:
    """Keep other processes' writes to these meetings waiting until this transaction ends.

    Returns whether there was anything to wait for: then what was read before may be out of date. Two
    processes that each hold a meeting and wait for the other's would wait for ever. So a transaction waits
    only for meetings with higher numbers than those it holds; raises Busy where another one is not free.
    """
    if connection.dialect.name == "sqlite":
        return False
    locked: set[int] = connection.info.setdefault(_LOCKED, set())
    wanted = sorted(set(meeting_ids) - locked)
    if not wanted:
        return False
    may_wait = wanted[0] >= connection.info.get(_HIGHEST, 0)
    found = connection.execute(_WAIT if may_wait else _IF_FREE, {"meetings": wanted}).all()
    if len(found) < len(wanted) and not may_wait:
        raise Busy
    connection.info[_HIGHEST] = max(wanted[-1], connection.info.get(_HIGHEST, 0))
    locked.update(wanted)
    return True
