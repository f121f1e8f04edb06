"""Feeds: where a meeting stands, encoded once for all streams that wait for it."""

from __future__ import annotations

import json
import random
import time
from typing import TYPE_CHECKING, Any

import gevent
from gevent.event import Event
from gevent.lock import BoundedSemaphore
from sqlalchemy import Connection, Select, bindparam, func, select

from survey.audiences.standing import standing, wall
from survey.ballots import cards, count
from survey.ballots.rounds import the_round
from survey.errors import NotFound
from survey.storage import schema
from survey.storage.asking import first

if TYPE_CHECKING:
    from survey.audiences.live import Live

_HEARTBEAT = 15.0
# Numbers may wait a little, a new question may not.
_NUMBERS_EVERY = {"screen": 0.3, "phone": 1.0}
# Counting cards takes as long as there are cards; of the process's time it may have this share.
_SHARE_FOR_CARDS = 0.02
# Looked up five times a second for each meeting, in the same time at any size of the log, and so built once.
_LAST: Select[Any] = select(func.max(schema.log.c.seq)).where(schema.log.c.meeting_id == bindparam("meeting"))
_TURNOUT = select(schema.round_.c.turnout).where(schema.round_.c.id == bindparam("round"))
_NOW: Select[Any] = select(
    schema.meeting.c.version,
    schema.meeting.c.takeovers,
    _TURNOUT.scalar_subquery(),
).where(schema.meeting.c.id == bindparam("meeting"))
_encode = json.JSONEncoder(separators=(",", ":")).encode
# Phones whose card another phone has taken.
_OUSTED: Select[Any] = (
    select(schema.session.c.id_hash)
    .join(schema.card, schema.card.c.id == schema.session.c.card_id)
    .where(schema.card.c.meeting_id == bindparam("meeting"), schema.card.c.holder != schema.session.c.id_hash)
)
_FOR_PHONES = ("version", "open", "state", "mark", "turnout")
# Streams told between two turns of all others.
_AT_ONCE = 50


class Stream:
    """One open stream: whose it is, which of the feed's texts it gets, and a bell.

    The server takes its texts one by one, each when the bell has rung, and closes it at the end. It is no
    generator: each frame between a text and its socket costs every phone time and memory.
    """

    __slots__ = ("_live", "address", "audience", "bell", "called", "feed", "heard", "owner")

    def __init__(self, live: Live, owner: str, address: str, audience: str) -> None:
        self._live, self.owner, self.address, self.audience = live, owner, address, audience
        self.feed = Feed(0)
        self.heard: bytes | None = None
        self.called = False
        self.bell = Event()
        self.bell.set()

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> bytes:
        if self.heard is None:
            self.heard = b""
            # Each phone comes back after a time of its own, or a restart would be met by all of them at once.
            return b"retry: %d\n\n" % random.randint(1_000, 6_000)
        self.bell.wait()
        self.bell.clear()
        self.heard = self.feed.texts[self.audience]
        if self.called:
            self.called = False
            return self.heard.replace(b"{", b'{"again":true,', 1)
        return self.heard

    def close(self) -> None:
        """Listen no more."""
        self._live.leave(self)


