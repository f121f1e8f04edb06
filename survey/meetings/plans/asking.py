"""The questions of a plan: their common fields by our models, their settings and items by their kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey.kinds import KINDS, Kind
from survey.kinds import Item as KindItem
from survey.languages import gettext as _
from survey.meetings import labels
from survey.meetings.plans import plan
from survey.meetings.plans.parts import Findings, fill_keys, tables_in, twice
from survey.meetings.plans.places import Place
from survey.meetings.plans.plan import Item, Question
from survey.meetings.plans.sentences import unknown

_COMMON = frozenset(Question.model_fields) - {"settings"}


def questions_of(findings: Findings, raw: Any, voting: int | None) -> tuple[Question, ...]:
    """Return the questions without mistakes; `voting` is how many groups vote, None if not known."""
    parts = tables_in(findings, raw, "questions", plan.MOST_QUESTIONS)
    if parts is None:
        return ()
    values = [dict(part) for part in parts]
    fill_keys(values, "title", "question")
    twice(findings, "questions", values, "key")
    found = [_question(findings, value, ("questions", at), voting) for at, value in enumerate(values)]
    return tuple(question for question in found if question is not None)


def _question(findings: Findings, value: Mapping[str, Any], at: Place, voting: int | None) -> Question | None:
    kind = KINDS.get(value["kind"]) if isinstance(value.get("kind"), str) else None
    if kind is None and isinstance(value.get("kind"), str):
        findings.add((*at, "kind"), _kind_sentence(value["kind"]), value["kind"])
    items = _items(findings, value.get("items", []), at)
    common = {name: value[name] for name in _COMMON if name in value}
    settings = {name: labelled for name, labelled in value.items() if name not in _COMMON}
    question = findings.examine(Question, {**common, "items": items or ()}, at, _COMMON)
    if kind is None:
        return None
    checked = _settings(findings, kind, settings, items, at, voting)
    if question is not None and question.secrecy == "open" and not kind.may_be_open:
        sentence = _("This kind of question is always sealed: nobody may see who rates whom.")
        findings.add((*at, "secrecy"), sentence)
    if question is None or items is None or checked is None:
        return None
    return question.model_copy(update={"settings": checked})


def _settings(
    findings: Findings,
    kind: Kind,
    settings: Mapping[str, Any],
    items: tuple[Item, ...] | None,
    at: Place,
    voting: int | None,
) -> dict[str, Any] | None:
    cleaned = {name: labels.clean(one) if isinstance(one, str) else one for name, one in settings.items()}
    known = [*kind.Settings.model_fields, *_COMMON]
    checked = findings.examine(kind.Settings, cleaned, at, known)
    if kind.items_are_groups:
        if items:
            findings.add((*at, "items"), _("Leave this out: here the groups are what is asked about."))
        asked = None if voting is None else [KindItem(str(group), "") for group in range(voting)]
    else:
        asked = None if items is None else [KindItem(item.key, item.text) for item in items]
    if checked is None:
        return None
    if asked is not None:
        for sentence in kind.plan_problems(checked, asked):
            findings.add(at, sentence)
    return checked.model_dump(exclude_none=True)


def _items(findings: Findings, raw: Any, at: Place) -> tuple[Item, ...] | None:
    if not isinstance(raw, (list, tuple)):
        findings.add((*at, "items"), _("A list in square brackets is expected here."))
        return None
    if len(raw) > plan.MOST_ITEMS:
        findings.add(
            (*at, "items"), _("There are too many: at most %(max_length)s.", max_length=plan.MOST_ITEMS)
        )
        return None
    values = [dict(one) if isinstance(one, Mapping) else {"text": one} for one in raw]
    fill_keys(values, "text", "item")
    found = [
        findings.examine(Item, value, (*at, "items", place), Item.model_fields)
        for place, value in enumerate(values)
    ]
    twice(findings, "items", values, "key", at)
    twice(findings, "items", values, "text", at)
    items = tuple(item for item in found if item is not None)
    return items if len(items) == len(found) else None


def _kind_sentence(name: str) -> str:
    kinds = ", ".join(KINDS)
    return f"{unknown(name, KINDS)} {_('The kinds are: %(kinds)s.', kinds=kinds)}"
