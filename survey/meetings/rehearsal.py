"""A rehearsal: a meeting that has not begun is tried with invented answers, then cleared of them."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, select, update

from survey.ballots import log
from survey.errors import NotAllowedNow
from survey.meetings.plans.changing import has_begun
from survey.meetings.steps import meeting_row, move_on, refuse_if_ended
from survey.storage import schema
from survey.storage.keys import Keys

ORIGIN = "rehearsal"
# A card from the room's QR exists only in the phone that asked for it; after a rehearsal it asks again.
_INVENTED = (ORIGIN, "room")
_CARD, _LOG, _ROUND, _QUESTION = schema.card, schema.log, schema.round_, schema.question


def begin(connection: Connection, meeting_id: int) -> None:
    """Mark the meeting as a rehearsal, in the log too; nothing happens if it is one already.

    Raises NotAllowedNow once a vote has been opened in earnest: real and invented answers never mix.
    """
    log.lock(connection, meeting_id)
    meeting = meeting_row(connection, meeting_id)
    refuse_if_ended(meeting)
    if meeting.rehearsal:
        return
    if has_begun(connection, meeting_id):
        raise NotAllowedNow("The meeting has begun in earnest: nothing can be rehearsed in it any more.")
    _mark(connection, meeting_id, True)
    log.append(connection, meeting_id, ORIGIN)
    move_on(connection, meeting_id, None)


def clear(connection: Connection, keys: Keys, meeting_id: int, version: int | None = None) -> None:
    """Remove the rehearsal: rounds, answers, notes, simulated cards, and the log, which begins anew.

    Cards that were printed stay valid and unused; the new log says again how many were issued. Raises
    StaleVersion, or NotAllowedNow when the meeting is no rehearsal.
    """
    meeting = move_on(connection, meeting_id, version)
    if not meeting.rehearsal:
        raise NotAllowedNow("This meeting is no rehearsal.")
    issued = _issued_in_earnest(connection, meeting_id)
    _remove_answers(connection, keys, meeting_id)
    _remove_cards(connection, meeting_id)
    connection.execute(delete(_LOG).where(_LOG.c.meeting_id == meeting_id))
    connection.execute(update(_CARD).where(_CARD.c.meeting_id == meeting_id).values(taken=False, holder=None))
    table = schema.meeting
    values: dict[str, Any] = {"screen": {"view": "join"}, "ended_at": None}
    connection.execute(update(table).where(table.c.id == meeting_id).values(values))
    _mark(connection, meeting_id, False)
    for entry in issued:
        log.append(connection, meeting_id, entry.type, data=json.loads(entry.data) if entry.data else None)


def _mark(connection: Connection, meeting_id: int, rehearsal: bool) -> None:
    table = schema.meeting
    connection.execute(update(table).where(table.c.id == meeting_id).values(rehearsal=rehearsal))


def _issued_in_earnest(connection: Connection, meeting_id: int) -> list[Row[Any]]:
    # Entries of a round carry its id; what is left are cards issued and voided, the simulated ones apart.
    return [
        row
        for row in log.entries(connection, meeting_id)
        if row.type in ("issue", "void")
        and row.round_id is None
        and not (row.data and json.loads(row.data).get("origin") in _INVENTED)
    ]


def _remove_answers(connection: Connection, keys: Keys, meeting_id: int) -> None:
    questions = list(connection.scalars(select(_QUESTION.c.id).where(_QUESTION.c.meeting_id == meeting_id)))
    opened = select(_ROUND.c.id).where(_ROUND.c.question_id.in_(questions))
    for table in (schema.content, schema.cast_key, schema.prompt):
        connection.execute(delete(table).where(table.c.round_id.in_(opened)))
    _delete_of(connection, schema.note, questions)
    _delete_of(connection, schema.question_key, questions)
    _delete_of(connection, _ROUND, questions)
    afresh = {"finished_at": None, "scrubbed_at": None}
    connection.execute(update(_QUESTION).where(_QUESTION.c.id.in_(questions)).values(afresh))
    for question_id in questions:
        keys.destroy_question(question_id)


def _delete_of(connection: Connection, table: Table, questions: list[int]) -> None:
    connection.execute(delete(table).where(table.c.question_id.in_(questions)))


def _remove_cards(connection: Connection, meeting_id: int) -> None:
    simulated = (_CARD.c.meeting_id == meeting_id, _CARD.c.origin.in_(_INVENTED))
    ids = select(_CARD.c.id).where(*simulated)
    session = schema.session
    connection.execute(delete(session).where(session.c.card_id.in_(ids)))
    connection.execute(delete(_CARD).where(*simulated))
