"""A ballot on paper, typed by the facilitator as the ballot of a card and logged as such."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from sqlalchemy import Row, select

from survey.audiences import access, forms
from survey.ballots import cards, cast, rounds
from survey.errors import InvalidAnswer, NotAllowedNow, NotFound, UnknownCode
from survey.kinds import kind_of, load
from survey.languages import gettext
from survey.storage import schema

blueprint = Blueprint("paper", __name__)


@blueprint.get("/meetings/<key>/paper")
def page(key: str) -> Any:
    """Ask for the card's code."""
    return render_template("facilitator/paper_card.html", question=_question())


@blueprint.post("/meetings/<key>/paper/card")
def card(key: str) -> Any:
    """Show the ballot of the card whose code was typed; the code goes no further."""
    try:
        found = cards.find(access.reading(), access.keys(), request.form.get("code", ""))
        if found.meeting_id != g.meeting.id:
            raise UnknownCode
    except UnknownCode as refusal:
        page = render_template(
            "facilitator/paper_card.html", question=_question(), problem=gettext(refusal.sentence)
        )
        return page, refusal.status
    return _ballot(_card(found.id))


@blueprint.post("/meetings/<key>/paper")
def enter(key: str) -> Any:
    """Cast what was typed, if the ballot box accepts it."""
    found = _card(request.form.get("card", ""))
    question = _question()
    if request.form.get("round", type=int) != _round().id:
        raise NotAllowedNow("Another vote is open now. Nothing was stored.")
    answer = kind_of(question).answer(question, found.group_key, request.form)
    sent, round_id = request.form.get("key", ""), _round().id
    try:
        access.write(lambda c: cast.cast(c, access.keys(), round_id, found.id, sent, answer, paper=True))
    except InvalidAnswer as refusal:
        return _ballot(found, refusal.problems), refusal.status
    flash(gettext("The paper ballot is in the ballot box."))
    return redirect(url_for("facilitator.paper.page", key=key), 303)


def _ballot(found: Any, problems: list[str] | None = None) -> str:
    question, round_ = _question(), _round()
    form = forms.ballot_form(question, found, round_.id, request.form if problems else None)
    return render_template(
        "facilitator/paper_ballot.html",
        question=question,
        kind=kind_of(question),
        card=found,
        form=form,
        statements=[
            (item, kind_of(question).statement(question, found.group_key, item)) for item in question.items
        ],
        problems=[("", one) for one in problems or []],
        again=cast.has_cast(access.reading(), access.keys(), round_.id, found.id),
    )


def _round() -> Row[Any]:
    found = rounds.current(access.reading(), g.meeting.id)
    if found is None:
        raise NotAllowedNow("No vote is open now.")
    return found


def _question() -> Any:
    return load(access.reading(), _round().question_id)


def _card(card_id: str) -> Any:
    """Return a card of this meeting with its group's key, name and colour; raises NotFound."""
    card, group = schema.card, schema.group
    facts = (group.c.key.label("group_key"), group.c.name.label("group_name"), group.c.colour)
    asked = select(card.c.id, *facts).join(group, group.c.id == card.c.group_id)
    found = (
        access.reading().execute(asked.where(card.c.id == card_id, card.c.meeting_id == g.meeting.id)).first()
    )
    if found is None:
        raise NotFound
    return found
