"""Does everything in the ballot box fit together: chain, contents, what was counted?"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, func, select

from survey import kinds
from survey.ballots import agreement, counted, log
from survey.ballots.hashing import commitment
from survey.ballots.receipts import BALLOTS
from survey.errors import BrokenChain
from survey.storage import schema


def check(connection: Connection, meeting_id: int) -> None:
    """Verify the chain, every answer against its commitment, closed rounds, and the tables against the log.

    Raises BrokenChain with the first entry that does not fit. A chain made anew from the start shows only
    against a head kept elsewhere.
    """
    log.check(connection, meeting_id)
    agreement.check(connection, meeting_id)
    mine = schema.question.c.meeting_id == meeting_id
    entry = schema.log
    of_meeting = entry.c.meeting_id == meeting_id
    _check_contents(connection, of_meeting, mine, schema.question.c.finished_at.is_(None))
    ends = select(entry).where(of_meeting, entry.c.type == "close")
    closes = {row.round_id: row for row in connection.execute(ends.order_by(entry.c.seq))}
    asked = (
        select(schema.round_)
        .join(schema.question, schema.question.c.id == schema.round_.c.question_id)
        .where(mine, schema.round_.c.salt.is_not(None))
    )
    for round_ in connection.execute(asked):
        _check_close(connection, round_, closes.get(round_.id))


def check_open(connection: Connection, round_id: int) -> None:
    """Verify what is about to be counted: every ballot of the round is there, as it was cast, and an answer.

    Raises BrokenChain with the first entry that does not fit.
    """
    seq = _check_contents(connection, log.of_round(round_id), schema.round_.c.id == round_id)
    asked = select(schema.round_.c.question_id).where(schema.round_.c.id == round_id)
    question = kinds.load(connection, connection.execute(asked).scalar_one())
    kind, content, group = kinds.kind_of(question), schema.content, schema.group
    stored = (
        select(group.c.key, content.c.answer, func.min(content.c.id))
        .join(group, group.c.id == content.c.group_id)
        .where(content.c.round_id == round_id)
        .group_by(group.c.key, content.c.answer)
    )
    for group_key, answer, one in connection.execute(stored):
        # What was asked is not in the log: changed on the disk, it would no longer fit its answers.
        if kind.problems(question, group_key, json.loads(answer)):
            raise BrokenChain(seq=seq[one])


def _check_contents(connection: Connection, entries: ColumnElement[bool], *where: Any) -> dict[str, int]:
    """Hold contents and keys of some rounds against their `entries`; returns each content's entry."""
    entry, used, content = schema.log, schema.cast_key, schema.content
    cast = select(entry.c.seq, entry.c.round_id, entry.c.pseudonym, entry.c.commitment)
    cast = cast.where(entries, entry.c.type.in_(BALLOTS)).order_by(entry.c.seq)
    said = {row[0]: row for row in connection.execute(_of_rounds(cast, entry, where))}
    seqs: dict[str, int] = {}
    unkeyed = dict(said)
    for key in connection.execute(_of_rounds(select(used), used, where)):
        one = unkeyed.pop(key.seq, None)
        its = key.round_id, key.pseudonym
        if one is None or its != (one.round_id, one.pseudonym) or key.content_id in seqs:
            raise BrokenChain(seq=key.seq)
        seqs[key.content_id] = key.seq
    left = set(said)
    for row in connection.execute(_of_rounds(select(content), content, where)):
        one = said.get(seqs.get(row.id, 0))
        if one is None or (row.round_id, row.commitment) != (one.round_id, one.commitment) or not _opens(row):
            raise BrokenChain(seq=one.seq if one else 0)
        left.discard(one.seq)
    if left:
        raise BrokenChain(seq=min(left))
    return seqs


def _of_rounds(asked: Select[Any], table: Table, where: tuple[Any, ...]) -> Select[Any]:
    """Narrow a query to rounds, by conditions on them and their questions."""
    return (
        asked.join(schema.round_, schema.round_.c.id == table.c.round_id)
        .join(schema.question, schema.question.c.id == schema.round_.c.question_id)
        .where(*where)
    )


def _opens(row: Row[Any]) -> bool:
    """Say whether a content is what its commitment stands for; the first release's says nothing of groups."""
    whole = commitment(row.nonce, row.answer, row.group_id)
    return row.commitment in (whole, commitment(row.nonce, row.answer))


def _check_close(connection: Connection, round_: Row[Any], close: Row[Any] | None) -> None:
    if close is None or close.hash != round_.head:
        raise BrokenChain(seq=close.seq if close else 0)
    try:
        said = json.loads(close.data)
        fits = said == counted.close_data(connection, round_.id, round_.salt)
        fits = fits and said["n"] == round_.books["used"]
    except (ValueError, TypeError, AttributeError, KeyError):
        # An answer that was meddled with after finish need not even be an answer any more.
        fits = False
    if not fits:
        raise BrokenChain(seq=close.seq)
