"""Latecomers: the room's QR, a group to choose, and a free card of it."""

from __future__ import annotations

import time
from threading import Lock
from typing import Any

from flask import current_app, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from sqlalchemy import Connection, Row, select, update

from survey.audiences import access, pages
from survey.audiences.participant.blueprint import blueprint
from survey.audiences.participant.coming_in import take
from survey.audiences.participant.phone import here, page
from survey.ballots import cards, codes, log
from survey.errors import NoSeatLeft, NotAllowedNow, SurveyError
from survey.languages import gettext
from survey.storage import schema

# Seconds after which a code is forgotten, as soon as somebody joins.
_SECOND_TAP = 60.0


@blueprint.record
def _place_given(state: BlueprintSetupState) -> None:
    state.app.extensions["prikk.given"] = {}


@blueprint.get("/join/<key>")
def join(key: str) -> Any:
    """Show the groups; a phone that already has a card of this meeting goes on with it."""
    meeting = access.meeting(key)
    pages.speak_for(meeting)
    if _has_a_card_here(meeting):
        return redirect(url_for("participant.vote"), 303)
    return _ask(meeting)


@blueprint.post("/join/<key>")
def get_card(key: str) -> Any:
    """Give this browser one free card of the group, and show its code once."""
    meeting = access.meeting(key)
    pages.speak_for(meeting)
    if _has_a_card_here(meeting):
        return redirect(url_for("participant.vote"), 303)
    table = schema.group
    chosen = table.c.key == request.form.get("group", "")
    group = access.reading().execute(select(table).where(table.c.meeting_id == meeting.id, chosen)).first()
    if group is None:
        return _ask(meeting, gettext("Choose your group.")), 422
    try:
        issued = _issue_once(meeting.id, group.id)
        take(access.reading().execute(select(schema.card).where(schema.card.c.id == issued.id)).one())
    except SurveyError as refusal:
        return _ask(meeting, pages.told(refusal), group.key), refusal.status
    return page("joined", here(), code=codes.pretty(issued.code))


class _Given:
    """The card that a form was given; `turn` is held while it is being made."""

    def __init__(self) -> None:
        self.until, self.turn = time.monotonic() + _SECOND_TAP, Lock()
        self.card: cards.IssuedCard | None = None


def _issue_once(meeting_id: int, group_id: int) -> cards.IssuedCard:
    """Issue a card; a form that is sent twice within a minute gets the same one again.

    The second tap leaves before the first one's answer has brought its cookie. Another process of several
    knows nothing of the first, and issues a second card.
    """
    known: dict[tuple[int, str], _Given] = current_app.extensions["prikk.given"]
    for form, given in list(known.items()):
        if given.until < time.monotonic():
            known.pop(form, None)
    # No two pages have the same token, but for one browser's within a second.
    given = known.setdefault((meeting_id, request.form["csrf_token"]), _Given())
    keys = access.keys()
    # Whoever waits here sees the first one's card only by looking anew.
    access.let_go()
    with given.turn:
        if given.card is None:
            given.card = access.write(lambda connection: _issue(connection, keys, meeting_id, group_id))
        return given.card


def _issue(connection: Connection, keys: Any, meeting_id: int, group_id: int) -> cards.IssuedCard:
    """Issue a card while the group has a free seat: its people and its spares, less the cards in use."""
    log.lock(connection, meeting_id)
    group = schema.group
    seats = select(group.c.cards + schema.meeting.c.spares, schema.meeting.c.ended_at)
    joined = seats.join(schema.meeting, schema.meeting.c.id == group.c.meeting_id)
    free, ended_at = connection.execute(joined.where(group.c.id == group_id)).one()
    if ended_at is not None:
        raise NotAllowedNow("The meeting is over.")
    card = schema.card
    in_use = select(card.c.id).where(card.c.group_id == group_id, card.c.taken, ~card.c.void)
    if len(connection.execute(in_use).all()) >= free:
        raise NoSeatLeft
    issued = cards.issue(connection, keys, meeting_id, group_id, 1, "room")[0]
    # The seat is taken with the card: of many who ask at once only as many get one as there are seats.
    connection.execute(update(card).where(card.c.id == issued.id).values(taken=True))
    return issued


def _has_a_card_here(meeting: Row[Any]) -> bool:
    phone = here()
    return phone is not None and phone.meeting.id == meeting.id and not phone.card.void


def _ask(meeting: Row[Any], wrong: str = "", chosen: str = "") -> str:
    group = schema.group
    wanted = select(group).where(group.c.meeting_id == meeting.id).order_by(group.c.position)
    groups = access.reading().execute(wanted).all()
    return page("join", None, found=meeting, groups=groups, wrong=wrong, chosen=chosen)
