"""The end: questions finish, by hand or with the meeting, which also ends by itself at its time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, exists, func, or_, select, update

from survey.ballots import box, log, rounds, seal
from survey.errors import NotAllowedNow, NotFound
from survey.meetings import publishing
from survey.meetings.next_step import next_step
from survey.meetings.standing import state
from survey.meetings.steps import move_on, on_its_own, refuse_if_ended
from survey.storage import schema
from survey.storage.database import Database
from survey.storage.keys import Keys

# A meeting that runs late is not torn from the room; one that was forgotten does not stay for ever.
QUIET, GRACE = timedelta(minutes=15), timedelta(hours=2)
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


def due(connection: Connection, now: datetime | None = None) -> list[Row[Any]]:
    """Return the meetings (`id`, `version`, `ended_at`) to be ended now, or whose end was cut short.

    At its time a meeting ends when its agenda is done. One that runs late ends after a quarter of an hour
    without a step, a vote left open after two hours; one that never began is left alone.
    """
    moment = now or schema.now()
    begun = exists().where(_QUESTION.c.meeting_id == _MEETING.c.id, _ROUND.c.question_id == _QUESTION.c.id)
    unfinished = begun.where(_QUESTION.c.finished_at.is_(None))
    cut_short = and_(_MEETING.c.ended_at.is_not(None), unfinished)
    late = and_(_MEETING.c.ended_at.is_(None), _MEETING.c.ends_at <= moment, begun)
    asked: Select[Any] = select(_MEETING.c.id, _MEETING.c.version, _MEETING.c.ended_at).where(
        or_(cut_short, late)
    )
    found = connection.execute(asked.order_by(_MEETING.c.id)).all()
    return [one for one in found if one.ended_at is not None or _is_over(connection, one.id, moment)]


def _is_over(connection: Connection, meeting_id: int, moment: datetime) -> bool:
    standing = state(connection, meeting_id)
    times = (_ROUND.c.opened_at, _ROUND.c.closed_at, _ROUND.c.revealed_at, _ROUND.c.annulled_at)
    asked = select(*(func.max(one) for one in times)).join(_QUESTION, _QUESTION.c.id == _ROUND.c.question_id)
    steps = connection.execute(asked.where(_QUESTION.c.meeting_id == meeting_id)).one()
    last_step = max(one for one in steps if one is not None)
    if standing.open is not None:
        return last_step + GRACE <= moment
    return next_step(standing).verb == "end" or last_step + QUIET <= moment


def end_due(database: Database, keys: Keys, now: datetime | None = None) -> list[int]:
    """End every meeting that is due and return which were; for a tick in the background and for the start."""
    with database.reading() as connection:
        found = due(connection, now)
    return [one.id for one in found if on_its_own(_end, database, keys, one)]


def _end(database: Database, keys: Keys, meeting: Row[Any]) -> None:
    if meeting.ended_at is None:
        end_meeting(database, keys, meeting.id, meeting.version)
    else:
        _finish_all(database, keys, meeting.id)


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
