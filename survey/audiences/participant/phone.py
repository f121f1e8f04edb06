"""What this phone is: the card it votes with, and where that card's meeting stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import g, render_template
from sqlalchemy import Row, select

from survey.audiences import access, pages
from survey.audiences.standing import Standing, standing
from survey.storage import schema


@dataclass(frozen=True)
class Phone:
    """A phone with a card: its session, the card (with group and table), the meeting and where it stands."""

    session_hash: str
    card: Row[Any]
    meeting: Row[Any]
    standing: Standing

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
    wanted = select(schema.meeting).where(schema.meeting.c.id == card.meeting_id)
    meeting = access.reading().execute(wanted).one()
    pages.speak_for(meeting)
    return Phone(own.id_hash, card, meeting, standing(access.reading(), meeting))


def card_row(card_id: str) -> Row[Any] | None:
    """Return a card with group_key, group_name, colour, votes, table_name and the meeting's title and k."""
    card, group, table, meeting = schema.card, schema.group, schema.table, schema.meeting
    columns = (
        card,
        group.c.key.label("group_key"),
        group.c.name.label("group_name"),
        group.c.colour,
        group.c.votes,
        table.c.name.label("table_name"),
        meeting.c.title,
        meeting.c.k,
    )
    joined = card.join(group, group.c.id == card.c.group_id).join(meeting, meeting.c.id == card.c.meeting_id)
    wanted = select(*columns).select_from(joined.outerjoin(table, table.c.id == card.c.table_id))
    return access.reading().execute(wanted.where(card.c.id == card_id)).first()


def page(template: str, phone: Phone | None, live: bool = False, **values: Any) -> str:
    """Return a page of the phone: with its card in the head, and following the meeting where `live`."""
    if phone is not None:
        own = {"card": phone.card, "meeting": phone.meeting, "mark_of": phone.standing.mark}
        values = {**own, **values}
    return render_template(f"participant/{template}.html", live=live and phone is not None, **values)
