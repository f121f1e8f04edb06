"""Read a plan: every mistake at once, each with its place, or the plan."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from survey.errors import PlanRejected
from survey.languages import gettext as _
from survey.meetings.plans.asking import questions_of
from survey.meetings.plans.parts import Findings, groups_of, head_of, tables_of
from survey.meetings.plans.places import Lines
from survey.meetings.plans.plan import Plan

MOST_BYTES = 200_000


def read(toml: str | bytes) -> Plan:
    """Return the plan of a TOML text; raises PlanRejected with every mistake as (place, sentence)."""
    text = _decoded(toml)
    try:
        raw = tomllib.loads(text)
    except RecursionError:
        raise PlanRejected([("", _("The plan is nested too deeply."))]) from None
    except ValueError as error:
        raise PlanRejected([_syntax(str(error))]) from None
    return from_raw(raw, Lines(text))


def from_raw(raw: Mapping[str, Any], lines: Lines | None = None) -> Plan:
    """Return the plan of plain values in the layout of the TOML file; raises PlanRejected like `read`.

    Each part is examined by itself, so that a mistake in one question hides none in another.
    """
    findings = Findings(lines)
    head = head_of(findings, raw)
    groups = groups_of(findings, raw.get("groups", []))
    tables = tables_of(findings, raw.get("tables", []))
    voting = None if groups is None else sum(group.votes for group in groups)
    questions = questions_of(findings, raw.get("questions", []), voting)
    findings.refuse_if_any()
    return Plan.model_validate(
        {**dict(head or {}), "groups": groups, "tables": tables, "questions": questions}
    )


def _decoded(toml: str | bytes) -> str:
    if len(toml) > MOST_BYTES:
        raise PlanRejected([("", _("The plan is too large: at most %(most)s kB.", most=MOST_BYTES // 1000))])
    if isinstance(toml, str):
        return toml.removeprefix("\ufeff")
    try:
        return toml.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = toml[: error.start].count(b"\n") + 1
        place = _("line %(number)s", number=line)
        raise PlanRejected([(place, _("The file is not text in UTF-8."))]) from None


def _syntax(message: str) -> tuple[str, str]:
    at = re.search(r"at line (\d+), column (\d+)", message)
    place = _("line %(number)s", number=at[1]) if at else _("the end of the file")
    if re.match("Cannot (overwrite|declare|mutate)", message):
        return place, _("The same name stands twice.")
    return place, _("This cannot be read as TOML. Is a quote, a bracket or an equals sign missing?")
