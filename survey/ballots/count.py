"""Counting: turnout while a round is open, live figures of open questions, and responses for the analysis."""

from __future__ import annotations

import secrets
from collections import Counter
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

import analysis
from survey import kinds
from survey.ballots import log
from survey.ballots.counted import Books, ballots, books, entitled
from survey.ballots.rounds import state, the_round
from survey.errors import NotAllowedNow
from survey.languages import speaking
from survey.storage import schema
from survey.storage.keys import Keys

__all__ = ["Books", "ballots", "books", "entitled"]

# Asked for at every page of every phone, and so built once.
_TURNOUT = select(schema.round_.c.turnout).where(schema.round_.c.id == bindparam("round"))


def turnout(connection: Connection, round_id: int) -> int:
    """Return how many cards have a ballot in the round, void ones left out: a number kept with the round."""
    return connection.scalar(_TURNOUT, {"round": round_id}) or 0


def live_rows(connection: Connection, round_id: int) -> list[dict[str, Any]]:
    """Return an open question's counts: `item`, `group`, `value`, `text` and how many `ballots`.

    Raises NotAllowedNow for a sealed question, in whatever state: its only way out is the gate.
    """
    question = kinds.load(connection, the_round(connection, round_id).question_id)
    if question.secrecy != "open":
        raise NotAllowedNow
    kind, tally = kinds.kind_of(question), Counter[tuple[Any, ...]]()
    for ballot in ballots(connection, round_id):
        for row in kind.rows(question, ballot.group, ballot.answer):
            tally[row["item"], ballot.group, row["value"], row["text"]] += 1
    return [
        {"item": item, "group": group, "value": value, "text": text, "ballots": number}
        for (item, group, value, text), number in sorted(tally.items(), key=str)
    ]


def responses(connection: Connection, keys: Keys, question_id: int) -> analysis.Responses:
    """Return the question's closed rounds, but for annulled ones, as the gate takes them: codebook, rows.

    `ballot` is random, the same for one person in the rounds of the question; the rows are shuffled.
    """
    question = kinds.load(connection, question_id)
    asked = select(schema.round_).where(schema.round_.c.question_id == question_id)
    standing = [
        row
        for row in connection.execute(asked.order_by(schema.round_.c.number))
        if state(row) in ("closed", "revealed")
    ]
    kind = kinds.kind_of(question)
    owners: dict[str, str] = {}
    rows = []
    for round_ in standing:
        for ballot in ballots(connection, round_.id):
            owner = owners.setdefault(ballot.owner, secrets.token_hex(8))
            for row in kind.rows(question, ballot.group, ballot.answer):
                rows.append({**row, "round": round_.number, "ballot": owner, "group": ballot.group})
    meeting = _codebook(connection, question, standing)
    secrets.SystemRandom().shuffle(rows)
    same = {"meeting": meeting.key, "question": question.key, "kind": question.kind}
    return analysis.Responses.from_rows(meeting, ({**row, **same} for row in rows))


def _codebook(connection: Connection, question: kinds.Question, standing: list[Row[Any]]) -> analysis.Meeting:
    where = schema.meeting.c.id == question.meeting_id
    meeting = connection.execute(select(schema.meeting).where(where)).one()
    of_meeting = select(schema.group).where(schema.group.c.meeting_id == meeting.id)
    groups = connection.execute(of_meeting.order_by(schema.group.c.position)).all()
    # Words that the kind puts in where the plan has none are in the meeting's own language.
    with speaking(meeting.language):
        settings = kinds.kind_of(question).codebook(question)
    return analysis.Meeting(
        key=meeting.key,
        title=meeting.title,
        language=meeting.language,
        place=meeting.place,
        date=meeting.date,
        rehearsal=meeting.rehearsal,
        ballot_rows=meeting.ballot_rows,
        head=log.head(connection, meeting.id).hash,
        groups=tuple(analysis.Group(row.key, row.name, row.colour, row.votes) for row in groups),
        questions=(
            analysis.Question(
                key=question.key,
                kind=question.kind,
                title=question.title,
                secrecy=question.secrecy,
                help=question.help,
                items=tuple(analysis.Item(item.key, item.text) for item in question.items),
                settings=settings,
                rounds=tuple(_round(row) for row in standing),
            ),
        ),
    )


def _round(row: Row[Any]) -> analysis.Round:
    return analysis.Round(
        number=row.number, state=state(row), head=row.head or "", sealed_k=row.k, **row.books
    )
