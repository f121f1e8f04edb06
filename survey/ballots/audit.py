"""Does everything in the ballot box fit together: chain, contents, what was counted?"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Row, select

from survey.ballots import counted, log
from survey.ballots.hashing import commitment
from survey.ballots.receipts import BALLOTS
from survey.errors import BrokenChain
from survey.storage import schema


def check(connection: Connection, meeting_id: int) -> None:
    """Verify the chain, every answer against its commitment, and closed rounds against their close entry.

    Raises BrokenChain with the first entry that does not fit. A chain made anew from the start shows only
    against a head kept elsewhere.
    """
    log.check(connection, meeting_id)
    entry = schema.log
    mine = select(entry.c.commitment, entry.c.seq).where(entry.c.meeting_id == meeting_id)
    committed = {row[0]: row[1] for row in connection.execute(mine.where(entry.c.type.in_(BALLOTS)))}
    _check_contents(connection, meeting_id, committed)
    ends = select(entry).where(entry.c.meeting_id == meeting_id, entry.c.type == "close")
    closes = {row.round_id: row for row in connection.execute(ends.order_by(entry.c.seq))}
    asked = (
        select(schema.round_)
        .join(schema.question, schema.question.c.id == schema.round_.c.question_id)
        .where(schema.question.c.meeting_id == meeting_id, schema.round_.c.salt.is_not(None))
    )
    for round_ in connection.execute(asked):
        _check_close(connection, round_, closes.get(round_.id))


def _check_contents(connection: Connection, meeting_id: int, committed: dict[str, int]) -> None:
    content = schema.content
    unfinished = (
        select(content)
        .join(schema.round_, schema.round_.c.id == content.c.round_id)
        .join(schema.question, schema.question.c.id == schema.round_.c.question_id)
        .where(schema.question.c.meeting_id == meeting_id, schema.question.c.finished_at.is_(None))
    )
    found = set()
    for row in connection.execute(unfinished):
        if row.commitment not in committed or commitment(row.nonce, row.answer) != row.commitment:
            raise BrokenChain(seq=committed.get(row.commitment, 0))
        found.add(row.commitment)
    still_open = (
        select(schema.log.c.commitment, schema.log.c.seq)
        .join(schema.round_, schema.round_.c.id == schema.log.c.round_id)
        .join(schema.question, schema.question.c.id == schema.round_.c.question_id)
        .where(schema.log.c.meeting_id == meeting_id, schema.question.c.finished_at.is_(None))
        .where(schema.log.c.type.in_(BALLOTS))
        .order_by(schema.log.c.seq)
    )
    for row in connection.execute(still_open):
        if row.commitment not in found:
            raise BrokenChain(seq=row.seq)


def _check_close(connection: Connection, round_: Row[Any], close: Row[Any] | None) -> None:
    if close is None or close.hash != round_.head:
        raise BrokenChain(seq=close.seq if close else 0)
    try:
        fits = json.loads(close.data) == counted.close_data(connection, round_.id, round_.salt)
    except (ValueError, TypeError, AttributeError, KeyError):
        # An answer that was meddled with after finish need not even be an answer any more.
        fits = False
    if not fits:
        raise BrokenChain(seq=close.seq)
