"""What was published, for spreadsheets: CSV as a Norwegian Excel reads it, and a workbook."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import Any

import pandas as pd

from analysis.cells import guard, plain, table
from analysis.disclosure import COLUMNS, Published
from analysis.language import Words, words
from analysis.responses import Question

BOM = "\ufeff"
LONGEST_NAME = 31
READABLE = ("question_title", "item_text", "group_name", "why_hidden")
SHEET = ("round", "item", "group", "measure", "level", "value", "text", "n", "hidden")
BOOKS = ("issued", "used", "unused", "void", "counted", "blank", "paper")


def csv_for_excel(published: Published, language: str) -> bytes:
    """Return the released rows as CSV: UTF-8 with BOM, semicolons, the language's decimal sign, inert text.

    The columns are those of the data package with readable names after them.
    """
    names = _Names(published, language)
    rows: list[list[str]] = [[*COLUMNS, *READABLE]]
    for row in published.rows.to_dict("records"):
        cells = [_written(row[name], language) for name in COLUMNS]
        rows.append([*cells, *(guard(cell) for cell in names.of(row))])
    return (BOM + table(rows, ";")).encode()


def xlsx(published: Published, language: str) -> bytes:
    """Return a workbook: a sheet with the codebook, then one per question. Every text cell is text, never
    a formula.
    """
    from openpyxl import Workbook

    book, names = Workbook(), _Names(published, language)
    first: Any = book.active
    first.title = _sheet_name(names.words("sheet_codebook"), [])
    _fill(first, _codebook(published, names.words))
    for question in published.meeting.questions:
        sheet = book.create_sheet(_sheet_name(question.title or question.key, book.sheetnames))
        _fill(sheet, _question(published, question, names))
        sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _question(published: Published, question: Question, names: _Names) -> Iterable[list[Any]]:
    yield [names.words(f"column_{name}") for name in SHEET]
    for row in published.of(question.key).to_dict("records"):
        _, item, group, hidden = names.of(row)
        value = None if pd.isna(row["value"]) else float(row["value"])
        n = None if pd.isna(row["n"]) else int(row["n"])
        yield [row["round"], item, group, row["measure"], row["level"], value, row["text"], n, hidden]


def _codebook(published: Published, text: Words) -> Iterable[list[Any]]:
    meeting = published.meeting
    yield [text("sheet_codebook")]
    yield [meeting.title]
    yield [meeting.place, meeting.date]
    yield [text("sheet_head"), meeting.head or "\u2013"]
    yield [text("sheet_rules"), text("sheet_rules_text", k=published.policy.k)]
    yield []
    columns = ("question", "kind", "secrecy", "round", "state", *BOOKS, "sealed_k", "head")
    yield [text(f"column_{name}") for name in columns]
    for question in meeting.questions:
        for one in question.rounds:
            books = [getattr(one, name) for name in BOOKS]
            start = [question.title, question.kind, question.secrecy, one.number, one.state]
            yield [*start, *books, one.sealed_k, one.head]
    yield []
    yield [text("column_question"), text("column_item"), text("column_text")]
    for question in meeting.questions:
        for item in question.items:
            yield [question.title, item.key, item.text]
        for level, words_ in question.levels.items():
            yield [question.title, level, words_]


class _Names:
    """Titles and texts behind the keys of a row."""

    def __init__(self, published: Published, language: str) -> None:
        meeting = published.meeting
        self.words = words(language)
        self._k = published.policy.k
        self._questions = {question.key: question.title for question in meeting.questions}
        self._items = {(one.key, item.key): item.text for one in meeting.questions for item in one.items}
        self._groups = {group.key: group.name for group in meeting.groups}

    def of(self, row: dict[Any, Any]) -> list[str]:
        """Return question title, item text, group name and the reason why a value is hidden."""
        question, item, group, hidden = (row[name] for name in ("question", "item", "group", "hidden"))
        reason = f"hidden_{hidden}" if f"hidden_{hidden}" in self.words else "hidden"
        return [
            self._questions.get(question, question),
            self._items.get((question, item), item),
            self._groups.get(group, group),
            self.words(reason, k=self._k) if hidden else "",
        ]


def _written(value: Any, language: str) -> str:
    if isinstance(value, str):
        # A step below zero is a number, not a formula.
        return value if re.fullmatch(r"-?\d+", value, re.ASCII) else guard(value)
    if pd.isna(value):
        return ""
    return plain(float(value)) if language == "en" else plain(float(value)).replace(".", ",")


def _fill(sheet: Any, rows: Iterable[list[Any]]) -> None:
    for at, cells in enumerate(rows, start=1):
        for place, value in enumerate(cells, start=1):
            if value is None or value == "":
                continue
            cell = sheet.cell(at, place)
            if isinstance(value, str):
                # Control characters cannot stand in XML; what looks like a formula must stay text.
                cell.value = re.sub(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]", " ", value)[:32767]
                cell.data_type = "s"
            else:
                cell.value = value


def _sheet_name(title: str, taken: list[str]) -> str:
    clean = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", title).strip().strip("'").strip()[:LONGEST_NAME] or "\u2013"
    name, at = clean, 1
    while name.lower() in {one.lower() for one in taken}:
        at += 1
        name = f"{clean[: LONGEST_NAME - len(str(at)) - 1]} {at}"
    return name
