"""Receipts: proof that an entry is in the log, never of what it holds."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, exists, select

from survey.storage import schema
from survey.storage.keys import Keys

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BALLOTS = ("cast", "paper")
_LOG, _USED, _VOID = schema.log, schema.cast_key, schema.log.alias()
# Asked at every page of every phone, and so built once.
_LAST = (
    select(_LOG.c.hash)
    .join(_USED, _USED.c.seq == _LOG.c.seq)
    .where(
        _LOG.c.meeting_id == bindparam("meeting"),
        _USED.c.round_id == bindparam("round"),
        _USED.c.pseudonym == bindparam("pseudonym"),
        ~exists().where(
            _VOID.c.round_id == bindparam("round"),
            _VOID.c.commitment.is_(None),
            _VOID.c.pseudonym == bindparam("pseudonym"),
        ),
    )
    .order_by(_USED.c.seq.desc())
    .limit(1)
)


class Recorded(NamedTuple):
    """A line of the public list: `seq` in the log, the question's key, the round's number, the receipt."""

    seq: int
    question: str
    round: int
    type: str
    receipt: str


def receipt(hash: str) -> str:
    """Return the receipt of an entry's hash: its first 50 bits as ten base32 signs, `XXXXX-XXXXX`."""
    bits = int(hash[:13], 16) >> 2
    signs = "".join(SYMBOLS[(bits >> shift) & 31] for shift in range(45, -1, -5))
    return f"{signs[:5]}-{signs[5:]}"


def own(connection: Connection, keys: Keys, round_: Row[Any], card: Row[Any]) -> str | None:
    """Return the receipt of the card's last ballot in the round.

    None when there is none, once the card is void, and after finish. `round_` has the round's `id` and
    `question_id` and its question's `finished_at`, `card` its `id` and `meeting_id`.
    """
    if round_.finished_at is not None or not keys.has_question(connection, round_.question_id):
        return None
    who = keys.pseudonym(connection, round_.question_id, card.id)
    asked = {"meeting": card.meeting_id, "round": round_.id, "pseudonym": who}
    found = connection.scalar(_LAST, asked)
    return None if found is None else receipt(found)


def public_list(connection: Connection, meeting_id: int) -> list[Recorded]:
    """Return every ballot entry of the meeting in the log's order."""
    log, asked, opened = schema.log, schema.question, schema.round_
    wanted = (
        select(log.c.seq, asked.c.key, opened.c.number, log.c.type, log.c.hash)
        .join(opened, opened.c.id == log.c.round_id)
        .join(asked, asked.c.id == opened.c.question_id)
        .where(log.c.meeting_id == meeting_id, log.c.type.in_(BALLOTS))
        .order_by(log.c.seq)
    )
    return [
        Recorded(row.seq, row.key, row.number, row.type, receipt(row.hash))
        for row in connection.execute(wanted)
    ]
