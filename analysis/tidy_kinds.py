"""What each kind's rows look like in a table of answers, and what is assumed of it without a codebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.codebook import BUCKETS
from analysis.disclosure.policy import Policy
from analysis.disclosure.published import ITEMS_ARE_ANSWERS
from analysis.foreign import NOBODYS, ForeignError
from analysis.measures.ballots import AGAINST, MOST_POINTS, rated_groups
from analysis.responses import Meeting, Question

Settings = dict[str, Any]
# The scales that are assumed, each inside the next: the ends of the answers themselves would tell of them.
SCALES = ((1, 5), (0, 10), (0, 100))
POLICY = Policy()
NEEDED = "a codebook (a Meeting, given to analysis.read) has to say how it was asked"
Texts = Callable[[Meeting, Question], set[str] | None]


@dataclass(frozen=True)
class Shape:
    """A kind's rows: `settle` returns the settings assumed from them, blank ballots apart; see `assumed`.

    `texts` returns what may stand in `text` (None: anything), `ends` are those of values where the settings
    have none, and `texts_differ` says that a ballot may have rows of one item with different texts.
    """

    settle: Callable[[pd.DataFrame], tuple[Settings, str]]
    texts: Texts = lambda meeting, question: None
    ends: tuple[float, float] = (0, np.inf)
    texts_differ: bool = False


def assumed(kind: str, rows: pd.DataFrame) -> tuple[Settings, str]:
    """Return the settings assumed from all rows of a question, and a remark that says so.

    Settings leave with the codebook, so nothing is assumed from ballots so few that their answers are held
    back. Raises ForeignError, without the question's name, where none fit.
    """
    answers, fewest = rows[rows["item"] != ""], POLICY.n_min_counts
    counted = answers.groupby("round")["ballot"].nunique().reindex(rows["round"].unique(), fill_value=0)
    # The points of lists leave by the gate alone, and nothing else is assumed from what lists say.
    if kind not in ITEMS_ARE_ANSWERS and counted.min() < fewest:
        found = f"found {counted.min()} in round {counted.idxmin()}"
        raise ForeignError(f"expected at least {fewest} ballots with answers, {found}; {NEEDED}")
    return SHAPES[kind].settle(answers)


def _many(ballots: int, what: str) -> None:
    """Refuse to assume what would tell of a few ballots."""
    if ballots < POLICY.k:
        raise ForeignError(f"fewer than {POLICY.k} ballots {what}; {NEEDED}")


def _scale(rows: pd.DataFrame) -> tuple[Settings, str]:
    outside = [
        rows[(rows["value"] < low) | (rows["value"] > high)]["ballot"].nunique() for low, high in SCALES
    ]
    if 0 not in outside:
        raise ForeignError(f"expected answers from {SCALES[-1][0]} to {SCALES[-1][1]}; {NEEDED}")
    at = outside.index(0)
    if at:
        low, high = SCALES[at - 1]
        _many(outside[at - 1], f"answer outside {low} to {high}")
    low, high = SCALES[at]
    return {"min": low, "max": high}, f"assumed to be asked from {low} to {high}"


def _dots(rows: pd.DataFrame) -> tuple[Settings, str]:
    is_against = rows["text"] == AGAINST
    marks, against = rows[~is_against], rows[is_against]
    placed = marks.groupby(["round", "ballot"])["value"].sum()
    budget = int(max(placed.max(), 1)) if len(placed) else 1
    if budget > 1:
        _many((placed == budget).groupby("ballot").any().sum(), f"place {budget} dots")
    tallest = marks["value"].max()
    is_cap = marks[marks["value"] == tallest]["ballot"].nunique() >= POLICY.k
    cap = int(max(tallest, 1)) if is_cap else budget
    if len(against):
        _many(against["ballot"].nunique(), "have marks against")
    said = f"assumed to be asked with {budget} dots, at most {cap} on one option"
    return {"dots": budget, "cap": cap, "against": bool(len(against))}, said


def _sort(rows: pd.DataFrame) -> tuple[Settings, str]:
    keys = sorted({text for text in rows["text"] if text})
    if not BUCKETS[0] <= len(keys) <= BUCKETS[1]:
        raise ForeignError(f"expected two to four buckets in the column text, found {len(keys)}; {NEEDED}")
    for key in keys:
        _many(rows[rows["text"] == key]["ballot"].nunique(), f"use the bucket {key!r}")
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
