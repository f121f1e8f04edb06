"""Two worlds: in 2,000 random meetings nobody is determined by what is released (rule 9), judged apart."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from itertools import combinations, islice, product

import openpyxl
import pytest
from judge import determined
from meetings import meeting

import analysis
from analysis import figures
from analysis.disclosure import gate, rules
from analysis.report import comparison

MEETINGS = 2000 if os.environ.get("PRIKK_LONG") else 200
BATCH = 25


def judged(number):
    """Return who is determined in the meeting of this number."""
    room = meeting(number)
    published = analysis.publish(room)
    return [
        f"meeting {number}, round {one.number}: {who}"
        for one in room.meeting.questions[0].rounds
        for who in determined(room, published.of("q", one.number), one.number)
    ]


@pytest.mark.parametrize("first", range(0, MEETINGS, BATCH))
def test_nobody_is_determined(first):
    assert not [who for number in range(first, first + BATCH) for who in judged(number)]


def _no_audit(monkeypatch):
    monkeypatch.setattr(gate.audit, "withhold", lambda *given: None)


def _no_nearly_all(monkeypatch):
    monkeypatch.setattr(rules, "nearly_all", lambda count, n: False)


# A rule taken out, and among which meetings somebody is then determined.
TAKEN_OUT = [(_no_audit, (6,)), (_no_nearly_all, (23, 50))]


@pytest.mark.parametrize(("take_out", "numbers"), TAKEN_OUT)
def test_a_rule_taken_out_is_noticed(monkeypatch, take_out, numbers):
    take_out(monkeypatch)
    assert any(judged(number) for number in numbers)


LOOKS = ("caption", "mark", "alt_text", "table", "change_table")


def outputs(published, folder):
    """Return everything that leaves the house, by name."""
    out = {}
    for one in published.meeting.questions[0].rounds:
        at = (published, "q", one.number)
        for stage in (*figures.stages(*at), *figures.changes(*at), *figures.extras(*at)):
            drawn = figures.figure(*at, stage, "screen", "nn", title=True)
            out[f"figure {one.number} {stage}"] = drawn.to_json()
        out |= {f"{name} {one.number}": repr(getattr(figures, name)(*at, "nn")) for name in LOOKS}
        out[f"findings {one.number}"] = repr(analysis.findings(*at, "nn"))
    out["report"] = analysis.report(published)
    out["compared"] = comparison([published, published])
    out |= {name: content.decode() for name, content in analysis.package.files(published).items()}
    out["csv"] = analysis.csv_for_excel(published, "nn").decode("utf-8-sig")
    file = folder / "book.xlsx"
    file.write_bytes(analysis.xlsx(published, "nn"))
    book = openpyxl.load_workbook(file)
    out["xlsx"] = repr([[[cell.value for cell in row] for row in sheet.rows] for sheet in book])
    out["xlsx sheets"] = repr([(sheet.title, sheet.sheet_state, sheet.dimensions) for sheet in book])
    out["xlsx properties"] = repr(vars(book.properties) | {"created": None, "modified": None})
    out["json"] = analysis.as_json(published)
    return out


def another_world(room):
    """Return other answers of which the same is published, or nothing: two people have changed places."""
    out = analysis.publish(room).as_dict()
    for number, column in product(room.frame["round"].unique(), room.meeting.questions[0].items):
        rows = room.frame[(room.frame["round"] == number) & (room.frame["item"] == column.key)]
        for one, other in islice(combinations(rows.index, 2), 40):
            mine, yours = room.frame.loc[one], room.frame.loc[other]
            if mine["group"] == yours["group"] or repr(mine["value"]) == repr(yours["value"]):
                continue
            frame = room.frame.copy()
            frame.loc[one, "value"], frame.loc[other, "value"] = yours["value"], mine["value"]
            world = replace(room, frame=frame)
            if json.dumps(analysis.publish(world).as_dict()) == json.dumps(out):
                return world
    return None


@pytest.mark.parametrize("number", range(50) if os.environ.get("PRIKK_LONG") else range(12))
def test_every_output_is_the_same_in_two_worlds_that_publish_the_same(number, tmp_path):
    room = meeting(number)
    world = another_world(room)
    mine = analysis.publish(room)
    yours = analysis.publish(world) if world else analysis.published_from_dict(mine.as_dict())
    assert outputs(mine, tmp_path) == outputs(yours, tmp_path)


@pytest.mark.parametrize("number", range(50) if os.environ.get("PRIKK_LONG") else range(12))
def test_numbers_that_leave_are_released_rows(number, tmp_path):
    """What a package and a workbook hold can be read back row by row: the released ones and no other."""
    published = analysis.publish(meeting(number))
    released = sorted(
        (row.round, row.item, row.group, row.measure, row.level, repr(row.value), row.text)
        for row in published.rows.itertuples()
    )
    file = tmp_path / "meeting.zip"
    analysis.package.write(published, file)
    back = analysis.package.read(file).rows
    assert released == sorted(
        (row.round, row.item, row.group, row.measure, row.level, repr(row.value), row.text)
        for row in back.itertuples()
    )
    for one in outputs(published, tmp_path).values():
        assert '"b0"' not in one and "'b0'" not in one, "a ballot's id"


def test_an_export_that_goes_round_the_gate_is_noticed(monkeypatch, tmp_path):
    """The same comparison, with an alternative text that tells a group's own mean from the raw answers."""
    rooms = ((meeting(number), another_world(meeting(number))) for number in range(0, 60, 3))
    room, world = next((mine, yours) for mine, yours in rooms if yours)
    told = []
    for one in (room, world):
        means = one.frame.groupby(["round", "item", "group"])["value"].mean()
        monkeypatch.setattr(figures, "alt_text", lambda *given, means=means: repr(means.to_dict()))
        told.append(outputs(analysis.publish(one), tmp_path))
    assert told[0] != told[1]
    leaky = {name.split()[0] for name in told[0] if told[0][name] != told[1][name]}
    assert leaky == {"alt_text", "report", "compared"}, "documents have the alternative text in them"
