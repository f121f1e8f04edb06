"""The measures against scipy and against slow oracles written from the definitions; invariances."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain, combinations, permutations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.measures import agreement, difference, dots, standing, tallies, trust
from analysis.measures.settings import Settings

SETTINGS = Settings()
some = st.lists(st.integers(0, 10), min_size=1, max_size=12).map(lambda values: np.array(values, float))
groups = st.lists(some, min_size=2, max_size=5)
frequencies = st.lists(st.integers(0, 9), min_size=3, max_size=8)
square = st.lists(st.lists(st.integers(0, 10), min_size=4, max_size=4), min_size=4, max_size=4)
rows = st.integers(1, 5).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 3), min_size=width, max_size=width), min_size=1, max_size=8
    )
)


# Against scipy


@given(groups)
def test_kruskal_is_scipys(found):
    assume(len(set(np.concatenate(found).tolist())) > 1)
    expected = stats.kruskal(*found)
    measured = difference.kruskal(found)
    assert measured.H == pytest.approx(expected.statistic, abs=1e-9)
    assert measured.p == pytest.approx(expected.pvalue, abs=1e-9)


@given(some, some)
def test_cliff_is_mann_and_whitneys_u(x, y):
    assert difference.cliff(x, y)[0] == stats.mannwhitneyu(x, y, method="asymptotic").statistic


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=12))
def test_tau_b_is_kendalls(pairs):
    x, y = ([pair[at] for pair in pairs] for at in (0, 1))
    assume(len(set(x)) > 1 and len(set(y)) > 1)
    assert tallies.tau_b(x, y) == pytest.approx(stats.kendalltau(x, y).statistic, abs=1e-9)


# Against the definitions


def _by_triples(freq):
    """Van der Eijk's A, every triple looked at."""
    k, n, left, total = len(freq), sum(freq), list(freq), 0.0
    while any(left):
        height = min(count for count in left if count)
        layer = [count > 0 for count in left]
        left = [count - height if count else 0 for count in left]
        filled = sum(layer)
        triples = [tuple(layer[at] for at in places) for places in combinations(range(k), 3)]
        tu = triples.count((True, True, False)) + triples.count((False, True, True))
        tdu = triples.count((True, False, True))
        u = ((k - 2) * tu - (k - 1) * tdu) / ((k - 2) * (tu + tdu)) if tu + tdu else 0
        value = 1 if filled == 1 else u * (1 - (filled - 1) / (k - 1))
        total += filled * height / n * value
    return total


@given(frequencies)
def test_agreement_by_all_triples(freq):
    assume(sum(freq))
    assert agreement.van_der_eijk(freq) == pytest.approx(_by_triples(freq), abs=1e-9)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=10))
def test_gini_by_all_pairs(counts):
    assume(sum(counts))
    pairs = sum(abs(a - b) for a in counts for b in counts)
    expected = pairs / (2 * len(counts) * sum(counts))
    assert dots.concentration(counts)["gini"] == pytest.approx(expected, abs=1e-9)


def _phragmen_slowly(supports, k):
    loads, chosen = [Fraction(0)] * len(supports), []
    while len(chosen) < k:
        best = None
        for option in range(len(supports[0])):
            who = [at for at, row in enumerate(supports) if row[option]]
            if option in chosen or not who:
                continue
            load = (1 + sum(loads[at] for at in who)) / Fraction(len(who))
            if best is None or load < best[0]:
                best = load, option, who
        if best is None:
            return chosen
        for at in best[2]:
            loads[at] = best[0]
        chosen.append(best[1])
    return chosen


@given(rows, st.integers(1, 5))
def test_phragmen_ballot_by_ballot(found, k):
    supports = np.array(found) > 0
    assert tallies.phragmen(supports, k) == _phragmen_slowly(supports.tolist(), k)


def _price(purses, worth, cost):
    """The smallest rho by trying every set of supporters who pay all they have."""
    who = [at for at, value in enumerate(worth) if value]
    found = []
    for broke in chain.from_iterable(combinations(who, size) for size in range(len(who) + 1)):
        rest = [at for at in who if at not in broke]
        missing = cost - sum((purses[at] for at in broke), Fraction(0))
        if not rest:
            if missing == 0 and broke:
                found.append(max(purses[at] / worth[at] for at in broke))
            continue
        rho = missing / sum(worth[at] for at in rest)
        if rho >= 0 and all(min(purses[at], rho * worth[at]) == rho * worth[at] for at in rest):
            if all(purses[at] <= rho * worth[at] for at in broke):
                found.append(rho)
    return min(found, default=None)


