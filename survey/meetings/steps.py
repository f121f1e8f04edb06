"""A step of the meeting: whoever moves it names the version they saw, and exactly one of two gets through."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, select, update

from survey.ballots import log
from survey.errors import NotAllowedNow, NotFound, StaleVersion
from survey.storage import schema

_told = logging.getLogger(__name__)


def meeting_row(connection: Connection, meeting_id: int) -> Row[Any]:
    """Return the meeting's row; raises NotFound."""
    row = connection.execute(select(schema.meeting).where(schema.meeting.c.id == meeting_id)).first()
    if row is None:
        raise NotFound
    return row


def move_on(connection: Connection, meeting_id: int, version: int | None) -> Row[Any]:
    """Raise the meeting's version and return its row as it was.

    `version` is the one the sender saw; None is for what the program does by itself. Raises StaleVersion when
    somebody else was first.
    """
    log.lock(connection, meeting_id)
    row = meeting_row(connection, meeting_id)
    table = schema.meeting
    seen = row.version if version is None else version
    moved = connection.execute(
        update(table).where(table.c.id == meeting_id, table.c.version == seen).values(version=seen + 1)
    )
    if moved.rowcount != 1:
        raise StaleVersion
    return row


def refuse_if_ended(meeting: Row[Any]) -> None:
    """Raise NotAllowedNow when the meeting is over."""
    if meeting.ended_at is not None:
        raise NotAllowedNow("The meeting is over.")


def refuse_if_erased(meeting: Row[Any]) -> None:
    """Raise NotAllowedNow when the meeting's texts are erased: what came after would stay for good."""
    if meeting.erased_at is not None:
        raise NotAllowedNow("This meeting is erased: nothing more is written in it. Make a new one.")


def on_its_own(work: Callable[..., object], *given: Any) -> bool:
    """Do what the program does without being asked; returns whether it was done.

    What fails is logged and done at another time: it holds up neither other work nor other meetings.
    """
    try:
        work(*given)
    except StaleVersion:
        # Somebody was first, and perhaps wants it otherwise: that shows at the next time.
        return False
    except Exception:  # noqa: BLE001 - whatever it is (a broken chain, a full disk), the rest must go on
        _told.exception("What is done regularly failed; it is tried again.")
        return False
    return True
