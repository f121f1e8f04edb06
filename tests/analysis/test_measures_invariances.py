"""Every measure by itself: the order of ballots, new names, a shift, the mirror and one more blank ballot.

A measure stands in `MEASURES` with what it makes of one small room; each change of the room says which of
its figures may move, and how. Where a change means nothing for a kind (a shift of dots), the kind's test of
that change is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.measures import (
    agreement,
    change,
    collect,
    difference,
    dots,
    marks,
    sort,
    standing,
    tallies,
    trust,
)
from analysis.measures.settings import Settings

SETTINGS = Settings()
FEW = settings(max_examples=40, deadline=None)  # many measures, each with small rooms
GROUPS = ("A", "B", "C")
# A person: the group, an answer on 0-10 (None: blank), dots on four options, and an answer of a second round.
people = st.lists(
    st.tuples(
        st.sampled_from(GROUPS),
        st.one_of(st.none(), st.integers(2, 8)),
        st.lists(st.integers(0, 3), min_size=4, max_size=4),
        st.one_of(st.none(), st.integers(2, 8)),
    ),
    min_size=1,
    max_size=20,
)


def _values(room, at=1):
    return np.array([person[at] for person in room if person[at] is not None], float)


def _by_group(room):
    return {key: _values([person for person in room if person[0] == key]) for key in GROUPS}


def _freq(room):
    return [int((_values(room) == step).sum()) for step in range(11)]


def _marks(room):
    return np.array([person[2] for person in room]).reshape(len(room), 4)


def _dots_by_group(room):
    return np.array([_marks([one for one in room if one[0] == key]).sum(axis=0) for key in GROUPS])


def _paired(room):
    sides = (np.array([np.nan if person[at] is None else person[at] for person in room]) for at in (1, 3))
    return vars(change.change(*sides, SETTINGS))


def _trust(room):
    """Every group's ratings of the next one, so that the matrix is asymmetric."""
    cells = {key: values.mean() if len(values) else np.nan for key, values in _by_group(room).items()}
    matrix = np.array([[cells[one] + (at == place) for at in range(3)] for place, one in enumerate(GROUPS)])
    found = vars(trust.effects(matrix))
    return {**found, "self_gaps": trust.self_gaps(matrix)}


def _asymmetry(room):
    groups = _by_group(room)
    return trust.asymmetry(groups["A"], groups["B"], 2, 2)


SCALE: Mapping[str, Callable[[Any], Any]] = {
    "quartiles": lambda room: agreement.quartiles(_values(room)),
    "gmd": lambda room: agreement.gmd(_values(room)),
    "A": lambda room: agreement.van_der_eijk(_freq(room)),
    "Cns": lambda room: agreement.consensus(_freq(room)),
    "shape": lambda room: agreement.shape(_freq(room), 0, 10, SETTINGS),
    "within and between": lambda room: vars(difference.within_between(_by_group(room), SETTINGS)),
    "epsilon squared": lambda room: difference.kruskal(list(_by_group(room).values())).epsilon2,
    "Cliff's delta": lambda room: difference.cliff(_by_group(room)["A"], _by_group(room)["B"]),
    "trust": _trust,
    "asymmetry": _asymmetry,
    "paired change": _paired,
}
DOTS: Mapping[str, Callable[[Any], Any]] = {
    "dots": lambda room: dots.table(_marks(room)).dots.tolist(),
    "supporters": lambda room: dots.table(_marks(room)).supporters.tolist(),
    "dots per supporter": lambda room: [dots.table(_marks(room)).dots_per_supporter(at) for at in range(4)],
    "ranks": lambda room: dots.table(_marks(room)).ranks.tolist(),
    "rank range": lambda room: np.array(dots.rank_range(_dots_by_group(room))).T.tolist(),
    "top groups": lambda room: dots.top_groups(_dots_by_group(room), 2).tolist(),
    "effective groups": lambda room: [dots.effective_groups(row) for row in _dots_by_group(room).T],
    "square roots": lambda room: tallies.square_roots(_marks(room)).tolist(),
}
WHOLE: Mapping[str, Callable[[Any], Any]] = {
    "concentration": lambda room: dots.concentration(_marks(room).sum(axis=0).tolist()),
    "swap margin": lambda room: [
        dots.swap_margin(one, other)
        for one, other in zip(*[iter(sorted(_marks(room).sum(axis=0))[::-1])] * 2, strict=True)
    ],
}
CHOSEN: Mapping[str, Callable[[Any], Any]] = {
    "phragmen": lambda room: tallies.phragmen(_marks(room) > 0, 3),
    "equal shares": lambda room: tallies.equal_shares(
        [Fraction(at + 2) for at in range(4)], Fraction(7), _marks(room).astype(object)
    ),
    "standing": lambda room: standing.standing(_marks(room), {}, 2).words,
}
EVERY = {**SCALE, **DOTS, **WHOLE, **CHOSEN}


