"""Two worlds: in 2,000 random meetings nobody is determined by what is released (rule 9), judged apart."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import os
from collections import Counter
from dataclasses import replace
from itertools import combinations, islice, product

import judge
import judge_change
import openpyxl
import pandas as pd
import pypdf
import pytest
import two_rounds
from judge import determined
from meetings import meeting

import analysis
from analysis import chromium, figures
from analysis.disclosure import change, gate, rules
from analysis.report import comparison, pdf

LONG = bool(os.environ.get("PRIKK_LONG"))
MEETINGS = 2000 if LONG else 200
BATCH = 25


def judged(number):
    """Return who is determined in the meeting of this number."""
    room = meeting(number)
    published = analysis.publish(room)
    rounds = [one.number for one in room.meeting.questions[0].rounds]
    found = [
        f"meeting {number}, round {one}: {who}"
        for one in rounds
        for who in determined(room, published.of("q", one), one)
    ]
    return found + [f"meeting {number}, change: {who}" for who in changed(room, published)]


def changed(room, published, again=None):
    """Return who is determined by the change between a meeting's two rounds, if it is told."""
    if "compared_with" not in set(published.rows["measure"]):
        return []
    return list(judge_change.determined(room, {one: published.of("q", one) for one in (1, 2)}, again))


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


def test_the_judge_of_dots_reads_the_other_tallies(monkeypatch):
    """Ranks under square roots, equal weight and Phragmén tell of somebody in this meeting, were they out."""
    assert not judged(44)
    _no_audit(monkeypatch)
    assert judged(44)
    monkeypatch.setattr(judge, "_tallied", lambda *given: True)
    assert not judged(44), "nothing but the tallies tells it"


# Rooms of 20 to 60 in which one to four have left: steps from 0 to 10, to 4 and to 2.
CHANGES = range(0, 200 if LONG else 9)


def changing(number):
    """Return a room in which people move a step or two: its people, leavers and scale by the number."""
    top, people = (10, 4, 2)[number % 3], 20 + number * 7 % 41
    rounds = two_rounds.room(people, items=("x", "y"), seed=number, leavers=1 + number % 4, top=top)
    return two_rounds.responses("scale", *rounds, items=("x", "y"), settings={"min": 0, "max": top})


@pytest.mark.parametrize("number", CHANGES)
def test_nobody_is_determined_by_what_changed(number):
    room = changing(number)
    published = analysis.publish(room)
    assert not changed(room, published)


def test_rooms_that_change_are_told_of():
    told = [analysis.publish(changing(number)).rows for number in CHANGES[:9]]
    assert sum((rows[rows["measure"] == "up"]["hidden"] == "").any() for rows in told) >= 6


def test_a_change_that_is_not_audited_is_noticed(monkeypatch):
    assert not changed(changing(2), analysis.publish(changing(2)))
    monkeypatch.setattr(judge_change, "TRIES", 30)
    monkeypatch.setattr(change, "nobody_determined", lambda *given: True)
    assert changed(changing(2), analysis.publish(changing(2)))


LOOKS = ("caption", "mark", "alt_text", "table", "change_table")


def prints(number):
    """Say whether a meeting's report is printed too: all in the long form, where there is a Chromium."""
    try:
        return bool(chromium.found()) and (LONG or number < 1)
    except chromium.ChromiumError:
        return False


def _printed(published, folder):
    pdf(published, folder / "report.pdf")
    document = pypdf.PdfReader(folder / "report.pdf")
    said = {name: value for name, value in document.metadata.items() if "Date" not in name}
    # Words, not lines: where lines end in the text read back may differ between two prints of a page.
    return repr((said, [page.extract_text().split() for page in document.pages]))


def _columnar(published, folder):
    import pyarrow.parquet

    file = folder / "rows.parquet"
    file.write_bytes(analysis.parquet(published))
    return repr((pyarrow.parquet.read_schema(file).metadata, pd.read_parquet(file).to_csv()))


def outputs(published, folder, printed=False):
    """Return everything that leaves the house, by name; with the printed report if asked."""
    out = {"pdf": _printed(published, folder)} if printed else {}
    if importlib.util.find_spec("pyarrow"):
        out["parquet"] = _columnar(published, folder)
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


@pytest.mark.parametrize("number", range(50 if LONG else 12))
def test_every_output_is_the_same_in_two_worlds_that_publish_the_same(number, tmp_path):
    room = meeting(number)
    world = another_world(room)
    mine = analysis.publish(room)
    yours = analysis.publish(world) if world else analysis.published_from_dict(mine.as_dict())
    assert outputs(mine, tmp_path, prints(number)) == outputs(yours, tmp_path, prints(number))


@pytest.mark.parametrize("number", range(50 if LONG else 12))
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


@pytest.mark.parametrize("number", range(2, 150 if LONG else 30, 3))
def test_a_file_of_votes_holds_ballots_without_group_and_none_where_the_plan_says_no(number):
    room = meeting(number)
    assert not analysis.all_votes_pb(analysis.publish(room), room)
    room = replace(room, meeting=replace(room.meeting, ballot_rows=True))
    for text in analysis.all_votes_pb(analysis.publish(room), room).values():
        lines = list(csv.reader(io.StringIO(text.decode()), delimiter=";"))
        at = lines.index(["VOTES"])
        assert lines[at + 1] == ["voter_id", "vote", "points"]
        told = [
            (voter, frozenset(zip(vote.split(","), points.split(","), strict=True)) if vote else frozenset())
            for voter, vote, points in lines[at + 2 :]
        ]
        last = room.frame[room.frame["round"] == room.frame["round"].max()]
        last = last[last["item"] != ""]
        assert not {voter for voter, _ in told} & set(last["ballot"])
        options = {line[0] for line in lines[lines.index(["PROJECTS"]) + 2 : at]}
        given = [
            frozenset((item, str(int(value))) for item, value in one if value and item in options)
            for one in (zip(rows["item"], rows["value"], strict=True) for _, rows in last.groupby("ballot"))
        ]
        # A ballot of which all is held back may be gone.
        assert Counter(vote for _, vote in told if vote) == Counter(one for one in given if one)


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
