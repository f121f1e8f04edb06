"""Voting: what the phone shows as the meeting goes on, and the ballot that it sends."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.datastructures import MultiDict

from survey import kinds
from survey.audiences import access, forms, pages
from survey.audiences.participant import asked, showing
from survey.audiences.participant.blueprint import blueprint
from survey.audiences.participant.coming_in import ask_again
from survey.audiences.participant.phone import Phone, Voter, here, keep, voter
from survey.ballots import cast as ballot_box
from survey.errors import (
    CardTaken,
    CardVoid,
    InvalidAnswer,
    KeyReused,
    NotFound,
    NotVoting,
    OtherCard,
    RoundClosed,
    RoundFinished,
    StaleForm,
    SurveyError,
)
from survey.languages import gettext

_REFUSALS = (
    CardTaken,
    CardVoid,
    InvalidAnswer,
    KeyReused,
    NotFound,
    NotVoting,
    OtherCard,
    RoundClosed,
)


@blueprint.get("/vote")
def vote() -> Any:
    """Show what there is to do now; `change` asks for the ballot again although it was cast."""
    phone = here()
    if phone is None:
        return redirect(url_for("participant.code"), 303)
    return showing.now(phone, change="change" in request.args)


@blueprint.get("/receipt")
def receipt() -> Any:
    """Show the receipt, or what came after it."""
    return vote()


@blueprint.post("/vote")
def cast() -> Any:
    """Cast the ballot; the phone is told so only when it is on disk."""
    own = voter()
    if own is None:
        return _without_a_card()
    try:
        _cast(own)
    except _REFUSALS as refusal:
        return _refused(refusal)
    return Response(status=303, headers={"Location": url_for("participant.receipt")})


def _cast(own: Voter) -> None:
    question = _asked(own.meeting_id)
    if question is None:
        raise RoundClosed
    if request.form.get("seat") != forms.seat(own.id):
        raise OtherCard
    answer = kinds.kind_of(question).answer(question, own.group_key, request.form)
    round_id, key = int(request.form["round"]), request.form.get("key", "")
    ballot = ballot_box.ready(
        access.reading, access.keys(), question, round_id, own, key, answer, own.session_hash
    )
    access.write_together(ballot_box.record, ballot)
    keep(own)


def _refused(refusal: SurveyError) -> Any:
    """Return the page that tells why a ballot was not taken, by what the phone is now."""
    phone = here()
    if phone is None:
        return _without_a_card()
    if isinstance(refusal, CardTaken | CardVoid) or not phone.holds_the_card:
        return showing.moved(phone), CardTaken.status
    if isinstance(refusal, InvalidAnswer | KeyReused):
        return _once_more(phone, refusal)
    if isinstance(refusal, NotVoting):
        return showing.outside(phone), refusal.status
    return showing.too_late(
        phone, refusal if isinstance(refusal, OtherCard | RoundFinished) else RoundClosed()
    )


def _without_a_card() -> Any:
    return ask_again(
        "", NotFound(gettext("This phone has no card. What it sent just now was not counted. Type the code."))
    )


def _asked(meeting_id: int) -> kinds.Question | None:
    """Return the question of the posted round, or None where the round is not one of this meeting's."""
    posted = request.form.get("round", "")
    if not (posted.isascii() and posted.isdecimal()) or len(posted) > 9:
        return None
    return asked.question(int(posted), meeting_id)


def _once_more(phone: Phone, refusal: SurveyError) -> Any:
    """Show the ballot again as it was sent, with what is wrong; once the round is closed nothing is shown."""
    now = phone.standing
    if now.state != "open" or now.round is None or str(now.round.id) != request.form.get("round"):
        return showing.too_late(phone, RoundClosed())
    question = kinds.load(access.reading(), now.round.question_id)
    problems = refusal.problems if isinstance(refusal, InvalidAnswer) else [pages.told(refusal)]
    # The blank button is no field to be filled again.
    posted = MultiDict((name, value) for name, value in request.form.items(multi=True) if name != "blank")
    form = forms.ballot_form(question, phone.card, now.round.id, posted)
    answer = kinds.kind_of(question).answer(question, phone.card.group_key, posted)
    return Response(showing.ballot(phone, question, form, answer, problems), refusal.status)


@blueprint.errorhandler(CSRFError)
def stale_form(_error: CSRFError) -> Any:
    """Give a page that was too old a new one, with what was filled in."""
    phone = here()
    on_a_ballot = request.endpoint == "participant.cast"
    question = _asked(phone.card.meeting_id) if phone is not None and on_a_ballot else None
    own = phone is not None and request.form.get("seat") == forms.seat(phone.card.id)
    if phone is None or question is None or not own or not phone.holds_the_card:
        return ask_again(request.form.get("code", ""), StaleForm())
    return _once_more(phone, StaleForm())