class Feed:
    """A meeting's state as bytes, for phones and for the screen, and the streams that wait for it.

    `version` is the meeting's as it was last looked at.
    """

    def __init__(self, meeting_id: int) -> None:
        self.meeting_id = meeting_id
        self.streams: set[Stream] = set()
        self.states: dict[str, dict[str, Any]] = {}
        self.texts: dict[str, bytes] = {}
        self.version = -1
        self._round: int | None = None
        self._last: int | None = None
        self._takeovers = 0
        self._count_cards_at = 0.0
        self._told: dict[str, float] = {}
        self._turn = BoundedSemaphore()

    def look(self, connection: Connection) -> None:
        """Look at the database; when something is new, encode it once."""
        # On PostgreSQL each query may let another look in between, which sees more than this one, or less.
        with self._turn:
            self._look(connection)

    def _look(self, connection: Connection) -> None:
        found = first(connection, _NOW, {"meeting": self.meeting_id, "round": self._round})
        if found is None:
            raise NotFound
        version, takeovers, turnout = found
        if version < self.version:
            # What this connection sees is older than what has been told.
            return
        if takeovers != self._takeovers:
            self._call(set(connection.scalars(_OUSTED, {"meeting": self.meeting_id})))
            self._takeovers = takeovers
        if version != self.version:
            self._see_anew(connection)
        elif self._due("screen"):
            self._see_numbers(connection, turnout or 0)
        shown = self.states["screen"]
        state = {name: shown[name] for name in _FOR_PHONES}
        before = self.states.get("phone")
        if before is None or before["mark"] != state["mark"] or (state != before and self._due("phone")):
            self._renew("phone", state)
        self._beat()

    def _see_anew(self, connection: Connection) -> None:
        """Tell everything: a step was taken, or nobody has looked yet."""
        asked = select(schema.meeting).where(schema.meeting.c.id == self.meeting_id)
        meeting = connection.execute(asked).one()
        now = standing(connection, meeting)
        self._round = None if now.round is None else now.round.id
        state = {
            "version": meeting.version,
            "open": self._round if now.state == "open" else None,
            "state": now.state,
            "mark": now.mark,
            "turnout": 0 if now.round is None else count.turnout(connection, now.round.id),
            **self._cards(connection),
        }
        if now.round is not None and now.state == "open" and now.round.secrecy == "open":
            state["wall"] = wall(connection, now.round)
        self.version = meeting.version
        self._renew("screen", state)

    def _see_numbers(self, connection: Connection, turnout: int) -> None:
        """Tell what ballots and people coming in have changed."""
        state = {**self.states["screen"], "turnout": turnout}
        if "wall" in state:
            # Whoever votes again changes the wall and not the turnout.
            before, self._last = self._last, connection.scalar(_LAST, {"meeting": self.meeting_id})
            if self._last != before:
                state["wall"] = wall(connection, the_round(connection, state["open"]))
        if time.monotonic() >= self._count_cards_at:
            state |= self._cards(connection)
        if state != self.states["screen"]:
            self._renew("screen", state)

    def _cards(self, connection: Connection) -> dict[str, int]:
        began = time.monotonic()
        found = {
            "entitled": 0 if self._round is None else count.entitled(connection, self._round),
            "taken": sum(one.taken for one in cards.counts(connection, self.meeting_id).values()),
        }
        done = time.monotonic()
        self._count_cards_at = done + (done - began) / _SHARE_FOR_CARDS
        return found

    def _beat(self) -> None:
        """Say the same again where nothing was said for long: a timer of its own would cost each stream."""
        for audience in self.states:
            if time.monotonic() - self._told[audience] >= _HEARTBEAT:
                self._renew(audience, self.states[audience])

    def _call(self, owners: set[str]) -> None:
        """Ask the streams of some phones (their sessions' hashes) to look again: their card is elsewhere."""
        for stream in self.streams:
            stream.called = stream.called or stream.owner in owners

    def _due(self, audience: str) -> bool:
        return time.monotonic() - self._told.get(audience, float("-inf")) >= _NUMBERS_EVERY[audience]

    def _renew(self, audience: str, state: dict[str, Any]) -> None:
        self._told[audience] = time.monotonic()
        self.states[audience] = state
        self.texts[audience] = b"data: " + _encode(state).encode() + b"\n\n"

    def ring(self) -> None:
        """Ring for all who have not heard the last text, a few at a time: a ballot waits behind those."""
        behind = [one for one in self.streams if one.called or one.heard is not self.texts.get(one.audience)]
        for start in range(0, len(behind), _AT_ONCE):
            for stream in behind[start : start + _AT_ONCE]:
                stream.bell.set()
            gevent.sleep(0)
