"""Sorting, lists and marks: what holds of all answers, and small cases counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.measures import collect, marks, sort

BUCKETS = ("together", "alone")
answers = st.lists(st.sampled_from([*BUCKETS, sort.UNSURE]), max_size=40)
lists = st.dictionaries(
    st.sampled_from("ABCDEF"), st.lists(st.sampled_from("uvwxyz"), max_size=8), max_size=6
)


def _sorted(given_answers, buckets=BUCKETS):
    return sort.sorting(*sort.counted(given_answers, buckets))


@given(answers, st.randoms(use_true_random=False))
def test_sorting_does_not_mind_the_order(found, random):
    turned = list(found)
    random.shuffle(turned)
    assert _sorted(turned) == _sorted(found)


@given(answers)
def test_buckets_the_other_way_round_turn_the_margin(found):
    one, other = _sorted(found), _sorted(found, BUCKETS[::-1])
    assert one.unsure_share == other.unsure_share
    if one.n:
        assert one.margin == pytest.approx(-other.margin)
    if one.decided_share is not None:
        assert one.decided_share == pytest.approx(1 - other.decided_share)


@given(answers)
def test_somebody_unsure_leaves_the_decided_share_alone(found):
    one, other = _sorted(found), _sorted([*found, sort.UNSURE])
    assert one.decided_share == other.decided_share
    assert other.unsure_share >= (one.unsure_share or 0)
    assert one.counts == other.counts and one.first == other.first


@given(answers)
def test_shares_keep_their_bounds(found):
    one = _sorted(found)
    assert (one.margin is None) == (one.n == 0) and (one.decided_share is None) == (sum(one.counts) == 0)
    assert one.margin is None or -1 <= one.margin <= 1
    assert one.decided_share is None or 0 <= one.decided_share <= 1


def test_the_first_bucket_may_be_shared_or_nobodys():
    assert _sorted(["together", "alone"]).first == (0, 1)
    assert _sorted(["alone", sort.UNSURE, sort.UNSURE]).first == (1,)
    assert _sorted([sort.UNSURE]).first == ()


def test_four_buckets_have_no_margin():
    assert sort.sorting((3, 2, 1, 0), 4).margin is None
    with pytest.raises(ValueError, match="no bucket 'never'"):
        sort.counted(["never"], BUCKETS)


def test_half_is_no_majority():
    groups = {"A": ((3, 3), 0), "B": ((4, 1), 1), "C": ((0, 0), 0), "D": ((3, 0), 3)}
    assert sort.majorities(groups) == 1
    assert sort.majorities(groups, bucket=1) == 0


@given(lists)
def test_one_group_counts_once(found):
    counts = collect.mentions(found)
    assert counts == {item: sum(item in items for items in found.values()) for item in counts}
    assert set(counts) == {item for items in found.values() for item in items}
    assert collect.mentions({group: items * 2 for group, items in found.items()}) == counts
    assert list(counts.values()) == sorted(counts.values(), reverse=True)


@given(lists)
def test_overlaps_are_symmetric_and_whole_for_the_same_list(found):
    turned = collect.overlaps(dict(reversed(found.items())))
    for (one, other), overlap in collect.overlaps(found).items():
        assert turned[other, one] == overlap
        assert (overlap is None) == (not found[one] and not found[other])
        assert (overlap == 1) == (set(found[one]) == set(found[other]) != set())


@given(lists)
def test_new_names_of_items_do_not_matter(found):
    renamed = {group: [f"new {item}" for item in items] for group, items in found.items()}
    counts = collect.mentions(renamed)
    assert counts == {f"new {item}": count for item, count in collect.mentions(found).items()}
    assert collect.overlaps(renamed) == collect.overlaps(found)


def test_merged_spellings_count_once_in_a_group():
    found = collect.merged({"A": ["skule", "skular"], "B": ["skular"]}, {"skular": "skule"})
    assert collect.mentions(found) == {"skule": 2}


ticks = st.lists(
    st.tuples(st.sampled_from("ABC"), st.lists(st.booleans(), min_size=4, max_size=4)), max_size=12
)


def _grid(ballots):
    matrix = np.array([row for _, row in ballots], bool).reshape(len(ballots), 2, 2)
    return matrix, np.array([group for group, _ in ballots], dtype=object)


@given(ticks)
def test_marks_are_counted_one_by_one(ballots):
    found = marks.grid(*_grid(ballots), ["A", "B"])
    for at, rated in enumerate("AB"):
        for item in range(2):
            cell = found[rated][item]
            mine = [row[2 * item + at] for group, row in ballots if group == rated]
            theirs = [row[2 * item + at] for group, row in ballots if group != rated]
            assert (cell.own, cell.own_n, cell.others, cell.others_n) == (
                sum(mine),
                len(mine),
                sum(theirs),
                len(theirs),
            )
            assert (cell.gap is None) == (not mine or not theirs)
            assert cell.gap is None or cell.gap == pytest.approx(np.mean(mine) - np.mean(theirs))


@given(ticks, st.randoms(use_true_random=False))
def test_marks_do_not_mind_the_order(ballots, random):
    turned = list(ballots)
    random.shuffle(turned)
    assert marks.grid(*_grid(turned), ["A", "B"]) == marks.grid(*_grid(ballots), ["A", "B"])
    assert (marks.groups_ticking(*_grid(turned)) == marks.groups_ticking(*_grid(ballots))).all()


def test_groups_that_tick_need_more_than_half():
    matrix, raters = _grid([("A", [1, 1, 0, 0]), ("A", [1, 0, 0, 0]), ("B", [1, 1, 0, 0])])
    assert marks.groups_ticking(matrix, raters).tolist() == [[2, 1], [0, 0]]


def test_ticks_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="2 groups"):
        marks.grid(np.zeros((1, 2, 3), bool), np.array(["A"]), ["A", "B"])
