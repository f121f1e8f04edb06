"""Practising: simulated voters come in by one button, and everything of the rehearsal goes by another."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, request, url_for

from survey.audiences import access, pages
from survey.audiences.facilitator import simulated
from survey.audiences.facilitator.forms import Simulated
from survey.errors import NotAllowedNow, StaleVersion
from survey.languages import gettext, ngettext
from survey.meetings import rehearsal

blueprint = Blueprint("rehearse", __name__)


@blueprint.post("/meetings/<key>/simulated")
def add(key: str) -> Any:
    """Let simulated people come in and vote; the meeting is marked as a rehearsal.

    As JSON (the command line's rehearsal): their cards, for whoever asked to vote with.
    """
    form = Simulated()
    back = redirect(url_for("facilitator.run.page", key=key), 303)
    if not form.validate_on_submit():
        flash(gettext("Write how many, from 1 to 300."))
        return back
    as_json = request.accept_mimetypes.best == "application/json"
    try:
        people = access.write(lambda c: simulated.issue(c, form.number.data))
    except NotAllowedNow as refusal:
        if as_json:
            raise
        flash(pages.told(refusal))
        return back
    if as_json:
        return {"cards": people}
    simulated.start(people)
    flash(
        ngettext(
            "%(num)s simulated person is coming in. Open a question to see them vote.",
            "%(num)s simulated people are coming in. Open a question to see them vote.",
            len(people),
        )
    )
    return back


@blueprint.post("/meetings/<key>/simulated/remove")
def clear(key: str) -> Any:
    """Remove the rehearsal: simulated cards, rounds, ballots and notes."""
    version = request.form.get("version", type=int)
    try:
        if version is None:
            raise StaleVersion
        access.write(lambda c: rehearsal.clear(c, access.keys(), g.meeting.id, version))
        flash(gettext("The rehearsal is removed. The meeting is as it was before it."))
    except (NotAllowedNow, StaleVersion) as refusal:
        flash(pages.told(refusal))
    return redirect(url_for("facilitator.run.page", key=key), 303)
