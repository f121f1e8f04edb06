"""Two worlds for sorting, lists and marks: in random meetings nobody is determined (rule 9), judged apart."""

from __future__ import annotations

import os

import pytest
from judge_lists import determined
from meetings_lists import meeting

import analysis
from analysis.disclosure import gate, rules

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
