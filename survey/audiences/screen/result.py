"""The revealed result: chart, one prompt beside it, and the head of the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from flask import url_for
from sqlalchemy import Connection, Row

from survey.audiences import headers
from survey.audiences.screen import places, seen
from survey.languages import gettext
from survey.meetings import charts, prompts

THEMES = {"on": "screen", "off": "dark"}


@dataclass(frozen=True, kw_only=True)
class Result(seen.Seen):
    """A revealed round: `figure_address` answers with the chart, `table` stands behind it."""

    view: ClassVar[str] = "result"
    subtitle: str
    description: str
    figure_address: str
    table: tuple[list[str], list[list[str]]]
    prompt: prompts.Prompt | None
    turnout: int
    expected: int
    head: str
    code: places.Code | None


def look(connection: Connection, meeting: Row[Any], row: Row[Any]) -> Result:
    """Return what stands beside and behind the chart of a revealed round."""
    wanted = meeting.screen or {}
    light = wanted.get("light", "on")
    one = charts.of(row, meeting.language)
    words = charts.words(one)
    turnout, expected = seen.answered(connection, row)
    prompt = prompt_now(connection, meeting, row)
    stage = stage_beside(prompt, words.stages, stage_now(words.stages, wanted.get("stage")))
    share = gettext("%(turnout)s of %(n)s have answered.", turnout=turnout, n=expected)
    drawn = {
        "stage": stage,
        "theme": THEMES.get(light, "screen"),
        "on": "|".join(prompt.items if prompt else ()),
    }
    address = f"{url_for('screen.figure', key=meeting.key, round_id=row.id)}?{urlencode(drawn)}"
    head = row.head or ""
    proof = f"{headers.base_url()}/verify/{meeting.key}?{urlencode({'head': head[:16]})}"
    return Result(
        title=row.title,
        light=light,
        round_id=row.id,
        subtitle=" ".join(
            part for part in (seen.again(row) and f"{seen.again(row)}.", words.mark, share) if part
        ),
        description=words.alt_text,
        figure_address=address,
        table=words.table,
        prompt=prompt,
        turnout=turnout,
        expected=expected,
        head=head,
        code=places.code(proof, small=True) if head else None,
    )


def stage_now(stages: tuple[str, ...], wanted: Any) -> str:
    """Return the stage that is on the wall: the one asked for, by name or place, else the first."""
    if isinstance(wanted, int) and 0 <= wanted < len(stages):
        return stages[wanted]
    return wanted if wanted in stages else stages[0]


def stage_beside(prompt: prompts.Prompt | None, stages: tuple[str, ...], stage: str) -> str:
    """Return the stage to show beside a prompt: the one asked for, unless it shows something else.

    A stage such as `groups:<item>` is about one item alone, `change:` about the change of all; those without
    a colon show the whole.
    """
    if prompt is None or not prompt.items:
        return stage
    about = [one for one in stages if one.partition(":")[2] in prompt.items]
    if prompt.seen_in:
        about = [one for item in (*prompt.items, "") if (one := f"{prompt.seen_in}:{item}") in stages]
        if about and stage not in about:
            return about[0]
    if stage in about:
        return stage
    return [one for one in stages if ":" not in one][-1]


def prompt_now(connection: Connection, meeting: Row[Any], row: Row[Any]) -> prompts.Prompt | None:
    """Return the prompt that lies on yellow, or None."""
    wanted = meeting.screen or {}
    place = wanted.get("finding") or (1 if wanted.get("view") == "talk" else 0)
    if not place:
        return None
    found = prompts.of_round(connection, row, meeting.language)
    return found[min(place, len(found)) - 1] if found else None
