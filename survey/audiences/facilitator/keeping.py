"""What is kept and what goes: erasing a meeting, and backups that still hold what was destroyed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, request, url_for

from survey.audiences import access, pages
from survey.errors import NotAllowedNow, StaleVersion
from survey.languages import gettext
from survey.meetings import backups, erasing

blueprint = Blueprint("keeping", __name__)


@blueprint.post("/meetings/<key>/erase")
def erase(key: str) -> Any:
    """Erase the meeting's texts and votes, ending it first; the log and the counts stay."""
    version = request.form.get("version", type=int)
    access.let_go()
    try:
        if version is None:
            raise StaleVersion
        erasing.erase(access.database(), access.keys(), g.meeting.id, version)
        flash(gettext("Texts and votes are erased. The log and the counts of each round are kept."))
    except (NotAllowedNow, StaleVersion) as refusal:
        flash(pages.told(refusal))
    return redirect(url_for("facilitator.run.page", key=key), 303)


@blueprint.post("/meetings/<key>/backups/gone")
def gone(key: str) -> Any:
    """Note that a backup has been deleted."""
    posted = request.form.get("backup", type=int)
    known = [int(one.id) for one in backups.holding(access.reading(), g.meeting.id) if one.id == posted]
    if known:
        access.write(lambda c: backups.said_to_be_gone(c, known[0]))
    return redirect(url_for("facilitator.run.page", key=key), 303)
