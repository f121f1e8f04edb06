"""Random meetings of 3 to 40 people in 1 to 6 groups, and what a reader of the released rows can rule out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from room import Ballot, responses

from analysis import Responses

GROUPS = "ABCDEF"
KINDS = ("scale", "trust", "dots")


def meeting(number: int) -> Responses:
    """Return the meeting of this number: always the same one; kinds in turn, every fourth with two rounds."""
    rng = np.random.default_rng([7, number])
    kind = KINDS[number % 3]
    sizes = _sizes(rng)
    settings: dict[str, Any] = {"min": 0, "max": 10} if rng.random() < 0.6 else {"min": 1, "max": 5}
    if kind == "dots":
        settings = {"dots": int(rng.integers(2, 5)), "cap": int(rng.integers(1, 4))}
    items = list(sizes) if kind == "trust" else [f"i{at}" for at in range(int(rng.integers(2, 5)))]
    tight = float(rng.choice([0.0, 0.3, 1.0, 2.5]))
    ballots: list[Ballot] = []
    for group, size in sizes.items():
        answer = _voter(kind, settings, items, rng, 0.0 if rng.random() < 0.25 else tight)
        ballots += [(group, {} if rng.random() < 0.05 else answer()) for _ in range(size)]
    if len(ballots) > 3 and rng.random() < 0.5:  # one absentee
        ballots.pop(int(rng.integers(len(ballots))))
    k = int(rng.choice([3, 5, 5]))
    first = responses(kind, ballots, items, k=k, settings=settings, groups=list(sizes))
    first = _voided(first) if rng.random() < 0.2 else first
    return _again(first, ballots, items, k, settings, list(sizes), rng) if rng.random() < 0.25 else first


def _sizes(rng: np.random.Generator) -> dict[str, int]:
    keys = GROUPS[: int(rng.integers(1, 7))]
    people = int(rng.integers(max(3, len(keys)), 41))
    if rng.random() < 0.4:  # a normal one
        people = max(3, 6 * len(keys))
        return dict.fromkeys(keys, people // len(keys))
    drawn = rng.multinomial(people - len(keys), rng.dirichlet(np.ones(len(keys)))) + 1
    return {key: int(size) for key, size in zip(keys, drawn, strict=True)}


def _voter(
    kind: str, settings: Mapping[str, Any], items: list[str], rng: np.random.Generator, tight: float
) -> Any:
    """Return a function that draws a ballot of a group, whose answers lie `tight` around its centre."""
    if kind == "dots":
        liked = rng.dirichlet(np.full(len(items), max(tight, 0.05)))

        def dots() -> dict[str, float | None]:
            spent: dict[str, float | None] = dict.fromkeys(items, 0.0)
            for _ in range(int(settings["dots"])):
                item = items[int(rng.choice(len(items), p=liked))]
                spent[item] = min(float(settings["cap"]), (spent[item] or 0.0) + 1)
            return {item: value for item, value in spent.items() if value} or {items[0]: 0.0}

        return dots
    low, high = int(settings["min"]), int(settings["max"])
    centre = {item: rng.integers(low, high + 1) for item in items}
    unsure = 0.4 if rng.random() < 0.15 else 0.03

    def answers() -> dict[str, float | None]:
        given: dict[str, float | None] = {}
        for item in items:
            if rng.random() < unsure:
                given[item] = None
            elif rng.random() > 0.03:
                given[item] = float(np.clip(round(rng.normal(centre[item], tight)), low, high))
        return given or {items[0]: None}

    return answers


def _voided(room: Responses) -> Responses:
    """Return the meeting with a ballot more in the books, which was voided and does not count."""
    question = room.meeting.questions[0]
    book = question.rounds[0]
    rounds = (replace(book, issued=book.issued + 1, void=1),)
    return replace(room, meeting=replace(room.meeting, questions=(replace(question, rounds=rounds),)))


def _again(
    first: Responses,
    ballots: list[Ballot],
    items: list[str],
    k: int,
    settings: Mapping[str, Any],
    groups: list[str],
    rng: np.random.Generator,
) -> Responses:
    """Return the meeting with a second round in which some answer otherwise and one has left."""
    kind = first.meeting.questions[0].kind
    moved = [
        (group, {} if not answers else (dict(ballots[int(rng.integers(len(ballots)))][1]) or answers))
        if rng.random() < 0.3
        else (group, answers)
        for group, answers in ballots
    ]
    left = int(rng.integers(len(moved)))
    moved[left] = (moved[left][0], {})
    second = responses(kind, moved, items, k=k, settings=settings, groups=groups, number=2)
    frame = second.frame[second.frame["ballot"] != f"b{left}"]
    book = second.meeting.questions[0].rounds[0]
    blank = int((book.blank or 1) - 1)
    by_group = {key: dict(counts) for key, counts in book.by_group.items()}
    by_group[moved[left][0]] = {name: count - 1 for name, count in by_group[moved[left][0]].items()}
    book = replace(book, issued=book.issued - 1, used=book.used - 1, blank=blank, by_group=by_group)
    question = first.meeting.questions[0]
    both = replace(question, rounds=(*question.rounds, book))
    return Responses(
        replace(first.meeting, questions=(both,)),
        Responses.from_rows(
            first.meeting, [*first.frame.to_dict("records"), *frame.to_dict("records")]
        ).frame,
    )
