"""The gate: what may leave, by the rules, on plain examples and on random rooms."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from room import column, figures, hidden, responses, rooms

import analysis
from analysis import Policy, Published, publish
from analysis.disclosure import audit_scale
from analysis.disclosure.cells import close_margins

KINDS = ("scale", "trust", "dots")
BOOKS = {"issued", "used", "unused", "void", "paper", "counted", "blank", "released"}
SIX = "ABCDEF"
# Measures that rest on one group's answers and may be shown of it in a sealed round.
OF_A_GROUP = {"median", "believed", "perceiver", "asymmetry", "dots"}

IN_A_SMALL_PLENARY = {
    *("median", "believed", "self_gap", "gap_groups", "asymmetry", "place"),
    *("perceiver", "target", "reciprocity", "reciprocity_relationship"),
}


def visible(published):
    rows = published.rows
    return rows[rows["hidden"] == ""]


def answers(published):
    """The rows that are not books."""
    return published.rows[~published.rows["measure"].isin(BOOKS)]


def six_by_six(value=None):
    values = {
        key: [value if value is not None else (at * 3 + place) % 11 for at in range(6)]
        for place, key in enumerate(SIX)
    }
    return column(values)


# Rule 0: small plenary, nearly all


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_rule_0_decides_how_much_is_shown(kind, data):
    room = data.draw(rooms(kind))
    one = room.meeting.questions[0].rounds[0]
    published, n = publish(room), one.counted
    form = published.rows.set_index("measure").loc["released", "text"]
    assert form == ("turnout" if n < one.sealed_k else "small" if n < 10 else "full")
    if form == "turnout":
        assert answers(published).empty
        assert hidden(published, "counted") == hidden(published, "blank") == {"few_ballots"}
        assert published.meeting.questions[0].rounds[0].counted is None
        assert figures(published, "used", group="") == [one.used]
    if form == "small":
        shown = set(visible(published)["measure"]) - BOOKS
        assert shown <= IN_A_SMALL_PLENARY


@pytest.mark.parametrize("dissenters", [0, 1, 2])
@pytest.mark.parametrize("value", [7, None])
def test_near_unanimity_is_said_and_nothing_else_of_that_item(value, dissenters):
    ballots = column({key: [value] * 6 for key in SIX})
    for at in range(dissenters):
        ballots[at] = ("A", {"x": 2})
    published = publish(responses("scale", ballots, ["x"]))
    rows = answers(published)
    shown = rows[rows["hidden"] == ""]
    assert shown["measure"].tolist() == ["nearly_all"]
    assert shown["level"].tolist() == ["7" if value else "dont_know"]
    assert set(rows.loc[rows["hidden"] != "", "hidden"]) == {"nearly_all"}
    assert {"count", "median", "q25", "gmd", "shape", "dont_know"} <= set(rows["measure"])
    assert set(rows["group"]) == {"", *SIX}, "every group's row says why it is not there"


def test_three_dissenters_end_near_unanimity():
    ballots = column({key: [7] * 6 for key in SIX})
    ballots[0], ballots[1], ballots[2] = (("A", {"x": value}) for value in (2, 3, 4))
    published = publish(responses("scale", ballots, ["x"]))
    assert figures(published, "count", level="7") == [33]


@pytest.mark.parametrize("supporters", [34, 35, 36])
def test_near_unanimity_in_dots_hides_all_sums_that_would_give_it_back(supporters):
    ballots = [
        (SIX[at % 6], {"a": 2.0 if at < supporters else 0.0, "b": float(at % 2), "c": 1.0 * (at % 3 == 0)})
        for at in range(36)
    ]
    published = publish(responses("dots", ballots, ["a", "b", "c"]))
    for measure in ("dots", "supporters", "dots_per_supporter", "breadth"):
        assert hidden(published, measure, item="a", group="") == {"nearly_all"}
        assert hidden(published, measure, item="b", group="") == {""}
    for measure in ("total_dots", "supporter_marks", "eno", "gini"):
        assert hidden(published, measure) == {"nearly_all"}
    assert hidden(published, "swap_margin", item="a") == {"nearly_all"}
    assert hidden(published, "dots", item="a") == {"nearly_all"}, "cells of the groups would add up to it"
    assert figures(published, "rank", item="a") == [1]


@pytest.mark.parametrize("n", [6, 12])
@pytest.mark.parametrize("options", ["ab", "abcd"])
@pytest.mark.parametrize("beside", [{}, {"a": 1.0}])
def test_what_the_other_options_got_does_not_tell_whether_all_support_one(n, options, beside):
    def room(dissenters):
        ballots = [("AB"[at % 2], {"a": 2.0}) for at in range(n - dissenters)]
        return responses("dots", ballots + [("A", {**beside, "b": 1.0})] * dissenters, list(options))

    everybody, all_but_one = publish(room(0)), publish(room(1))
    pd.testing.assert_frame_equal(answers(everybody), answers(all_but_one))
    assert figures(everybody, "rank" if n == 12 else "place", item="a") == [1]


def test_small_plenary_of_dots_has_places_and_ties_but_no_counts():
    ballots = [("A", {"a": 2.0, "b": 1.0}), ("A", {"a": 1.0, "b": 1.0}), ("A", {"c": 2.0})] * 3
    published = publish(responses("dots", ballots, ["a", "b", "c", "d"]))
    assert {item: figures(published, "place", item=item) for item in "abcd"} == {
        "a": [1],
        "b": [2],
        "c": [2],
        "d": [],
    }
    assert set(answers(published)["measure"]) == {"place"}


# Rule 1: groups


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_figure_of_a_group_below_k(kind, data):
    room = data.draw(rooms(kind))
    one = room.meeting.questions[0].rounds[0]
    shown = visible(publish(room))
    of_groups = shown[(shown["group"] != "") & ~shown["measure"].isin(BOOKS)]
    assert set(of_groups["measure"]) <= OF_A_GROUP
    filled = room.frame[room.frame["item"] != ""].groupby("group")["ballot"].nunique()
    for row in of_groups.itertuples():
        assert filled[row.group] >= one.sealed_k
        assert row.n >= one.sealed_k


@pytest.mark.parametrize("kind", ["scale", "trust"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_group_medians_are_half_steps_inside_the_ends(kind, data):
    room = data.draw(rooms(kind))
    shown = visible(publish(room))
    medians = shown[shown["measure"].isin(["median", "believed"]) & (shown["group"] != "")]["value"]
    assert ((medians * 2) % 1 == 0).all()
    assert medians.between(0.5, 9.5).all()


@pytest.mark.parametrize(("value", "shown"), [(10, 9.5), (0, 0.5), (5, 5)])
def test_a_unanimous_group_shows_only_its_rounded_median(value, shown):
    values = {key: [at, at + 1, 10 - at, at + 2, 9 - at] for at, key in enumerate("BCDE")}
    published = publish(responses("scale", column({"A": [value] * 6, **values}), ["x"]))
    of_group = visible(published)
    of_group = of_group[(of_group["group"] == "A") & ~of_group["measure"].isin(BOOKS)]
    assert of_group[["measure", "value"]].to_numpy().tolist() == [["median", shown]]


def test_a_group_median_needs_three_given_values():
    values = {key: [1, 4, 6, 8, 9] for key in "BCD"} | {"A": [3, 4, None, None, None, None]}
    published = publish(responses("scale", column(values), ["x"]))
    assert hidden(published, "median", group="A") == {"few_values"}
    assert figures(published, "median", group="B") == [6]


@pytest.mark.parametrize(("asked", "in_force"), [(5, 5), (4, 4), (3, 3), (2, 3), (1, 3), (0, 3)])
def test_k_is_the_one_the_round_locked_but_never_under_three(asked, in_force):
    values = {
        "A": [1, 4, 6, 8, 9, 2],
        **{key: [size] * size for key, size in (("B", 2), ("C", 3), ("D", 4), ("E", 5))},
    }
    published = publish(responses("scale", column(values), ["x"], k=asked), Policy(k=7))
    shown = visible(published)
    shown = shown[(shown["measure"] == "median") & (shown["group"] != "")]
    assert shown["n"].min() == in_force


@pytest.mark.parametrize("asked", [0, 1, 2, 3])
def test_under_three_ballots_only_turnout_whatever_k_was_asked_for(asked):
    ballots = [("A", {"a": 2.0}), ("A", {"a": 1.0})]
    assert answers(publish(responses("dots", ballots, ["a", "b"], k=asked))).empty


# Rule 2 and 7: cells that add up


@st.composite
def grids(draw):
    rows, columns = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    dots = draw(st.lists(st.integers(0, 9), min_size=rows * columns, max_size=rows * columns))
    shown = draw(st.lists(st.booleans(), min_size=rows * columns, max_size=rows * columns))
    return np.array(dots).reshape(rows, columns), np.array(shown).reshape(rows, columns)


@given(grids())
def test_no_hidden_cell_stands_alone_in_its_row_or_column(grid):
    dots, allowed = grid
    shown = close_margins(dots, allowed)
    assert not (shown & ~allowed).any()
    for hidden_cells in (~shown, (~shown).T):
        if hidden_cells.shape[1] > 1:
            assert not (hidden_cells.sum(axis=1) == 1).any()
    if allowed.all():
        assert shown.all()


@settings(max_examples=40, deadline=None)
@given(rooms("dots"))
def test_cells_of_a_sealed_vote_keep_rule_7(room):
    k = room.meeting.questions[0].rounds[0].sealed_k
    shown = visible(publish(room))
    cells = shown[(shown["measure"] == "dots") & (shown["group"] != "")]
    for row in cells.itertuples():
        filled = room.frame[(room.frame["group"] == row.group) & (room.frame["item"] != "")]
        ballots = filled[filled["item"] == row.item]["value"].tolist()
        ballots += [0] * (filled["ballot"].nunique() - len(ballots))
        assert len(ballots) >= k
        assert sum(dots > 0 for dots in ballots) >= 3
        assert max(ballots) * 2 <= sum(ballots)
        assert row.value == sum(ballots)


def test_cells_that_pass_are_shown_and_small_groups_pull_another_with_them():
    """The smallest group goes with the one below k, though others have fewer dots."""

    def shown_groups(sizes):
        ballots = []
        for key, size in sizes.items():
            one = 2.0 if key == "A" else 1.0
            ballots += [(key, dict.fromkeys("ab" if at % 2 else "cd", one)) for at in range(size)]
        rows = visible(publish(responses("dots", ballots, list("abcd"))))
        return sorted(set(rows[(rows["measure"] == "dots") & (rows["group"] != "")]["group"]))

    assert shown_groups(dict.fromkeys("ABCD", 6)) == ["A", "B", "C", "D"]
    assert shown_groups({"A": 6, "B": 7, "C": 7, "D": 4}) == ["B", "C"]


@pytest.mark.parametrize(("supporters", "shown"), [(6, False), (5, False), (4, True)])
def test_a_cell_that_only_a_group_of_one_mind_can_fill_is_hidden(supporters, shown):
    mine = [("A", {"a" if at < supporters else "c": 2.0}) for at in range(6)]
    others = [(key, {item: 2.0}) for key in "BCD" for item in "aaabbb"]
    published = publish(responses("dots", mine + others, list("abcd"), settings={"dots": 2, "cap": 2}))
    assert (figures(published, "dots", item="a", group="A") == [2.0 * supporters]) is shown


def test_one_ballot_with_most_of_a_cells_dots_hides_it():
    votes = {"a": [3, 1, 1, 0, 0, 0], "b": [1, 1, 1, 0, 0, 0]}
    ballots = [(key, {item: float(votes[item][at]) for item in votes}) for key in "ABC" for at in range(6)]
    published = publish(responses("dots", ballots, ["a", "b", "c"]))
    assert hidden(published, "dots", item="a", group="A") == {"cell"}


def test_a_hidden_cell_takes_others_with_it_so_that_sums_do_not_tell_it():
    ballots = [(key, {item: 1.0 for item in "abcd"}) for key in "ABCD" for _ in range(6)]
    ballots = [
        (key, {item: 1.0 for item in "abcd" if (at + ord(item)) % 3}) for at, (key, _) in enumerate(ballots)
    ]
    ballots[0] = ("A", {"a": 9.0})
    rows = publish(responses("dots", ballots, list("abcd"))).rows
    cells = rows[(rows["measure"] == "dots") & (rows["group"] != "")]
    assert cells[cells["hidden"] == "cell"][["group", "item"]].to_numpy().tolist() == [["A", "a"]]
    for line in ("group", "item"):
        missing = (cells["hidden"] != "").groupby(cells[line]).sum()
        assert set(missing) == {0, 2}


# Rule 4: open questions


@pytest.mark.parametrize("kind", ["scale", "dots"])
def test_an_open_question_is_released_whole(kind):
    item, values = "x", {"A": [3], "B": [1, 2]}
    published = publish(responses(kind, column(values), [item], secrecy="open"))
    assert not set(published.rows["hidden"]) & {
        "few_ballots",
        "nearly_all",
        "cell",
        "complementary",
        "differencing",
    }
    if kind == "scale":
        assert figures(published, "count", group="A", level="3") == [1]
        assert figures(published, "median", group="B") == [1.5]
    else:
        assert figures(published, "dots", group="B") == [3]
        assert figures(published, "supporters", group="A") == [1]


def test_trust_is_never_open():
    ballots = [(key, {"A": 3, "B": 4}) for key in "AAB"]
    assert answers(publish(responses("trust", ballots, ["A", "B"], secrecy="open"))).empty


# Rule 5: differencing


def test_a_group_is_hidden_when_the_rest_of_the_room_is_below_k():
    values = {"A": [1, 4, 6, 8, 9, 2, 3, 3, 5, 7, 7, 1], "B": [2, 3, 9, 9]}
    published = publish(responses("scale", column(values), ["x"]))
    assert hidden(published, "median", group="A") == {"differencing"}
    assert hidden(published, "median", group="B") == {"few_ballots"}


def _room_of(n, change=0):
    return responses(
        "scale", [(SIX[at % 6], {"x": (at * 7 + (change if at == 0 else 0)) % 11}) for at in range(n)], ["x"]
    )


def test_a_round_already_out_is_released_again_only_by_rule_5():
    first = publish(_room_of(36))
    again = publish(_room_of(36), earlier=[first])
    pd.testing.assert_frame_equal(again.rows, first.rows)
    for refused in (_room_of(35), _room_of(38), _room_of(36, change=1)):
        pd.testing.assert_frame_equal(publish(refused, earlier=[first]).rows, first.rows)
    allowed = publish(_room_of(42), earlier=[first])
    assert figures(allowed, "used", group="") == [42]
    assert len(figures(allowed, "count")) == 11


def test_books_may_be_put_right_when_the_answers_are_the_same():
    first, room = publish(_room_of(36)), _room_of(36)
    question = room.meeting.questions[0]
    book = replace(question.rounds[0], issued=38, void=2)
    corrected = replace(room.meeting, questions=(replace(question, rounds=(book,)),))
    assert figures(publish(replace(room, meeting=corrected), earlier=[first]), "void") == [2]


def test_round_two_is_publishable_whatever_round_one_showed():
    first = publish(_room_of(36))
    room = _room_of(35)
    question = room.meeting.questions[0]
    second = replace(question, rounds=(replace(question.rounds[0], number=2),))
    moved = analysis.Responses(replace(room.meeting, questions=(second,)), room.frame.assign(round=2))
    assert set(publish(moved, earlier=[first]).rows["round"]) == {2}


# Rule 9, what is cheap of it


@settings(max_examples=40, deadline=None)
@given(rooms("dots"))
def test_measures_of_dots_that_derive_from_groups_are_whole_numbers(room):
    shown = visible(publish(room))
    derived = shown[
        shown["measure"].isin(["groups_reached", "rank_best", "rank_worst", "top_groups", "swap_margin"])
    ]
    assert (derived["value"] % 1 == 0).all()


@settings(max_examples=40, deadline=None)
@given(rooms("scale"))
def test_measures_between_groups_are_coarse(room):
    shown = visible(publish(room)).set_index("measure")["value"]
    for measure in {"within", "between"} & set(shown.index):
        values = np.atleast_1d(shown[measure])
        assert ((values * 2) % 1 == 0).all() and (values >= 0.5).all()
    if "epsilon2" in shown.index:
        assert (np.atleast_1d(shown["epsilon2"]) <= 0.9).all()


def test_groups_that_are_each_of_one_mind_are_not_given_away():
    """Within is 0 and epsilon squared 1: even to the nearest half step they tell everybody's answer."""
    values = {"A": [1] * 7, "B": [5] * 7, "C": [1] * 7}
    published = publish(responses("scale", column(values), ["x"], settings={"min": 1, "max": 5}))
    for measure in ("within", "between", "epsilon2"):
        assert hidden(published, measure) == {"audit"}
    assert hidden(published, "reading") == set(), "a word that is not always there is not even named"


