"""The end of the report: the books of every round, and every number that was made known, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.disclosure.published import Published
from analysis.language import Words, number, probability
from analysis.responses import Question, Round

BOOKS = ("issued", "used", "unused", "void", "counted", "blank", "paper")
COLUMNS = 9  # beside the first one, on paper
NARROW, SHORT = 13, 3  # columns where every head has at most so many letters
# What people wrote stands with its question, word for word.
WRITTEN = ("reason",)
LETTERS = "abcdefghijklmnopqrstuvwxyz"

Row = Mapping[str, Any]
Table = tuple[str, list[str], list[list[str]]]  # caption, headers, rows


def books(published: Published, t: Words) -> dict[str, Any]:
    """Return `headers`, `rows` and `balanced` (see `balances`) of all rounds."""
    headers = [t("question"), t("round"), *(t(name) for name in BOOKS), t("smallest_group")]
    rows, balanced = [], True
    for question in published.meeting.questions:
        for one in question.rounds:
            balanced = balanced and balances(one)
            smallest = "–" if question.secrecy == "open" else str(published.policy.smallest(one.sealed_k))
            mark = " *" if one.state == "annulled" else ""
            values = (getattr(one, name) for name in BOOKS)
            rows.append(
                [
                    question.title,
                    f"{one.number}{mark}",
                    *("–" if value is None else str(value) for value in values),
                    smallest,
                ]
            )
    return {"headers": headers, "rows": rows, "balanced": balanced}


def balances(one: Round) -> bool:
    """Return whether issued = used + unused + void and used = counted + blank, as far as they are told."""
    cards = one.issued == one.used + one.unused + one.void
    if one.counted is None or one.blank is None:
        return cards
    return cards and one.used == one.counted + one.blank


def measures(published: Published, t: Words) -> list[dict[str, Any]]:
    """Return for every question and round `title`, `round`, `line`, `tables` and `missing`.

    `line` has the figures of the whole question, `tables` all others: items by measures, by levels, by
    groups. What is hidden is a dash with a letter, explained in `missing`.
    """
    found = []
    for question in published.meeting.questions:
        frame = published.of(question.key)
        for one in question.rounds:
            rows: Any = frame[frame["round"] == one.number].to_dict("records")
            if rows:
                sheet = Sheet(published, question, one, t)
                kept = [row for row in rows if row["measure"] not in WRITTEN]
                tables = list(sheet.tables(kept))
                found.append(
                    {
                        "title": question.title,
                        "round": one.number,
                        "line": sheet.line(kept),
                        "tables": tables,
                        "missing": sheet.missing(),
                    }
                )
    return found


class Sheet:
    """The figures of one question round, written out."""

    def __init__(self, published: Published, question: Question, one: Round, t: Words) -> None:
        self.t, self.k = t, published.policy.smallest(one.sealed_k)
        self.top = published.policy.top_k
        self.groups = {group.key: group.name for group in published.meeting.groups}
        self.items = {item.key: item.text for item in question.items}
        # The levels of a scale are its steps, whatever the groups are called.
        self.levels = {} if "min" in question.settings else {**self.groups, **question.levels}
        self.reasons: dict[str, str] = {}

    def line(self, rows: Sequence[Row]) -> str:
        """Return the figures of the question as a whole, the books left out, in one line."""
        said = []
        for row in rows:
            if not row["item"] and not row["group"] and row["measure"] not in BOOKS:
                name = self.measure(row["measure"])
                level = f" ({self.level(row['level'])})" if row["level"] else ""
                value = self.value(row)
                said.append(f"{name}{level}: {value}" if value else name)
        return "; ".join(said) + "." if said else ""

    def tables(self, rows: Sequence[Row]) -> Iterator[Table]:
        """Yield the tables, each narrow enough for paper."""
        of_items = [row for row in rows if row["item"]]
        plain = [row for row in of_items if not row["group"] and not row["level"]]
        yield from self._grid(plain, self._item, lambda row: self.measure(row["measure"]), ballots=True)
        apart = [row for row in of_items if row["group"] or row["level"]]
        for measure in dict.fromkeys(row["measure"] for row in apart):
            mine = [row for row in apart if row["measure"] == measure]
            name = self.measure(measure)
            if all(row["item"] == row["group"] for row in mine):  # what groups say of themselves: one line
                yield from self._grid(mine, lambda row: self.measure(row["measure"]), self._group)
                continue
            levels = [row for row in mine if row["level"] and not row["group"]]
            groups = [row for row in mine if row["group"] and not row["level"]]
            both = [row for row in mine if row["group"] and row["level"]]
            yield from self._grid(levels, self._item, lambda row: self.level(row["level"]), name)
            yield from self._grid(groups, self._item, self._group, name)
            yield from self._grid(
                both,
                lambda row: f"{self._item(row)}: {self._group(row)}",
                lambda row: self.level(row["level"]),
                name,
            )
        of_groups = [row for row in rows if not row["item"] and row["group"]]
        plain = [row for row in of_groups if not row["level"]]
        yield from self._grid(plain, lambda row: self.measure(row["measure"]), self._group)
        levels = [row for row in of_groups if row["level"]]
        for measure in dict.fromkeys(row["measure"] for row in levels):
            mine = [row for row in levels if row["measure"] == measure]
            yield from self._grid(
                mine, self._group, lambda row: self.level(row["level"]), self.measure(measure)
            )

    def missing(self) -> str:
        """Return what the letters behind dashes mean."""
        return " ".join(
            f"{letter}: {self.t.get(f'hidden_{reason}', 'hidden', k=self.k)}"
            for reason, letter in self.reasons.items()
        )

    def _grid(
        self,
        rows: Sequence[Row],
        line: Callable[[Row], str],
        column: Callable[[Row], str],
        caption: str = "",
        ballots: bool = False,
    ) -> Iterator[Table]:
        cells: dict[str, dict[str, str]] = {}
        behind: dict[str, list[int]] = {}
        heads: dict[str, None] = {}
        for row in rows:
            heads.setdefault(column(row))
            cells.setdefault(line(row), {})[column(row)] = self.value(row) or self.t("said_of_it")
            behind.setdefault(line(row), []).extend([] if pd.isna(row["n"]) else [int(row["n"])])
        for place, part in enumerate(columns(list(heads))):
            written = [[name, *(of.get(head, "") for head in part)] for name, of in cells.items()]
            kept = [one for one in written if any(one[1:])]
            if ballots and not place:
                kept = [[*one, _span(behind[one[0]])] for one in kept]
                yield caption, ["", *part, "n"], kept
            else:
                yield caption, ["", *part], kept

    def _item(self, row: Row) -> str:
        return self.items.get(row["item"]) or self.groups.get(row["item"]) or str(row["item"])

    def _group(self, row: Row) -> str:
        return self.groups.get(row["group"], str(row["group"]))

    def measure(self, key: str) -> str:
        """Return a measure's name; a later one is shown by its key rather than lost."""
        return self.t.get(f"head_{key}", otherwise=key, top=self.top)

    def level(self, key: str) -> str:
        """Return a level's name: a step, a bucket, a group or a rule."""
        return self.levels.get(key) or self.t.get(f"head_{key}", f"rule_{key}", otherwise=key)

    def value(self, row: Row) -> str:
        """Return a figure or word; a dash with a letter where hidden, nothing where there is none."""
        if row["hidden"]:
            letter = self.reasons.setdefault(row["hidden"], LETTERS[len(self.reasons) % len(LETTERS)])
            return f"– {letter}"
        if row["text"]:
            return self.t.get(f"word_{row['text'].replace(' ', '_')}", otherwise=row["text"])
        written = probability if row["measure"].endswith("_p") else number
        return "" if pd.isna(row["value"]) else written(row["value"], self.t.language)


def columns(heads: list[str], most: int = COLUMNS) -> Iterator[list[str]]:
    """Yield heads in pieces of about the same length that fit on paper."""
    most = NARROW if all(len(head) <= SHORT for head in heads) else most
    pieces = -(-len(heads) // most)
    size = -(-len(heads) // max(1, pieces))
    for start in range(0, len(heads), max(1, size)):
        yield heads[start : start + size]


def _span(numbers: list[int]) -> str:
    """Return how many ballots stand behind a line's figures."""
    low, high = min(numbers, default=0), max(numbers, default=0)
    return "" if not high else str(high) if low == high else f"{low}–{high}"