def _equal_shares_slowly(costs, budget, worth):
    purses, bought = [budget / len(worth)] * len(worth), []
    while True:
        offers = [
            (rho, option)
            for option, cost in enumerate(costs)
            if option not in bought
            and (rho := _price(purses, [row[option] for row in worth], cost)) is not None
        ]
        if not offers:
            return bought
        rho, option = min(offers)
        purses = [purse - min(purse, rho * row[option]) for purse, row in zip(purses, worth, strict=True)]
        bought.append(option)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=1, max_size=5),
    st.lists(st.integers(1, 6), min_size=3, max_size=3),
    st.integers(1, 12),
)
def test_equal_shares_by_every_set_of_payers(worth, costs, budget):
    prices, money = [Fraction(cost) for cost in costs], Fraction(budget)
    measured = tallies.equal_shares(prices, money, np.array(worth, dtype=object))
    assert measured == _equal_shares_slowly(prices, money, worth)
    assert sum((prices[option] for option in measured), Fraction(0)) <= money


# Shifting, mirroring, new names


@given(some, st.integers(-5, 5))
def test_a_shift_moves_quartiles_and_leaves_the_spread(values, by):
    moved = agreement.quartiles(values + by)
    assert moved == pytest.approx([value + by for value in agreement.quartiles(values)])
    assert agreement.gmd(values + by) == agreement.gmd(values)


@given(some)
def test_the_mirror_turns_quartiles_and_leaves_the_spread(values):
    assert agreement.quartiles(10 - values) == pytest.approx(
        [10 - q for q in agreement.quartiles(values)[::-1]]
    )
    assert agreement.gmd(10 - values) == agreement.gmd(values)


@given(st.lists(st.integers(0, 12), min_size=11, max_size=11))
def test_the_mirror_turns_the_zones_and_leaves_the_word(freq):
    one, other = (agreement.shape(counts, 0, 10, SETTINGS) for counts in (freq, freq[::-1]))
    assert (one.low, one.mid, one.high, one.word) == (other.high, other.mid, other.low, other.word)


@given(groups, st.sampled_from([1, -1]), st.integers(-5, 5))
def test_differences_between_groups_mind_neither_shift_nor_mirror_nor_names(found, sign, by):
    named = {f"g{at}": values for at, values in enumerate(found)}
    turned = {f"new {at}": sign * values + by for at, values in reversed(list(enumerate(found)))}
    one, other = (difference.within_between(one, SETTINGS) for one in (named, turned))
    assert (one.within, one.between) == pytest.approx((other.within, other.between))
    first, second = difference.kruskal(found), difference.kruskal(list(turned.values()))
    assert first.epsilon2 == (None if second.epsilon2 is None else pytest.approx(second.epsilon2, abs=1e-9))


@given(some, some, st.integers(-5, 5))
def test_cliff_turns_with_the_sides_and_with_the_mirror(x, y, by):
    delta = difference.cliff(x, y)[1]
    assert difference.cliff(x + by, y + by)[1] == delta
    assert difference.cliff(y, x)[1] == pytest.approx(-delta)
    assert difference.cliff(10 - x, 10 - y)[1] == pytest.approx(-delta)


@given(square, st.permutations(range(4)), st.integers(-3, 3))
def test_trust_follows_new_names_shift_and_mirror(found, order, by):
    matrix = np.array(found, float)
    one = trust.effects(matrix)
    named = trust.effects(matrix[np.ix_(order, order)])
    assert named.perceiver == pytest.approx([one.perceiver[at] for at in order], abs=1e-9)
    assert named.target == pytest.approx([one.target[at] for at in order], abs=1e-9)
    moved, turned = trust.effects(matrix + by), trust.effects(10 - matrix)
    assert (moved.grand, turned.grand) == pytest.approx((one.grand + by, 10 - one.grand))
    assert moved.target == pytest.approx(one.target, abs=1e-9)
    assert turned.target == pytest.approx([-effect for effect in one.target], abs=1e-9)
    for other in (named, moved, turned):
        assert other.mean_abs_asymmetry == pytest.approx(one.mean_abs_asymmetry)
    assert trust.self_gaps(matrix + by) == pytest.approx(trust.self_gaps(matrix))
    assert trust.self_gaps(10 - matrix) == pytest.approx([-gap for gap in trust.self_gaps(matrix)])


