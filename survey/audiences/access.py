"""Who asks and what they may reach: the request's connection, sessions on the server, loaders that refuse."""

from __future__ import annotations

import contextlib
import contextvars
import hashlib
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from flask import Flask, current_app, g, session
from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from survey.audiences.sessions import Sessions
from survey.errors import NotFound, NotYours, SignInNeeded, StorageUnavailable
from survey.storage import schema
from survey.storage.database import Database
from survey.storage.keys import Keys

T = TypeVar("T")
Item = TypeVar("Item")
IDLE = timedelta(hours=4)
# Asked at every request, and so built once.
_BY_KEY = select(schema.meeting).where(schema.meeting.c.key == bindparam("meeting"))
_BY_NUMBER = select(schema.meeting).where(schema.meeting.c.id == bindparam("meeting"))
_SESSION = select(schema.session).where(schema.session.c.id_hash == bindparam("id_hash"))


def init_app(app: Flask) -> None:
    """Read cookies without their dates, and give back the request's connection when the request ends."""
    app.session_interface = Sessions()
    app.teardown_appcontext(_give_back)


def database() -> Database:
    """Return the application's database."""
    found: Database = current_app.extensions["prikk.database"]
    return found


def keys() -> Keys:
    """Return the application's keys."""
    found: Keys = current_app.extensions["prikk.keys"]
    return found


def reading() -> Connection:
    """Return this request's reading connection (opened at first use)."""
    if "reading" not in g:
        g.reading_context = database().reading()
        g.reading = g.reading_context.__enter__()
    found: Connection = g.reading
    return found


def write(work: Callable[[Connection], T]) -> T:
    """Run a write (see Database.write); later reads of this request see it.

    The writer's thread gets the request's context, so that `g` and the reader's language hold in `work`.
    """
    # While it waits for the disk, its reading connection may serve others.
    _give_back()
    context = contextvars.copy_context()
    result = database().write(lambda connection: context.run(work, connection))
    _give_back()
    return result


def write_together(work: Callable[[Connection, list[Item]], Sequence[T | Exception]], item: Item) -> T:
    """Run a write that is done for many at once (see Database.write_together).

    The reading connection is given back while it waits.
    """
    _give_back()
    return database().write_together(work, item)


def let_go() -> None:
    """Close the reading connection early: a file cannot be wiped while somebody reads an old state of it."""
    _give_back()


def _give_back(_error: BaseException | None = None) -> None:
    context = g.pop("reading_context", None)
    g.pop("reading", None)
    if context is not None:
        context.__exit__(None, None, None)


def meeting(key: str) -> Row[Any]:
    """Return the meeting with this key (or number); raises NotFound."""
    number = int(key) if key.isdecimal() and len(key) < 10 else None
    asked = _BY_KEY if number is None else _BY_NUMBER
    found = reading().execute(asked, {"meeting": key if number is None else number}).first()
    if found is None:
        raise NotFound
    return found


def hashed(token: str) -> str:
    """Return the hash under which a random token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def begin_session(
    role: str, hours: float, also: Callable[[Connection, str], None] | None = None, **columns: Any
) -> str:
    """Start a session for `role` ("card" or "facilitator") with a new id; returns its hash.

    The old session of that role in this browser dies on the server. `also(connection, hash)` runs in the same
    transaction; what it raises leaves the old session as it was.
    """
    fresh, old = secrets.token_urlsafe(16), session.get(role)
    expires = schema.now() + timedelta(hours=hours)
    seen = schema.now() if role == "facilitator" else None

    def work(connection: Connection) -> None:
        if old:
            connection.execute(delete(schema.session).where(schema.session.c.id_hash == hashed(old)))
        values = {"id_hash": hashed(fresh), "expires_at": expires, "seen_at": seen, **columns}
        connection.execute(insert(schema.session).values(values))
        if also is not None:
            also(connection, hashed(fresh))

    write(work)
    session[role] = fresh
    # Phones end a browser's own session when they need the memory; the server's date counts.
    session.permanent = session.permanent or role == "card"
    for known in (f"session_{role}", "phone"):
        g.pop(known, None)
    return hashed(fresh)


def end_session(role: str) -> None:
    """End this browser's session of that role, on the server too."""
    old = session.pop(role, None)
    if old:
        write(lambda c: c.execute(delete(schema.session).where(schema.session.c.id_hash == hashed(old))))


def own_session(role: str) -> Row[Any] | None:
    """Return this browser's live session row of that role, or None."""
    name = f"session_{role}"
    if name not in g:
        token, found = session.get(role), None
        if token:
            found = reading().execute(_SESSION, {"id_hash": hashed(token)}).first()
        setattr(g, name, None if found is not None and is_over(found) else found)
    row: Row[Any] | None = getattr(g, name)
    return row


def is_over(own: Row[Any]) -> bool:
    """Say whether a session's time (`expires_at`, and `seen_at` where it may not idle) is over."""
    moment = schema.now()
    return own.expires_at < moment or (own.seen_at is not None and own.seen_at + IDLE < moment)


def facilitator() -> Row[Any]:
    """Return the signed-in facilitator's row; raises SignInNeeded."""
    here = own_session("facilitator")
    if here is None:
        raise SignInNeeded
    if here.seen_at + timedelta(minutes=5) < schema.now():
        table, id_hash = schema.session, here.id_hash
        seen = update(table).where(table.c.id_hash == id_hash).values(seen_at=schema.now())
        # With a full disk the console must still be readable: that is where it is said.
        with contextlib.suppress(StorageUnavailable):
            write(lambda c: c.execute(seen))
    found = (
        reading()
        .execute(select(schema.facilitator).where(schema.facilitator.c.id == here.facilitator_id))
        .first()
    )
    if found is None:
        raise SignInNeeded
    return found


def may_run(meeting_id: int) -> bool:
    """Say whether the browser's facilitator may run this meeting."""
    here = own_session("facilitator")
    if here is None:
        return False
    table = schema.membership
    asked = select(table).where(
        table.c.facilitator_id == here.facilitator_id, table.c.meeting_id == meeting_id
    )
    return reading().execute(asked).first() is not None


def own_meeting(key: str) -> Row[Any]:
    """Return the meeting for its facilitator; raises SignInNeeded, NotFound or NotYours."""
    facilitator()
    found = meeting(key)
    if not may_run(found.id):
        raise NotYours
    return found
