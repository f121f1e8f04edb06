"""Reader of a pandas frame (or CSV file) with one row per ballot and item, in the columns of `COLUMNS`.

`ballot`, `item` and `value` are needed, and `kind` unless a codebook comes along. What the frame does not
say is assumed and remarked: one question, one round, one group, a scale of 1 to 5, 0 to 10 or 0 to 100. With
few ballots, or where that would tell of a few, a codebook is needed. Questions are sealed unless it says
otherwise, so that the rules of disclosure hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.cells import RISKY
from analysis.colours import colour
from analysis.foreign import NOBODYS, Foreign, ForeignError, categories
from analysis.responses import COLUMNS, Group, Item, Meeting, Question, Responses, Round
from analysis.tidy_kinds import SHAPES, assumed

NEEDED = ("ballot", "item", "value")
ASSUMED: dict[str, Any] = {
    "meeting": "meeting",
    "question": "question",
    "round": 1,
    "group": NOBODYS,
    "text": "",
}
KEYS = ("meeting", "question", "kind", "ballot", "group", "item", "text")
BALLOT = ["question", "round", "ballot"]
MOST_ROUNDS = 10_000


def read_csv(path: str | Path, meeting: Meeting | None = None) -> Foreign:
    """Return the answers in a CSV file with comma, semicolon or tab; see `read`. Raises ForeignError."""
    frame = categories(Path(path), ",;\t")
    # An apostrophe before a formula's sign was put there for spreadsheets.
    guarded = tuple(f"'{sign}" for sign in (*RISKY, "'"))
    for name in frame.columns:
        frame[name] = _renamed(frame[name], lambda cell: cell[1:] if cell.startswith(guarded) else cell)
    # The row after the heading is a spreadsheet's second.
    frame.index = pd.RangeIndex(2, 2 + len(frame))
    try:
        return read(frame, meeting)
    except ForeignError as error:
        raise ForeignError(f"{Path(path).name}: {error}") from None


def read(frame: pd.DataFrame, meeting: Meeting | None = None) -> Foreign:
    """Return the answers in a frame; raises ForeignError naming the row and what was expected.

    Rows go by the numbers of a plain range as index, otherwise from 0.
    """
    remarks: list[str] = []
    tidy = _columns(frame, meeting, remarks)
    if tidy.empty and meeting is None:
        raise ForeignError("There are no rows; expected one per ballot and item.")
    for name in KEYS:
        tidy[name] = _keys(tidy[name], name)
    tidy["round"] = _numbers(tidy["round"], "round")
    outside = (tidy["round"] < 1) | (tidy["round"] > MOST_ROUNDS)
    _refuse(tidy, outside, f"round: expected a number from 1 to {MOST_ROUNDS}")
    tidy["round"] = tidy["round"].astype("int64")
    tidy["value"] = _numbers(tidy["value"], "value", empty=True)
    _refuse(tidy, tidy["ballot"] == "", "ballot: expected a key, found nothing")
    nobodys = tidy["group"] == ""
    if nobodys.any():
        remarks.append(f"Rows without a group stand as the group {NOBODYS}.")
        tidy["group"] = _renamed(tidy["group"], lambda key: key or NOBODYS)
    tidy = _once(tidy, remarks)
    book = meeting or _codebook(tidy, remarks)
    book = replace(book, questions=tuple(_with_books(one, tidy, book) for one in book.questions))
    tidy["meeting"] = _renamed(tidy["meeting"], lambda _: book.key)
    _hold(tidy, book)
    return Foreign(Responses(book, tidy.reset_index(drop=True)), tuple(remarks))


def _columns(frame: pd.DataFrame, meeting: Meeting | None, remarks: list[str]) -> pd.DataFrame:
    tidy = frame.copy() if isinstance(frame.index, pd.RangeIndex) else frame.reset_index(drop=True)
    tidy.columns = pd.Index([str(name).strip().lower() for name in frame.columns])
    if tidy.columns.duplicated().any():
        raise ForeignError(f"The column {tidy.columns[tidy.columns.duplicated()][0]!r} stands twice.")
    if "kind" not in tidy and meeting is not None and "question" in tidy:
        kinds = {question.key: question.kind for question in meeting.questions}
        tidy["kind"] = [kinds.get(str(key).strip(), "") for key in tidy["question"]]
    missing = [name for name in (*NEEDED, "kind") if name not in tidy]
    if missing:
        raise ForeignError(f"There is no column {missing[0]!r}; expected {', '.join(COLUMNS)}.")
    extra = [name for name in tidy if name not in COLUMNS]
    if extra:
        remarks.append(f"Columns that are not read: {', '.join(map(str, extra))}.")
    absent = [name for name in ASSUMED if name not in tidy]
    told = [f"{name} {ASSUMED[name]!r}" for name in absent if ASSUMED[name] != ""]
    if told:
        remarks.append(f"Not in the table, so assumed for all rows: {', '.join(told)}.")
    for name in absent:
        tidy[name] = ASSUMED[name]
    return tidy[list(COLUMNS)]


def _renamed(column: pd.Series, new: Callable[[Any], str]) -> pd.Series:
    """Return a column of categories with new names; those that get the same name become one."""
    names = [new(name) for name in column.cat.categories]
    if names == column.cat.categories.tolist():
        return column
    kept = pd.Index(dict.fromkeys(names), dtype="object")
    codes = column.cat.codes.to_numpy()
    moved = np.append(kept.get_indexer(pd.Index(names, dtype="object")), -1)[codes]
    return pd.Series(pd.Categorical.from_codes(moved, categories=kept), index=column.index)


def _keys(column: pd.Series, name: str) -> pd.Series:
    """Return keys as text: numbers without an empty decimal part, no spaces around, empty where missing.

    They are categories: a million rows have few keys, and each is kept once. Raises ForeignError.
    """
    try:
        found = column if isinstance(column.dtype, pd.CategoricalDtype) else column.astype("category")
    except TypeError:
        at, kind = next((at, type(cell).__name__) for at, cell in column.items() if not _is_plain(cell))
        raise ForeignError(f"Row {at}, {name}: expected text or a number, found a {kind}.") from None
    found = _renamed(found, _key)
    if not found.isna().any():
        return found
    if "" not in found.cat.categories:
        found = found.cat.add_categories([""])
    return found.fillna("")


def _is_plain(cell: object) -> bool:
    try:
        hash(cell)
    except TypeError:
        return False
    return True


def _key(key: object) -> str:
    if isinstance(key, str):
        return key.strip()
    whole = isinstance(key, float | np.floating) and float(key).is_integer()
    return str(int(key)) if whole else str(key).strip()  # type: ignore[call-overload]


def _numbers(column: pd.Series, name: str, empty: bool = False) -> pd.Series:
    """Return a column as floats, numbers written with a decimal comma too; raises ForeignError."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        # Each way of writing a number is read once.
        written = _floats(pd.Series(column.cat.categories))
        nothing = np.append((pd.Series(column.cat.categories).astype(str).str.strip() == "").to_numpy(), True)
        codes = column.cat.codes.to_numpy()
        found = pd.Series(np.append(written.to_numpy(), np.nan)[codes], index=column.index)
        missing = pd.Series(nothing[codes], index=column.index)
    else:
        found, missing = _floats(column), column.isna() | (column.astype(str).str.strip() == "")
    wrong = (found.isna() & ~missing) | np.isinf(found) | (found.notna() & (found % 1 != 0))
    if not empty:
        wrong |= found.isna()
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        shown = None if missing.iloc[at] else column.iloc[at]
        raise ForeignError(f"Row {column.index[at]}, {name}: expected a whole number, found {str(shown)!r}.")
    return found


