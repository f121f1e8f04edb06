"""The plan as plain values on their way between the tables and the fields."""

from __future__ import annotations

from typing import Any

from flask import g
from sqlalchemy import select
from wtforms import Form

from survey.audiences import access, pages
from survey.audiences.facilitator.plan_forms import GREY, MeetingForm, QuestionForm
from survey.errors import NotAllowedNow, PlanRejected, StaleVersion
from survey.languages import gettext
from survey.meetings import plans, steps
from survey.storage import schema

Raw = dict[str, Any]
_HEAD = ("title", "place", "date", "ends", "erase_on", "language")


def raw() -> Raw:
    """Return this meeting's plan as plain values in the layout of the TOML file."""
    return plans.as_raw(plans.load(access.reading(), g.meeting.id))


def problems_of(values: Raw) -> list[tuple[str, str]]:
    """Return every (place, sentence) that is wrong with the plan; empty means it can be stored."""
    try:
        steps.refuse_if_erased(g.meeting)
        plans.from_raw(values)
    except NotAllowedNow as refusal:
        return [("", pages.told(refusal))]
    except PlanRejected as refusal:
        return refusal.problems
    return []


def store(values: Raw, version: int | None) -> list[tuple[str, str]]:
    """Store the plan, or return why it cannot be changed like that."""
    plan = plans.from_raw(values)
    try:
        access.write(lambda c: plans.replace(c, g.meeting.id, plan, version))
    except NotAllowedNow as refusal:
        return [("", pages.told(refusal))]
    except StaleVersion:
        # What was typed stays on the page; saved once more, it goes on top of what is there now.
        g.meeting = access.meeting(str(g.meeting.id))
        return [("", gettext("Somebody else has changed the plan. Look yours over and save once more."))]
    return []


def opened() -> set[str]:
    """Return the keys of the questions that have been opened."""
    question, round_ = schema.question, schema.round_
    asked = select(question.c.key).join(round_).where(question.c.meeting_id == g.meeting.id).distinct()
    return set(access.reading().scalars(asked))


def meeting_values(form: MeetingForm) -> Raw:
    """Return what the meeting's page says, for the plan."""
    tables = [name.strip() for name in (form.tables.data or "").split(",") if name.strip()]
    head = {name: form[name].data or "" for name in _HEAD}
    wifi = {"name": form.wifi_name.data or "", "password": form.wifi_password.data or ""}
    return {
        **head,
        "k": form.k.data,
        "spares": form.spares.data,
        "ballot_rows": bool(form.ballot_rows.data),
        "wifi": wifi,
        "tables": tables,
        "groups": [_group(row.form) for row in form.groups if row.form.name.data or row.form.key.data],
    }


def _group(row: Form) -> Raw:
    votes = bool(row.votes.data)
    colour = (row.colour.data or "").upper()
    found: Raw = {"name": row.name.data or "", "cards": row.cards.data or 0, "votes": votes}
    if row.key.data:
        found["key"] = row.key.data
    if colour:
        found["colour"] = colour if votes else GREY
    return found


def meeting_fields(values: Raw) -> Raw:
    """Return the plan's values as the meeting's page wants them."""
    return {
        **{name: values[name] for name in (*_HEAD, "k", "spares")},
        "ballot_rows": values["ballot_rows"],
        "tables": ", ".join(values["tables"]),
        "wifi_name": values["wifi"]["name"],
        "wifi_password": values["wifi"]["password"],
        "groups": values["groups"],
    }


def question_values(form: QuestionForm, kind: str, settings: Raw, key: str | None) -> Raw:
    """Return what a question's page says, for the plan; empty rows are left out."""
    rows = [
        {"key": row.form.key.data, "text": row.form.text.data} for row in form["items"] if row.form.text.data
    ]
    pasted = [line.strip() for line in (form.pasted.data or "").splitlines() if line.strip()]
    items = [{name: value for name, value in row.items() if value} for row in rows]
    found: Raw = {
        "kind": kind,
        "title": form.title.data or "",
        "help": form.help.data or "",
        "interlude": form.interlude.data or "",
        "secrecy": form.secrecy.data or "sealed",
        "rounds": int(form.rounds.data or 1),
        "items": [*items, *({"text": line} for line in pasted)],
        **settings,
    }
    return {"key": key, **found} if key else found
