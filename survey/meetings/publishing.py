"""From counted ballots to what may be shown, through the gate; stored with the round, once, at close."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Row, select, update

import analysis
from survey.ballots import count, log, rounds
from survey.ballots.hashing import digest
from survey.errors import NotAllowedNow
from survey.meetings import notes
from survey.meetings.apart import apart
from survey.meetings.steps import meeting_row
from survey.storage import schema
from survey.storage.database import Database
from survey.storage.keys import Keys

_ROUND, _QUESTION = schema.round_, schema.question


def publish_round(database: Database, keys: Keys, round_id: int) -> None:
    """Let a closed round through the gate and store what came out; once stored, nothing is computed again.

    What the room has seen of the question before is held against it. If the round is opened again meanwhile,
    nothing is stored. Raises NotFound, or NotAllowedNow for a round that is open or put aside.
    """
    with database.reading() as connection:
        row = rounds.the_round(connection, round_id)
        if rounds.state(row) not in ("closed", "revealed"):
            raise NotAllowedNow
        if row.published is not None:
            return
        responses = count.responses(connection, keys, row.question_id)
        earlier = _shown(connection, _ROUND.c.question_id == row.question_id)
    stored = _sealed(apart(_through_the_gate, responses, earlier, row.number), row.books)
    # Erasing takes the salt away: what was erased meanwhile must not come back.
    same = (_ROUND.c.head == row.head, _ROUND.c.salt == row.salt)
    unchanged = (_ROUND.c.id == round_id, *same, _ROUND.c.published.is_(None))
    database.write(lambda c: c.execute(update(_ROUND).where(*unchanged).values(published=stored)))


def publish_waiting(database: Database, keys: Keys, meeting_id: int) -> None:
    """Publish every closed round of the meeting that is not published yet (a crash may leave one)."""
    for round_id in waiting(database, meeting_id):
        publish_round(database, keys, round_id)


def waiting(database: Database, meeting_id: int) -> list[int]:
    """Return the closed rounds of the meeting that are not published yet."""
    asked = (
        select(_ROUND.c.id)
        .join(_QUESTION, _QUESTION.c.id == _ROUND.c.question_id)
        .where(_QUESTION.c.meeting_id == meeting_id, _QUESTION.c.finished_at.is_(None))
        .where(_ROUND.c.closed_at.is_not(None), _ROUND.c.annulled_at.is_(None), _ROUND.c.published.is_(None))
    )
    with database.reading() as connection:
        return list(connection.scalars(asked))


def revealed(connection: Connection, meeting_id: int) -> analysis.Published | None:
    """Return everything the room has seen as one, with what was said; None before the first reveal.

    Rounds put aside after they were shown are in it, marked `annulled`; rounds never shown are not.
    """
    meeting = meeting_row(connection, meeting_id)
    shown = _shown_rows(connection, _QUESTION.c.meeting_id == meeting_id)
    if not shown:
        return None
    merged = analysis.merge([analysis.published_from_dict(row.published) for row in shown])
    states = {(row.key, row.number): rounds.state(row) for row in shown}
    book = replace(
        merged.meeting,
        title=meeting.title,
        place=meeting.place,
        date=meeting.date,
        rehearsal=meeting.rehearsal,
        head=log.head(connection, meeting_id).hash,
        questions=tuple(
            replace(
                question,
                rounds=tuple(
                    replace(one, state=states[question.key, one.number])
                    for one in question.rounds
                    if (question.key, one.number) in states
                ),
            )
            for question in merged.meeting.questions
        ),
    )
    said = pd.DataFrame(notes.all_of(connection, meeting_id), columns=list(merged.notes.columns))
    return analysis.merge([merged], book).with_notes(said)


def put_aside(connection: Connection, question_id: int, number: int) -> None:
    """Take a round that was put aside out of what later rounds of the question are compared with."""
    others = (_ROUND.c.question_id == question_id, _ROUND.c.number > number, _ROUND.c.published.is_not(None))
    for row in connection.execute(
        select(_ROUND.c.id, _ROUND.c.published, _ROUND.c.books).where(*others)
    ).all():
        published = copy.deepcopy(row.published)
        compared = [one["value"] for one in published["rows"] if one["measure"] == "compared_with"]
        if number not in compared:
            continue
        for question in published["meeting"]["questions"]:
            for one in question["rounds"]:
                one["state"] = "annulled" if one["number"] == number else one["state"]
        published["stages"] = [one for one in published["stages"] if not one.startswith("change:")]
        sealed = _sealed(published, row.books)
        connection.execute(update(_ROUND).where(_ROUND.c.id == row.id).values(published=sealed))


def changed(connection: Connection, meeting_id: int) -> list[str]:
    """Return the rounds whose stored figures or books are no longer what was stored, as "key, round N"."""
    asked = (
        select(_ROUND.c.published, _ROUND.c.books, _ROUND.c.number, _QUESTION.c.key)
        .join(_QUESTION, _QUESTION.c.id == _ROUND.c.question_id)
        .where(_QUESTION.c.meeting_id == meeting_id, _ROUND.c.published.is_not(None))
    )
    rows = connection.execute(asked).all()
    return [
        f"{row.key}, round {row.number}"
        for row in rows
        # The first release stored no seal.
        if "seal" in row.published and row.published != _sealed(row.published, row.books)
    ]


def _sealed(published: dict[str, Any], books: dict[str, Any] | None) -> dict[str, Any]:
    """Return what passed the gate with a hash over it and the round's books."""
    bare = {name: value for name, value in published.items() if name != "seal"}
    return {**bare, "seal": digest("published", [bare, books])}


def _through_the_gate(
    responses: analysis.Responses, earlier: list[analysis.Published], number: int
) -> dict[str, Any]:
    published = analysis.publish(responses, analysis.Policy(), earlier=earlier)
    key = responses.meeting.questions[0].key
    stages = list(analysis.wording(published, key, number).stages)
    findings = len(list(analysis.findings(published, key, number)))
    return {**published.as_dict(), "stages": stages, "findings": findings}


def _shown(connection: Connection, where: Any) -> list[analysis.Published]:
    return [analysis.published_from_dict(row.published) for row in _shown_rows(connection, where)]


def _shown_rows(connection: Connection, where: Any) -> list[Row[Any]]:
    asked = (
        select(_ROUND, _QUESTION.c.key)
        .join(_QUESTION, _QUESTION.c.id == _ROUND.c.question_id)
        .where(where, _ROUND.c.revealed_at.is_not(None), _ROUND.c.published.is_not(None))
        .order_by(_QUESTION.c.position, _ROUND.c.number)
    )
    return list(connection.execute(asked))
