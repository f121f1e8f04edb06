"""The ballots of one round as matrices: what the measures of every kind start from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.responses import Meeting, Question, Responses, Round

AGAINST = "against"


@dataclass(frozen=True)
class Ballots:
    """The raw ballots of one question round; private to measures and the gate.

    `n` non-blank ballots by `items`: `values` (float, missing where no number was given), `given` (an
    answer was given, "don't know" included), `against` (marks against). `groups` has each ballot's group,
    `ids` its id. `blank` counts blank ballots. Groups that do not vote are not here at all.
    """

    meeting: Meeting
    question: Question
    round: Round
    items: tuple[str, ...]
    ids: np.ndarray
    groups: np.ndarray
    values: np.ndarray
    given: np.ndarray
    against: np.ndarray
    blank: int
    sizes: Mapping[str, int] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Return the number of non-blank ballots."""
        return len(self.groups)

    def of(self, group: str) -> np.ndarray:
        """Return the mask of one group's ballots, shape (n,)."""
        return self.groups == group

    def column(self, item: str) -> int:
        """Return the item's place in the matrices; raises ValueError for an item of another question."""
        return self.items.index(item)


def ballots_of(responses: Responses, question: Question, one: Round) -> Ballots:
    """Return the ballots of one round of a question.

    Raises ValueError when a row answers an item that the codebook does not have.
    """
    meeting = responses.meeting
    frame = responses.frame
    rows = frame[(frame["question"] == question.key) & (frame["round"] == one.number)]
    outside = {group.key for group in meeting.groups if not group.votes}
    if outside:
        rows = rows[~rows["group"].isin(outside)]
    items = tuple(item.key for item in question.items)
    unknown = sorted(set(rows["item"].unique()) - {"", *items})
    if unknown:
        raise ValueError(f"Question {question.key!r} has no item {unknown[0]!r}.")
    answers = rows[rows["item"] != ""]
    codes, ids = pd.factorize(answers["ballot"])
    columns = pd.Index(items).get_indexer(pd.Index(answers["item"]))
    shape = (len(ids), len(items))
    values, given, against = np.full(shape, np.nan), np.zeros(shape, bool), np.zeros(shape, bool)
    opposed = (answers["text"] == AGAINST).to_numpy()
    against[codes[opposed], columns[opposed]] = True
    given[codes[~opposed], columns[~opposed]] = True
    values[codes[~opposed], columns[~opposed]] = answers["value"].to_numpy(dtype=float)[~opposed]
    groups = np.full(len(ids), "", dtype=object)
    groups[codes] = answers["group"].to_numpy(dtype=object)
    blank = rows.loc[rows["item"] == "", "ballot"].nunique()
    return Ballots(
        meeting,
        question,
        one,
        items,
        np.asarray(ids, dtype=object),
        groups,
        values,
        given,
        against,
        blank,
        _sizes(meeting, groups),
    )


def _sizes(meeting: Meeting, groups: np.ndarray) -> dict[str, int]:
    names, counts = np.unique(groups.astype(str), return_counts=True)
    present = {str(name): int(count) for name, count in zip(names, counts, strict=True) if name}
    known = [group.key for group in meeting.groups]
    order = [key for key in known if key in present] + sorted(set(present) - set(known))
    return {key: present[key] for key in order}
