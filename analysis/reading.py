"""One question and round of Published, ready to be read: figures, findings and report look things up here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from analysis.disclosure.published import Published
from analysis.language import Words, number, words
from analysis.responses import Group, Item, Question, Round

Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Reading:
    """The released rows of one question and round. Look-ups answer None where there is no value to see."""

    published: Published
    question: Question
    round: Round
    language: str

    @cached_property
    def t(self) -> Words:
        """The texts in this reading's language."""
        return words(self.language)

    @cached_property
    def rows(self) -> dict[Key, dict[str, Any]]:
        """Rows by (measure, item, group, level)."""
        found = self.published.of(self.question.key, self.round.number)
        columns = {name: found[name].tolist() for name in found.columns}
        rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        return {(row["measure"], row["item"], row["group"], str(row["level"])): row for row in rows}

    def value(self, measure: str, item: str = "", group: str = "", level: str = "") -> float | None:
        """Return the value of a row, or None when it is not there or not shown."""
        row = self.rows.get((measure, item, group, level))
        return None if row is None or row["hidden"] or pd.isna(row["value"]) else float(row["value"])

    def count(self, measure: str, item: str = "", group: str = "", level: str = "") -> int:
        """Return a value as a whole number; 0 when there is none."""
        return round(self.value(measure, item, group, level) or 0)

    def text(self, measure: str, item: str = "", group: str = "") -> str:
        """Return the text of a row, or nothing."""
        row = self.rows.get((measure, item, group, ""))
        return "" if row is None or row["hidden"] else str(row["text"])

    def each(self, measure: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a measure."""
        return (row for key, row in self.rows.items() if key[0] == measure)

    def texts(self, measure: str, item: str, group: str = "") -> list[tuple[str, str]]:
        """Return (group, text) of the visible rows of a measure that says things word for word, in order.

        Without a group those of all groups.
        """
        return [
            (row["group"], row["text"])
            for row in self.each(measure)
            if row["item"] == item and group in ("", row["group"]) and row["text"] and not row["hidden"]
        ]

    def levels(self, measure: str, item: str, group: str = "") -> dict[str, float]:
        """Return level -> value of the visible rows of a measure with levels."""
        return {
            key[3]: float(row["value"])
            for key, row in self.rows.items()
            if key[:3] == (measure, item, group) and key[3] and not row["hidden"] and pd.notna(row["value"])
        }

    def why_hidden(self, item: str = "", group: str = "", measure: str = "") -> str:
        """Return the sentence that says why something is not shown, or nothing."""
        for key, row in self.rows.items():
            if key[1:3] == (item, group) and row["hidden"] and (not measure or key[0] == measure):
                return self.reason(str(row["hidden"]))
        return ""

    def reason(self, key: str) -> str:
        """Return the sentence for a reason key of a hidden row."""
        return self.t.get(f"hidden_{key}_{self.question.kind}", f"hidden_{key}", key, "hidden", k=self.k)

    def number(self, value: float) -> str:
        """Return a number as it is written in this language."""
        return number(value, self.language)

    @property
    def n(self) -> int:
        """Ballots behind the figures: counted and not blank; 0 where only turnout may be told."""
        return self.round.counted or 0

    @property
    def k(self) -> int:
        """The smallest group shown."""
        return self.published.policy.smallest(self.round.sealed_k)

    @property
    def form(self) -> str:
        """How much of it is released: `full`, `small` or `turnout`."""
        return self.text("released") or "full"

    @property
    def open(self) -> bool:
        """Whether the question was declared open, so that every ballot with its group is out."""
        return self.question.secrecy == "open"

    @property
    def voting(self) -> tuple[Group, ...]:
        """The groups that vote, in the meeting's own order."""
        return tuple(group for group in self.published.meeting.groups if group.votes)

    @cached_property
    def compared(self) -> Reading | None:
        """The earlier round that this one is compared with; None where there is none, or it was put aside."""
        number = self.value("compared_with")
        rounds = {one.number: one for one in self.question.rounds if one.state != "annulled"}
        earlier = None if number is None else rounds.get(round(number))
        if earlier is None or self.published.of(self.question.key, earlier.number).empty:
            return None
        return Reading(self.published, self.question, earlier, self.language)

    def group(self, key: str) -> Group:
        """Return a group by key; one that the codebook lacks stands in with its key as name."""
        found = [group for group in self.published.meeting.groups if group.key == key]
        return found[0] if found else Group(key, key, "#C8BEAC")

    def item(self, key: str) -> Item:
        """Return an item by key; raises KeyError."""
        for item in self.question.items:
            if item.key == key:
                return item
        raise KeyError(key)


def reading(
    published: Published, question: str, round_number: int | None = None, language: str | None = None
) -> Reading:
    """Return the reading of a round, the last one that stands when none is named; raises KeyError."""
    found = published.meeting.question(question)
    out = {int(number) for number in published.of(question)["round"].unique()}
    rounds = [one for one in found.rounds if one.number in out] or list(found.rounds)
    if round_number is not None:
        rounds = [one for one in rounds if one.number == round_number]
    elif standing := [one for one in rounds if one.state != "annulled"]:
        rounds = standing
    if not rounds:
        raise KeyError(f"{question}, round {round_number}: nothing is published")
    return Reading(published, found, rounds[-1], language or published.meeting.language)
