"""The list of one's meetings, and three ways to make a new one: a ready plan, a file, or from nothing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for

from survey.audiences import access
from survey.audiences.facilitator.account import link_of
from survey.audiences.facilitator.forms import FromFile, FromScratch, Named
from survey.errors import PlanRejected
from survey.languages import current, gettext
from survey.meetings import accounts, plans

blueprint = Blueprint("meetings", __name__)


@blueprint.get("/meetings")
def overview() -> Any:
    """List the meetings that this facilitator runs, newest first."""
    own = accounts.meetings_of(access.reading(), g.facilitator.id)
    return render_template("facilitator/meetings.html", meetings=own)


@blueprint.get("/meetings/new")
def new() -> Any:
    """Show the three ways to make a meeting."""
    return _page()


@blueprint.post("/meetings/new/ready")
def from_ready() -> Any:
    """Make a meeting from a ready plan."""
    return _made(plans.ready_plan(request.form.get("name", "")))


@blueprint.get("/meetings/new/ready/<name>.toml")
def ready_file(name: str) -> Any:
    """Return a ready plan as a file, to change it before it is used."""
    named = {"Content-Disposition": f'attachment; filename="{plans.ready_plan(name).key}.toml"'}
    return plans.ready_text(name), 200, {"Content-Type": "application/toml; charset=utf-8", **named}


@blueprint.post("/meetings/new/file")
def from_file() -> Any:
    """Make a meeting from a TOML file, or show every mistake in it with its place."""
    form = FromFile()
    uploaded = request.files.get("file")
    text: str | bytes = uploaded.read() if uploaded and uploaded.filename else (form.text.data or "")
    if not text.strip():
        return _page(file=form, problems=[("", gettext("Choose a file, or paste the plan."))]), 422
    if not form.text.data and isinstance(text, bytes):
        form.text.data = text.decode("utf-8", errors="replace")
    try:
        plan = plans.read(text)
    except PlanRejected as refusal:
        return _page(file=form, problems=refusal.problems), refusal.status
    return _made(plan)


@blueprint.post("/meetings/new/scratch")
def from_scratch() -> Any:
    """Make an empty meeting, to be filled in the browser."""
    form = FromScratch()
    if not form.validate_on_submit():
        return _page(scratch=form), 422
    try:
        plan = plans.from_raw({"title": form.title.data, "language": form.language.data})
    except PlanRejected as refusal:
        return _page(scratch=form, problems=refusal.problems), refusal.status
    return _made(plan, "facilitator.plan.page")


@blueprint.post("/meetings/<key>/share")
def share(key: str) -> Any:
    """Let somebody else run this meeting too; one who is new here gets a one-time link, shown this once."""
    form = Named()
    if not form.validate_on_submit():
        flash(gettext("Write a name."))
        return redirect(url_for("facilitator.plan.page", key=key), 303)
    token = access.write(lambda c: accounts.share(c, g.meeting.id, form.name.data))
    if token:
        return render_template("facilitator/shared.html", name=form.name.data, link=link_of(token))
    flash(gettext("%(name)s can run this meeting too.", name=form.name.data))
    return redirect(url_for("facilitator.plan.page", key=key), 303)


def _made(plan: plans.Plan, to: str = "facilitator.run.page") -> Any:
    owner = g.facilitator.id
    meeting_id = access.write(lambda c: plans.store(c, plan, owner, new_key=True))
    return redirect(url_for(to, key=access.meeting(str(meeting_id)).key), 303)


def _page(
    file: FromFile | None = None,
    scratch: FromScratch | None = None,
    problems: list[tuple[str, str]] | None = None,
) -> str:
    return render_template(
        "facilitator/new.html",
        ready=plans.ready_plans(),
        file=file or FromFile(formdata=None),
        scratch=scratch or FromScratch(formdata=None, language=current()),
        problems=problems or [],
    )
