"""The gate for sorting, lists and marks: what leaves sealed and open, and nobody determined by it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from room import BUCKETS, figures, hidden, responses, rooms

import analysis
from analysis import Policy, Responses, publish
from analysis.disclosure import audit_sort, audit_ticks, gate, rules
from analysis.disclosure.rows import Case
from analysis.disclosure.seen import nothing, only
from analysis.disclosure.worlds import exposures
from analysis.measures.ballots import ballots_of, cell

KINDS = ("sort", "collect", "marks")
SIX = "ABCDEF"
BOOKS = {"issued", "used", "unused", "void", "paper", "counted", "blank", "released"}
SMALL = {
    "sort": {"first"},
    "collect": {"lists", "named", "reason"},
    "marks": {"own_most", "others_most", "ticks_most", "gap_sign"},
}
TWO = {"buckets": [{"key": "together", "text": "Together"}, {"key": "alone", "text": "Alone"}]}


def answers(published):
    """The rows that are not books."""
    return published.rows[~published.rows["measure"].isin(BOOKS)].reset_index(drop=True)


def visible(published):
    rows = answers(published)
    return rows[rows["hidden"] == ""]


def sorted_into(*by_group, item="x"):
    """Return ballots of groups A, B, ... from how many of each chose which bucket."""
    return [
        (group, {item: bucket})
        for group, counts in zip(SIX, by_group, strict=False)
        for bucket, count in counts.items()
        for _ in range(count)
    ]


def ticking(*by_group, of="A", item="x"):
    """Return ballots of groups A, B, ... from how many ticked and how many did not."""
    return [
        (group, {(item, of): tick})
        for group, (yes, no) in zip(SIX, by_group, strict=False)
        for tick in [1] * yes + [0] * no
    ]


# What holds of all answers


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_rule_0_decides_how_much_is_shown(kind, data):
    published = publish(data.draw(rooms(kind)))
    form = published.rows.set_index("measure").loc["released", "text"]
    n = published.rows.set_index("measure").loc["released", "n"]
    if form == "turnout":
        assert answers(published).empty and pd.isna(n)
    else:
        assert form == ("small" if n < 10 else "full")
    if form == "small":
        assert set(visible(published)["measure"]) <= SMALL[kind]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=12, deadline=None)
@given(data=st.data(), random=st.randoms(use_true_random=False))
def test_neither_order_nor_names_nor_a_blank_matter(kind, data, random):
    room = data.draw(rooms(kind))
    before = answers(publish(room))
    rows = room.frame.to_dict("records")
    random.shuffle(rows)
    pd.testing.assert_frame_equal(answers(publish(Responses.from_rows(room.meeting, rows))), before)
    if kind == "collect":
        return  # a blank list is a list
    blank = {"question": "q", "kind": kind, "round": 1, "ballot": "z", "group": "A", "item": ""}
    more = Responses.from_rows(room.meeting, [*rows, blank])
    pd.testing.assert_frame_equal(answers(publish(more)), before)
    called = {key: f"new {key}" for key in room.frame["ballot"]}
    renamed = replace(room, frame=room.frame.assign(ballot=room.frame["ballot"].map(called)))
    pd.testing.assert_frame_equal(answers(publish(renamed)), before)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_groups_under_other_names_are_published_under_them(kind, data):
    room = data.draw(rooms(kind))
    to = {group.key: group.key.lower() for group in room.meeting.groups}
    groups = tuple(replace(group, key=to[group.key]) for group in room.meeting.groups)
    book = room.meeting.questions[0].rounds[0]
    book = replace(book, by_group={to[key]: counts for key, counts in book.by_group.items()})
    asked = replace(room.meeting.questions[0], rounds=(book,))
    frame = room.frame.assign(group=room.frame["group"].map(to))
    if kind == "marks":
        frame["text"] = frame["text"].map(lambda key: to.get(key, ""))
    renamed = Responses(replace(room.meeting, groups=groups, questions=(asked,)), frame)
    before = publish(room).rows
    after = before.assign(group=before["group"].map(lambda key: to.get(key, "")))
    pd.testing.assert_frame_equal(publish(renamed).rows, after, check_dtype=False)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_a_hidden_row_says_nothing_but_why(kind, data):
    rows = publish(data.draw(rooms(kind, few_values=True))).rows
    silent = rows[rows["hidden"] != ""]
    assert silent["value"].isna().all() and (silent["text"] == "").all()
    said = rows[(rows["hidden"] == "") & (rows["measure"] != "nearly_all")]
    assert (said["value"].notna() | (said["text"] != "")).all()
    again = analysis.published_from_dict(json.loads(json.dumps(publish(data.draw(rooms(kind))).as_dict())))
    assert set(again.rows["kind"]) <= {kind}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_sealed_nothing_of_a_small_group_leaves(kind, data):
    room = data.draw(rooms(kind))
    shown = visible(publish(room))
    of_groups = shown[shown["group"] != ""]
    if kind != "marks":
        assert of_groups.empty
        return
    k = room.meeting.questions[0].rounds[0].sealed_k
    filled = room.frame[room.frame["item"] != ""].groupby("group")["ballot"].nunique()
    for row in of_groups[of_groups["measure"].isin(["own_most", "gap_sign"])].itertuples():
        assert filled[row.group] >= max(k, 5)
    for row in of_groups[of_groups["measure"].isin(["others", "others_most"])].itertuples():
        own = filled.get(row.group, 0)
        assert row.n == filled.sum() - own and (own == 0 or own >= k)


# Sorting


def test_sorting_is_counted_with_unsure_beside_it():
    ballots = sorted_into(*[{"together": 5, "alone": 1}] * 3, *[{"together": 2, None: 4}] * 2, {"alone": 6})
    published = publish(responses("sort", ballots, ["x"], settings=TWO))
    assert figures(published, "count") == [19, 9]
    assert figures(published, "unsure") == [8] and figures(published, "skipped") == [0]
    assert figures(published, "decided_share") == [pytest.approx(19 / 28)]
    assert figures(published, "margin") == [pytest.approx(10 / 36)]
    assert figures(published, "unsure_share") == [pytest.approx(8 / 36)]
    assert figures(published, "groups_counted") == [6]
    assert figures(published, "majority_groups") == [3], "of the first bucket; unsure counts against"


def test_a_margin_needs_two_buckets_and_shares_somebody_who_answered():
    three = publish(responses("sort", sorted_into(*[{"later": 3, "alone": 3}] * 3), ["x", "y"]))
    assert "margin" not in set(three.rows["measure"])
    assert hidden(three, "decided_share", item="x") == {""}
    two = publish(responses("sort", sorted_into(*[{"together": 3, None: 3}] * 3), ["x"], settings=TWO))
    assert figures(two, "decided_share") == [1.0], "unsure must stand beside it"
    assert figures(two, "unsure_share") == [0.5]


@pytest.mark.parametrize("others", [0, 1, 2])
@pytest.mark.parametrize(("bucket", "level"), [("alone", "alone"), (None, "unsure")])
def test_what_nearly_all_answered_is_said_and_nothing_else_of_that_item(bucket, level, others):
    ballots = [(SIX[at % 6], {"x": "together" if at < others else bucket}) for at in range(36)]
    rows = answers(publish(responses("sort", ballots, ["x"], settings=TWO)))
    of_item = rows[rows["item"] == "x"]
    shown = of_item[of_item["hidden"] == ""]
    assert shown["measure"].tolist() == ["nearly_all"] and shown["level"].tolist() == [level]
    assert {"count", "unsure", "margin", "majority_groups"} <= set(of_item["measure"])
    assert set(of_item.loc[of_item["hidden"] != "", "hidden"]) == {"nearly_all"}


def test_in_a_small_plenary_what_came_first_is_said_ties_as_ties():
    ballots = sorted_into({"together": 3, "alone": 1, None: 3}, {"alone": 1})
    published = publish(responses("sort", ballots, ["x"]))
    first = visible(published)
    assert dict(zip(first["level"], first["value"], strict=True)) == {
        "together": 1.0,
        "alone": 0.0,
        "later": 0.0,
        "": 1.0,
    }, "being unsure came as high"
    assert set(first["measure"]) == {"first"} and first["text"].tolist()[-1] == "unsure"


def test_of_three_ballots_not_even_what_came_first_is_said():
    for table in ({"together": 2, "alone": 1}, {"together": 3}):
        published = publish(responses("sort", sorted_into(table), ["x"], k=3))
        assert hidden(published, "first") == {"few_values"}, "whatever they answered"


def test_an_open_sorting_shows_every_group():
    ballots = sorted_into({"together": 2, None: 1}, {"alone": 1})
    published = publish(responses("sort", ballots, ["x"], secrecy="open", settings=TWO))
    assert figures(published, "count", group="A") == [2, 0]
    assert figures(published, "unsure", group="A") == [1]
    assert figures(published, "majority_groups") == [1, 1]


@settings(max_examples=15, deadline=None)
@given(room=rooms("sort", most=8))
def test_counts_by_bucket_are_those_of_the_answers(room):
    opened = replace(room.meeting.questions[0], secrecy="open")
    published = publish(replace(room, meeting=replace(room.meeting, questions=(opened,))))
    for item in "xy":
        texts = Counter(room.frame.loc[room.frame["item"] == item, "text"])
        assert figures(published, "count", item=item, group="") == [texts[bucket] for bucket in BUCKETS]
        assert figures(published, "unsure", item=item, group="") == [texts[""]]


# Lists


def lists(*points, **change):
    ballots = [(SIX[at % 6], point) for at, point in enumerate(points)]
    return responses("collect", ballots, ["road", "school", "bus"], groups=SIX, **change)


def points_of(published):
    return {item.key for item in published.meeting.questions[0].items}


def test_the_codebook_has_no_point_of_lists_of_which_only_turnout_is_told():
    assert points_of(publish(lists(*[{"road": "so"}] * 4))) == set()


@pytest.mark.parametrize("many", [6, 12])
def test_the_codebook_has_no_point_that_no_released_list_mentions(many):
    """The second round's lists are out, the first round's are not."""
    first = lists(*[{"bus": "secret"}] * 4, settings={"by": "ballot"})
    second = lists(*[{"road": "so"}, {"school": "so"}] * (many // 2), settings={"by": "ballot"}, number=2)
    rounds = (*first.meeting.questions[0].rounds, *second.meeting.questions[0].rounds)
    question = replace(first.meeting.questions[0], rounds=rounds)
    both = pd.concat([first.frame, second.frame], ignore_index=True)
    published = publish(Responses(replace(first.meeting, questions=(question,)), both))
    assert points_of(published) == {"road", "school"}
    assert set(published.rows["item"]) == {"", "road", "school"}


def test_points_that_were_out_stay_in_the_codebook_of_what_is_merged():
    first = publish(lists(*[{"bus": "so"}] * 12, settings={"by": "ballot"}))
    later = lists(*[{"road": "so"}] * 12, settings={"by": "ballot"}, number=2)
    merged = analysis.merge([first, publish(later)])
    assert points_of(merged) == {"bus", "road"}
    assert analysis.report(merged)


def test_open_lists_count_groups_and_keep_reasons_word_for_word():
    room = lists(
        {"road": "It is =short", "school": ""},
        {"road": "We in Group A say so"},
        *[{"bus": "late"}] * 3,
        {},
        {"school": "near"},
        secrecy="open",
    )
    published = publish(room)
    assert figures(published, "lists") == [6]
    assert [figures(published, "mentions", item=item) for item in ("road", "school", "bus")] == [
        [2],
        [1],
        [3],
    ]
    rows = visible(published)
    said = rows[rows["measure"] == "reason"]
    assert list(zip(said["item"], said["group"], said["level"], said["text"], strict=True)) == [
        ("road", "A", "1", "It is =short"),
        ("road", "B", "2", "We in Group A say so"),
        ("school", "A", "1", "near"),
        ("bus", "C", "1", "late"),
        ("bus", "D", "2", "late"),
        ("bus", "E", "3", "late"),
    ]
    assert figures(published, "overlap", group="A", level="B") == [0.5], "A's second list is A's too"
    assert figures(published, "overlap", group="C", level="F") == [0], "F handed in an empty list"
    assert figures(published, "overlap", group="C", level="D") == [1]


def test_a_list_without_points_is_a_list_like_any_other():
    points = [{"road": "so"}] * 8 + [{"bus": "late"}] * 3
    blank, other = (publish(lists(*points, one, settings={"by": "ballot"})) for one in ({}, {"school": ""}))
    assert figures(blank, "lists") == figures(other, "lists") == figures(blank, "counted") == [12]
    assert figures(blank, "blank") == [0] and blank.meeting.questions[0].rounds[0].blank == 0
    without = [answers(one).query("item != 'school'").reset_index(drop=True) for one in (blank, other)]
    pd.testing.assert_frame_equal(*without)


def test_sealed_reasons_stand_in_the_order_of_the_alphabet_each_once_and_name_no_group():
    points = [{"road": words} for words in ("zebra", "Ask group a", "apple", "apple", "Ås", "")] * 2
    published = publish(lists(*points, settings={"by": "ballot"}))
    rows = answers(published)
    said = rows[rows["measure"] == "reason"]
    assert said["text"].tolist() == ["apple", "", "zebra", "Ås"]
    assert said["hidden"].tolist() == ["", "names_group", "", ""]
    assert set(rows["group"]) == {""}


@pytest.mark.parametrize(("mentions", "shown"), [(12, []), (10, []), (9, [9])])
def test_sealed_lists_count_mentions_unless_nearly_all_agree(mentions, shown):
    points = [{"road": "so", "bus": "too"} if at < mentions else {"school": "so"} for at in range(12)]
    published = publish(lists(*points, settings={"by": "ballot"}))
    assert figures(published, "mentions", item="road") == shown
    assert hidden(published, "nearly_all", item="road") == (set() if shown else {""})
    assert figures(published, "lists") == [12]


def test_few_sealed_lists_say_what_was_named_but_not_how_often():
    published = publish(lists(*[{"road": "so"}] * 2, *[{"school": "so"}] * 4))
    assert visible(published)["measure"].tolist() == ["lists", *["named", "reason"] * 2]
    assert figures(published, "named") == [1, 1]
    assert answers(publish(lists(*[{"road": "so"}] * 4))).empty, "under k lists only turnout"


# Marks


def test_marks_tell_the_others_count_and_of_the_group_itself_only_more_than_half():
    ballots = ticking((5, 1), (3, 3), (4, 2), (0, 6), (6, 0), (1, 5))
    published = publish(responses("marks", ballots, ["x"]))
    shown = visible(published)
    of_a = shown[shown["group"] == "A"]
    assert dict(zip(of_a["measure"], of_a["value"], strict=True)) == {
        "others": 14,
        "others_most": 0,
        "own_most": 1,
        "gap_sign": 1,
    }
    assert of_a["n"].tolist() == [30, 30, 6, 36]
    assert figures(published, "others", group="B") == [0], "nobody ticks it for B"


def test_of_a_small_group_all_ballots_are_counted_together():
    ballots = ticking((4, 0), (3, 3), (4, 2), (0, 6))
    published = publish(responses("marks", ballots, ["x"]))
    assert figures(published, "ticks", group="A") == [11]
    assert figures(published, "ticks_most", group="A") == [0]
    assert hidden(published, "own_most", group="A") == {"few_ballots"}
    assert "others" not in set(visible(published).query("group == 'A'")["measure"])


@pytest.mark.parametrize("ticks", [28, 29, 30])
def test_what_nearly_all_the_others_tick_is_said_in_words(ticks):
    others = [min(6, max(0, ticks - 6 * at)) for at in range(5)]
    ballots = ticking((1, 5), *[(yes, 6 - yes) for yes in others])
    published = publish(responses("marks", ballots, ["x"]))
    assert hidden(published, "nearly_all", group="A") == {""}
    assert hidden(published, "others", group="A") == {"nearly_all"}
    assert figures(published, "own_most", group="A") == [0]


def test_a_rated_group_that_does_not_vote_is_rated_by_all():
    ballots = ticking((0, 6), (4, 2), (5, 1), of="G")
    room = responses("marks", ballots, ["x"], groups="ABCG", guests=("G",), settings={"rated": ["G"]})
    published = publish(room)
    assert figures(published, "others", group="G") == [9]
    assert "own_most" not in set(answers(published)["measure"])


@settings(max_examples=15, deadline=None)
@given(room=rooms("marks", most=8))
def test_open_marks_show_every_groups_ticks(room):
    opened = replace(room.meeting.questions[0], secrecy="open")
    published = publish(replace(room, meeting=replace(room.meeting, questions=(opened,))))
    ticks = room.frame[room.frame["value"] == 1]
    for rated, rater in product({group.key for group in room.meeting.groups}, set(ticks["group"])):
        mine = ticks[(ticks["item"] == "x") & (ticks["text"] == rated) & (ticks["group"] == rater)]
        assert figures(published, "count", item="x", group=rated, level=rater) == [len(mine)]
    for row in visible(published).query("measure == 'gap'").itertuples():
        at = {"item": row.item, "group": row.group}
        own, others = (figures(published, name, **at)[0] for name in ("own_share", "others_share"))
        assert row.value == pytest.approx(own - others)


def test_a_tick_for_a_group_that_is_not_rated_is_refused():
    room = responses("marks", ticking((3, 3), of="B"), ["x"], groups="AB", settings={"rated": ["A"]})
    with pytest.raises(ValueError, match="rates no group 'B'"):
        publish(room)
    room = responses("sort", sorted_into({"never": 3}), ["x"])
    with pytest.raises(ValueError, match="no bucket 'never'"):
        publish(room)


# The audit, held against all worlds there are


def tables(size, answers_):
    """Return all ways in which a group of this size may have answered."""
    for bars in combinations(range(size + answers_ - 1), answers_ - 1):
        ends = (-1, *bars, size + answers_ - 1)
        yield tuple(after - before - 1 for before, after in zip(ends, ends[1:], strict=False))


def determined(table, protected, whole, consistent):
    """Say by looking at every world whether somebody is determined: the definition of rule 9."""
    people = np.array(table)
    found = list(exposures(people, protected, whole=whole))
    left = {(at, attacker) for at, one in enumerate(found) for attacker in one.attackers}
    for world in product(*(tables(int(row.sum()), people.shape[1]) for row in people)):
        if not left:
            return False
        world = np.array(world)
        gone = {(at, who) for at, who in left if found[at].cleared(world, who)}
        if gone and consistent(world):
            left -= gone
    return bool(left)


def case_of(room, policy, k):
    question = room.meeting.questions[0]
    return Case(ballots_of(room, question, question.rounds[0]), policy, k)


GROUPS_OF_SIX = st.lists(st.sampled_from([(6, 0, 0), (5, 1, 0), (0, 5, 0), (1, 2, 3), (4, 0, 2)]), min_size=2)
TWO_GROUPS = GROUPS_OF_SIX.map(lambda rows: rows[:2])


@settings(max_examples=16, deadline=None)
@given(table=TWO_GROUPS, k=st.sampled_from([3, 5]))
def test_the_audit_of_sorting_finds_who_is_determined_in_all_worlds(table, k):
    levels = ("together", "alone", None)
    ballots = sorted_into(*[dict(zip(levels, row, strict=True)) for row in table])
    case = case_of(responses("sort", ballots, ["x"], settings=TWO), Policy(), k)
    release = gate.KINDS["sort"].small
    item = audit_sort.Item.of(case, release)
    rows = audit_sort.sight(case, release, nothing)

    def consistent(world):
        return audit_sort.sight(item._case_of(world), release, nothing) == rows

    true = determined(item.people, [(0,), (1,), (2,)], True, consistent)
    assert item.determines() >= true, "whoever is determined is found"


@settings(max_examples=30, deadline=None)
@given(
    table=st.lists(st.tuples(st.integers(0, 5), st.sampled_from([0, 0, 1, 2])), min_size=1, max_size=4),
    counts=st.booleans(),
)
def test_the_audit_of_ticks_finds_who_is_determined_in_all_worlds(table, counts):
    policy = Policy(n_min_counts=5)
    room = responses("marks", ticking(*table), ["x"], groups=SIX[: len(table)])
    case = only(case_of(room, policy, 3), cell("x", "A"))
    release = gate.KINDS["marks"].full if counts else gate.KINDS["marks"].small
    column = audit_ticks.Ticks.of(case, release)
    if not len(column.people):
        return
    rows = audit_ticks.sight(case, release, nothing)

    def consistent(world):
        return audit_ticks.sight(column._case_of(world), release, nothing) == rows

    assert column.determines(nothing) == determined(column.people, [(1,)], True, consistent)


@pytest.mark.parametrize("size", [3, 4])
def test_the_audit_withholds_what_most_of_few_tick(monkeypatch, size):
    ballots = ticking((size - 1, 1), *[(3, 3)] * 5)
    room = responses("marks", ballots, ["x", "y"], k=3)
    assert hidden(publish(room), "own_most", item="x", group="A") == {"few_ballots"}
    monkeypatch.setattr(rules, "majority_tells_nobody", lambda n: True)
    assert hidden(publish(room), "own_most", item="x") == {"audit"}, (
        "of every group, so that it does not tell"
    )
    assert hidden(publish(room), "own_most", item="y") == {""}
