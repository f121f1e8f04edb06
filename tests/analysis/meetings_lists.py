"""Random meetings that sort, list and tick: groups of all sizes, some of one mind, blanks, leavers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from meetings import _again, _sizes, _voided
from room import BUCKETS, Ballot, responses

from analysis import Responses

KINDS = ("sort", "collect", "marks")
WORDS = ("near", "=cheap", "We in Group A need it", "for the young", "")


def meeting(number: int) -> Responses:
    """Return the meeting of this number: always the same one; kinds in turn, every fourth with two rounds."""
    rng = np.random.default_rng([11, number])
    kind = KINDS[number % 3]
    sizes, items = _sizes(rng), [f"i{at}" for at in range(int(rng.integers(1, 4)))]
    settings, of_one_mind = _settings(kind, rng), rng.random() < 0.25
    ballots: list[Ballot] = []
    answer = VOTERS[kind](settings, items, list(sizes), rng)
    for group, size in sizes.items():
        answer = answer if of_one_mind else VOTERS[kind](settings, items, list(sizes), rng)
        ballots += [(group, {} if rng.random() < 0.05 else answer()) for _ in range(size)]
    if len(ballots) > 3 and rng.random() < 0.5:  # one absentee
        ballots.pop(int(rng.integers(len(ballots))))
    k, groups = int(rng.choice([3, 5, 5])), list(sizes)
    first = responses(kind, ballots, items, k=k, settings=settings, groups=groups)
    first = _voided(first) if rng.random() < 0.2 else first
    return _again(first, ballots, items, k, settings, groups, rng) if rng.random() < 0.25 else first


def _settings(kind: str, rng: np.random.Generator) -> dict[str, Any]:
    keys = BUCKETS[: int(rng.integers(2, 4))]
    return {
        "sort": {"buckets": [{"key": key, "text": key.title()} for key in keys]},
        "collect": {"by": str(rng.choice(["group", "ballot", "ballot"]))},
        "marks": {},
    }[kind]


Answers = Callable[[], dict[Any, Any]]


def _sorter(
    settings: Mapping[str, Any], items: list[str], groups: list[str], rng: np.random.Generator
) -> Answers:
    keys = [bucket["key"] for bucket in settings["buckets"]]
    centre = {item: rng.choice([*keys, *keys, None]) for item in items}
    stray = float(rng.choice([0.0, 0.1, 0.5, 1.0]))

    def answer() -> dict[Any, Any]:
        given = {
            item: (rng.choice([*keys, None]) if rng.random() < stray else centre[item])
            for item in items
            if rng.random() > 0.03
        }
        return given or {items[0]: None}

    return answer


def _lister(
    settings: Mapping[str, Any], items: list[str], groups: list[str], rng: np.random.Generator
) -> Answers:
    often = {item: float(rng.choice([0.1, 0.5, 0.9, 1.0])) for item in items}

    def answer() -> dict[Any, Any]:
        return {item: str(rng.choice(WORDS)) for item in items if rng.random() < often[item]}

    return answer


def _marker(
    settings: Mapping[str, Any], items: list[str], groups: list[str], rng: np.random.Generator
) -> Answers:
    often = {(item, of): float(rng.choice([0.0, 0.3, 0.7, 0.95, 1.0])) for item in items for of in groups}

    def answer() -> dict[Any, Any]:
        ticks: dict[Any, Any] = {cell: 1 for cell, chance in often.items() if rng.random() < chance}
        return ticks or {(items[0], groups[0]): 0}

    return answer


VOTERS = {"sort": _sorter, "collect": _lister, "marks": _marker}