def same(one, other):
    """Say whether two figures are the same but for rounding, whatever their form."""
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if hasattr(one, "__dict__"):
        return same(vars(one), vars(other))
    if isinstance(one, float | int) and isinstance(other, float | int):
        return one == pytest.approx(other, abs=1e-9)
    return one == other


@pytest.mark.parametrize("name", EVERY)
@FEW
@given(room=people, random=st.randoms(use_true_random=False))
def test_the_order_of_ballots_does_not_matter(name, room, random):
    turned = list(room)
    random.shuffle(turned)
    assert same(EVERY[name](turned), EVERY[name](room))


@pytest.mark.parametrize("name", [name for name in SCALE if name != "paired change"])
@FEW
@given(room=people)
def test_one_more_blank_ballot_changes_no_answer(name, room):
    assert same(SCALE[name]([*room, ("A", None, [0] * 4, None)]), SCALE[name](room))


@pytest.mark.parametrize("name", [*DOTS, *WHOLE, *CHOSEN])
@FEW
@given(room=people)
def test_one_more_blank_ballot_gives_no_dots(name, room):
    """What rests on money alone minds it: equal shares splits the purse by heads."""
    if name != "equal shares":
        assert same(EVERY[name]([*room, ("A", None, [0] * 4, None)]), EVERY[name](room))


@FEW
@given(people)
def test_a_blank_ballot_counts_where_ballots_are_counted(room):
    """Breadth is out of ballots handed in; a group's weight is its dots per ballot."""
    more = [*room, ("A", None, [0] * 4, None)]
    assert dots.table(_marks(more)).voters == len(room) + 1 == dots.table(_marks(room), blank=1).voters
    mine = [one for one in room if one[0] == "A"]
    weight = tallies.equal_weight({"A": _marks([one for one in more if one[0] == "A"])})
    assert weight == pytest.approx(_marks(mine).sum(axis=0) / (len(mine) + 1))


@pytest.mark.parametrize("name", ["within and between", "epsilon squared", "concentration", "swap margin"])
@FEW
@given(room=people, order=st.permutations(GROUPS))
def test_names_of_groups_do_not_matter(name, room, order):
    renamed = [(order[GROUPS.index(group)], *rest) for group, *rest in room]
    assert same(EVERY[name](renamed), EVERY[name](room))


@pytest.mark.parametrize("name", [*DOTS])
@FEW
@given(room=people, order=st.permutations(range(4)), groups=st.permutations(GROUPS))
def test_figures_follow_their_option_and_mind_no_names(name, room, order, groups):
    turned = [
        (groups[GROUPS.index(group)], value, [given_dots[at] for at in order], after)
        for group, value, given_dots, after in room
    ]
    figures = EVERY[name](room)
    assert same(EVERY[name](turned), [figures[at] for at in order])


@FEW
@given(people, st.permutations(GROUPS))
def test_equal_weight_minds_no_names(room, order):
    one = tallies.equal_weight({key: _marks([who for who in room if who[0] == key]) for key in GROUPS})
    other = tallies.equal_weight({key: _marks([who for who in room if who[0] == key]) for key in order})
    assert other == pytest.approx(one)


STILL = ("gmd", "Cns", "within and between", "epsilon squared", "Cliff's delta", "asymmetry")


@pytest.mark.parametrize("name", STILL)
@FEW
@given(room=people, by=st.integers(-2, 2))
def test_a_shift_leaves_spread_and_differences(name, room, by):
    moved = [(group, None if value is None else value + by, *rest) for group, value, *rest in room]
    assert same(SCALE[name](moved), SCALE[name](room))


