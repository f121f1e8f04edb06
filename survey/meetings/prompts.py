"""What there is to talk about beside a chart: each finding as two or three prompts, put one at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from survey.languages import gettext
from survey.meetings import charts, notes

MOST_FINDINGS = 3
# Findings that are seen on another picture than the whole: in the groups' own figures, or in the change.
_SEEN_IN = {"between": "groups", "inside": "groups", "moved": "change"}
_ENDS_IN_QUESTION = re.compile(r"(?P<seen>.*[.!])\s+(?P<asked>[^.!?]+\?)", re.DOTALL)


@dataclass(frozen=True)
class Prompt:
    """One prompt: `what` can be seen, `ask` is the open question, `items` are what it is about.

    `finding` is its name in notes; `head` and `how` are a short heading and how to talk about it;
    `seen_in` is the sort of picture that shows it (`groups`, `change`), or empty for the whole.
    """

    finding: str
    head: str
    what: str
    ask: str
    how: str
    items: tuple[str, ...]
    seen_in: str = ""


def of_round(connection: Connection, row: Row[Any], language: str) -> list[Prompt]:
    """Return a revealed round's prompts in the order they are put, in the current language's headings.

    `row` has the round's columns and its question's `key`. Skipped findings are left out; one in the
    facilitator's own words is a single prompt. The screen's `finding` counts them from 1; 0 is none.
    """
    changed = notes.prompts(connection, row.id)
    found: list[Prompt] = []
    for one in charts.findings(charts.of(row, language))[:MOST_FINDINGS]:
        mine = changed.get(one.name)
        if mine is not None and mine.skipped:
            continue
        found += [_own(one, mine.text)] if mine is not None and mine.text else _computed(one)
    return found


def _own(finding: Any, text: str) -> Prompt:
    seen_in = _SEEN_IN.get(finding.key, "")
    return Prompt(finding.name, gettext("Look together"), "", text, _alone(), finding.items, seen_in)


def _computed(finding: Any) -> list[Prompt]:
    asked = _ENDS_IN_QUESTION.fullmatch(finding.what)
    seen = asked["seen"] if asked else finding.what
    steps = [
        (gettext("Look together"), asked["asked"] if asked else "", _alone()),
        (gettext("What does it mean?"), finding.so_what, gettext("A few minutes in pairs or at the table.")),
        (gettext("What now?"), finding.now_what, gettext("All together.")),
    ]
    seen_in = _SEEN_IN.get(finding.key, "")
    return [
        Prompt(finding.name, head, seen, ask, how, finding.items, seen_in) for head, ask, how in steps if ask
    ]


def _alone() -> str:
    return gettext("One minute alone, then in pairs.")
