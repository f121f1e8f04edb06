"""Who may do what: facilitators, their one-time links and passwords, and the meetings they run."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from survey.ballots import log
from survey.errors import LinkSpent, NotAllowedNow
from survey.meetings import labels
from survey.storage import schema

LINK_HOURS = 24
_WHO, _LINK, _RUNS = schema.facilitator, schema.invitation, schema.membership


def invite(connection: Connection, name: str) -> str:
    """Return the token of a one-time link (32 random bytes, URL-safe) for the facilitator of this name.

    The facilitator is made if new. The link lasts 24 hours and replaces earlier links of the same person.
    Raises NotAllowedNow for an empty name.
    """
    found = named(connection, name)
    facilitator_id = found.id if found else _make(connection, name)
    connection.execute(
        delete(_LINK).where(_LINK.c.facilitator_id == facilitator_id, _LINK.c.used_at.is_(None))
    )
    token = secrets.token_urlsafe(32)
    values = {
        "token_hash": _hashed(token),
        "facilitator_id": facilitator_id,
        "expires_at": schema.now() + timedelta(hours=LINK_HOURS),
    }
    connection.execute(insert(_LINK).values(values))
    return token


def accept(connection: Connection, token: str) -> int:
    """Spend a one-time link and return whom it signs in; raises LinkSpent when it cannot be spent."""
    table, moment = _LINK, schema.now()
    good = (table.c.token_hash == _hashed(token), table.c.used_at.is_(None), table.c.expires_at > moment)
    if connection.execute(update(table).where(*good).values(used_at=moment)).rowcount != 1:
        raise LinkSpent
    facilitator_id: int = connection.execute(
        select(table.c.facilitator_id).where(table.c.token_hash == _hashed(token))
    ).scalar_one()
    return facilitator_id


def is_good(connection: Connection, token: str) -> bool:
    """Say whether a one-time link can still be spent, without spending it."""
    table = _LINK
    good = (
        table.c.token_hash == _hashed(token),
        table.c.used_at.is_(None),
        table.c.expires_at > schema.now(),
    )
    return connection.execute(select(table.c.token_hash).where(*good)).first() is not None


def named(connection: Connection, name: str) -> Row[Any] | None:
    """Return the facilitator of this name, or None; case does not matter (phones begin with a capital)."""
    wanted = labels.fold(name)
    return next((row for row in connection.execute(select(_WHO)) if labels.fold(row.name) == wanted), None)


def rename(connection: Connection, facilitator_id: int, name: str) -> None:
    """Give a facilitator another name; raises NotAllowedNow when it is empty or somebody else's."""
    other = named(connection, name)
    if other is not None and other.id != facilitator_id:
        raise NotAllowedNow("Another facilitator has that name.")
    connection.execute(update(_WHO).where(_WHO.c.id == facilitator_id).values(name=_name(name)))


def has_any(connection: Connection) -> bool:
    """Say whether anybody has chosen a password yet; until then the first start prints a link."""
    chosen = select(_WHO.c.id).where(_WHO.c.password_hash.is_not(None)).limit(1)
    return connection.execute(chosen).first() is not None


def share(connection: Connection, meeting_id: int, name: str) -> str | None:
    """Let another facilitator run the meeting too; returns a one-time token if they have no password yet."""
    found = named(connection, name)
    facilitator_id = found.id if found else _make(connection, name)
    add_runner(connection, meeting_id, facilitator_id)
    return None if found is not None and found.password_hash else invite(connection, name)


def add_runner(connection: Connection, meeting_id: int, facilitator_id: int) -> None:
    """Let a facilitator run the meeting; nothing happens if they may already."""
    both = (_RUNS.c.facilitator_id == facilitator_id, _RUNS.c.meeting_id == meeting_id)
    if connection.execute(select(_RUNS).where(*both)).first() is None:
        values = {"facilitator_id": facilitator_id, "meeting_id": meeting_id}
        connection.execute(insert(_RUNS).values(values))


def remove_runner(connection: Connection, meeting_id: int, facilitator_id: int) -> None:
    """Take the meeting from a facilitator; raises NotAllowedNow for the last one."""
    log.lock(connection, meeting_id)
    if len(runners(connection, meeting_id)) < 2:
        raise NotAllowedNow("A meeting needs at least one facilitator.")
    both = (_RUNS.c.facilitator_id == facilitator_id, _RUNS.c.meeting_id == meeting_id)
    connection.execute(delete(_RUNS).where(*both))


def runners(connection: Connection, meeting_id: int) -> list[Row[Any]]:
    """Return who may run the meeting (`id`, `name`), by name."""
    asked = select(_WHO.c.id, _WHO.c.name).join(_RUNS).where(_RUNS.c.meeting_id == meeting_id)
    return list(connection.execute(asked.order_by(_WHO.c.name)))


def meetings_of(connection: Connection, facilitator_id: int) -> list[Row[Any]]:
    """Return the meetings a facilitator may run, the newest first."""
    table = schema.meeting
    asked = select(table).join(_RUNS).where(_RUNS.c.facilitator_id == facilitator_id)
    return list(connection.execute(asked.order_by(table.c.id.desc())))


def _make(connection: Connection, name: str) -> int:
    made = insert(_WHO).values(name=_name(name)).returning(_WHO.c.id)
    facilitator_id: int = connection.execute(made).scalar_one()
    return facilitator_id


def _name(name: str) -> str:
    cleaned = labels.clean(name)
    if not 1 <= len(cleaned) <= 80:
        raise NotAllowedNow("A name has 1 to 80 signs.")
    return cleaned


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
