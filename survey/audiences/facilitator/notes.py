"""What is said, written down beside the chart; and the prompts, changed or skipped."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, request, url_for
from sqlalchemy import Row

from survey.audiences import access
from survey.ballots import rounds
from survey.errors import NotAllowedNow, NotFound
from survey.languages import gettext
from survey.meetings import notes

blueprint = Blueprint("notes", __name__)


@blueprint.post("/meetings/<key>/notes")
def add(key: str) -> Any:
    """Write down what is said about a round that has been shown."""
    round_, text = _round(), request.form.get("text", "")
    try:
        access.write(lambda c: notes.add(c, g.meeting.id, round_.question_id, round_.number, text))
    except NotAllowedNow as refusal:
        flash(gettext(refusal.sentence, **refusal.values))
    return redirect(url_for("facilitator.run.page", key=key) + "#note", 303)


@blueprint.post("/meetings/<key>/notes/<int:note_id>/remove")
def remove(key: str, note_id: int) -> Any:
    """Delete a note."""
    access.write(lambda c: notes.remove(c, g.meeting.id, note_id))
    return redirect(url_for("facilitator.run.page", key=key) + "#note", 303)


@blueprint.post("/meetings/<key>/prompts")
def prompt(key: str) -> Any:
    """Change a prompt's words, leave it out, or ask it again."""
    round_id, finding, text = _round().id, request.form.get("finding", ""), request.form.get("text", "")
    wanted = {
        "change": lambda c: notes.edit_prompt(c, g.meeting.id, round_id, finding, text),
        "skip": lambda c: notes.skip_prompt(c, g.meeting.id, round_id, finding),
        "use": lambda c: notes.restore_prompt(c, g.meeting.id, round_id, finding),
    }.get(request.form.get("do", ""))
    if wanted is None:
        raise NotFound
    access.write(wanted)
    return redirect(url_for("facilitator.run.page", key=key) + "#note", 303)


def _round() -> Row[Any]:
    found = rounds.the_round(access.reading(), request.form.get("round", 0, type=int))
    if found.meeting_id != g.meeting.id:
        raise NotFound
    return found