@given(some, some)
def test_asymmetry_turns_with_the_sides(there, back):
    one, other = trust.asymmetry(there, back, 3, 2), trust.asymmetry(back, there, 3, 2)
    assert one[1] == other[1]
    assert one[0] == (None if other[0] is None else -other[0])
    assert (one[0] is None) == (min(len(there), len(back)) < 3)


# Dots


@given(rows, st.randoms(use_true_random=False))
def test_tables_follow_options_and_do_not_mind_the_order_or_a_blank(found, random):
    matrix = np.array(found)
    order = list(range(matrix.shape[1]))
    random.shuffle(order)
    one, other = dots.table(matrix), dots.table(matrix[::-1][:, order], blank=1)
    assert other.voters == one.voters + 1
    for name in ("dots", "supporters", "ranks"):
        assert getattr(other, name).tolist() == getattr(one, name)[order].tolist()


@given(rows)
def test_concentration_and_groups_mind_the_shares_only(found):
    totals = np.array(found).sum(axis=0).tolist()
    assert dots.concentration([3 * total for total in reversed(totals)]) == pytest.approx(
        dots.concentration(totals)
    )
    assert dots.effective_groups([2 * total for total in totals]) == pytest.approx(
        dots.effective_groups(totals)
    )


@given(st.lists(rows.map(np.array), min_size=1, max_size=4))
def test_equal_weight_is_the_same_exactly(found):
    width = found[0].shape[1]
    by_group = {str(at): matrix for at, matrix in enumerate(found) if matrix.shape[1] == width}
    exact = tallies.equal_weight_exact(by_group)
    assert [float(score) for score in exact] == pytest.approx(tallies.equal_weight(by_group).tolist())
    assert tallies.equal_weight_exact({}) is None


@given(rows, st.integers(1, 5))
def test_what_stands_is_in_the_top_of_every_rule_however_ties_fall(found, k):
    matrix = np.array(found)
    half = {"A": matrix[::2], "B": matrix[1::2]}
    seen = standing.standing(matrix, half, k)
    assert set(seen.orders) >= {"sum", "supporters", "sqrt", "phragmen"}
    for option, word in enumerate(seen.words):
        tops = [option in order for order in seen.orders.values()]
        if word == standing.STANDS:
            assert all(tops)
        if word == standing.OUT:
            dotted = matrix[:, option].any()
            assert not (dotted and any(tops))
    for place, option in enumerate(seen.places):
        if option is not None:
            assert {order[place] for order in seen.orders.values()} == {option}


@given(rows)
def test_standing_follows_the_options(found):
    """Phragmén settles ties by the ballot's order, so only rooms without such ties can be turned round."""
    matrix = np.array(found)
    assume(
        all(best == worst for rank in standing.standing(matrix, {}, 2).ranks.values() for best, worst in rank)
    )
    one, other = standing.standing(matrix, {}, 2), standing.standing(matrix[:, ::-1], {}, 2)
    last = matrix.shape[1] - 1
    for rule in standing.SCORES[:3]:
        assert [last - option for option in other.orders[rule]] == list(one.orders[rule])


def test_a_top_that_depends_on_how_one_counts():
    """Four people of one group against two of the other: a leads by dots, b by people, c by groups."""
    matrix = np.array([[2, 1, 0]] * 4 + [[0, 0, 3], [0, 1, 2]])
    seen = standing.standing(matrix, {"X": matrix[:4], "Y": matrix[4:]}, 1)
    assert {rule: order[0] for rule, order in seen.orders.items()} == {
        "sum": 0,
        "supporters": 1,
        "sqrt": 0,
        "equal_weight": 2,
        "phragmen": 1,
    }
    assert seen.words == (standing.DEPENDS,) * 3 and seen.places == (None,)


