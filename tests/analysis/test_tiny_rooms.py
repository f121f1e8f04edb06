"""Every world of some tiny rooms, put through the gate: what it shows and what it withholds determine nobody.

Worlds of which the gate publishes the very same are one class. Whoever gave the same in all of a class,
also as seen by somebody who knows his own answer, is determined (rule 9). That something was withheld is seen
too: a gate that decided by who would be found out would give them away here.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations_with_replacement, product

import pytest
from room import responses

from analysis import publish
from analysis.disclosure import audit_scale, dots, rules

TURNOUT = ["issued", "used", "unused", "void", "paper"]
KEYS = "ABCDEF"


def scale(values):
    return {"x": values}


def dotted(values):
    return {item: float(given) for item, given in zip("abc", values, strict=False)}


def trusting(value):
    return {"A": value, "B": 3}


def classes(kind, sizes, k, answers, settings):
    """Return worlds by what the gate publishes of them: by group, its members' answers in order."""
    ballot = {"scale": scale, "dots": dotted, "trust": trusting}[kind]
    items = {"scale": "x", "trust": "AB"}.get(kind) or "abc"[: len(answers[0])]
    found = defaultdict(list)
    for world in product(*[list(combinations_with_replacement(answers, size)) for size in sizes]):
        ballots = [(key, ballot(one)) for key, members in zip(KEYS, world, strict=False) for one in members]
        groups = KEYS[: max(2, len(sizes))]
        rows = publish(responses(kind, ballots, list(items), k=k, settings=settings, groups=groups)).rows
        rows = rows[~rows["measure"].isin(TURNOUT)]
        found[tuple(map(tuple, rows.astype(str).to_numpy()))].append(world)
    return list(found.values())


def seen_through(worlds, protected):
    """Yield groups, and the whole, whose members but an attacker all gave the same in every world."""
    groups = range(len(worlds[0]))
    attackers = {(group, one) for world in worlds for group in groups for one in world[group]}
    for members in [*((group,) for group in groups), tuple(groups)]:
        for attacker in [None, *attackers]:
            said = set()
            for world in worlds:
                if attacker and attacker[1] not in world[attacker[0]]:
                    continue
                for group in members:
                    others = list(world[group])
                    if attacker and attacker[0] == group:
                        others.remove(attacker[1])
                    said |= {protected(one) for one in others}
            if len(said) == 1 and said != {None}:
                yield members, attacker, worlds[:3]


def determined(kind, sizes, k, answers, settings):
    found = classes(kind, sizes, k, answers, settings)
    if kind != "dots":
        return [one for worlds in found for one in seen_through(worlds, lambda answer: answer or "unsure")]
    return [
        one
        for worlds in found
        for at in range(len(answers[0]))
        for one in seen_through(worlds, lambda given, at=at: given[at] > 0 or None)
    ]


FIVE = {"min": 1, "max": 5}
STEPS = (1, 2, 3, 4, 5)
# One dot at most on an option, none left unspent on all: who has voted supports something.
TWO, THREE = [(0, 1), (1, 0), (1, 1)], [one for one in product((0, 1), repeat=3) if 0 < sum(one) < 3]
ROOMS = [
    ("scale", (3,), 3, (*STEPS, None), FIVE),
    ("scale", (3, 3), 3, (1, 2, 5), FIVE),
    ("scale", (3, 3, 4), 3, (1, 5), FIVE),
    ("scale", (3, 3, 6), 3, (1, 3), FIVE),
    ("scale", (5, 5), 5, (1, 3), FIVE),
    ("scale", (5, 5), 5, (1, None), FIVE),
    ("scale", (5, 6), 5, (1, 3), FIVE),
    ("scale", (1, 5, 5), 5, (1, 3), FIVE),
    ("scale", (4, 6), 4, (1, None), FIVE),
    ("trust", (3,), 3, (*STEPS, None), FIVE),
    ("trust", (4,), 3, (1, 5, None), FIVE),
    ("dots", (3,), 3, THREE, {"dots": 2, "cap": 1}),
    ("dots", (5,), 5, TWO, {"dots": 2, "cap": 1}),
    ("dots", (5, 5), 5, TWO[:2], {"dots": 1, "cap": 1}),
]


@pytest.mark.parametrize(("kind", "sizes", "k", "answers", "settings"), ROOMS)
def test_no_world_of_a_tiny_room_gives_anybody_away(kind, sizes, k, answers, settings):
    assert not determined(kind, sizes, k, answers, settings)


def _half_a_step(monkeypatch):
    monkeypatch.setattr(
        rules, "median_shown", lambda value, low, high, ballots: rules.inside(value, low, high)
    )


def _never_crowded(monkeypatch):
    monkeypatch.setattr(audit_scale.Statement, "_crowded", lambda self: False)


def _places_of_three(monkeypatch):
    monkeypatch.setattr(dots, "FEWEST_FOR_PLACES", 3)


def _nearly_all_counted(monkeypatch):
    monkeypatch.setattr(rules, "nearly_all", lambda count, n: False)


TAKEN_OUT = [(_half_a_step, 0), (_never_crowded, 4), (_never_crowded, 5), (_places_of_three, 11),
             (_nearly_all_counted, 12)]  # fmt: skip


@pytest.mark.parametrize(("take_out", "room"), TAKEN_OUT)
def test_a_rule_taken_out_is_noticed(monkeypatch, take_out, room):
    take_out(monkeypatch)
    assert determined(*ROOMS[room])
