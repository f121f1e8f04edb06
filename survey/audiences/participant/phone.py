"""What this phone is: the card it votes with, and where that card's meeting stands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import g, render_template
from sqlalchemy import Row, Select, bindparam, select

from survey.audiences import access, pages
from survey.audiences.standing import Standing, standing
from survey.storage import schema

# Asked at every request of every phone, and so built once.
_CARD: Select[Any] = (
    select(
        schema.card,
        schema.group.c.key.label("group_key"),
        schema.group.c.name.label("group_name"),
        schema.group.c.colour,
        schema.group.c.votes,
        schema.table.c.name.label("table_name"),
        schema.meeting.c.title,
        schema.meeting.c.k,
    )
    .join(schema.group, schema.group.c.id == schema.card.c.group_id)
    .join(schema.meeting, schema.meeting.c.id == schema.card.c.meeting_id)
    .outerjoin(schema.table, schema.table.c.id == schema.card.c.table_id)
    .where(schema.card.c.id == bindparam("card"))
)
_MEETING = select(schema.meeting).where(schema.meeting.c.id == bindparam("meeting"))


@dataclass(frozen=True)
class Phone:
    """A phone with a card: its session, the card (with group and table) and the meeting."""

    session_hash: str
    card: Row[Any]
    meeting: Row[Any]

    @cached_property
    def standing(self) -> Standing:
        """Where the meeting stands; looked up when it is asked for, which casting a ballot does not."""
        return standing(access.reading(), self.meeting)

    @property
    def holds_the_card(self) -> bool:
        """Say whether the card still votes from this phone."""
        return bool(self.card.holder == self.session_hash)


def here() -> Phone | None:
    """Return this browser's phone, or None when no card was taken with it (or its time has run out)."""
    if "phone" not in g:
        g.phone = _look_up()
    found: Phone | None = g.phone
    return found


def _look_up() -> Phone | None:
    own = access.own_session("card")
    card = card_row(own.card_id) if own is not None and own.card_id is not None else None
    if own is None or card is None:
        return None
    meeting = access.reading().execute(_MEETING, {"meeting": card.meeting_id}).one()
    pages.speak_for(meeting)
    return Phone(own.id_hash, card, meeting)


def card_row(card_id: str) -> Row[Any] | None:
    """Return a card with group_key, group_name, colour, votes, table_name and the meeting's title and k."""
    return access.reading().execute(_CARD, {"card": card_id}).first()


def page(template: str, phone: Phone | None, live: bool = False, **values: Any) -> str:
    """Return a page of the phone: with its card in the head, and following the meeting where `live`."""
    if phone is not None:
        own = {"card": phone.card, "meeting": phone.meeting, "mark_of": phone.standing.mark}
        values = {**own, **values}
    return render_template(f"participant/{template}.html", live=live and phone is not None, **values)
