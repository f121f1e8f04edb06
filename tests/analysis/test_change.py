"""The change between two rounds: what the gate lets out of it, and what it holds back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from two_rounds import column, dot_room, responses, room

import analysis
from analysis.disclosure import rules

DIRECTIONS = ("up", "same", "down")
STEPS = [5, 3, 6, 4, 7, 2, 8, 5, 4, 6, 3, 7, 5, 6, 4, 8, 2, 7]


def shown(published: Any, measure: str, item: str = "x", number: int = 2) -> float | None:
    rows = published.of("q", number)
    rows = rows[(rows["measure"] == measure) & (rows["item"] == item) & (rows["group"] == "")]
    assert len(rows) <= 1
    return None if rows.empty or rows.iloc[0]["hidden"] else float(rows.iloc[0]["value"])


def reasons(published: Any, measure: str, item: str = "x") -> set[str]:
    rows = published.of("q", 2)
    return set(rows[(rows["measure"] == measure) & (rows["item"] == item)]["hidden"])


def test_the_later_round_says_how_many_went_up_stayed_and_went_down():
    first, second = room(40)
    published = analysis.publish(responses("scale", first, second))
    steps = [second[one][1]["x"] - first[one][1]["x"] for one in first]
    counts = [sum(s > 0 for s in steps), sum(s == 0 for s in steps), sum(s < 0 for s in steps)]
    assert [shown(published, name) for name in DIRECTIONS] == counts
    assert (shown(published, "pairs"), shown(published, "missing")) == (40, 0)
    assert shown(published, "compared_with", "") == 1
    assert not set(published.of("q", 1)["measure"]) & {"pairs", "compared_with", *DIRECTIONS}


def test_medians_over_pairs_are_those_of_the_rounds_when_the_pairs_are_everybody():
    published = analysis.publish(responses("scale", *room(40)))
    assert shown(published, "median_before") == shown(published, "median", number=1)
    assert shown(published, "median_after") == shown(published, "median", number=2)


@pytest.mark.parametrize(("leavers", "out"), [(0, True), (1, False), (4, False), (6, True)])
def test_medians_over_pairs_need_the_same_people_or_k_others(leavers, out):
    published = analysis.publish(responses("scale", *room(60, leavers=leavers)))
    assert shown(published, "pairs") == 60 - leavers
    assert shown(published, "missing") == leavers
    assert (shown(published, "median_before") is not None) is out
    assert out or reasons(published, "median_before") == {"differencing"}


def test_under_ten_pairs_nothing_is_said_of_the_change():
    first, second = column(STEPS[:12]), column(STEPS[:12])
    second = {f"q{one}" if number < 3 else one: second[one] for number, one in enumerate(second)}
    published = analysis.publish(responses("scale", first, second))
    assert reasons(published, "up") == {"few_pairs"}
    assert shown(published, "up") is None


@pytest.mark.parametrize(("moved", "level"), [(0, "same"), (1, "same"), (17, "up"), (18, "up")])
def test_nearly_all_the_same_way_is_said_without_a_number(moved, level):
    later = [step + (at < moved) for at, step in enumerate(STEPS)]
    published = analysis.publish(responses("scale", column(STEPS), column(later)))
    rows = published.of("q", 2)
    assert list(rows[rows["measure"] == "nearly_all_moved"]["level"]) == [level]
    assert all(reasons(published, name) == {"nearly_all"} for name in (*DIRECTIONS, "r_rb", "median_after"))


def test_nothing_is_added_to_a_statement_of_which_nearly_all_is_said():
    published = analysis.publish(responses("scale", column([5] * 18), column(STEPS)))
    assert reasons(published, "up") == {"nearly_all"}


def test_a_round_put_aside_is_not_compared():
    first, second = room(40)
    published = analysis.publish(responses("scale", first, second, states=("annulled", "revealed")))
    assert "compared_with" not in set(published.rows["measure"])
    states = ("revealed", "annulled", "closed")
    third = analysis.publish(responses("scale", first, second, second, states=states))
    assert shown(third, "compared_with", "", number=3) == 1
    assert "compared_with" not in set(third.of("q", 2)["measure"])


def test_the_one_who_left_is_not_given_away_by_what_the_others_did():
    # Ten at 0, one at 10; then five at 0, five at 10: with five up and five stayed, the 10 must have left.
    before = column([0] * 10 + [10], "AB")
    after = column([0] * 5 + [10] * 5, "AB")
    published = analysis.publish(responses("scale", before, after))
    assert reasons(published, "up") <= {"differencing", "nearly_all"}
    assert shown(published, "up") is None


def test_dots_of_one_who_left_do_not_follow_from_more_and_fewer():
    published = analysis.publish(responses("dots", *dot_room(leavers=1), items="abcdef"))
    assert all(reasons(published, "up", item) <= {"differencing", "nearly_all"} for item in "abcdef")


def test_dots_say_how_many_gave_more_and_fewer():
    first, second = dot_room(40)
    published = analysis.publish(responses("dots", first, second, items="abcdef"))
    known = [item for item in "abcdef" if shown(published, "up", item) is not None]
    assert known
    for item in known:
        more = sum(second[one][1].get(item, 0) > first[one][1].get(item, 0) for one in first)
        assert shown(published, "up", item) == more


def test_trust_between_groups_has_no_view_of_change():
    one = {f"p{n}": ("AB"[n % 2], {"A": n % 11, "B": 5}) for n in range(20)}
    published = analysis.publish(responses("trust", one, one, items=("A", "B")))
    assert "compared_with" not in set(published.rows["measure"])


def test_an_open_question_says_everything():
    published = analysis.publish(responses("scale", column(STEPS[:6]), column(STEPS[:6]), secrecy="open"))
    assert shown(published, "same") == 6
    assert shown(published, "median_after") is not None


def test_once_out_the_change_stands():
    first, second = room(40)
    asked = responses("scale", first, second)
    out = analysis.publish(asked)
    assert analysis.publish(asked, earlier=[out]).rows.equals(out.rows)
    del second["p3"]
    again = analysis.publish(responses("scale", first, second), earlier=[out])
    assert again.of("q", 2).equals(out.of("q", 2))


@st.composite
def two(draw: st.DrawFn) -> tuple[str, dict[str, Any], dict[str, Any]]:
    kind = draw(st.sampled_from(["scale", "dots"]))
    n, groups = draw(st.integers(5, 24)), "ABC"[: draw(st.integers(1, 3))]
    values = st.integers(0, 2) if kind == "dots" else st.one_of(st.none(), st.integers(0, 10))
    rounds = []
    for _ in "12":
        ballots = column(draw(st.lists(values, min_size=n, max_size=n)), groups)
        for at in draw(st.lists(st.integers(0, n - 1), max_size=3, unique=True)):
            del ballots[f"p{at}"]
        rounds.append(ballots)
    return kind, rounds[0], rounds[1]


@settings(max_examples=60, deadline=None)
@given(two())
def test_whatever_the_room_no_count_proves_and_what_is_out_adds_up(drawn):
    kind, first, second = drawn
    published = analysis.publish(responses(kind, first, second))
    counts = [shown(published, name) for name in DIRECTIONS]
    assert len({count is None for count in counts}) == 1
    if counts[0] is None:
        return
    pairs = shown(published, "pairs")
    assert sum(counts) == pairs >= 10
    assert not any(rules.nearly_all(count, pairs) for count in counts)


@settings(max_examples=25, deadline=None)
@given(two(), st.randoms(use_true_random=False))
def test_the_order_of_the_ballots_does_not_matter(drawn, chance):
    kind, first, second = drawn
    orders = [dict(chance.sample(list(one.items()), len(one))) for one in (first, second)]
    straight, mixed = (analysis.publish(responses(kind, *rounds)) for rounds in ((first, second), orders))
    for measure in ("pairs", "missing", *DIRECTIONS):
        one, other = (shown(published, measure) for published in (straight, mixed))
        assert one == other
