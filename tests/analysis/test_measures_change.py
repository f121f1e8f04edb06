"""Change between two rounds: against scipy, against counting by hand, and what holds of all pairs."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from room import responses
from scipy import stats

from analysis.measures import change
from analysis.measures.ballots import ballots_of
from analysis.measures.settings import Settings

SETTINGS = Settings()
steps = st.one_of(st.none(), st.integers(0, 10))
pairs = st.lists(st.tuples(steps, steps), max_size=16)


def _arrays(found):
    then, now = (np.array([np.nan if pair[at] is None else pair[at] for pair in found]) for at in (0, 1))
    return then.astype(float), now.astype(float)


def _measured(found):
    return change.change(*_arrays(found), SETTINGS)


@given(pairs)
def test_pairs_are_counted_one_by_one(found):
    complete = [(a, b) for a, b in found if a is not None and b is not None]
    measured = _measured(found)
    assert measured.n_pairs == len(complete)
    assert measured.missing == len(found) - len(complete)
    assert measured.up == sum(b > a for a, b in complete)
    assert measured.down == sum(b < a for a, b in complete)
    assert measured.same == sum(b == a for a, b in complete)
    assert (measured.r_rb is None) == (not complete)


@given(pairs, st.randoms(use_true_random=False))
def test_the_order_of_pairs_does_not_matter(found, random):
    turned = list(found)
    random.shuffle(turned)
    assert _measured(turned) == _measured(found)


@given(pairs, st.integers(-20, 20))
def test_shifting_both_rounds_moves_the_medians_only(found, by):
    moved = [tuple(None if value is None else value + by for value in pair) for pair in found]
    before, after = vars(_measured(found)), vars(_measured(moved))
    for name in ("median_before", "median_after"):
        if before[name] is not None:
            assert after.pop(name) == before.pop(name) + by
    assert after == pytest.approx(before)


@given(pairs)
def test_mirroring_turns_up_into_down(found):
    mirrored = [tuple(None if value is None else 10 - value for value in pair) for pair in found]
    one, other = _measured(found), _measured(mirrored)
    assert (one.up, one.down, one.Tplus, one.Tminus) == (other.down, other.up, other.Tminus, other.Tplus)
    assert one.r_rb == (None if other.r_rb is None else pytest.approx(-other.r_rb))
    assert (one.sign_p, one.wilcoxon_p) == pytest.approx((other.sign_p, other.wilcoxon_p))


@given(pairs)
def test_rounds_in_turn_swap_before_and_after(found):
    one, other = _measured(found), _measured([(b, a) for a, b in found])
    assert (one.median_before, one.gmd_before) == (other.median_after, other.gmd_after)
    assert (one.up, one.same) == (other.down, other.same)


@given(pairs)
def test_somebody_who_answers_once_changes_nothing_but_missing(found):
    one, other = _measured(found), _measured([*found, (None, 3)])
    assert vars(other) == {**vars(one), "missing": one.missing + 1}


@given(st.lists(st.integers(-4, 4).filter(bool), min_size=1, max_size=8))
def test_wilcoxon_counts_every_pattern_of_signs(differences):
    ranks = stats.rankdata(np.abs(differences))
    total = ranks.sum() / 2
    seen = abs(ranks[np.array(differences) > 0].sum() - total)
    sums = [np.dot(signs, ranks) for signs in product((0, 1), repeat=len(ranks))]
    expected = np.mean([abs(one - total) >= seen - 1e-9 for one in sums])
    measured = _measured([(0, value) for value in differences])
    assert measured.wilcoxon_p == pytest.approx(expected)
    assert measured.wilcoxon_exact is True


@given(st.lists(st.integers(1, 60), min_size=1, max_size=15, unique=True), st.data())
def test_wilcoxon_without_ties_is_scipys(sizes, data):
    signs = data.draw(st.lists(st.sampled_from((-1, 1)), min_size=len(sizes), max_size=len(sizes)))
    differences = np.array(sizes) * signs
    expected = stats.wilcoxon(differences, method="exact").pvalue
    assert _measured([(0, value) for value in differences]).wilcoxon_p == pytest.approx(expected)


@given(st.lists(st.integers(-9, 9).filter(bool), min_size=21, max_size=60))
def test_above_the_limit_the_normal_approximation_says_so(differences):
    expected = stats.wilcoxon(differences, method="asymptotic", correction=False).pvalue
    measured = _measured([(0, value) for value in differences])
    assert measured.wilcoxon_p == pytest.approx(expected)
    assert measured.wilcoxon_exact is False


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_sign_test_is_the_binomial_test(up, down):
    expected = stats.binomtest(up, up + down).pvalue if up + down else 1
    assert change.sign_test(up, down) == pytest.approx(expected)


def test_noise_in_differences_makes_no_ranks():
    measured = change.change(np.array([0.1, 0.5]), np.array([0.3, 0.3]), SETTINGS)
    assert (measured.Tplus, measured.Tminus) == (1.5, 1.5)


def test_rounds_of_different_length_are_refused():
    with pytest.raises(ValueError, match="3 and 2"):
        change.change(np.zeros(3), np.zeros(2), SETTINGS)


def test_ballots_are_paired_by_id_whatever_their_order():
    rooms = [
        responses("scale", [("A", {"x": value}) for value in values], ["x"])
        for values in ([1, 2, None], [4, 5])
    ]
    then, now = (
        ballots_of(room, room.meeting.questions[0], room.meeting.questions[0].rounds[0]) for room in rooms
    )
    ids, before, after = change.paired(then, now, "x")
    assert ids.tolist() == ["b0", "b1"]
    assert before.tolist() == [1, 2] and after.tolist() == [4, 5]
    ids, before, after = change.paired(now, then, "x")
    assert before.tolist() == [4, 5] and after.tolist() == [1, 2]