# Trust


def _trust(cells):
    """Ballots of six from each group, all giving the same value; cells: rater -> rated -> value."""
    return [(rater, dict(given)) for rater, given in cells.items() for _ in range(6)]


def test_an_arrow_is_the_difference_of_the_medians_on_the_wall():
    cells = {"A": {"A": 5, "B": 9}, "B": {"A": 5, "B": 5}}
    bystanders = [(key, {}) for key in "AB"] + [(key, {"A": None}) for key in "CD" for _ in range(5)]
    published = publish(responses("trust", _trust(cells) + bystanders, ["A", "B"]))
    assert figures(published, "asymmetry", item="B", group="A") == [4]
    assert figures(published, "asymmetry", group="B") == []
    assert figures(published, "believed") == [5, 5]
    assert figures(published, "self_gap") == [pytest.approx((5 - 5 + 5 - 9) / 2)]
    assert figures(published, "gap_groups") == [2]


def test_no_arrow_that_the_wall_does_not_bear_out():
    """10 against 8 differ by two steps, but the wall shows 9.5 against 8."""
    cells = {"A": {"A": 5, "B": 10}, "B": {"A": 8, "B": 5}}
    published = publish(responses("trust", _trust(cells), ["A", "B"]))
    assert figures(published, "median") == [9.5, 8]
    assert figures(published, "asymmetry") == []


