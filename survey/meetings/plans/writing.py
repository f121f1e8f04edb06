"""Write a plan as TOML that reads back to an equal plan."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from survey.kinds import KINDS
from survey.meetings import labels
from survey.meetings.plans.plan import Head, Plan, Question


def write(plan: Plan) -> str:
    """Return the plan as TOML text; what is left at its default is left out."""
    head = plan.model_dump(include=set(Head.model_fields) - {"wifi"}, exclude_defaults=True)
    lines = _fields({"key": plan.key, "title": plan.title, "language": plan.language, **head})
    if plan.tables:
        numbered = plan.tables == tuple(str(number) for number in range(1, len(plan.tables) + 1))
        lines += _fields({"tables": len(plan.tables) if numbered else list(plan.tables)})
    if plan.wifi.name:
        lines += ["", "[wifi]", *_fields(plan.wifi.model_dump(exclude_defaults=True))]
    for group in plan.groups:
        lines += ["", "[[groups]]", *_fields(group.model_dump(exclude_defaults=True))]
    for question in plan.questions:
        lines += ["", "[[questions]]", *_question(question)]
    return "\n".join(lines) + "\n"


def as_raw(plan: Plan) -> dict[str, Any]:
    """Return the plan as the plain values that `from_raw` reads, for a form that changes some of them."""
    raw = plan.model_dump()
    raw["questions"] = [
        {**question, **settings} for question in raw["questions"] for settings in [question.pop("settings")]
    ]
    return raw


def _question(question: Question) -> list[str]:
    common = question.model_dump(exclude_defaults=True, exclude={"items", "settings"})
    usual = KINDS[question.kind].Settings().model_dump()
    own = {name: value for name, value in question.settings.items() if value != usual[name]}
    lines = _fields({**common, **own})
    if question.items:
        plain = [item.key for item in question.items] == labels.keys_of(
            (item.text for item in question.items), fallback="item"
        )
        written = [_value(item.text if plain else item.model_dump()) for item in question.items]
        lines += ["items = [", *(f"  {one}," for one in written), "]"]
    return lines


def _fields(values: Mapping[str, Any]) -> list[str]:
    return [f"{name} = {_value(value)}" for name, value in values.items() if value is not None]


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_fields(value)) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    # A basic string of TOML escapes as JSON does; DEL alone is left bare by JSON, and labels never hold it.
    return json.dumps(value, ensure_ascii=False)
