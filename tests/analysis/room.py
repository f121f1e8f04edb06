"""Rooms of voters for tests: from a plain list of ballots to Responses, and random rooms for hypothesis."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from analysis.responses import Group, Item, Meeting, Question, Responses, Round

KEYS = "ABCDEFGH"
# One ballot: its group and its answers by item; None is "don't know", an empty mapping a blank ballot. What
# is sorted has a bucket for an answer, a list's points reasons, and marks answers by item and rated group.
Ballot = tuple[str, Mapping[Any, Any]]
BUCKETS = ("together", "alone", "later")
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "scale": {"min": 0, "max": 10},
    "trust": {"min": 0, "max": 10},
    "dots": {"dots": 3, "cap": 3},
    "sort": {"buckets": [{"key": key, "text": key.title()} for key in BUCKETS]},
    "collect": {"by": "group"},
    "marks": {},
}
# How an answer stands in the frame, where it is not a number.
ROWS: Mapping[str, Callable[[Any, Any], dict[str, Any]]] = {
    "sort": lambda item, bucket: {"item": item, "text": bucket or ""},
    "collect": lambda item, reason: {"item": item, "text": reason or ""},
    "marks": lambda cell, tick: {"item": cell[0], "text": cell[1], "value": tick} if cell else {"item": ""},
}


def responses(
    kind: str,
    ballots: Sequence[Ballot],
    items: Sequence[str],
    *,
    k: int = 5,
    secrecy: str = "sealed",
    settings: Mapping[str, Any] | None = None,
    groups: Sequence[str] | None = None,
    number: int = 1,
    guests: Sequence[str] = (),
) -> Responses:
    """Return the responses of one question round with books in balance."""
    keys = list(groups) if groups is not None else sorted({group for group, _ in ballots})
    counted = [ballot for ballot in ballots if ballot[0] not in guests]
    blank = sum(1 for _, answers in counted if not answers)
    books = Round(
        number,
        issued=len(counted),
        used=len(counted),
        counted=len(counted) - blank,
        blank=blank,
        sealed_k=k,
        by_group={key: dict.fromkeys(("issued", "used"), sum(g == key for g, _ in ballots)) for key in keys},
    )
    question = Question(
        "q",
        kind,
        "What?",
        secrecy,
        items=tuple(Item(item, f"Text of {item}") for item in items),
        settings=SETTINGS[kind] if settings is None else settings,
        rounds=(books,),
    )
    meeting = Meeting(
        "m",
        "Meeting",
        groups=tuple(Group(key, f"Group {key}", "#332288", key not in guests) for key in keys),
        questions=(question,),
    )
    base = {"meeting": "m", "question": "q", "kind": kind, "round": number}
    row = ROWS.get(kind, lambda item, value: {"item": item, "value": value})
    rows = [
        {**base, "ballot": f"b{at}", "group": group, **row(item, value)}
        for at, (group, answers) in enumerate(ballots)
        for item, value in (answers or {"": None}).items()
    ]
    return Responses.from_rows(meeting, rows)


def column(values: Mapping[str, Sequence[float | None]], item: str = "x") -> list[Ballot]:
    """Return ballots on one statement from values by group."""
    return [(group, {item: value}) for group, given in values.items() for value in given]


def figures(published: Any, measure: str, **where: Any) -> list[Any]:
    """Return the visible values of a measure."""
    rows = published.rows
    rows = rows[(rows["measure"] == measure) & (rows["hidden"] == "")]
    for name, wanted in where.items():
        rows = rows[rows[name] == wanted]
    return list(rows["value"])


def hidden(published: Any, measure: str, **where: Any) -> set[str]:
    """Return the reasons why rows of a measure show no value (empty where one does)."""
    rows = published.rows[published.rows["measure"] == measure]
    for name, wanted in where.items():
        rows = rows[rows[name] == wanted]
    return set(rows["hidden"])


def trust_items(groups: Sequence[str]) -> list[str]:
    return list(groups)


@st.composite
def rooms(draw: st.DrawFn, kind: str, most: int = 9, few_values: bool = False) -> Responses:
    """Draw a room of 1 to 6 groups of 0 to `most` people answering one question of a kind, blank ballots
    among them.

    With `few_values` answers come from two values, so that near unanimity is common.
    """
    groups = KEYS[: draw(st.integers(1, 6))]
    items = {"trust": list(groups), "dots": ["a", "b", "c", "d"]}.get(kind, ["x", "y"])
    sizes = {key: draw(st.integers(0, most)) for key in groups}
    values = {
        "scale": st.one_of(st.none(), st.integers(0, 10)),
        "trust": st.one_of(st.none(), st.integers(0, 10)),
        "dots": st.integers(0, 2),
        "sort": st.sampled_from([None, *BUCKETS]),
        "collect": st.sampled_from(["", "=so", "Near, and\ncheap", "Group A said so"]),
        "marks": st.sampled_from([1, 1, 0]),
    }[kind]
    if few_values:
        common = {"sort": BUCKETS, "collect": ("yes", "no"), "marks": (1, 0)}.get(kind, (1, 2))
        values = st.sampled_from([*[common[0]] * 6, common[1]])
    keys = [(item, group) for item in items for group in groups] if kind == "marks" else items
    answers = st.dictionaries(st.sampled_from(keys), values, max_size=len(keys))
    if few_values:
        answers = st.fixed_dictionaries({key: values for key in keys})
    ballots = [(key, draw(answers)) for key, size in sizes.items() for _ in range(size)]
    settings = {"by": draw(st.sampled_from(["group", "ballot"]))} if kind == "collect" else None
    return responses(kind, ballots, items, groups=groups, k=draw(st.sampled_from([3, 5])), settings=settings)
