"""What the phone shows in each state of the meeting; its own choice only while the round is open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from flask_wtf import FlaskForm

from survey import kinds, languages
from survey.audiences import access, forms, pages
from survey.audiences.participant import result
from survey.audiences.participant.phone import Phone, page
from survey.ballots import cast, count, receipts
from survey.errors import RoundFinished, SurveyError
from survey.languages import gettext


def now(phone: Phone, change: bool = False) -> Any:
    """Return the page for where the meeting stands."""
    if phone.card.void or not phone.holds_the_card:
        return moved(phone)
    here = phone.standing
    if here.state == "ended":
        return _waiting(phone, gettext("The meeting is over"), gettext("Thank you for taking part."))
    if here.round is None:
        sentence = gettext("The first question comes here by itself. You need not do anything.")
        return _waiting(phone, gettext("You are in"), sentence)
    receipt = receipts.own(access.reading(), access.keys(), here.round, phone.card)
    if here.state != "open":
        return _closed(phone, receipt)
    if receipt is not None and not change:
        return page("receipt", phone, live=True, round=here.round, receipt=receipt)
    question = kinds.load(access.reading(), here.round.question_id)
    if not phone.card.votes and not kinds.kind_of(question).guests_vote:
        return outside(phone)
    answer = None
    if receipt is not None:
        answer = cast.own_answer(access.reading(), access.keys(), here.round.id, phone.card.id)
    form = forms.ballot_form(question, phone.card, here.round.id, forms.filled(question, answer))
    return ballot(phone, question, form, answer or {}, [])


def ballot(
    phone: Phone, question: kinds.Question, form: FlaskForm, answer: Mapping[str, Any], problems: list[str]
) -> str:
    """Return the ballot page with an answer filled in and what is wrong with it."""
    round_ = phone.standing.round
    items = forms.order(question, phone.card.group_key, phone.session_hash, round_.id if round_ else 0)
    return page(
        "ballot",
        phone,
        live=True,
        question=question,
        form=form,
        items=items,
        round=round_,
        problems=problems,
        placed=answer.get("dots", {}),
        against=answer.get("against", []),
        colours={group.key: group.colour for group in question.groups},
    )


def outside(phone: Phone) -> str:
    """Return the page for a card whose group has no vote in the open question."""
    sentence = gettext("Your group does not vote on this question. The result comes on the screen.")
    return _waiting(phone, gettext("Look up at the screen"), sentence)


def too_late(phone: Phone, refusal: SurveyError) -> Any:
    """Return the page that says the ballot came too late, with the receipt of an earlier one in its round."""
    here, own = phone.standing, None
    if here.round is not None and here.state != "open" and str(here.round.id) == request.form.get("round"):
        own = receipts.own(access.reading(), access.keys(), here.round, phone.card)
    return Response(_closed(phone, own, refusal), refusal.status)


def moved(phone: Phone) -> Any:
    """Return the page for a phone whose card is void, or votes from another phone now."""
    if phone.card.void:
        heading = gettext("This card is no longer valid")
        sentence = gettext("The facilitator has a new card for you.")
    else:
        heading = gettext("Your card is on another phone")
        sentence = gettext("It votes from there now. If that was not you, tell the facilitator.")
    return page(
        "moved", phone, live=True, heading=heading, sentence=sentence, may_take_back=not phone.card.void
    )


def _waiting(phone: Phone, heading: str, sentence: str) -> str:
    return page("waiting", phone, live=True, heading=heading, sentence=sentence)


def _closed(phone: Phone, receipt: str | None, refusal: SurveyError | None = None) -> str:
    round_ = phone.standing.round
    late = pages.told(refusal) if refusal else ""
    shown = phone.standing.state == "revealed" and not late
    finished = isinstance(refusal, RoundFinished) if refusal else bool(round_ and round_.finished_at)
    return page(
        "closed",
        phone,
        live=True,
        heading=gettext("The result") if shown else gettext("The vote is closed"),
        state="late" if late else phone.standing.state,
        late=late,
        # Then nobody knows which cards have voted.
        finished=finished,
        is_over=phone.standing.state == "ended",
        receipt=receipt,
        turnout=count.turnout(access.reading(), round_.id) if round_ is not None else 0,
        wording=result.wording(round_, languages.current()) if shown and round_ is not None else None,
        round=round_,
    )
