"""What the room sees: one page that follows the live stream, open to all and so without anything secret."""

from __future__ import annotations

from datetime import date
from typing import Any

from babel.dates import format_date
from flask import Blueprint, current_app, render_template, request
from sqlalchemy import Row

from survey import languages
from survey.audiences import access
from survey.audiences.screen import result, seen
from survey.ballots import rounds
from survey.errors import NotFound
from survey.meetings import charts

blueprint = Blueprint("screen", __name__)
_LOCALES = {"nn": "nn_NO", "nb": "nb_NO", "en": "en_GB"}


@blueprint.get("/screen/<key>")
def page(key: str) -> Any:
    """Show what the room sees; the page then follows the meeting by itself."""
    meeting = _meeting(key)
    may_run = access.may_run(meeting.id)
    return render_template("screen/page.html", may_run=may_run, date=_date(meeting), **_view(meeting))


@blueprint.get("/screen/<key>/view")
def view(key: str) -> Any:
    """Return the part of the page that changes."""
    return render_template("screen/view.html", **_view(_meeting(key)))


@blueprint.get("/screen/<key>/figure/<int:round_id>")
def figure(key: str, round_id: int) -> Any:
    """Return a revealed round's chart as JSON. Query: `stage`, `theme`, and `on`, the items talked about."""
    meeting = _meeting(key)
    row = seen.the_round(access.reading(), meeting.id, round_id)
    if row is None or rounds.state(row) != "revealed":
        raise NotFound
    one = charts.of(row, meeting.language)
    stage = result.stage_now(charts.words(one).stages, request.args.get("stage"))
    theme = "dark" if request.args.get("theme") == "dark" else "screen"
    talked = tuple(item for item in request.args.get("on", "").split("|") if item)
    return current_app.response_class(charts.drawing(one, stage, theme, talked), mimetype="application/json")


def _meeting(key: str) -> Row[Any]:
    found = access.meeting(key)
    languages.speak(found.language)
    return found


def _view(meeting: Row[Any]) -> dict[str, Any]:
    found = seen.look(access.reading(), meeting)
    if not isinstance(found, seen.Seen):
        found = result.look(access.reading(), meeting, found)
    return {"meeting": meeting, "seen": found}


def _date(meeting: Row[Any]) -> str:
    try:
        day = date.fromisoformat(meeting.date)
    except ValueError:
        return ""
    written: str = format_date(
        day, "d. MMMM" if meeting.language != "en" else "d MMMM", locale=_LOCALES[meeting.language]
    )
    return written