def _floats(column: pd.Series) -> pd.Series:
    if column.dtype == object or pd.api.types.is_string_dtype(column):
        column = column.astype("object").fillna("").astype(str).str.strip().str.replace(",", ".", regex=False)
    return pd.to_numeric(column, errors="coerce").astype("float64")


def _refuse(tidy: pd.DataFrame, wrong: pd.Series, sentence: str) -> None:
    if wrong.any():
        raise ForeignError(f"Row {tidy.index[wrong][0]}, {sentence}.")


def _once(tidy: pd.DataFrame, remarks: list[str]) -> pd.DataFrame:
    """Return the rows with every answer once; a ballot has one group and one answer per item."""
    if pd.Series(_numbered(tidy, [*BALLOT, "item"])).duplicated().any():
        same = tidy.duplicated()
        if same.any():
            remarks.append(f"{int(same.sum())} rows stood twice; each counts once.")
            tidy = tidy[~same]
        differ = tidy["kind"].isin([kind for kind, shape in SHAPES.items() if shape.texts_differ])
        answer = tidy[[*BALLOT, "item"]].assign(text=tidy["text"].astype("object").where(differ, ""))
        _refuse(tidy, answer.duplicated(), "item: the ballot has another answer to it")
    ballots, groups = _numbered(tidy, BALLOT), tidy["group"].cat.codes.to_numpy()
    many = int(ballots.max(initial=-1)) + 1
    own = np.zeros(many, dtype=groups.dtype)
    own[ballots] = groups
    elsewhere = pd.Series(np.isin(ballots, ballots[own[ballots] != groups]), index=tidy.index)
    _refuse(tidy, elsewhere, "group: the ballot has rows of another group")
    blank = (tidy["item"] == "").to_numpy()
    answered = np.zeros(many, dtype=bool)
    answered[ballots[~blank]] = True
    idle = blank & answered[ballots]
    if idle.any():
        remarks.append(f"{int(idle.sum())} rows said blank of a ballot with answers; the answers stand.")
        tidy = tidy[~idle]
    return tidy


