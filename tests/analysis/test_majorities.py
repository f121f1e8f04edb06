"""In how many groups the first bucket has a majority: all tables of some rooms, by the counts they have."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from room import hidden, responses
from test_disclosure_lists import TWO, sorted_into

from analysis import publish
from analysis.disclosure import majorities

# Sizes of groups that are counted and of those that are not, how many answers there are, most who skip.
ROOMS = [
    ((5, 5, 6), (), 3, 0),
    ((5, 6, 7), (), 3, 0),
    ((5, 5, 5), (2,), 3, 0),
    ((5, 9, 9), (), 2, 0),
    ((5, 5, 5, 6), (), 2, 0),
    ((5, 6, 6, 6, 6), (), 2, 0),
    ((5, 6, 6), (1,), 2, 1),
    ((5, 6, 6), (), 2, 2),
]


def _shares(people, answers):
    if answers == 1:
        return [(people,)]
    return [(first, *more) for first in range(people + 1) for more in _shares(people - first, answers - 1)]


def _tables(counted, rest, answers, skip):
    """Return all tables (room, group, answer), the sorts there are (totals, majorities), and each one's."""
    sizes = [*counted, *rest]
    tables = np.array(list(product(*[_shares(size, answers + (skip > 0)) for size in sizes])))
    totals = tables.sum(axis=1)
    kept = totals.max(axis=1) < sum(sizes) - 2
    if skip:
        kept &= totals[:, -1] <= skip
    tables, totals = tables[kept], totals[kept]
    given = tables[:, : len(counted), :answers].sum(axis=2)
    having = (2 * tables[:, : len(counted), 0] > given).sum(axis=1)
    sorts, of = np.unique(np.column_stack([totals, having]), axis=0, return_inverse=True)
    return tables, sorts, of.ravel()


def _counts_that_tell(counted, rest, answers, skip):
    """Return all totals, and those of which some number of majorities determines somebody."""
    tables, sorts, of = _tables(counted, rest, answers, skip)
    telling = np.zeros(len(sorts), bool)
    people = tables.sum(axis=2)
    attackers = [None, *product(range(tables.shape[1]), range(tables.shape[2]))]
    for attacker, group, answer in product(attackers, range(tables.shape[1]), range(answers)):
        own = attacker is not None and attacker[0] == group
        if own and people[0, group] == 1:
            continue
        lives = tables[:, attacker[0], attacker[1]] > 0 if attacker else np.ones(len(tables), bool)
        otherwise = people[:, group] - tables[:, group, answer] - (own and attacker[1] != answer) > 0
        seen, wrong = (
            np.bincount(of[those], minlength=len(sorts)) > 0 for those in (lives, lives & otherwise)
        )
        telling |= seen & ~wrong
    return {tuple(one[:-1]) for one in sorts}, {tuple(one[:-1]) for one in sorts[telling]}


def missed(counted, rest, answers, skip):
    """Return the totals that tell of somebody and pass, and all that pass."""
    totals, telling = _counts_that_tell(counted, rest, answers, skip)
    told = {
        one
        for one in totals
        if majorities.may_be_told(one[:answers], one[-1] if skip else 0, counted, sum(rest))
    }
    return telling & told, told


@pytest.mark.parametrize(("counted", "rest", "answers", "skip"), ROOMS)
def test_no_number_of_majorities_tells_of_anybody(counted, rest, answers, skip):
    found, told = missed(counted, rest, answers, skip)
    assert not found
    assert told, "else nothing was tried"


def _any_likes(monkeypatch):
    monkeypatch.setattr(majorities.Tight, "_takes", lambda self, size, other: True)


def _no_rest(monkeypatch):
    stuck = majorities.Tight._stuck
    monkeypatch.setattr(
        majorities.Tight, "_stuck", lambda self, *ways: stuck(replace(self, rest=False), *ways)
    )


def _never_just_having(monkeypatch):
    pins = majorities.Tight.pins
    monkeypatch.setattr(majorities.Tight, "pins", lambda self, answers: self.missing and pins(self, answers))


@pytest.mark.parametrize(
    ("take_out", "room"), [(_any_likes, 0), (_any_likes, 7), (_no_rest, 2), (_never_just_having, 4)]
)
def test_a_condition_taken_out_is_noticed(monkeypatch, take_out, room):
    take_out(monkeypatch)
    assert missed(*ROOMS[room])[0]


def test_where_the_counts_could_tell_it_is_said_that_the_number_is_withheld():
    """Three answered otherwise: were they of one group, each of them would know of all other groups."""
    for table in ([{"together": 6}] * 3 + [{"together": 3, "alone": 3}], [{"together": 5, "alone": 1}] * 3):
        ballots = sorted_into(*table, *[{"together": 6}] * (4 - len(table)))
        assert hidden(publish(responses("sort", ballots, ["x"], settings=TWO)), "majority_groups") == {
            "audit"
        }
    ballots = sorted_into(*[{"together": 4, "alone": 1, None: 1}] * 4)
    assert hidden(publish(responses("sort", ballots, ["x"], settings=TWO)), "majority_groups") == {""}
