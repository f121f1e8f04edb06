"""The plan in the browser: the meeting, its groups and tables; and the plan as a file."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from wtforms import FieldList

from survey.audiences import access
from survey.audiences.facilitator import drafts
from survey.audiences.facilitator.forms import Named
from survey.audiences.facilitator.plan_forms import PALETTE, MeetingForm
from survey.kinds import KINDS
from survey.languages import gettext
from survey.meetings import accounts, plans

blueprint = Blueprint("plan", __name__)


@blueprint.get("/meetings/<key>/plan")
def page(key: str) -> Any:
    """Show the meeting, its groups and its tables as fields."""
    return _page(MeetingForm(formdata=None, data=drafts.meeting_fields(drafts.raw())))


@blueprint.post("/meetings/<key>/plan")
def save(key: str) -> Any:
    """Store the meeting, its groups and its tables; or add or remove a row and store nothing."""
    form = MeetingForm()
    if change_rows(form.groups, "groups"):
        return _page(form)
    problems = [] if form.validate() else field_problems(form)
    values = {**drafts.raw(), **drafts.meeting_values(form)}
    problems = problems or drafts.problems_of(values) or drafts.store(values, seen_version())
    if problems:
        return _page(form, problems), 422
    flash(gettext("Saved."))
    return redirect(url_for("facilitator.plan.page", key=key), 303)


@blueprint.get("/meetings/<key>/plan.toml")
def export(key: str) -> Response:
    """Return the plan as a file."""
    text = plans.export(access.reading(), g.meeting.id)
    named = {"Content-Disposition": f'attachment; filename="{g.meeting.key}.toml"'}
    return Response(text, content_type="application/toml; charset=utf-8", headers=named)


def _page(form: MeetingForm, problems: list[tuple[str, str]] | None = None) -> str:
    if not form.groups.entries:
        form.groups.append_entry()
    runners = accounts.runners(access.reading(), g.meeting.id)
    return render_template(
        "facilitator/plan.html",
        form=form,
        problems=problems or [],
        palette=PALETTE,
        begun_at_all=plans.has_begun(access.reading(), g.meeting.id),
        runners=runners,
        share=Named(formdata=None),
        **agenda(),
    )


def agenda(question_key: str = "", adding: bool = False) -> dict[str, Any]:
    """Return what the agenda beside the plan shows."""
    return {
        "plan": drafts.raw(),
        "begun": drafts.opened(),
        "kinds": KINDS,
        "question_key": question_key,
        "adding": adding,
    }


def seen_version() -> int | None:
    """Return the version of the meeting that the posted page was made from."""
    return request.form.get("version", type=int)


def change_rows(rows: FieldList, name: str) -> bool:
    """Add or remove a row where a button without script asked for it; says whether one did."""
    if request.form.get("add") == name:
        rows.append_entry()
        return True
    wanted = request.form.get("remove", "")
    if not wanted.startswith(f"{name}-"):
        return False
    at = wanted.rpartition("-")[2]
    if at.isdecimal() and int(at) < len(rows.entries):
        del rows.entries[int(at)]
    return True


def field_problems(form: Any) -> list[tuple[str, str]]:
    """Return what the fields themselves object to, as (label, sentence)."""
    found = []
    for field in form:
        for error in field.errors:
            if isinstance(error, str):
                found.append((gettext(field.label.text), gettext(error)))
            elif isinstance(error, dict):
                found += [(gettext(field.label.text), str(one)) for many in error.values() for one in many]
    return found
