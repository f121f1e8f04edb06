"""Coming in with a card: the code is typed or scanned, the card is shown, and one tap takes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Response, current_app, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from sqlalchemy import Connection, Row, update

from survey.audiences import access, pages
from survey.audiences.participant.blueprint import blueprint
from survey.audiences.participant.phone import Phone, card_row, here, page
from survey.ballots import cards, codes, log
from survey.ballots.guesses import Bucket
from survey.errors import CardTaken, CardVoid, SurveyError, TooManyGuesses, UnknownCode
from survey.storage import schema

_AFTER_THE_END = timedelta(hours=24)
_WITHOUT_AN_END = timedelta(hours=48)
_REFUSALS = (UnknownCode, TooManyGuesses, CardVoid, CardTaken)


@blueprint.record
def _place_bucket(state: BlueprintSetupState) -> None:
    state.app.extensions["prikk.guesses"] = Bucket()


@blueprint.get("/b")
@blueprint.get("/")
def code() -> str:
    """Show the field for the code; at `/b` a script fills it from the fragment, which no server sees."""
    return page("code", here(), typed="")


@blueprint.post("/")
@blueprint.post("/b")
def show_card() -> Any:
    """Show the card that has this code, for a yes or no; a phone that already has it goes on."""
    typed = request.form.get("code", "")
    try:
        card = _find(typed)
    except _REFUSALS as refusal:
        return ask_again(typed, refusal)
    phone = here()
    if phone is not None and phone.card.id == card.id and phone.holds_the_card:
        return redirect(url_for("participant.vote"), 303)
    found = card_row(card.id)
    pages.speak_for(access.meeting(str(card.meeting_id)))
    return page(
        "confirm",
        phone,
        found=found,
        code=codes.pretty(codes.normalise(typed)),
        other=phone is not None and phone.card.id != card.id,
        elsewhere=card.holder is not None and not _is_mine(card),
    )


@blueprint.post("/card")
def take_card() -> Any:
    """Take the card: from here on this browser votes with it, and with no other."""
    typed = request.form.get("code", "")
    try:
        take(_find(typed))
    except _REFUSALS as refusal:
        return ask_again(typed, refusal)
    return redirect(url_for("participant.vote"), 303)


@blueprint.post("/card/back")
def take_back() -> Any:
    """Take the card back from the phone that took it over."""
    phone = here()
    if phone is None:
        return redirect(url_for("participant.code"), 303)
    try:
        take(phone.card)
    except _REFUSALS as refusal:
        return ask_again("", refusal)
    return redirect(url_for("participant.vote"), 303)


def take(card: Row[Any]) -> None:
    """Bind the card to this browser under a new session; the phone that had it hears of it (see live).

    Cards that this browser held before stay with it, so that one phone can serve several people in turn.
    Raises CardVoid or CardTaken; then the old session stays.
    """
    before, keys, table = access.own_session("card"), access.keys(), schema.card

    def bind(connection: Connection, session_hash: str) -> None:
        log.lock(connection, card.meeting_id)
        if before is not None:
            held = update(table).where(table.c.holder == before.id_hash)
            connection.execute(held.values(holder=session_hash))
        cards.take(connection, keys, card, session_hash)

    hours = _hours_left(access.meeting(str(card.meeting_id)).ends_at)
    access.begin_session("card", hours, bind, card_id=card.id)


def ask_again(typed: str, refusal: SurveyError) -> Any:
    """Return the field for the code with what was typed and why it did not do."""
    phone: Phone | None = here()
    response = Response(page("code", phone, typed=typed[:40], wrong=pages.told(refusal)), refusal.status)
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def _find(typed: str) -> Row[Any]:
    try:
        return cards.find(access.reading(), access.keys(), typed)
    except UnknownCode:
        # Only wrong codes are held back, so that a hall full of right ones comes in at once.
        bucket: Bucket = current_app.extensions["prikk.guesses"]
        bucket.spend()
        raise


def _is_mine(card: Row[Any]) -> bool:
    own = access.own_session("card")
    return own is not None and own.id_hash == card.holder


def _hours_left(ends_at: datetime | None) -> float:
    left = ends_at + _AFTER_THE_END - schema.now() if ends_at else _WITHOUT_AN_END
    return max(1.0, left.total_seconds() / 3600)
