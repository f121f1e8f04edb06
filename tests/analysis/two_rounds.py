"""Two rounds of one question: from ballots by person to Responses, and rooms where some moved or left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analysis.responses import Group, Item, Meeting, Question, Responses, Round

COLOURS = ("#332288", "#CC6677", "#88CCEE", "#DDCC77", "#117733", "#999933")
# Person -> group and answers by item.
Ballots = Mapping[str, tuple[str, Mapping[str, float | None]]]


def responses(
    kind: str,
    *rounds: Ballots,
    items: Sequence[str] = ("x",),
    states: Sequence[str] = ("revealed", "revealed", "revealed"),
    texts: Mapping[str, str] | None = None,
    **question: Any,
) -> Responses:
    """Return the responses of one question put once or more."""
    books, rows = [], []
    for number, (ballots, state) in enumerate(zip(rounds, states, strict=False), 1):
        blank = sum(not answers for _, answers in ballots.values())
        used = len(ballots)
        books.append(Round(number, state, used + 2, used, 2, counted=used - blank, blank=blank, sealed_k=5))
        base = {"meeting": "m", "question": "q", "kind": kind, "round": number}
        for person, (group, answers) in ballots.items():
            for item, value in (answers or {"": None}).items():
                rows.append({**base, "ballot": person, "group": group, "item": item, "value": value})
    settings = {"dots": 3, "cap": 2} if kind == "dots" else {"min": 0, "max": 10, "low": "no", "high": "yes"}
    words = texts or {}
    asked = Question(
        "q",
        kind,
        "Trust between us",
        **{"settings": settings, **question},
        items=tuple(Item(item, words.get(item, f"Text of {item}")) for item in items),
        rounds=tuple(books),
    )
    keys = sorted({group for ballots in rounds for group, _ in ballots.values()})
    groups = tuple(Group(key, f"Group {key}", COLOURS[at % 6]) for at, key in enumerate(keys))
    return Responses.from_rows(Meeting("m", "Meeting", "en", groups=groups, questions=(asked,)), rows)


def column(values: Sequence[float | None], groups: str = "ABCDEF") -> dict[str, tuple[str, dict[str, Any]]]:
    """Return ballots on one statement, dealt to the groups in turn."""
    return {f"p{at}": (groups[at % len(groups)], {"x": value}) for at, value in enumerate(values)}


def room(
    n: int = 40, items: Sequence[str] = ("x",), seed: int = 1, leavers: int = 0, top: int = 10
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the two rounds of a scale in six groups, where people move a step or two or stay."""
    chance = np.random.default_rng(seed)
    first, second = {}, {}
    for at in range(n):
        then = {item: int(np.clip(chance.normal(top * 0.55, top / 4), 0, top)) for item in items}
        now = {item: int(np.clip(v + chance.choice([-1, 0, 0, 1, 1, 2]), 0, top)) for item, v in then.items()}
        first[f"p{at}"], second[f"p{at}"] = ("ABCDEF"[at % 6], then), ("ABCDEF"[at % 6], now)
    for at in range(leavers):
        del second[f"p{at}"]
    return first, second


def dot_room(
    n: int = 40, items: Sequence[str] = "abcdef", seed: int = 1, leavers: int = 0
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the two rounds of a dot vote, three dots each; half of the people vote anew."""
    chance = np.random.default_rng(seed)
    first, second = {}, {}
    for at in range(n):
        then, now = ({str(one): 1 for one in chance.choice(list(items), 3, replace=False)} for _ in "12")
        first[f"p{at}"] = ("ABCDEF"[at % 6], then)
        second[f"p{at}"] = ("ABCDEF"[at % 6], now if at % 2 else then)
    for at in range(leavers):
        del second[f"p{at}"]
    return first, second