@settings(max_examples=40, deadline=None)
@given(rooms("trust"))
def test_what_follows_from_the_matrix_follows_from_what_is_shown(room):
    published = publish(room)
    shown = visible(published)
    cells = shown[shown["measure"].isin(["median", "believed"])].set_index(["group", "item"])["value"]
    for row in shown[shown["measure"] == "asymmetry"].itertuples():
        assert row.value == cells[(row.group, row.item)] - cells[(row.item, row.group)] >= 2
    gaps = []
    for key in {group for group, item in cells.index if group == item}:
        others = [value for (rater, rated), value in cells.items() if rated == key != rater]
        if others:
            gaps.append(cells[(key, key)] - np.mean(others))
    assert figures(published, "self_gap") == ([pytest.approx(np.mean(gaps), abs=1e-8)] if gaps else [])


def test_dont_knows_in_trust_are_counted_for_the_whole_question():
    ballots = [(key, {"A": 4, "B": None}) for key in "ABC" for _ in range(7)]
    published = publish(responses("trust", ballots, ["A", "B"]))
    assert figures(published, "dont_know") == [21]
    assert hidden(published, "median", item="B", group="A") == {"few_values"}


@pytest.mark.parametrize("known", [0, 1])
def test_a_count_of_dont_knows_that_tells_on_everybody_is_not_shown(known):
    ballots = [(key, {"A": None, "B": None}) for key in "ABC" for _ in range(7)]
    if known:
        ballots[0] = ("A", {"A": 4, "B": None})
    assert hidden(publish(responses("trust", ballots, ["A", "B"])), "dont_know") == {"nearly_all"}