def _numbered(tidy: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """Return a number for each row, the same where these columns are the same."""
    numbers = np.zeros(len(tidy), dtype=np.int64)
    for name in names:
        column = tidy[name]
        categories = isinstance(column.dtype, pd.CategoricalDtype)
        codes = column.cat.codes.to_numpy(dtype=np.int64) if categories else pd.factorize(column)[0]
        if len(codes) and (codes != codes[0]).any():
            numbers = pd.factorize(numbers * (int(codes.max()) + 1) + codes)[0]
    return numbers


def _codebook(tidy: pd.DataFrame, remarks: list[str]) -> Meeting:
    if tidy["meeting"].nunique() > 1:
        raise ForeignError(f"Expected one meeting, found {', '.join(sorted(tidy['meeting'].unique()))}.")
    if tidy[["question", "kind"]].drop_duplicates()["question"].duplicated().any():
        raise ForeignError("A question has rows of two kinds; expected one kind per question.")
    questions = []
    for (key, kind), rows in tidy.groupby(["question", "kind"], sort=False):
        if kind not in SHAPES:
            raise ForeignError(f"Question {key!r}: expected a kind of {', '.join(SHAPES)}, found {kind!r}.")
        try:
            settings, remark = assumed(str(kind), rows)
        except ForeignError as error:
            raise ForeignError(f"Question {key!r}: {error}.") from None
        remarks.append(f"Question {key!r}: {remark}.")
        # In the order of their rows they would tell what the first ballots chose.
        items = tuple(Item(item, item) for item in sorted(rows["item"].unique()) if item)
        questions.append(Question(str(key), str(kind), str(key), items=items, settings=settings))
    groups = sorted(tidy["group"].unique())
    key = str(tidy["meeting"].iloc[0]) if len(tidy) else str(ASSUMED["meeting"])
    named = tuple(Group(group, group, colour(at)) for at, group in enumerate(groups))
    return Meeting(key, key, language="en", groups=named, questions=tuple(questions))


def _with_books(question: Question, tidy: pd.DataFrame, meeting: Meeting) -> Question:
    """Return the question with the books of the rounds in the frame, where the codebook has none."""
    if question.rounds:
        return question
    voting = {group.key for group in meeting.groups if group.votes}
    mine = tidy[(tidy["question"] == question.key) & tidy["group"].isin(voting)]
    return replace(question, rounds=tuple(_books(int(str(at)), rows) for at, rows in mine.groupby("round")))


def _books(number: int, rows: pd.DataFrame) -> Round:
    sizes: Mapping[Any, int] = rows.groupby("group")["ballot"].nunique().to_dict()
    used = rows["ballot"].nunique()
    counted = rows.loc[rows["item"] != "", "ballot"].nunique()
    by_group = {str(key): {"issued": size, "used": size} for key, size in sizes.items()}
    return Round(number, issued=used, used=used, counted=counted, blank=used - counted, by_group=by_group)


def _hold(tidy: pd.DataFrame, meeting: Meeting) -> None:
    """Hold the rows to the codebook: questions, kinds, items, groups, and values inside their scale."""
    known = {question.key: question for question in meeting.questions}
    groups = {group.key for group in meeting.groups}
    _refuse(tidy, ~tidy["group"].isin(groups), "group: it is not in the codebook")
    _refuse(tidy, ~tidy["question"].isin(known), "question: it is not in the codebook")
    for key, rows in tidy.groupby("question"):
        question = known[str(key)]
        _refuse(rows, rows["kind"] != question.kind, f"kind: question {key!r} is of kind {question.kind}")
        items = {"", *(item.key for item in question.items)}
        _refuse(rows, ~rows["item"].isin(items), f"item: it is not among those of question {key!r}")
        shape, answers = SHAPES[question.kind], rows[rows["item"] != ""]
        texts = shape.texts(meeting, question)
        if texts is not None:
            wrong = ~answers["text"].isin(texts)
            _refuse(answers, wrong, f"text: it is not among what question {key!r} offers")
        low, high = question.settings.get("min", shape.ends[0]), question.settings.get("max", shape.ends[1])
        outside = (rows["value"] < low) | (rows["value"] > high)
        _refuse(rows, outside, f"value: it is outside the scale of question {key!r}")