def test_a_clear_top_stands_and_a_tie_over_the_edge_does_not():
    clear = np.array([[3, 1, 0, 0], [3, 0, 1, 0], [3, 0, 0, 0]])
    seen = standing.standing(clear, {}, 2)
    assert seen.words == (standing.STANDS, standing.DEPENDS, standing.DEPENDS, standing.OUT)
    assert seen.places == (0, None)
    assert seen.ranks["sum"] == ((1, 1), (2, 3), (2, 3), (4, 4))


def test_equal_shares_join_where_there_are_costs():
    matrix = np.array([[1, 0], [1, 0], [0, 1]])
    seen = standing.standing(matrix, {}, 1, [Fraction(4), Fraction(3)], Fraction(3))
    assert seen.orders["equal_shares"] == ()
    assert seen.words == (standing.DEPENDS, standing.OUT)
    assert seen.places == (0,), "what is bought is no ranking"
    seen = standing.standing(matrix, {}, 1, [Fraction(2), Fraction(3)], Fraction(3))
    assert seen.orders["equal_shares"] == (0,) and seen.words[0] == standing.STANDS
    assert standing.EQUAL_WEIGHT not in seen.orders


@given(rows)
def test_every_order_of_ballots_gives_the_same_tallies(found):
    matrix = np.array(found[:4])
    first = tallies.phragmen(matrix > 0, 3)
    for turned in permutations(found[:4]):
        assert tallies.phragmen(np.array(turned) > 0, 3) == first


@given(square)
def test_effects_are_the_least_squares_of_rater_and_rated(found):
    """x = grand + perceiver + target off the diagonal, both summing to 0: solved as a linear system."""
    matrix, n = np.array(found, float), len(found)
    cells = [(g, h) for g in range(n) for h in range(n) if g != h]
    design = np.zeros((len(cells) + 2, 1 + 2 * n))
    for at, (g, h) in enumerate(cells):
        design[at, [0, 1 + g, 1 + n + h]] = 1
    design[-2, 1 : 1 + n] = design[-1, 1 + n :] = 1
    aims = [*(matrix[cell] for cell in cells), 0, 0]
    solved = np.linalg.lstsq(design, np.array(aims), rcond=None)[0]
    effects = trust.effects(matrix)
    assert [effects.grand, *effects.perceiver, *effects.target] == pytest.approx(solved.tolist(), abs=1e-8)


@given(square)
def test_reciprocity_is_pearsons_over_both_directions(found):
    matrix = np.array(found, float)
    pairs = [(matrix[g, h], matrix[h, g]) for g in range(4) for h in range(4) if g != h]
    there, back = ([pair[at] for pair in pairs] for at in (0, 1))
    assume(len(set(there)) > 1)
    assert trust.effects(matrix).reciprocity == pytest.approx(stats.pearsonr(there, back).statistic, abs=1e-9)


@given(st.lists(st.lists(st.integers(0, 6), min_size=4, max_size=4), min_size=2, max_size=5))
def test_rank_range_by_leaving_each_group_out(found):
    def ranked(rows):
        totals = [sum(row[at] for row in rows) for at in range(4)]
        return [1 + sum(other > mine for other in totals) for mine in totals]

    seen = [ranked(found), *(ranked(found[:at] + found[at + 1 :]) for at in range(len(found)))]
    best, worst = dots.rank_range(np.array(found))
    assert best.tolist() == [min(ranks[at] for ranks in seen) for at in range(4)]
    assert worst.tolist() == [max(ranks[at] for ranks in seen) for at in range(4)]


@given(some, some)
def test_an_arrow_survives_without_any_one_person(there, back):
    assume(min(len(there), len(back)) >= 3)
    sign = np.sign(np.median(there) - np.median(back))
    without = [np.median(np.delete(there, at)) - np.median(back) for at in range(len(there))]
    without += [np.median(there) - np.median(np.delete(back, at)) for at in range(len(back))]
    expected = sign != 0 and all(np.sign(one) == sign for one in without)
    assert trust.sign_holds(there, back) == expected
    gap, arrow = trust.asymmetry(there, back, 3, 2)
    assert arrow == (expected and abs(gap) >= 2)