# The face of the gate


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_hidden_row_says_nothing_but_why(kind, data):
    rows = publish(data.draw(rooms(kind, few_values=True))).rows
    silent = rows[rows["hidden"] != ""]
    assert silent["value"].isna().all() and (silent["text"] == "").all()
    assert silent.loc[silent["hidden"] != "undefined", "n"].isna().all()
    said = rows[(rows["hidden"] == "") & (rows["measure"] != "nearly_all")]
    assert (said["value"].notna() | (said["text"] != "")).all()


def test_published_cannot_be_made_by_hand():
    published = publish(_room_of(12))
    with pytest.raises(TypeError, match="publish"):
        Published(published.meeting, published.rows, published.notes)


def test_published_cannot_be_made_of_other_rows_by_way_of_a_published_one():
    published = publish(_room_of(12))
    rows = published.rows.assign(value=1.0, hidden="")
    with pytest.raises(TypeError, match="publish"):
        replace(published, rows=rows)
    assert published.with_notes(published.notes).rows.equals(published.rows)


@pytest.mark.parametrize(
    "junk", [{}, {"meeting": {}}, {"meeting": None, "rows": []}, [], None, "x", {"meeting": 5, "rows": 5}]
)
def test_what_was_not_stored_as_published_gets_a_sentence(junk):
    with pytest.raises(ValueError, match="stored"):
        analysis.published_from_dict(junk)


