"""Do the tables say what the log says? Columns that follow from its entries are held against them.

A round's state, number, smallest group and turnout, and whether questions and meeting are over, decide what
is counted and shown, but the chain's hashes do not cover the columns.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, func, select

from survey.ballots.receipts import BALLOTS
from survey.ballots.rounds import state
from survey.errors import BrokenChain
from survey.storage import schema

_LOG, _ROUND, _QUESTION = schema.log, schema.round_, schema.question
_AFTER = {"open": "open", "reopen": "open", "close": "closed", "reveal": "revealed", "annul": "annulled"}


@dataclass
class _Told:
    """A round by its entries: the last one about it, and what the opening said."""

    seq: int
    state: str
    facts: dict[str, Any]


def check(connection: Connection, meeting_id: int) -> None:
    """Raise BrokenChain with the last entry about what the tables have otherwise (0: there is none)."""
    told: dict[int, _Told] = {}
    over: dict[str, int] = {}
    asked = (
        select(_LOG.c.seq, _LOG.c.type, _LOG.c.round_id, _LOG.c.data)
        .where(_LOG.c.meeting_id == meeting_id, _LOG.c.type.in_((*_AFTER, "finish", "end", "erase")))
        .order_by(_LOG.c.seq)
    )
    for row in connection.execute(asked):
        if row.type in _AFTER:
            one = told.setdefault(row.round_id, _Told(row.seq, "", {}))
            one.seq, one.state = row.seq, _AFTER[row.type]
            one.facts = json.loads(row.data) if row.type == "open" else one.facts
        else:
            over[json.loads(row.data)["question"] if row.type == "finish" else f" {row.type}"] = row.seq
    _check_rounds(connection, meeting_id, told)
    _check_ends(connection, meeting_id, over)


def _check_rounds(connection: Connection, meeting_id: int, told: dict[int, _Told]) -> None:
    asked = (
        select(_ROUND, _QUESTION.c.key, _QUESTION.c.finished_at)
        .join(_QUESTION, _QUESTION.c.id == _ROUND.c.question_id)
        .where(_QUESTION.c.meeting_id == meeting_id)
    )
    rows = connection.execute(asked).all()
    erased = schema.meeting.c.id == meeting_id, schema.meeting.c.erased_at.is_not(None)
    turnouts = _turnouts(connection, meeting_id)
    is_erased = connection.execute(select(schema.meeting.c.id).where(*erased)).first() is not None
    for row in rows:
        one = told.pop(row.id, None) or _Told(0, "none", {})
        facts = {"question": row.key, "round": row.number, "k": row.k}
        has_salt = row.salt is not None
        if state(row) != one.state or facts != one.facts or has_salt == (one.state == "open" or is_erased):
            raise BrokenChain(seq=one.seq)
        if row.turnout != turnouts.get(row.id, 0):
            raise BrokenChain(seq=one.seq)
    for one in told.values():
        raise BrokenChain(seq=one.seq)


def _turnouts(connection: Connection, meeting_id: int) -> dict[int, int]:
    """Return by the log in how many cards' ballots each round stands, void ones left out; 0 where missing."""
    is_gone = _LOG.c.type == "void"
    cards = (
        select(_LOG.c.round_id, case((is_gone, -1), else_=1).label("counts"), _LOG.c.pseudonym)
        .where(_LOG.c.meeting_id == meeting_id, _LOG.c.round_id.is_not(None), _LOG.c.pseudonym.is_not(None))
        .where(is_gone | _LOG.c.type.in_(BALLOTS))
        .distinct()
        .subquery()
    )
    asked = select(cards.c.round_id, func.sum(cards.c.counts)).group_by(cards.c.round_id)
    return {round_id: number for round_id, number in connection.execute(asked)}


def _check_ends(connection: Connection, meeting_id: int, over: dict[str, int]) -> None:
    asked = select(_QUESTION.c.key, _QUESTION.c.finished_at).where(_QUESTION.c.meeting_id == meeting_id)
    columns = {row.key: row.finished_at for row in connection.execute(asked)}
    meeting = schema.meeting
    ends = select(meeting.c.ended_at, meeting.c.erased_at).where(meeting.c.id == meeting_id)
    columns[" end"], columns[" erase"] = connection.execute(ends).one()
    for name, moment in columns.items():
        if (moment is not None) != (name in over):
            raise BrokenChain(seq=over.get(name, 0))
