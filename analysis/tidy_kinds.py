"""What each kind's rows look like in a table of answers, and what is assumed of it without a codebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.codebook import BUCKETS, WIDEST
from analysis.election import MOST_POINTS
from analysis.foreign import NOBODYS, ForeignError
from analysis.measures.ballots import AGAINST, rated_groups
from analysis.responses import Meeting, Question

Settings = dict[str, Any]
Texts = Callable[[Meeting, Question], set[str] | None]


@dataclass(frozen=True)
class Shape:
    """A kind's rows: `settle` returns the settings assumed from them, and a remark that says so; it raises
    ForeignError, without the question's name, where none fit.

    `texts` returns what may stand in `text` (None: anything), `ends` are those of values where the settings
    have none, and `texts_differ` says that a ballot may have rows of one item with different texts.
    """

    settle: Callable[[pd.DataFrame], tuple[Settings, str]]
    texts: Texts = lambda meeting, question: None
    ends: tuple[float, float] = (0, np.inf)
    texts_differ: bool = False


def _scale(rows: pd.DataFrame) -> tuple[Settings, str]:
    low, high = rows["value"].min(), rows["value"].max()
    ends = (1, 5) if low >= 1 and high <= 5 else (0, 10)
    if low < 0 or high > 10:
        # A scale has two ends, though all answered alike.
        ends = (int(low), int(high)) if low < high else (int(min(low, 0)), int(max(high, 0)))
    if ends[1] - ends[0] > WIDEST:
        raise ForeignError(f"expected a scale of at most {WIDEST} steps, found {ends[0]} to {ends[1]}")
    return {"min": ends[0], "max": ends[1]}, f"assumed to be asked from {ends[0]} to {ends[1]}"


def _dots(rows: pd.DataFrame) -> tuple[Settings, str]:
    marks = rows[rows["text"] != AGAINST]
    most = marks.groupby(["round", "ballot"])["value"].sum().max() if len(marks) else 0
    tallest = marks["value"].max()
    budget, cap = (int(max(1, 0 if pd.isna(number) else number)) for number in (most, tallest))
    against = bool((rows["text"] == AGAINST).any())
    said = f"assumed to be asked with {budget} dots, at most {cap} on one option"
    return {"dots": budget, "cap": cap, "against": against}, said


def _sort(rows: pd.DataFrame) -> tuple[Settings, str]:
    keys = sorted({text for text in rows["text"] if text})
    if not BUCKETS[0] <= len(keys) <= BUCKETS[1]:
        raise ForeignError(f"expected two to four buckets in the column text, found {len(keys)}")
    said = f"assumed to be sorted into {', '.join(keys)}, in this order"
    return {"buckets": [{"key": key, "text": key} for key in keys]}, said


def _collect(rows: pd.DataFrame) -> tuple[Settings, str]:
    by = "ballot" if set(rows["group"]) == {NOBODYS} else "group"
    said = {"ballot": "each ballot", "group": "each group"}[by]
    return {"by": by}, f"assumed to have one list from {said}"


def _marks(rows: pd.DataFrame) -> tuple[Settings, str]:
    rated = sorted({text for text in rows["text"] if text})
    return {"rated": rated}, f"assumed to rate {', '.join(rated) or 'nobody'}"


def _buckets(meeting: Meeting, question: Question) -> set[str]:
    return {"", *question.levels}


def _rated(meeting: Meeting, question: Question) -> set[str]:
    return set(rated_groups(meeting, question))


SHAPES: Mapping[str, Shape] = {
    "scale": Shape(_scale),
    "trust": Shape(_scale),
    "dots": Shape(_dots, ends=(0, MOST_POINTS), texts_differ=True),
    "sort": Shape(_sort, _buckets, ends=(np.inf, -np.inf)),
    "collect": Shape(_collect, ends=(1, 1), texts_differ=True),
    "marks": Shape(_marks, _rated, ends=(0, 1), texts_differ=True),
}
