"""The rounds as the ballot box knows them: which there are, and what state each is in.

A round's state follows from which of its times are null.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, select

from survey.errors import NotFound
from survey.storage import schema

_ROUND = schema.round_
# Statements on a ballot's way are built once.
_ROUNDS = select(_ROUND, schema.question.c.meeting_id, schema.question.c.finished_at).join(
    schema.question, schema.question.c.id == _ROUND.c.question_id
)
_THE_ROUND = _ROUNDS.where(_ROUND.c.id == bindparam("round"))
IS_OPEN = and_(_ROUND.c.closed_at.is_(None), _ROUND.c.annulled_at.is_(None))


def state(row: Any) -> str:
    """Return the state of a round (anything with its times): `annulled`, `revealed`, `closed` or `open`."""
    if row.annulled_at is not None:
        return "annulled"
    if row.revealed_at is not None:
        return "revealed"
    return "open" if row.closed_at is None else "closed"


def current(connection: Connection, meeting_id: int) -> Row[Any] | None:
    """Return the meeting's open round, or None; there is never more than one."""
    asked = (
        select(_ROUND)
        .join(schema.question, schema.question.c.id == _ROUND.c.question_id)
        .where(schema.question.c.meeting_id == meeting_id, IS_OPEN)
    )
    return connection.execute(asked).first()


def the_round(connection: Connection, round_id: int) -> Row[Any]:
    """Return a round with its question's `meeting_id` and `finished_at`; raises NotFound."""
    found = connection.execute(_THE_ROUND, {"round": round_id}).first()
    if found is None:
        raise NotFound
    return found
