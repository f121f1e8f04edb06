"""What is asked in the gallery, and how one made-up person answers it, kind by kind."""

from __future__ import annotations

import numpy as np

from analysis.gallery.answers import Asked, Marks, Room, groups, words
from analysis.gallery.names import QUALITIES, REASONS, STATEMENTS, TASKS, THEMES, THINGS


def _scale(chance: np.random.Generator, room: Room, group: int) -> Marks:
    low, high = room.settings.get("min", 0), room.settings.get("max", 10)
    marks: Marks = []
    for at in range(room.items):
        centre = low + (high - low) * (0.72 - 0.08 * (at % 5) + 0.03 * (group % 3))
        if at % 4 == 1:  # two camps
            centre = low + (high - low) * (0.2 if chance.random() < 0.45 else 0.8)
        width = (high - low) * 0.14
        value = low + round((high - low) * 0.7) if room.agreed else round(chance.normal(centre, width))
        unsure = chance.random() < room.unsure
        marks.append((f"s{at}", None if unsure else float(min(high, max(low, value))), ""))
    return marks


def _trust(chance: np.random.Generator, room: Room, group: int) -> Marks:
    marks: Marks = []
    for at in range(len(room.sizes)):
        centre = 6 + ((group * 7 + at * 5) % 9 - 4) * 0.6
        value = 7 if room.agreed else round(chance.normal(centre, 1.1))
        unsure = chance.random() < room.unsure
        marks.append((f"g{at}", None if unsure else float(min(10, max(0, value))), ""))
    return marks


def _dots(chance: np.random.Generator, room: Room, group: int) -> Marks:
    budget, cap = room.settings.get("dots", 3), room.settings.get("cap", 2)
    if room.agreed:
        return [(f"o{at}", 1.0, "") for at in range(min(room.items, budget))]
    pull = np.array([1 / (1 + at * 0.35) for at in range(room.items)])
    pull[group % room.items] += 0.35
    given = np.zeros(room.items, dtype=int)
    while given.sum() < min(budget, cap * room.items):
        free = pull * (given < cap)
        given[chance.choice(room.items, p=free / free.sum())] += 1
    marks: Marks = [(f"o{at}", float(count), "") for at, count in enumerate(given) if count]
    if room.settings.get("against") and chance.random() < 0.4:
        marks += [(f"o{at}", None, "against") for at in [int(chance.integers(room.items))] if not given[at]]
    return marks


def _sort(chance: np.random.Generator, room: Room, group: int) -> Marks:
    keys = [one["key"] for one in room.settings.get("buckets", BUCKETS["buckets"])]
    marks: Marks = []
    for at in range(room.items):
        if room.agreed:
            marks.append((f"t{at}", None, keys[0]))
            continue
        if chance.random() < 0.02:  # left out
            continue
        pull = np.array([0.8 - 0.12 * (at % 6) + 0.05 * (group % 2), *[0.4] * (len(keys) - 1)])
        unsure = chance.random() < max(room.unsure, 0.12)
        marks.append((f"t{at}", None, "" if unsure else str(chance.choice(keys, p=pull / pull.sum()))))
    return marks


def _collect(chance: np.random.Generator, room: Room, group: int) -> Marks:
    marks: Marks = []
    for at in range(room.items):
        if room.agreed or chance.random() < 0.62 - 0.5 * at / room.items:
            marks.append((f"p{at}", None, REASONS[int(chance.integers(len(REASONS)))]))
    return marks


def _marks(chance: np.random.Generator, room: Room, group: int) -> Marks:
    marks: Marks = []
    for at in range(room.items):
        for rated in range(len(room.sizes)):
            likely = 0.2 + 0.6 * ((at * 3 + rated * 5) % 7) / 6 + (0.15 if rated == group else 0)
            if room.agreed or chance.random() < likely:
                marks.append((f"q{at}", 1.0, f"g{rated}"))
    return marks


BUCKETS = {"buckets": [{"key": "saman", "text": "Saman"}, {"key": "kvar", "text": "Kvar for seg"}]}
SCALE = Asked(
    "scale",
    "Tillit mellom oss",
    {"min": 0, "max": 10, "low": "slett ikkje", "high": "heilt og fullt"},
    lambda room: words(STATEMENTS, room, "s"),
    _scale,
)
TRUST = Asked(
    "trust",
    "Kven har tillit til kven?",
    {"min": 0, "max": 10},
    lambda room: [(group.key, group.name) for group in groups(room)],
    _trust,
)
DOTS = Asked(
    "dots",
    "Kva bør vi gjere saman først?",
    {"dots": 3, "cap": 2},
    lambda room: words(THEMES, room, "o"),
    _dots,
)
SORT = Asked("sort", "Kva gjer vi saman?", BUCKETS, lambda room: words(TASKS, room, "t"), _sort)
COLLECT = Asked(
    "collect", "Kva har vi lukkast med?", {"by": "ballot"}, lambda room: words(THINGS, room, "p"), _collect
)
MARKS = Asked("marks", "Kva er kvar kommune god på?", {}, lambda room: words(QUALITIES, room, "q"), _marks)
