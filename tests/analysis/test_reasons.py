"""Why a point is on the lists: word for word on the wall, the first points alone, hidden ones never."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from analysis import figures
from analysis.disclosure import publish
from analysis.gallery.answers import Room, responses
from analysis.gallery.cases import cases
from analysis.gallery.voters import COLLECT

GRID = {case.name: case for case in cases()}


def released(published, item):
    rows = published.of("q")
    mine = rows[(rows["measure"] == "reason") & (rows["item"] == item)]
    return set(mine[mine["hidden"] == ""]["text"]) - {""}


def written(drawn):
    return " ".join(note.text.replace("<br>", " ") for note in drawn.layout.annotations)


@pytest.mark.parametrize("name", ["collect-everyday", "collect-by-group", "collect-voters-7"])
def test_every_reason_of_a_point_stands_on_the_wall_word_for_word(name):
    published = GRID[name].published
    stages = [stage for stage in figures.stages(published, "q") if stage.startswith("reasons:")]
    assert 1 <= len(stages) <= 3
    for stage in stages:
        drawn = figures.figure(published, "q", stage=stage)
        reasons = released(published, stage.partition(":")[2])
        assert reasons
        for reason in reasons:
            assert reason in written(drawn)
            assert reason in drawn.layout.meta["description"]


def test_a_sealed_question_says_no_group_with_a_reason_and_an_open_one_does():
    names = {group.name for group in GRID["collect-everyday"].published.meeting.groups}
    for name, told in (("collect-everyday", False), ("collect-by-group", True)):
        published = GRID[name].published
        stage = next(stage for stage in figures.stages(published, "q") if stage.startswith("reasons:"))
        words = written(figures.figure(published, "q", stage=stage))
        assert any(f"{group}:" in words for group in names) == told


def test_reasons_that_do_not_fit_are_counted():
    def talkative(chance, room, group):
        return [("p0", None, f"{chance.integers(10**9)} " + "ein lang grunn " * 18)]

    room = Room(sizes=(2,) * 6, items=2, secrecy="open", settings={"by": "ballot"})
    published = publish(responses(replace(COLLECT, answer=talkative), room))
    drawn = figures.figure(published, "q", stage="reasons:p0")
    left = re.search(r"(\d+) til står i rapporten", written(drawn))
    assert left
    slips = [shape for shape in drawn.layout.shapes if shape.type == "rect"]
    assert len(slips) + int(left[1]) == 12
    assert all(shape.y1 <= drawn.layout.height for shape in slips)