def test_published_survives_storage():
    published = publish(_room_of(36))
    again = analysis.published_from_dict(json.loads(json.dumps(published.as_dict())))
    pd.testing.assert_frame_equal(again.rows, published.rows)
    assert again.meeting == published.meeting and again.policy == published.policy


def test_parts_are_merged_in_the_order_of_the_codebook():
    part = publish(_room_of(36))
    other = _room_of(36)
    question = replace(other.meeting.questions[0], key="p")
    book = replace(other.meeting, questions=(question,))
    second = publish(analysis.Responses(book, other.frame.assign(question="p")))
    whole = replace(book, questions=(question, part.meeting.questions[0]))
    merged = analysis.merge([part, second, part], whole)
    assert list(dict.fromkeys(merged.rows["question"])) == ["p", "q"]
    assert len(merged.rows) == len(part.rows) + len(second.rows)
    assert [one.key for one in analysis.merge([part, second]).meeting.questions] == ["q", "p"]


def test_parts_of_different_meetings_are_not_merged():
    part = publish(_room_of(36))
    other = _room_of(36)
    foreign = publish(analysis.Responses(replace(other.meeting, key="n"), other.frame.assign(meeting="n")))
    for parts in ([part, foreign], []):
        with pytest.raises(ValueError, match="merge"):
            analysis.merge(parts)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *product(("scale", "trust"), (5.5, 11, -1, np.inf, 1e300)),
        *product(("dots",), (0.5, -1, np.inf, 1e300)),
        *product(("marks",), (0.5, 2, -1)),
    ],
)
def test_answers_that_the_question_did_not_offer_are_refused(kind, value):
    """They would be missing among the counts, or counted as what nobody could give."""
    item = ("x", "A") if kind == "marks" else "A" if kind == "trust" else "x"
    ballots = [("A", {item: 1})] * 12
    sentence = re.escape(f"Question 'q': the answer {value:g} to ") + "'[xA]' is not a whole number from"
    with pytest.raises(ValueError, match=sentence):
        publish(responses(kind, [*ballots, ("A", {item: value})], ["A" if kind == "trust" else "x"]))
    publish(responses(kind, [*ballots, ("A", {item: None})], ["A" if kind == "trust" else "x"]))


