"""The log of a meeting as one JSON document: what `verify.py` reads, and anybody may have."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from survey.ballots import log
from survey.ballots.hashing import FORMAT
from survey.errors import NotFound
from survey.storage import schema

_NAMES = ("seq", "type", "round_id", "pseudonym", "commitment", "data", "prev", "hash")


def exported(connection: Connection, meeting_id: int) -> dict[str, Any]:
    """Return `{"format", "meeting", "head", "rounds", "entries"}`; raises NotFound.

    `rounds` maps a round's id (a string) to `question` and `number`. It holds no answer, nor what opens one.
    """
    meeting = connection.execute(
        select(schema.meeting.c.key).where(schema.meeting.c.id == meeting_id)
    ).first()
    if meeting is None:
        raise NotFound
    asked = (
        select(schema.round_.c.id, schema.round_.c.number, schema.question.c.key)
        .join(schema.question, schema.question.c.id == schema.round_.c.question_id)
        .where(schema.question.c.meeting_id == meeting_id)
    )
    return {
        "format": FORMAT,
        "meeting": meeting.key,
        "head": log.head(connection, meeting_id).hash,
        "rounds": {
            str(row.id): {"question": row.key, "number": row.number} for row in connection.execute(asked)
        },
        "entries": [
            {name: row._mapping[name] for name in _NAMES} for row in log.entries(connection, meeting_id)
        ],
    }
