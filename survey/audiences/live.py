"""Live: one greenlet follows the log of each meeting looked at, and tells all streams the same bytes."""

from __future__ import annotations

import logging
import random
from collections import Counter
from typing import Any

import gevent
from flask import Blueprint, Flask, Response, current_app, jsonify, request
from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.exc import SQLAlchemyError

from survey.audiences import access
from survey.audiences.feeds import Feed, Stream
from survey.errors import TooManyStreams
from survey.storage import schema
from survey.storage.asking import first
from survey.storage.database import Database

blueprint = Blueprint("live", __name__)
_HOLDER: Select[Any] = select(schema.card.c.holder).where(schema.card.c.id == bindparam("card"))
_told = logging.getLogger(__name__)
_LOOK_EVERY = 0.2
# A whole venue often shares one address, so the limit for an address is that of a hall, not of a person.
_PER_PHONE, _PER_ADDRESS, _IN_ALL = 8, 5_000, 10_000


class Live:
    """The feeds of one process, and the greenlet that keeps them fresh while somebody listens.

    Streams need gevent's server: with threads each stream would hold one.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._feeds: dict[int, Feed] = {}
        self._owners: Counter[str] = Counter()
        self._follower: Any = None

    def state(self, meeting: Row[Any], audience: str) -> dict[str, Any]:
        """Return what a stream of this audience (`phone` or `screen`) would be told now."""
        feed = self._feeds.get(meeting.id) or Feed(meeting.id)
        self._freshen(feed, meeting.version)
        return feed.states[audience]

    def join(self, meeting: Row[Any], stream: Stream) -> None:
        """Let a stream listen; raises TooManyStreams."""
        mine, here = self._owners[stream.owner], self._owners[stream.address]
        if mine >= _PER_PHONE or here >= _PER_ADDRESS or self._owners.total() >= 2 * _IN_ALL:
            raise TooManyStreams
        feed = self._feeds.setdefault(meeting.id, Feed(meeting.id))
        # It listens before anything is waited for: a feed that nobody listens to would be put away meanwhile.
        stream.feed = feed
        feed.streams.add(stream)
        self._owners.update((stream.owner, stream.address))
        try:
            self._freshen(feed, meeting.version)
        except BaseException:
            self.leave(stream)
            raise
        if self._follower is None or self._follower.dead:
            self._follower = gevent.spawn(self._follow)

    def _freshen(self, feed: Feed, version: int) -> None:
        # Told something older than its page, a phone would put away the page that says "too late".
        if feed.version < version:
            # By the request's own connection: those who hold one and wait for another wait for each other.
            feed.look(access.reading())

    def leave(self, stream: Stream) -> None:
        """Forget a stream; the feed of a meeting that nobody follows goes too."""
        feed = stream.feed
        if stream in feed.streams:
            feed.streams.remove(stream)
            self._owners.subtract((stream.owner, stream.address))
            self._owners += Counter()
        if not feed.streams and self._feeds.get(feed.meeting_id) is feed:
            del self._feeds[feed.meeting_id]

    def _follow(self) -> None:
        while self._feeds:
            gevent.sleep(_LOOK_EVERY)
            try:
                with self._database.reading() as connection:
                    for feed in list(self._feeds.values()):
                        feed.look(connection)
                for feed in list(self._feeds.values()):
                    feed.ring()
            except SQLAlchemyError:
                # Away for a moment: the streams stay, and the next look tells all that was missed.
                _told.warning("The database could not be read for the streams.")
            except Exception:  # noqa: BLE001 - one meeting's failure must not be the end of all streams
                _told.exception("The streams could not be told; they are at the next look.")


def init_app(app: Flask) -> None:
    """Give the application its feeds and the stream's address."""
    app.extensions["prikk.live"] = Live(app.extensions["prikk.database"])
    app.register_blueprint(blueprint)


def state(meeting: Row[Any], audience: str = "screen") -> dict[str, Any]:
    """Return where a meeting stands as streams tell it (`audience`: `screen` or `phone`)."""
    found: dict[str, Any] = current_app.extensions["prikk.live"].state(meeting, audience)
    return found


@blueprint.get("/live/<key>")
def stream(key: str) -> Any:
    """Stream where the meeting stands; `for=screen` with what the wall shows, `poll=1` once, as JSON."""
    meeting = access.meeting(key)
    audience = "screen" if request.args.get("for") == "screen" else "phone"
    live: Live = current_app.extensions["prikk.live"]
    if "poll" in request.args:
        return jsonify(live.state(meeting, audience))
    own = access.own_session("card")
    address = request.remote_addr or ""
    # Without a card there is no phone to tell apart from others behind the same address.
    owner = own.id_hash if own else f"{address} {random.getrandbits(64):x}"
    listener = Stream(live, owner, address, audience)
    if own is not None:
        # Whose card was taken elsewhere while no stream was open must hear of it as well.
        listener.called = first(access.reading(), _HOLDER, {"card": own.card_id}) != (own.id_hash,)
    live.join(meeting, listener)
    response = Response(listener, mimetype="text/event-stream", direct_passthrough=True)
    response.headers["X-Accel-Buffering"] = "no"
    return response
