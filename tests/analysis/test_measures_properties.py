"""What holds of every measure whatever the ballots: order and names do not matter, bounds are kept."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from room import rooms

import analysis
from analysis.measures import agreement, difference, dots, tallies, trust
from analysis.measures.settings import Settings
from analysis.responses import Group, Item, Meeting, Question, Responses

SETTINGS = Settings()
KINDS = ("scale", "trust", "dots")
answers = st.lists(st.integers(0, 10), max_size=40).map(lambda values: np.array(values, float))
frequencies = st.lists(st.integers(0, 30), min_size=3, max_size=11)
marks = st.integers(1, 6).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 3), min_size=width, max_size=width), min_size=1, max_size=15
    )
)


@given(answers)
def test_gmd_is_the_mean_over_all_pairs(values):
    pairs = [abs(x - y) for at, x in enumerate(values) for y in values[:at]]
    expected = sum(pairs) / len(pairs) if pairs else None
    assert agreement.gmd(values) == (None if expected is None else pytest.approx(expected))


@given(answers)
def test_quartiles_stand_in_order_inside_the_answers(values):
    found = agreement.quartiles(values)
    if not len(values):
        assert found is None
        return
    assert values.min() <= found[0] <= found[1] <= found[2] <= values.max()


@given(frequencies)
def test_agreement_keeps_its_bounds_and_does_not_mind_the_direction(freq):
    for measure, least in ((agreement.van_der_eijk, -1), (agreement.consensus, 0)):
        found, turned = measure(freq), measure(freq[::-1])
        if sum(freq) == 0:
            assert found is None
            continue
        assert least <= found <= 1
        assert found == pytest.approx(turned, abs=1e-9)


@given(st.lists(st.integers(0, 10), min_size=11, max_size=11))
def test_zones_of_the_shape_add_up(freq):
    found = agreement.shape(freq, 0, 10, SETTINGS)
    assert found.low + found.mid + found.high == sum(freq)
    assert (found.word is None) == (sum(freq) < SETTINGS.n_min_shape)


def test_other_scales_have_no_shape():
    assert agreement.shape([1] * 8, 0, 7, SETTINGS) is None


@given(st.dictionaries(st.sampled_from("ABCD"), answers))
def test_within_and_between_are_means_over_pairs(groups):
    people = [(key, value) for key, values in groups.items() for value in values]
    pairs = [(a, b) for at, a in enumerate(people) for b in people[:at]]
    same = [abs(a[1] - b[1]) for a, b in pairs if a[0] == b[0]]
    other = [abs(a[1] - b[1]) for a, b in pairs if a[0] != b[0]]
    found = difference.within_between(groups, SETTINGS)
    for measured, each in ((found.within, same), (found.between, other)):
        assert measured == (pytest.approx(np.mean(each), abs=1e-9) if each else None)


@given(answers, answers)
def test_cliff_counts_pairs(x, y):
    found = difference.cliff(x, y)
    if not len(x) or not len(y):
        assert found is None
        return
    more = sum(a > b for a in x for b in y) - sum(a < b for a in x for b in y)
    assert found[1] == pytest.approx(more / (len(x) * len(y)))
    assert found[2] == pytest.approx((found[1] + 1) / 2)


@given(st.lists(answers, min_size=2, max_size=5))
@example([np.array([1.0, 1, 1]), np.array([0.0])])
def test_epsilon_squared_is_a_share(groups):
    found = difference.kruskal(groups)
    assert found.epsilon2 is None or 0 <= found.epsilon2 <= 1, "never past its ends, not by noise either"


@given(marks)
def test_ranks_share_the_best_place(rows):
    table = dots.table(np.array(rows))
    expected = [1 + sum(other > mine for other in table.dots) for mine in table.dots]
    assert table.ranks.tolist() == expected
    assert table.supporters.tolist() == [sum(row[at] > 0 for row in rows) for at in range(len(rows[0]))]


@given(marks)
def test_the_rank_of_everybody_lies_in_its_range(rows):
    matrix = np.array(rows)
    span = dots.rank_range(matrix)
    if len(matrix) == 1:
        assert span is None
        return
    ranks = dots.ranks(matrix.sum(axis=0))
    assert (span[0] <= ranks).all() and (ranks <= span[1]).all()


@given(st.lists(st.integers(0, 20), min_size=1, max_size=12))
def test_effective_numbers_lie_between_one_and_all(counts):
    found = dots.concentration(counts)
    if not sum(counts):
        assert set(found.values()) == {None}
        return
    for name in ("eno", "exp_shannon"):
        assert 1 <= found[name] <= len(counts)
    assert 0 <= found["gini"] < 1


@given(st.integers(0, 50), st.integers(0, 50))
def test_swap_margin_moves_just_enough(ahead, behind):
    margin = dots.swap_margin(ahead, behind)
    if ahead == behind == 0:
        assert margin is None
    elif behind > ahead:
        assert margin == 0
    else:
        assert behind + margin > ahead - margin
        assert behind + margin - 1 <= ahead - margin + 1


@given(marks, st.integers(1, 6))
def test_phragmen_takes_only_options_with_supporters(rows, k):
    supports = np.array(rows) > 0
    chosen = tallies.phragmen(supports, k)
    assert len(set(chosen)) == len(chosen) == min(k, int(supports.any(axis=0).sum()))
    assert all(supports[:, option].any() for option in chosen)


@given(st.lists(st.lists(st.integers(0, 10), min_size=4, max_size=4), min_size=4, max_size=4))
def test_effects_sum_to_zero_and_rebuild_row_means(rows):
    matrix = np.array(rows, float)
    found = trust.effects(matrix)
    assert sum(found.perceiver) == pytest.approx(0, abs=1e-9)
    assert sum(found.target) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_the_order_of_ballots_does_not_matter(kind, data):
    room = data.draw(rooms(kind))
    order = data.draw(st.permutations(range(len(room.frame))))
    turned = Responses(room.meeting, room.frame.iloc[list(order)].reset_index(drop=True))
    pd.testing.assert_frame_equal(analysis.publish(turned).rows, analysis.publish(room).rows)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_names_of_groups_do_not_matter(kind, data):
    """New names in the same alphabetical order, since ties in sizes are settled by label."""
    room = data.draw(rooms(kind))
    names = {group.key: f"new {group.key}" for group in room.meeting.groups}
    renamed = analysis.publish(_renamed(room, names, kind == "trust")).rows
    rows = analysis.publish(room).rows
    for column in ("group", "item") if kind == "trust" else ("group",):
        rows[column] = pd.Series([names.get(key, key) for key in rows[column]], dtype="object")
    pd.testing.assert_frame_equal(renamed, rows)


def _renamed(room: Responses, names: dict[str, str], items_too: bool) -> Responses:
    question = room.meeting.questions[0]
    one = question.rounds[0]
    books = {names[key]: dict(book) for key, book in one.by_group.items()}
    items = tuple(Item(names[item.key] if items_too else item.key, item.text) for item in question.items)
    new = Question(
        **{**vars(question), "items": items, "rounds": (type(one)(**{**vars(one), "by_group": books}),)}
    )
    groups = tuple(Group(names[group.key], group.name, group.colour) for group in room.meeting.groups)
    meeting = Meeting(**{**vars(room.meeting), "groups": groups, "questions": (new,)})
    frame = room.frame.copy()
    for column in ("group", "item") if items_too else ("group",):
        frame[column] = pd.Series([names.get(key, key) for key in frame[column]], dtype="object")
    return Responses(meeting, frame)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_blank_ballot_changes_no_answer(kind, data):
    """Only the books, and breadth, whose denominator are all ballots handed in."""
    room = data.draw(rooms(kind))
    group = room.meeting.groups[0].key
    blank = {
        "meeting": "m",
        "question": "q",
        "kind": kind,
        "round": 1,
        "ballot": "new",
        "group": group,
        "item": "",
    }
    frame = pd.concat([room.frame, Responses.from_rows(room.meeting, [blank]).frame], ignore_index=True)
    with_blank = Responses(room.meeting, frame)
    before, after = (analysis.publish(one).rows for one in (room, with_blank))
    keep = before["measure"] != "breadth"
    pd.testing.assert_frame_equal(after[keep], before[keep])


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_guests_are_outside_everything(kind, data):
    room = data.draw(rooms(kind))
    guest = {"meeting": "m", "question": "q", "kind": kind, "round": 1, "ballot": "new", "group": "guests"}
    item = room.meeting.questions[0].items[0].key
    rows = Responses.from_rows(room.meeting, [{**guest, "item": item, "value": 1.0}]).frame
    groups = (*room.meeting.groups, Group("guests", "Guests", "#000000", votes=False))
    meeting = Meeting(**{**vars(room.meeting), "groups": groups})
    with_guest = Responses(meeting, pd.concat([room.frame, rows], ignore_index=True))
    pd.testing.assert_frame_equal(analysis.publish(with_guest).rows, analysis.publish(room).rows)
