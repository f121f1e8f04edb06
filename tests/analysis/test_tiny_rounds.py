"""Two rounds with one leaver: all ways in which a few people answered twice and one once, put to the gate.

As in `test_tiny_rooms` what is withheld is seen too. The smallest plenary whose counts are shown is made as
small as the room, so that all its worlds can be gone through.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import permutations, product

import pytest
from test_tiny_rooms import seen_through
from two_rounds import responses

from analysis import Policy, publish
from analysis.disclosure import change
from analysis.disclosure.rows import Case

STAYED = 7
# By kind: its items, the ballots there are (an answer for each item), and what of an answer is protected.
KINDS = {
    "scale": ("x", [(1,), (2,), (3,)], lambda answer: answer),
    "dots": ("ab", [(0, 1), (1, 0)], lambda given: given > 0 or None),
}
SETTINGS = {"scale": {"min": 1, "max": 5}, "dots": {"dots": 1, "cap": 1}}


def published(kind, stayed, *left):
    """Return the rows of both rounds, of people of one group who answered so, and of who left."""
    items = KINDS[kind][0]
    rounds = [
        {f"p{at}": ("A", dict(zip(items, map(float, given), strict=True))) for at, given in enumerate(all_of)}
        for all_of in ([*(path[0] for path in stayed), *left], [path[1] for path in stayed])
    ]
    room = responses(kind, *rounds, items=items, settings=SETTINGS[kind])
    return publish(room, Policy(n_min_counts=STAYED)).rows


def determined(kind, counts):
    """Return who is known of those who stayed or of the one who left, in either round.

    Among all worlds of which `counts` ballots of each sort were given in the rounds: as the counts are out,
    all worlds that publish the same are among them.
    """
    items, ballots, protected = KINDS[kind]
    found = defaultdict(list)
    for left in ballots:
        for stayed in worlds(ballots, counts, left):
            rows = published(kind, stayed, left)
            found[tuple(map(tuple, rows.astype(str).to_numpy()))].append((stayed, ((left, None),)))
    return [
        one
        for alike in found.values()
        for number, at in product((0, 1), range(len(items)))
        for one in seen_through(alike, lambda path, n=number, at=at: path[n] and protected(path[n][at]))
    ]


def worlds(ballots, counts, left):
    """Yield all ways in which those who stayed may have answered twice."""
    first = [one for one, count in zip(ballots, counts[0], strict=True) for _ in range(count)]
    second = [one for one, count in zip(ballots, counts[1], strict=True) for _ in range(count)]
    if left in first:
        first.remove(left)
        yield from {tuple(sorted(zip(first, one, strict=True))) for one in set(permutations(second))}


# How many ballots of each sort there are in the rounds.
ROUNDS = [
    ("scale", ((3, 3, 2), (3, 2, 2))),
    ("scale", ((1, 5, 2), (3, 1, 3))),
    ("scale", ((5, 0, 3), (4, 0, 3))),
    ("dots", ((5, 3), (4, 3))),
    ("dots", ((4, 4), (3, 4))),
]


@pytest.mark.parametrize(("kind", "counts"), ROUNDS)
def test_nobody_is_found_by_what_changed(kind, counts):
    assert not determined(kind, counts)


def test_rooms_so_small_show_a_change_when_nobody_left():
    """Else nothing at all would have been tried above."""
    stayed = [((1,), (1,))] * 2 + [((1,), (3,))] * 2 + [((3,), (1,))] + [((3,), (3,))] * 2
    rows = published("scale", stayed)
    assert set(rows[(rows["measure"] == "up") & (rows["hidden"] == "")]["value"]) == {2.0}


def _no_audit(monkeypatch):
    _answers_decide(monkeypatch)
    monkeypatch.setattr(change, "nobody_determined", lambda *given: True)


def _answers_decide(monkeypatch):
    monkeypatch.setattr(Case, "is_large", True)


def _pairs_of_any_people(monkeypatch):
    _answers_decide(monkeypatch)
    monkeypatch.setattr(change, "_pairs_are_published", lambda *given: True)


TAKEN_OUT = [(_no_audit, 0), (_answers_decide, 0), (_answers_decide, 1), (_pairs_of_any_people, 3)]


@pytest.mark.parametrize(("take_out", "rounds"), TAKEN_OUT)
def test_a_rule_taken_out_is_noticed(monkeypatch, take_out, rounds):
    take_out(monkeypatch)
    assert determined(*ROUNDS[rounds])
