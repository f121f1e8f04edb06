"""The end: questions finish, by hand or with the meeting, which also ends by itself at its time."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, exists, or_, select, update

from survey.ballots import box, log, rounds, seal
from survey.errors import NotAllowedNow, NotFound
from survey.meetings import publishing
from survey.meetings.steps import move_on, refuse_if_ended
from survey.storage import schema
from survey.storage.database import Database
from survey.storage.keys import Keys

# A vote that is open when the time is up is not torn from the room; a forgotten one does not stay for ever.
GRACE = timedelta(hours=2)
_MEETING, _QUESTION, _ROUND = schema.meeting, schema.question, schema.round_


def finish_question(
    database: Database, keys: Keys, meeting_id: int, question_id: int, version: int | None
) -> bool:
    """Destroy the links between card and ballot of a question; returns whether the file is wiped too.

    Cannot be undone. False: a round is open somewhere, and `seal.wipe` does the rest later. Raises NotFound,
    StaleVersion, or NotAllowedNow while its vote is open, before it was opened, and when it is finished.
    """
    publishing.publish_waiting(database, keys, meeting_id)

    def work(connection: Connection) -> None:
        move_on(connection, meeting_id, version)
        mine = select(_QUESTION).where(_QUESTION.c.id == question_id, _QUESTION.c.meeting_id == meeting_id)
        question = connection.execute(mine).first()
        if question is None:
            raise NotFound
        opened = connection.execute(select(_ROUND).where(_ROUND.c.question_id == question_id)).all()
        if not opened or question.finished_at is not None:
            raise NotAllowedNow
        if any(rounds.state(one) == "open" for one in opened):
            raise NotAllowedNow("The vote is open. Close it first.")
        seal.rewrite(connection, question_id)

    database.write(work)
    return seal.finish(database, keys, question_id)


def end_meeting(database: Database, keys: Keys, meeting_id: int, version: int | None) -> None:
    """End the meeting and finish all its questions; cannot be undone. A vote that is open is closed first.

    Raises NotFound, StaleVersion, or NotAllowedNow when it is over already.
    """

    def work(connection: Connection) -> None:
        refuse_if_ended(move_on(connection, meeting_id, version))
        current = rounds.current(connection, meeting_id)
        if current is not None:
            box.close_round(connection, current.id)
        values = {"ended_at": schema.now()}
        connection.execute(update(_MEETING).where(_MEETING.c.id == meeting_id).values(values))
        log.append(connection, meeting_id, "end")

    database.write(work)
    _finish_all(database, keys, meeting_id)


def due(connection: Connection, now: datetime | None = None) -> list[int]:
    """Return the meetings that are to be ended now, or whose end was cut short.

    While a vote is open the end waits, at most two hours.
    """
    moment = now or schema.now()
    of_meeting = _QUESTION.c.meeting_id == _MEETING.c.id
    opened = exists().where(of_meeting, _ROUND.c.question_id == _QUESTION.c.id, rounds.IS_OPEN)
    unfinished = exists().where(
        of_meeting, _ROUND.c.question_id == _QUESTION.c.id, _QUESTION.c.finished_at.is_(None)
    )
    time_is_up = or_(
        and_(_MEETING.c.ends_at <= moment, ~opened),
        _MEETING.c.ends_at <= moment - GRACE,
    )
    asked = select(_MEETING.c.id).where(
        or_(
            and_(_MEETING.c.ended_at.is_(None), time_is_up),
            and_(_MEETING.c.ended_at.is_not(None), unfinished),
        )
    )
    return list(connection.scalars(asked.order_by(_MEETING.c.id)))


def end_due(database: Database, keys: Keys, now: datetime | None = None) -> list[int]:
    """End every meeting that is due and return their ids; for a tick in the background and for the start."""
    with database.reading() as connection:
        ids = due(connection, now)
    for meeting_id in ids:
        with database.reading() as connection:
            asked = select(_MEETING.c.ended_at).where(_MEETING.c.id == meeting_id)
            has_ended = connection.scalar(asked) is not None
        if has_ended:
            _finish_all(database, keys, meeting_id)
        else:
            end_meeting(database, keys, meeting_id, version=None)
    return ids


def _finish_all(database: Database, keys: Keys, meeting_id: int) -> None:
    publishing.publish_waiting(database, keys, meeting_id)
    asked = (
        select(_QUESTION.c.id)
        .where(_QUESTION.c.meeting_id == meeting_id, _QUESTION.c.finished_at.is_(None))
        .where(exists().where(_ROUND.c.question_id == _QUESTION.c.id))
    )
    with database.reading() as connection:
        ids = list(connection.scalars(asked))
    for question_id in ids:
        seal.finish(database, keys, question_id)
