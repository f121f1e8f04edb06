"""Charts and their words, from what is published with a round: made in a native thread, kept by content."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Row

import analysis
from survey.meetings.apart import apart


@dataclass(frozen=True)
class Shown:
    """Which round of which question, as published (JSON text), in which language."""

    published: str
    question: str
    number: int
    language: str


def of(row: Row[Any], language: str) -> Shown:
    """Return the round to be drawn from its row (`published`, `number`, and the question's `key`)."""
    return Shown(json.dumps(row.published, sort_keys=True), row.key, row.number, language)


def words(one: Shown) -> analysis.Wording:
    """Return caption, alternative text, table and stages of a round's chart."""
    return apart(_words, one)


def findings(one: Shown) -> tuple[Any, ...]:
    """Return what the round's numbers show, each with its prompt."""
    return apart(_findings, one)


def drawing(one: Shown, stage: str, theme: str, highlight: tuple[str, ...]) -> str:
    """Return the chart as JSON text: plotly's `data`, `layout`, `config`, and the `stage`."""
    return apart(_drawing, one, stage, theme, highlight)


@lru_cache(maxsize=64)
def _read(published: str) -> analysis.Published:
    return analysis.published_from_dict(json.loads(published))


@lru_cache(maxsize=64)
def _words(one: Shown) -> analysis.Wording:
    return analysis.wording(_read(one.published), one.question, one.number, one.language)


@lru_cache(maxsize=64)
def _findings(one: Shown) -> tuple[Any, ...]:
    return tuple(analysis.findings(_read(one.published), one.question, one.number, one.language))


@lru_cache(maxsize=128)
def _drawing(one: Shown, stage: str, theme: str, highlight: tuple[str, ...]) -> str:
    drawn = analysis.drawing(
        _read(one.published), one.question, one.number, stage, theme, one.language, highlight
    )
    return json.dumps({**drawn, "stage": stage}, ensure_ascii=False, separators=(",", ":"))
