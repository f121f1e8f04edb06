"""What was said beside a chart, and prompts that the facilitator changed or left out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from survey.ballots import log
from survey.ballots.rounds import the_round
from survey.errors import NotAllowedNow, NotFound
from survey.meetings import labels
from survey.meetings.steps import meeting_row, refuse_if_erased
from survey.storage import schema

MOST_SIGNS, MOST_PROMPT, MOST_NOTES = 1000, 500, 500
_NOTE, _PROMPT, _ROUND, _QUESTION = schema.note, schema.prompt, schema.round_, schema.question


def add(connection: Connection, meeting_id: int, question_id: int, round_number: int, text: str) -> int:
    """Write down what was said beside a round's chart, without names, and return the note's id.

    Raises NotFound, or NotAllowedNow when the text is empty, over 1000 signs, there are 500 notes already, or
    the meeting is erased.
    """
    # So that nothing is written beside an erasure that is not committed yet.
    log.lock(connection, meeting_id)
    asked = (
        select(_ROUND.c.id)
        .join(_QUESTION, _QUESTION.c.id == _ROUND.c.question_id)
        .where(_QUESTION.c.id == question_id, _QUESTION.c.meeting_id == meeting_id)
        .where(_ROUND.c.number == round_number)
    )
    if connection.execute(asked).first() is None:
        raise NotFound
    refuse_if_erased(meeting_row(connection, meeting_id))
    cleaned = labels.clean(text)
    if not cleaned:
        raise NotAllowedNow("Write what was said first.")
    if len(cleaned) > MOST_SIGNS:
        raise NotAllowedNow("That is too long: at most %(most)s signs.", most=MOST_SIGNS)
    if len(of_question(connection, question_id)) >= MOST_NOTES:
        raise NotAllowedNow("There are too many notes on this question.")
    values = {"question_id": question_id, "round_number": round_number, "text": cleaned}
    note_id: int = connection.execute(insert(_NOTE).values(values).returning(_NOTE.c.id)).scalar_one()
    return note_id


def remove(connection: Connection, meeting_id: int, note_id: int) -> None:
    """Delete a note of this meeting; raises NotFound."""
    own = select(_QUESTION.c.id).where(_QUESTION.c.meeting_id == meeting_id)
    gone = connection.execute(delete(_NOTE).where(_NOTE.c.id == note_id, _NOTE.c.question_id.in_(own)))
    if gone.rowcount != 1:
        raise NotFound


def of_question(connection: Connection, question_id: int, round_number: int | None = None) -> list[Row[Any]]:
    """Return the notes beside a question's charts (or one round's), in the order they were written."""
    asked = select(_NOTE).where(_NOTE.c.question_id == question_id).order_by(_NOTE.c.id)
    if round_number is not None:
        asked = asked.where(_NOTE.c.round_number == round_number)
    return list(connection.execute(asked))


def edit_prompt(connection: Connection, meeting_id: int, round_id: int, finding: str, text: str) -> None:
    """Put the facilitator's own words in place of a finding's prompt; empty text brings it back."""
    _set_prompt(connection, meeting_id, round_id, finding, labels.clean(text)[:MOST_PROMPT], skipped=False)


def skip_prompt(connection: Connection, meeting_id: int, round_id: int, finding: str) -> None:
    """Leave a finding's prompt out."""
    _set_prompt(connection, meeting_id, round_id, finding, "", skipped=True)


def restore_prompt(connection: Connection, meeting_id: int, round_id: int, finding: str) -> None:
    """Ask a finding's prompt again as it was computed."""
    edit_prompt(connection, meeting_id, round_id, finding, "")


def prompts(connection: Connection, round_id: int) -> dict[str, Row[Any]]:
    """Return the changed prompts of a round by finding: rows with `text` and `skipped`."""
    return {
        row.finding: row for row in connection.execute(select(_PROMPT).where(_PROMPT.c.round_id == round_id))
    }


def all_of(connection: Connection, meeting_id: int) -> list[dict[str, Any]]:
    """Return notes and changed prompts of the rounds that were shown, as rows of the data package's notes."""
    asked = (
        select(_ROUND, _QUESTION.c.key)
        .join(_QUESTION, _QUESTION.c.id == _ROUND.c.question_id)
        .where(_QUESTION.c.meeting_id == meeting_id, _ROUND.c.revealed_at.is_not(None))
        .order_by(_QUESTION.c.position, _ROUND.c.number)
    )
    found: list[dict[str, Any]] = []
    for row in connection.execute(asked).all():
        said = [("said", "", note.text) for note in of_question(connection, row.question_id, row.number)]
        changed = [
            ("skipped" if one.skipped else "edited", finding, one.text)
            for finding, one in sorted(prompts(connection, row.id).items())
        ]
        for order, (what, finding, text) in enumerate([*said, *changed], start=1):
            place = {"question": row.key, "round": row.number, "order": order}
            found.append({**place, "what": what, "finding": finding, "text": text})
    return found


def _set_prompt(
    connection: Connection, meeting_id: int, round_id: int, finding: str, text: str, skipped: bool
) -> None:
    log.lock(connection, meeting_id)
    if the_round(connection, round_id).meeting_id != meeting_id or not 0 < len(finding) <= 80:
        raise NotFound
    refuse_if_erased(meeting_row(connection, meeting_id))
    which = (_PROMPT.c.round_id == round_id, _PROMPT.c.finding == finding)
    connection.execute(delete(_PROMPT).where(*which))
    if text or skipped:
        values = {"round_id": round_id, "finding": finding, "text": text, "skipped": skipped}
        connection.execute(insert(_PROMPT).values(values))
