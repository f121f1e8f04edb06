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
    return _ballot(found)


@blueprint.post("/meetings/<key>/paper")
def enter(key: str) -> Any:
    """Cast what was typed, if the ballot box accepts it."""
    found = _card(request.form.get("card", ""))
    question = _question()
    if request.form.get("round", type=int) != _round().id:
        raise NotAllowedNow("Another vote is open now. Nothing was stored.")
    group = _group(found)
    answer = kind_of(question).answer(question, group.key, request.form)
    sent, round_id = request.form.get("key", ""), _round().id
    try:
        access.write(lambda c: cast.cast(c, access.keys(), round_id, found.id, sent, answer, paper=True))
    except InvalidAnswer as refusal:
        return _ballot(found, refusal.problems), refusal.status
    flash(gettext("The paper ballot is in the ballot box."))
    return redirect(url_for("facilitator.paper.page", key=key), 303)


def _ballot(found: Row[Any], problems: list[str] | None = None) -> str:
    question, group, round_ = _question(), _group(found), _round()
    form = forms.ballot_form(question, group.key, round_.id, request.form if problems else None)
    return render_template(
        "facilitator/paper_ballot.html",
        question=question,
        kind=kind_of(question),
        group=group,
        card=found,
        form=form,
        statements=[
            (item, kind_of(question).statement(question, group.key, item)) for item in question.items
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


def _card(card_id: str) -> Row[Any]:
    table = schema.card
    asked = select(table).where(table.c.id == card_id, table.c.meeting_id == g.meeting.id)
    found = access.reading().execute(asked).first()
    if found is None:
        raise NotFound
    return found


def _group(found: Row[Any]) -> Row[Any]:
    return access.reading().execute(select(schema.group).where(schema.group.c.id == found.group_id)).one()