@pytest.mark.parametrize("change", [{"kind": "lottery"}, {"items": ()}])
def test_what_the_gate_does_not_know_is_refused(change):
    room = _room_of(12)
    question = replace(room.meeting.questions[0], **change)
    with pytest.raises(ValueError, match="q"):
        publish(analysis.Responses(replace(room.meeting, questions=(question,)), room.frame))


def test_where_a_formula_breaks_down_the_row_says_undefined():
    published = publish(responses("dots", [(key, {"a": 0.0}) for key in SIX * 2], ["a", "b"]))
    assert hidden(published, "eno") == hidden(published, "dots_per_supporter") == {"undefined"}
    assert figures(published, "dots", item="a", group="") == [0]


# Figures between groups, where groups are of one mind


def of_one_mind(apart):
    """Six groups of six: four of each on one step, two `apart` from it. Nobody sees through all others."""
    return column({key: [at] * 4 + [at + apart] * 2 for at, key in enumerate(SIX, 2)})


BETWEEN = ("within", "between", "epsilon2")


def test_figures_between_groups_of_one_mind_are_withheld_though_nobody_is_determined():
    """That they are there would tell that nobody stands alone in a group otherwise of one answer."""
    published = publish(responses("scale", of_one_mind(1), ["x"]))
    assert [hidden(published, measure) for measure in BETWEEN] == [{"audit"}] * 3
    assert "reading" not in set(published.rows["measure"])
    assert len(figures(published, "median")) == 7 and figures(published, "count"), "nothing else goes"
    apart = publish(responses("scale", of_one_mind(3), ["x"]))
    assert [hidden(apart, measure) for measure in BETWEEN] == [{""}] * 3


def test_without_the_rule_of_one_mind_they_would_be_there(monkeypatch):
    monkeypatch.setattr(audit_scale.Statement, "_of_one_mind", lambda self, before: False)
    published = publish(responses("scale", of_one_mind(1), ["x"]))
    assert [hidden(published, measure) for measure in BETWEEN] == [{""}] * 3
    assert figures(published, "within") == [0.5]
