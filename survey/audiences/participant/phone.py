"""What this phone is: the card it votes with, and where that card's meeting stands."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import current_app, g, render_template, session
from flask.blueprints import BlueprintSetupState
from sqlalchemy import Row, Select, bindparam, select

from survey.audiences import access, pages
from survey.audiences.participant.blueprint import blueprint
from survey.audiences.standing import Standing, standing
from survey.storage import schema

# Asked at every request of every phone, and so built once.
_CARDS: Select[Any] = (
    select(
        schema.card,
        schema.group.c.key.label("group_key"),
        schema.group.c.name.label("group_name"),
        schema.group.c.colour,
        schema.group.c.votes,
        schema.table.c.name.label("table_name"),
        schema.meeting.c.title,
        schema.meeting.c.k,
        schema.meeting.c.language,
    )
    .join(schema.group, schema.group.c.id == schema.card.c.group_id)
    .join(schema.meeting, schema.meeting.c.id == schema.card.c.meeting_id)
    .outerjoin(schema.table, schema.table.c.id == schema.card.c.table_id)
)
_CARD = _CARDS.where(schema.card.c.id == bindparam("card"))
_HERE = (
    _CARDS.add_columns(schema.session.c.id_hash, schema.session.c.expires_at, schema.session.c.seen_at)
    .join(schema.session, schema.session.c.card_id == schema.card.c.id)
    .where(schema.session.c.id_hash == bindparam("id_hash"))
)
_MOST_VOTERS = 10_000
_MEETING = select(schema.meeting).where(schema.meeting.c.id == bindparam("meeting"))


@dataclass(frozen=True)
class Voter:
    """What casting needs to know of a phone: what of its session and card stays once a vote was opened.

    Whether the card is void or votes from elsewhere by now the ballot box asks; `session_hash` must hold it.
    """

    session_hash: str
    id: str
    group_key: str
    votes: bool
    meeting_id: int
    expires_at: datetime


_Voters = OrderedDict[str, Voter]


@dataclass(frozen=True)
class Phone:
    """A phone with a card: its session, and the card with its group, table and a little of its meeting."""

    session_hash: str
    card: Row[Any]

    @cached_property
    def meeting(self) -> Row[Any]:
        """The card's meeting; looked up when it is asked for, which casting a ballot does not."""
        return access.reading().execute(_MEETING, {"meeting": self.card.meeting_id}).one()

    @cached_property
    def standing(self) -> Standing:
        """Where the meeting stands; looked up when it is asked for as well."""
        return standing(access.reading(), self.meeting)

    @property
    def holds_the_card(self) -> bool:
        """Say whether the card still votes from this phone."""
        return bool(self.card.holder == self.session_hash)


@blueprint.record
def _place_memory(state: BlueprintSetupState) -> None:
    state.app.extensions["prikk.voters"] = _Voters()


def voter() -> Voter | None:
    """Return this browser's voter, from memory where it was kept, or None when it has no card."""
    token = session.get("card")
    if not token:
        return None
    found = _voters().get(access.hashed(token))
    if found is not None and found.expires_at > schema.now():
        return found
    phone = here()
    if phone is None:
        return None
    card = phone.card
    return Voter(phone.session_hash, card.id, card.group_key, card.votes, card.meeting_id, card.expires_at)


def keep(own: Voter) -> None:
    """Keep a voter in memory who has voted: from here on nothing about it changes."""
    known = _voters()
    known[own.session_hash] = own
    if len(known) > _MOST_VOTERS:
        known.popitem(last=False)


def _voters() -> _Voters:
    found: _Voters = current_app.extensions["prikk.voters"]
    return found


def here() -> Phone | None:
    """Return this browser's phone, or None when no card was taken with it (or its time has run out)."""
    if "phone" not in g:
        g.phone = _look_up()
    found: Phone | None = g.phone
    return found


def _look_up() -> Phone | None:
    token = session.get("card")
    found = access.reading().execute(_HERE, {"id_hash": access.hashed(token)}).first() if token else None
    if found is None or access.is_over(found):
        return None
    pages.speak_for(found)
    return Phone(found.id_hash, found)


def card_row(card_id: str) -> Row[Any] | None:
    """Return a card with its group_key, group_name, colour, votes and table_name.

    Of its meeting it has title, k and language.
    """
    return access.reading().execute(_CARD, {"card": card_id}).first()


def page(template: str, phone: Phone | None, live: bool = False, **values: Any) -> str:
    """Return a page of the phone: with its card in the head, and following the meeting where `live`."""
    if phone is not None:
        own = {"card": phone.card, "meeting": phone.meeting, "mark_of": phone.standing.mark}
        values = {**own, **values}
    return render_template(f"participant/{template}.html", live=live and phone is not None, **values)
