"""The plan's questions in the browser: add, edit, move, delete."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from wtforms import Form

from survey.audiences.facilitator import drafts
from survey.audiences.facilitator.plan import agenda, change_rows, field_problems, seen_version
from survey.audiences.facilitator.plan_forms import QuestionForm, settings_form, settings_of
from survey.errors import NotFound
from survey.kinds import KINDS, Kind
from survey.languages import gettext

blueprint = Blueprint("questions", __name__)
_FIRST_ROWS = 3


@blueprint.get("/meetings/<key>/plan/questions/new")
def new(key: str) -> Any:
    """Show an empty question of the kind that is asked for."""
    kind = _kind(request.args.get("kind") or next(iter(KINDS)))
    return _page(kind, QuestionForm(formdata=None), settings_form(kind.Settings, {}))


@blueprint.post("/meetings/<key>/plan/questions/new")
def add(key: str) -> Any:
    """Put a new question at the end of the plan; possible until the meeting is over."""
    return _save(_kind(request.args.get("kind") or next(iter(KINDS))), None)


@blueprint.get("/meetings/<key>/plan/questions/<question>")
def edit(key: str, question: str) -> Any:
    """Show a question as fields."""
    values = _question(question)
    kind = KINDS[values["kind"]]
    form = QuestionForm(formdata=None, data={**values, "rounds": str(values["rounds"])})
    return _page(kind, form, settings_form(kind.Settings, _settings(kind, values)), question)


@blueprint.post("/meetings/<key>/plan/questions/<question>")
def save(key: str, question: str) -> Any:
    """Store a question; refused once it has been voted on."""
    return _save(KINDS[_question(question)["kind"]], question)


@blueprint.post("/meetings/<key>/plan/questions/<question>/move")
def move(key: str, question: str) -> Any:
    """Move a question one place up or down."""
    values = drafts.raw()
    order = values["questions"]
    at = _place(order, question)
    to = at + (-1 if request.form.get("by") == "-1" else 1)
    if 0 <= to < len(order):
        order[at], order[to] = order[to], order[at]
        _tell(drafts.store(values, seen_version()))
    return redirect(url_for("facilitator.questions.edit", key=key, question=question), 303)


@blueprint.post("/meetings/<key>/plan/questions/<question>/delete")
def delete(key: str, question: str) -> Any:
    """Take a question out of the plan."""
    values = drafts.raw()
    del values["questions"][_place(values["questions"], question)]
    if not _tell(drafts.store(values, seen_version())):
        flash(gettext("The question is deleted."))
    return redirect(url_for("facilitator.plan.page", key=key), 303)


def _tell(problems: list[tuple[str, str]]) -> bool:
    for _place, sentence in problems:
        flash(sentence)
    return bool(problems)


def _save(kind: Kind, question: str | None) -> Any:
    form = QuestionForm()
    settings = settings_form(kind.Settings, {}, request.form)
    if change_rows(form["items"], "items"):
        return _page(kind, form, settings, question)
    problems = field_problems(form) if not form.validate() else []
    if not settings.validate():
        problems.append(("", gettext("Write whole numbers for the settings.")))
    values = drafts.raw()
    fresh = drafts.question_values(
        form, kind.name, settings_of(settings, request.form.get("preset")), question
    )
    if kind.items_are_groups:
        fresh["items"] = []
    if question is None:
        values["questions"].append(fresh)
    else:
        values["questions"][_place(values["questions"], question)] = fresh
    problems = problems or drafts.problems_of(values) or drafts.store(values, seen_version())
    if problems:
        return _page(kind, form, settings, question, problems), 422
    flash(gettext("The question is saved."))
    if question is not None:
        return redirect(url_for("facilitator.questions.edit", key=g.meeting.key, question=question), 303)
    return redirect(url_for("facilitator.plan.page", key=g.meeting.key), 303)


def _page(
    kind: Kind,
    form: QuestionForm,
    settings: Form,
    question: str | None = None,
    problems: list[tuple[str, str]] | None = None,
) -> str:
    rows = form["items"]
    while not kind.items_are_groups and len(rows.entries) < _FIRST_ROWS and request.method == "GET":
        rows.append_entry()
    if not rows.entries:
        rows.append_entry()
    begun = drafts.opened()
    return render_template(
        "facilitator/question.html",
        kind=kind,
        form=form,
        settings=settings,
        problems=problems or [],
        locked=gettext("This question has been opened: it can no longer be changed.")
        if question in begun
        else "",
        fixed=question in begun,
        begun_at_all=bool(begun),
        **agenda(question or "", question is None),
    )


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise NotFound
    return KINDS[name]


def _question(key: str) -> drafts.Raw:
    questions: list[drafts.Raw] = drafts.raw()["questions"]
    return questions[_place(questions, key)]


def _place(questions: list[drafts.Raw], key: str) -> int:
    for place, one in enumerate(questions):
        if one["key"] == key:
            return place
    raise NotFound


def _settings(kind: Kind, values: drafts.Raw) -> drafts.Raw:
    return {name: values[name] for name in kind.Settings.model_fields if name in values}
