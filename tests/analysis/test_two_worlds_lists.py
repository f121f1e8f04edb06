"""Two worlds for sorting, lists and marks: in random meetings nobody is determined (rule 9), judged apart."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from itertools import combinations, islice

import pytest
from judge_lists import determined
from meetings_lists import meeting
from room import responses
from test_disclosure_lists import TWO, sorted_into
from test_two_worlds import outputs, prints

import analysis
from analysis.disclosure import gate, rules, sort

MEETINGS = 2000 if os.environ.get("PRIKK_LONG") else 20
BATCH = 10


def judged(number, again=None):
    """Return who is determined in the meeting of this number; see `determined` for `again`."""
    room = meeting(number)
    published = analysis.publish(room)
    return [
        f"meeting {number}, round {one.number}: {who}"
        for one in room.meeting.questions[0].rounds
        for who in determined(room, published.of("q", one.number), one.number, again and again(one.number))
    ]


def _again(number):
    """Publish as the gate does: the attacker knows how it decides: what it withholds tells him too."""
    return lambda room: analysis.publish(room).of("q", number).reset_index(drop=True)


@pytest.mark.parametrize("first", range(0, MEETINGS, BATCH))
def test_nobody_is_determined(first):
    assert not [who for number in range(first, first + BATCH) for who in judged(number, _again)]


def _no_audit(monkeypatch):
    monkeypatch.setattr(gate.audit, "withhold", lambda *given: None)


def _no_nearly_all(monkeypatch):
    monkeypatch.setattr(rules, "nearly_all", lambda count, n: False)


def _neither(monkeypatch):
    _no_audit(monkeypatch)
    _no_nearly_all(monkeypatch)


def _most_of_few(monkeypatch):
    _no_audit(monkeypatch)
    monkeypatch.setattr(rules, "majority_tells_nobody", lambda n: True)


# Rules taken out, and a meeting in which somebody is then determined.
TAKEN_OUT = [(_no_nearly_all, 3), (_neither, 10), (_neither, 23), (_most_of_few, 26)]


@pytest.mark.parametrize(("take_out", "number"), TAKEN_OUT)
def test_a_rule_taken_out_is_noticed(monkeypatch, take_out, number):
    assert not judged(number)
    take_out(monkeypatch)
    assert judged(number)


def test_a_number_of_majorities_that_counts_could_tell_is_noticed(monkeypatch):
    """Three answered otherwise, all of one group: each of them knows that no other group has such a one."""
    ballots = sorted_into(*[{"together": 6}] * 3, {"together": 3, "alone": 3})
    room = responses("sort", ballots, ["x"], settings=TWO)
    assert not determined(room, analysis.publish(room).rows, 1, _again(1))
    monkeypatch.setattr(sort, "may_be_told", lambda *given: True)
    assert determined(room, analysis.publish(room).rows, 1)


def another_world(room):
    """Return a room of which the same is published, if any: two people have changed places in a round."""
    out = analysis.as_json(analysis.publish(room))
    for number in room.frame["round"].unique():
        rows = room.frame[room.frame["round"] == number]
        groups = rows.groupby("ballot")["group"].first()
        for one, other in islice(combinations(groups.index, 2), 0, 120, 8):
            if groups[one] == groups[other]:
                continue
            frame, mine, yours = room.frame.copy(), rows["ballot"] == one, rows["ballot"] == other
            frame.loc[rows[mine].index, "group"] = groups[other]
            frame.loc[rows[yours].index, "group"] = groups[one]
            world = replace(room, frame=frame)
            if analysis.as_json(analysis.publish(world)) == out:
                return world
    return None


def points(told):
    """Return the keys of the points in every codebook that leaves."""
    books = (json.loads(told["datapackage.json"])["prikk"]["meeting"], json.loads(told["json"])["meeting"])
    return {item["key"] for book in books for question in book["questions"] for item in question["items"]}


def test_every_output_is_the_same_of_lists_of_which_only_turnout_is_told(tmp_path):
    """A list's points are its answers: the codebook that leaves must not tell them."""
    one, other = (
        analysis.publish(responses("collect", [(group, {point: "so"}) for group in "ABCD"], [point]))
        for point in ("Bridge-71", "Ferry-42")
    )
    told = outputs(one, tmp_path)
    assert told == outputs(other, tmp_path)
    assert not [name for name, text in told.items() if "Bridge-71" in text]


@pytest.mark.parametrize("number", range(50) if os.environ.get("PRIKK_LONG") else range(9))
def test_every_output_is_the_same_in_two_worlds_that_publish_the_same(number, tmp_path):
    room = meeting(number)
    world = another_world(room)
    mine = analysis.publish(room)
    yours = analysis.publish(world) if world else analysis.published_from_dict(mine.as_dict())
    told = outputs(mine, tmp_path, prints(number))
    assert room.meeting.questions[0].kind != "collect" or points(told) <= set(mine.rows["item"])
    assert told == outputs(yours, tmp_path, prints(number))
    assert not [name for name, one in told.items() if '"b0"' in one or "'b0'" in one], "a ballot's id"
