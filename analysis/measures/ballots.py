"""The ballots of one round as matrices: what the measures of every kind start from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from analysis.responses import Meeting, Question, Responses, Round

AGAINST = "against"
# Between the item and the rated group in the key of a cell (kind marks).
BETWEEN = "\x1f"
MOST_POINTS = 1_000_000  # on one option of one ballot
# The least and greatest number, where a question's settings have none; other kinds' answers are no numbers.
ENDS = {"scale": (0, 10), "trust": (0, 10), "dots": (0, MOST_POINTS), "marks": (0, 1)}


@dataclass(frozen=True)
class Ballots:
    """The raw ballots of one question round; private to measures and the gate.

    `n` non-blank ballots by `items`: `values` (float, missing where no number was given), `given` (an
    answer was given, "don't know" included), `against` (marks against). `groups` has each ballot's group,
    `ids` its id. `blank` counts blank ballots. Groups that do not vote are not here at all.

    sort: a value is the bucket's place, unsure is missing. collect: a ballot is a list, 1 what it mentions,
    and `reasons` are its place, the item's place and the words. marks: `items` are cells (see `cell`), 1 a
    tick.
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
    reasons: tuple[tuple[int, int, str], ...] = ()
    # What was made of an array of groups, with that array: copies of a room often share it.
    _made: dict[str, tuple[np.ndarray, Any]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def n(self) -> int:
        """Return the number of non-blank ballots."""
        return len(self.groups)

    def of(self, group: str) -> np.ndarray:
        """Return the mask of one group's ballots, shape (n,); not to be written into."""
        codes, places = self.codes
        found: np.ndarray = self._once(f"mask {group}", lambda: codes == places.get(group, -1))
        return found

    @property
    def codes(self) -> tuple[np.ndarray, dict[str, int]]:
        """Return each ballot's group as a number, shape (n,), and the groups' numbers."""
        return self._once("codes", lambda: _numbered(self.groups))

    def _once(self, name: str, make: Callable[[], Any]) -> Any:
        made_from, found = self._made.get(name, (None, None))
        if made_from is not self.groups:
            found = make()
            self._made[name] = self.groups, found
        return found

    def column(self, item: str) -> int:
        """Return the item's place in the matrices; raises ValueError for an item of another question."""
        return self.items.index(item)


def ballots_of(responses: Responses, question: Question, one: Round) -> Ballots:
    """Return the ballots of one round of a question.

    Raises ValueError when a row answers an item that the codebook does not have, or what was not offered.
    """
    meeting = responses.meeting
    frame = responses.frame
    rows = frame[(frame["question"] == question.key) & (frame["round"] == one.number)]
    outside = {group.key for group in meeting.groups if not group.votes}
    if outside:
        rows = rows[~rows["group"].isin(outside)]
    keys = [item.key for item in question.items]
    unknown = sorted(set(rows["item"].unique()) - {"", *keys})
    if unknown:
        raise ValueError(f"Question {question.key!r} has no item {unknown[0]!r}.")
    answers = rows[rows["item"] != ""]
    _offered(question, answers)
    read = READERS.get(question.kind, _numbers)(meeting, question, answers)
    who = rows if read.blank_counts else answers
    everybody, ids = pd.factorize(who[read.owner])
    codes = everybody if who is answers else everybody[(who["item"] != "").to_numpy()]
    shape = (len(ids), len(read.items))
    values, given, against = np.full(shape, np.nan), np.zeros(shape, bool), np.zeros(shape, bool)
    against[codes[read.against], read.columns[read.against]] = True
    given[codes[~read.against], read.columns[~read.against]] = True
    values[codes[~read.against], read.columns[~read.against]] = read.values[~read.against]
    groups = np.full(len(ids), "", dtype=object)
    groups[everybody] = who["group"].to_numpy(dtype=object)
    blank = 0 if read.blank_counts else rows.loc[rows["item"] == "", "ballot"].nunique()
    return Ballots(
        meeting,
        question,
        one,
        read.items,
        np.asarray(ids, dtype=object),
        groups,
        values,
        given,
        against,
        blank,
        _sizes(meeting, groups),
        tuple(zip(codes.tolist(), read.columns.tolist(), read.words, strict=True)) if read.words else (),
    )


def _offered(question: Question, answers: pd.DataFrame) -> None:
    """Refuse numbers that the question does not offer: no count would hold them."""
    if question.kind not in ENDS:
        return
    least, most = ENDS[question.kind]
    low, high = question.settings.get("min", least), question.settings.get("max", most)
    values = answers["value"]
    wrong = answers[values.notna() & ~(values.between(low, high) & (values % 1 == 0))]
    if len(wrong):
        item, value = wrong[["item", "value"]].iloc[0]
        raise ValueError(
            f"Question {question.key!r}: the answer {value:g} to {item!r} is not "
            f"a whole number from {low} to {high}."
        )


@dataclass(frozen=True)
class _Read:
    """What a kind makes of its rows: the matrices' columns (`items`), and each row's place among them, value,
    whether it is a mark against, and words. `owner` is the column that says which rows are one ballot;
    `blank_counts` says that a blank ballot is one like any other.
    """

    items: tuple[str, ...]
    columns: np.ndarray
    values: np.ndarray
    against: np.ndarray
    owner: str = "ballot"
    words: tuple[str, ...] = ()
    blank_counts: bool = False


def _places(keys: Sequence[str], of: pd.Series) -> np.ndarray:
    found: np.ndarray = pd.Index(list(keys)).get_indexer(pd.Index(of))
    return found


def _numbers(meeting: Meeting, question: Question, answers: pd.DataFrame) -> _Read:
    items = tuple(item.key for item in question.items)
    against = (answers["text"] == AGAINST).to_numpy()
    return _Read(items, _places(items, answers["item"]), answers["value"].to_numpy(dtype=float), against)


def _buckets(meeting: Meeting, question: Question, answers: pd.DataFrame) -> _Read:
    """Read buckets as their places in the question; unsure has none."""
    items = tuple(item.key for item in question.items)
    texts = answers["text"]
    places = _places(list(question.levels), texts)
    wrong = texts[(places < 0) & (texts != "").to_numpy()]
    if len(wrong):
        raise ValueError(f"Question {question.key!r} has no bucket {wrong.iloc[0]!r}.")
    values = np.where(places < 0, np.nan, places)
    return _Read(items, _places(items, answers["item"]), values, np.zeros(len(answers), bool))


def _lists(meeting: Meeting, question: Question, answers: pd.DataFrame) -> _Read:
    """Read what lists mention; those of one group are one list, unless each ballot is a list of its own.

    A list without points is a list: were it told apart, the others would be known to mention something.
    """
    items = tuple(item.key for item in question.items)
    return _Read(
        items,
        _places(items, answers["item"]),
        np.ones(len(answers)),
        np.zeros(len(answers), bool),
        owner="ballot" if question.settings.get("by") == "ballot" else "group",
        words=tuple(map(str, answers["text"])),
        blank_counts=True,
    )


def _ticks(meeting: Meeting, question: Question, answers: pd.DataFrame) -> _Read:
    """Read ticks as one column for each item of each rated group; a tick without a number is one."""
    rated = rated_groups(meeting, question)
    unknown = sorted(set(answers["text"].unique()) - set(rated))
    if unknown:
        raise ValueError(f"Question {question.key!r} rates no group {unknown[0]!r}.")
    items = tuple(cell(item.key, group) for item in question.items for group in rated)
    keys = answers["item"].astype(str) + BETWEEN + answers["text"].astype(str)
    values = np.nan_to_num(answers["value"].to_numpy(dtype=float), nan=1.0)
    return _Read(items, _places(items, keys), values, np.zeros(len(answers), bool))


READERS: Mapping[str, Callable[[Meeting, Question, pd.DataFrame], _Read]] = {
    "sort": _buckets,
    "collect": _lists,
    "marks": _ticks,
}


def cell(item: str, group: str) -> str:
    """Return the key of an item of a rated group."""
    return f"{item}{BETWEEN}{group}"


def parts(key: str) -> tuple[str, str]:
    """Return item and rated group of a cell's key."""
    item, _, group = key.partition(BETWEEN)
    return item, group


def rated_groups(meeting: Meeting, question: Question) -> tuple[str, ...]:
    """Return the keys of the groups that a question rates: those it names, or those that vote."""
    named = question.settings.get("rated")
    return tuple(named if named is not None else (group.key for group in meeting.groups if group.votes))


def _sizes(meeting: Meeting, groups: np.ndarray) -> dict[str, int]:
    codes, places = _numbered(groups)
    counts = np.bincount(codes, minlength=len(places)).tolist()
    present = {name: count for name, count in zip(places, counts, strict=True) if name}
    known = [group.key for group in meeting.groups]
    order = [key for key in known if key in present] + sorted(set(present) - set(known))
    return {key: present[key] for key in order}


def _numbered(groups: np.ndarray) -> tuple[np.ndarray, dict[str, int]]:
    codes, names = pd.factorize(groups)
    return codes, {str(name): at for at, name in enumerate(names.tolist())}
