"""The console: whoever runs meetings signs in here. A module and a blueprint for each noun."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for

from survey.audiences import access, pages
from survey.audiences.facilitator import (
    account,
    cards,
    keeping,
    meetings,
    notes,
    paper,
    plan,
    questions,
    rehearse,
    run,
    sign_in,
    spares,
    trouble,
)
from survey.audiences.facilitator.forms import SignIn
from survey.errors import SignInNeeded, StaleVersion

blueprint = Blueprint("facilitator", __name__)
for _room in (
    sign_in,
    account,
    meetings,
    plan,
    questions,
    cards,
    run,
    notes,
    spares,
    paper,
    rehearse,
    keeping,
    trouble,
):
    blueprint.register_blueprint(_room.blueprint)

_OPEN_TO_ALL = "facilitator.sign_in."


@blueprint.before_request
def guard() -> None:
    """Refuse whoever is not signed in or does not run this meeting: here, so that no view can forget it."""
    if (request.endpoint or "").startswith(_OPEN_TO_ALL):
        return
    g.facilitator = access.facilitator()
    key = (request.view_args or {}).get("key")
    if key is not None:
        g.meeting = access.own_meeting(key)


@blueprint.context_processor
def _who() -> dict[str, Any]:
    return {"signed_in": access.own_session("facilitator") is not None, "meeting": g.get("meeting")}


@blueprint.errorhandler(StaleVersion)
def _show_how_it_stands(refusal: StaleVersion) -> Any:
    flash(pages.told(refusal))
    room = "cards" if (request.endpoint or "").startswith("facilitator.cards.") else "run"
    return redirect(url_for(f"facilitator.{room}.page", key=g.meeting.key), 303)


@blueprint.errorhandler(SignInNeeded)
def _ask_to_sign_in(_error: SignInNeeded) -> Any:
    return render_template("facilitator/sign_in.html", form=SignIn(), reason="needed"), SignInNeeded.status
