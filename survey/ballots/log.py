"""The ballot box's log: append-only, each entry chained to the one before. It is the message bus too."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, func, select

from survey.ballots.hashing import canonical, digest
from survey.errors import BrokenChain
from survey.storage import schema
from survey.storage.asking import among, numbered, rows
from survey.storage.inserting import insert_many
from survey.storage.locking import lock_meetings

START = "0" * 64
_AT_ONCE = 5_000
_LOG = schema.log
# Statements on a ballot's way are built once.
_LAST = (
    select(_LOG.c.seq, _LOG.c.hash)
    .where(_LOG.c.meeting_id == bindparam("meeting"))
    .order_by(_LOG.c.seq.desc())
    .limit(1)
)
_LATER = _LOG.alias()


class Entry(NamedTuple):
    """Where an entry stands in its meeting's chain."""

    seq: int
    hash: str


class _Row(NamedTuple):
    """A row of the log, its columns in their order."""

    meeting_id: int
    seq: int
    type: str
    round_id: int | None
    pseudonym: str | None
    commitment: str | None
    data: str | None
    prev: str
    hash: str


def lock(connection: Connection, meeting_id: int) -> bool:
    """See locking.lock_meetings. So entries of a meeting are committed in the order of their numbers."""
    return lock_meetings(connection, [meeting_id])


class Tail:
    """A meeting's chain as one transaction lets it grow: entries are chained at once and stored together.

    The meeting must be locked (`lock`) before its tail is taken hold of.
    """

    def __init__(self, meeting_id: int, last: Entry) -> None:
        self._meeting_id, self._last = meeting_id, last
        self.rows: list[_Row] = []

    def append(
        self,
        type: str,
        round_id: int | None = None,
        pseudonym: str | None = None,
        commitment: str | None = None,
        data: dict[str, Any] | None = None,
    ) -> Entry:
        """Chain an entry and return it. `type`: at most 12 letters, `data`: plain JSON."""
        said = None if data is None else canonical(data)
        entry = (self._last.seq + 1, type, round_id, pseudonym, commitment, said, self._last.hash)
        row = _Row(self._meeting_id, *entry, entry_hash(*entry))
        self.rows.append(row)
        self._last = Entry(row.seq, row.hash)
        return self._last


def tails(connection: Connection, meeting_ids: Collection[int]) -> dict[int, Tail]:
    """Return the tails of these meetings, by id."""
    found = rows(connection, _heads(len(meeting_ids)), numbered(meeting_ids)) if meeting_ids else ()
    last = {one: Entry(seq, hash) for one, seq, hash in found}
    return {one: Tail(one, last.get(one, Entry(0, START))) for one in meeting_ids}


@cache
def _heads(number: int) -> Select[Any]:
    latest = select(func.max(_LATER.c.seq)).where(_LATER.c.meeting_id == schema.meeting.c.id)
    return (
        select(schema.meeting.c.id, _LOG.c.seq, _LOG.c.hash)
        .join(_LOG, _LOG.c.meeting_id == schema.meeting.c.id)
        .where(among(schema.meeting.c.id, number), _LOG.c.seq == latest.scalar_subquery())
    )


def store(connection: Connection, chained: Iterable[Tail]) -> None:
    """Store what was chained to these tails."""
    insert_many(connection, _LOG, [row for tail in chained for row in tail.rows])


def append(connection: Connection, meeting_id: int, type: str, *entry: Any, **values: Any) -> Entry:
    """Add one entry to the meeting's chain and return it; for what it may hold see Tail.append."""
    lock(connection, meeting_id)
    tail = Tail(meeting_id, head(connection, meeting_id))
    added = tail.append(type, *entry, **values)
    store(connection, [tail])
    return added


def entry_hash(
    seq: int,
    type: str,
    round_id: int | None,
    pseudonym: str | None,
    commitment: str | None,
    data: str | None,
    prev: str,
) -> str:
    """Return the hash of an entry from what stands in its row."""
    return digest("entry", [seq, type, round_id, pseudonym, commitment, data, prev])


def of_round(round_id: int) -> ColumnElement[bool]:
    """Return the condition for the entries about a round: they begin with its opening."""
    opened = _LOG.alias()
    where = (opened.c.round_id == round_id, opened.c.commitment.is_(None), opened.c.type == "open")
    meeting_id, seq = (
        select(one).where(*where).scalar_subquery() for one in (opened.c.meeting_id, opened.c.seq)
    )
    return and_(_LOG.c.meeting_id == meeting_id, _LOG.c.seq >= seq, _LOG.c.round_id == round_id)


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
    wanted = select(_LOG).where(_LOG.c.meeting_id == meeting_id).order_by(_LOG.c.seq)
    # A region's log need not fit into memory.
    with connection.execute(wanted.execution_options(yield_per=_AT_ONCE)) as rows:
        for row in rows:
            if row.seq != last.seq + 1 or row.prev != last.hash or entry_hash(*row[1:-1]) != row.hash:
                raise BrokenChain(seq=last.seq + 1)
            last = Entry(row.seq, row.hash)