@FEW
@given(people, st.integers(-2, 2))
def test_a_shift_moves_quartiles_and_the_grand_mean_only(room, by):
    moved = [(group, None if value is None else value + by, *rest) for group, value, *rest in room]
    one, other = (SCALE["quartiles"](which) for which in (room, moved))
    assert same(other, None if one is None else tuple(figure + by for figure in one))
    one, other = _trust(room), _trust(moved)
    if one["grand"] is not None:
        assert other.pop("grand") == pytest.approx(one.pop("grand") + by)
    assert same(one, other)


def mirrored(room):
    return [
        (group, None if value is None else 10 - value, marks_, None if after is None else 10 - after)
        for group, value, marks_, after in room
    ]


@pytest.mark.parametrize("name", ["gmd", "A", "Cns", "within and between", "epsilon squared"])
@FEW
@given(room=people)
def test_the_mirror_leaves_spread_and_agreement(name, room):
    assert same(SCALE[name](mirrored(room)), SCALE[name](room))


@FEW
@given(people)
def test_the_mirror_turns_the_rest(room):
    turned = mirrored(room)
    one, other = agreement.quartiles(_values(room)), agreement.quartiles(_values(turned))
    assert same(other, None if one is None else tuple(10 - figure for figure in one[::-1]))
    one, other = SCALE["shape"](room), SCALE["shape"](turned)
    assert (one.word, one.low, one.mid) == (other.word, other.high, other.mid)
    one, other = _asymmetry(room), _asymmetry(turned)
    assert other == (None if one[0] is None else pytest.approx(-one[0]), one[1])
    one, other = _trust(room), _trust(turned)
    for name in ("perceiver", "target"):
        assert same(other[name], one[name] and tuple(-effect for effect in one[name]))
    for name in ("reciprocity", "reciprocity_relationship", "mean_abs_asymmetry"):
        assert same(other[name], one[name])


sorted_answers = st.lists(st.tuples(st.sampled_from(GROUPS), st.sampled_from(["yes", "no", ""])), max_size=20)


@FEW
@given(sorted_answers, st.randoms(use_true_random=False), st.permutations(GROUPS))
def test_majorities_mind_neither_order_nor_names_nor_a_skipped_item(room, random, order):
    def majorities(answers):
        groups = {
            key: sort.counted([one for group, one in answers if group == key], ("yes", "no"))
            for key in GROUPS
        }
        return sort.majorities(groups), sort.majorities(groups, 1)

    turned = [(order[GROUPS.index(group)], answer) for group, answer in room]
    random.shuffle(turned)
    assert majorities(turned) == majorities(room)
    swapped = [(group, {"yes": "no", "no": "yes"}.get(answer, answer)) for group, answer in room]
    assert majorities(swapped) == majorities(room)[::-1]


ticked = st.lists(
    st.tuples(st.sampled_from("AB"), st.lists(st.booleans(), min_size=4, max_size=4)), max_size=10
)


@FEW
@given(ticked)
def test_ticks_follow_new_names_and_a_blank_lowers_shares_only(room):
    def grid(ballots, rated="AB"):
        matrix = np.array([row for _, row in ballots], bool).reshape(len(ballots), 2, 2)
        return marks.grid(matrix, np.array([group for group, _ in ballots], dtype=object), list(rated))

    one = grid(room)
    names = {"A": "X", "B": "Y"}
    other = grid([(names[group], row) for group, row in room], "XY")
    assert {names[key]: cells for key, cells in one.items()} == other
    more = grid([*room, ("A", [False] * 4)])
    for before, after in zip(one["A"], more["A"], strict=True):
        assert (after.own, after.others, after.own_n) == (before.own, before.others, before.own_n + 1)


@FEW
@given(st.dictionaries(st.sampled_from(GROUPS), st.lists(st.sampled_from("uvw"), max_size=5)))
def test_a_list_without_points_mentions_nothing(lists):
    more = {**lists, "late": []}
    assert collect.mentions(more) == collect.mentions(lists)
    overlaps = collect.overlaps(more)
    assert {pair: overlap for pair, overlap in overlaps.items() if "late" not in pair} == collect.overlaps(
        lists
    )
    assert all(overlap in (0, None) for pair, overlap in overlaps.items() if "late" in pair)
