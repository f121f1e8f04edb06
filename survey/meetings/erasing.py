"""Erasure: texts and votes of a meeting go for good, by hand or at its date; the chain stays and verifies.

What stays is said to whoever erases: the log (numbers, hashes, short keys of questions and groups) and each
round's books, so that it can still be shown how many voted and that no ballot was added or taken away.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, select, update

from survey.ballots import log, rounds, seal
from survey.errors import NotAllowedNow
from survey.meetings import ending
from survey.meetings.steps import meeting_row, move_on, on_its_own
from survey.storage import schema
from survey.storage.database import Database
from survey.storage.keys import Keys

_CARD, _MEETING, _QUESTION, _ROUND = schema.card, schema.meeting, schema.question, schema.round_
# A clock that jumps for a moment must not erase anything.
_PATIENCE = 60.0


def erase(database: Database, keys: Keys, meeting_id: int, version: int | None = None) -> bool:
    """Erase the meeting, ending it first; returns whether the file is wiped too.

    False: a round is open elsewhere or somebody reads, and `seal.wipe` does the rest as soon as it can.
    Erasing twice does nothing the second time. Raises NotFound, StaleVersion, or NotAllowedNow while a vote
    is open.
    """
    with database.reading() as connection:
        meeting = meeting_row(connection, meeting_id)
        if rounds.current(connection, meeting_id) is not None:
            raise NotAllowedNow("The vote is open. Close it first.")
    if meeting.erased_at is None:
        if meeting.ended_at is None:
            ending.end_meeting(database, keys, meeting_id, version)
            version = None
        database.write(lambda c: _remove(c, meeting_id, version))
        with database.reading() as connection:
            of_meeting = select(_QUESTION.c.id).where(_QUESTION.c.meeting_id == meeting_id)
            questions = list(connection.scalars(of_meeting))
        for question_id in questions:
            keys.destroy_question(question_id)
    return seal.wipe(database)


def due(connection: Connection, today: date | None = None) -> list[Row[Any]]:
    """Return the meetings (`id`, `version`, `ended_at`) whose date has come in the clock of this machine.

    One with a vote that was opened less than two hours ago waits.
    """
    day = (today or date.today()).isoformat()
    asked: Select[Any] = select(_MEETING.c.id, _MEETING.c.version, _MEETING.c.ended_at).where(
        _MEETING.c.erase_on != "", _MEETING.c.erase_on <= day, _MEETING.c.erased_at.is_(None)
    )
    return [one for one in connection.execute(asked).all() if not _is_voting(connection, one.id)]


def _is_voting(connection: Connection, meeting_id: int) -> bool:
    current = rounds.current(connection, meeting_id)
    return current is not None and current.opened_at + ending.GRACE > schema.now()


def patiently(
    database: Database, keys: Keys, clock: Callable[[], float] = time.monotonic
) -> Callable[[], None]:
    """Return what is called every few seconds: it erases a meeting that has been due for a whole minute.

    One that has not ended is ended first, and erased by the next call.
    """
    since: dict[int, float] = {}

    def tick() -> None:
        with database.reading() as connection:
            found = due(connection)
        for gone in since.keys() - {one.id for one in found}:
            del since[gone]
        for one in found:
            if clock() - since.setdefault(one.id, clock()) >= _PATIENCE:
                on_its_own(_end_or_erase, database, keys, one)

    return tick


def _end_or_erase(database: Database, keys: Keys, meeting: Row[Any]) -> None:
    # Each names the version that was seen as due: between them the date may be put off.
    if meeting.ended_at is None:
        ending.end_meeting(database, keys, meeting.id, meeting.version)
    else:
        erase(database, keys, meeting.id, meeting.version)


def _remove(connection: Connection, meeting_id: int, version: int | None) -> None:
    log.lock(connection, meeting_id)
    if move_on(connection, meeting_id, version).erased_at is not None:
        return
    questions = select(_QUESTION.c.id).where(_QUESTION.c.meeting_id == meeting_id)
    opened = select(_ROUND.c.id).where(_ROUND.c.question_id.in_(questions))
    for table in (schema.content, schema.cast_key, schema.prompt):
        connection.execute(delete(table).where(table.c.round_id.in_(opened)))
    for table in (schema.note, schema.item, schema.question_key):
        connection.execute(delete(table).where(table.c.question_id.in_(questions)))
    cards = select(_CARD.c.id).where(_CARD.c.meeting_id == meeting_id)
    connection.execute(delete(schema.session).where(schema.session.c.card_id.in_(cards)))
    connection.execute(delete(_CARD).where(_CARD.c.meeting_id == meeting_id))
    # The salt goes with the contents: what the close entry says of them cannot be tried out either.
    gone = {"salt": None, "published": None}
    connection.execute(update(_ROUND).where(_ROUND.c.id.in_(opened)).values(gone))
    _blank(connection, meeting_id)
    log.append(connection, meeting_id, "erase")


def _blank(connection: Connection, meeting_id: int) -> None:
    """Put numbers where words were."""
    for table, words in (
        (_QUESTION, {"help": "", "interlude": "", "settings": {}}),
        (schema.group, {}),
        (schema.table, {}),
    ):
        name = "title" if table is _QUESTION else "name"
        mine = select(table.c.id, table.c.position).where(table.c.meeting_id == meeting_id)
        for row in connection.execute(mine).all():
            connection.execute(
                update(table).where(table.c.id == row.id).values({**words, name: str(row.position + 1)})
            )
    values: dict[str, Any] = {
        **dict.fromkeys(("place", "wifi_name", "wifi_password", "base_url"), ""),
        "title": _MEETING.c.key,
        "screen": {"view": "join"},
        "cards_lost": False,
        "erased_at": schema.now(),
        "scrubbed_at": None,
    }
    connection.execute(update(_MEETING).where(_MEETING.c.id == meeting_id).values(values))
