"""From the published level alone: report, figures and sentences are those made from the ballots."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from room import rooms
from two_rounds import dot_room, responses
from two_rounds import room as scale_room

import analysis
from analysis import figures, interchange, package, publish
from analysis.disclosure import NOTES
from analysis.disclosure.published import released


def everything(published):
    """Return all that is drawn, told or written of a meeting, by name."""
    out = {"report": analysis.report(published), "json": analysis.as_json(published)}
    out["csv"] = analysis.csv_for_excel(published, "nn")
    for question in published.meeting.questions:
        for one in question.rounds:
            where = (published, question.key, one.number)
            stages = ("all", *figures.stages(*where), *figures.extras(*where), *figures.changes(*where))
            for stage in dict.fromkeys(stages):
                drawn = figures.figure(*where, stage, "screen", "nn").to_json()
                out[f"{question.key} {one.number} {stage}"] = drawn
            for name in ("caption", "mark", "alt_text", "table", "change_table"):
                out[f"{name} {question.key} {one.number}"] = repr(getattr(figures, name)(*where, "nn"))
            out[f"findings {question.key} {one.number}"] = repr(analysis.findings(*where, "nn"))
    return out


def rebuilt(published, folder, form):
    if form == "json":
        return interchange.from_json(analysis.as_json(published))
    if form == "stored":
        return analysis.published_from_dict(json.loads(json.dumps(published.as_dict())))
    path = folder / ("meeting.zip" if form == "zip" else "meeting")
    package.write(published, path)
    return package.read(path)


@pytest.mark.parametrize("kind", figures.KINDS)
@settings(max_examples=3, deadline=None, phases=[Phase.generate])
@given(data=st.data())
def test_a_meeting_of_every_kind_is_rebuilt_from_its_package(tmp_path_factory, kind, data):
    published = publish(data.draw(rooms(kind)))
    again = rebuilt(published, tmp_path_factory.mktemp("package"), "zip")
    assert everything(again) == everything(published)


@pytest.mark.parametrize(
    ("kind", "form"), [("scale", "zip"), ("scale", "json"), ("dots", "folder"), ("dots", "stored")]
)
def test_two_rounds_with_what_was_said_are_rebuilt_from_every_form(tmp_path, kind, form):
    first, second = (scale_room if kind == "scale" else dot_room)()
    items = ("x",) if kind == "scale" else tuple("abcdef")
    said = [{"question": "q", "round": 1, "order": 1, "what": "said", "finding": "", "text": "Æ; \n'ja'"}]
    published = publish(responses(kind, first, second, items=items))
    published = published.with_notes(pd.DataFrame(said, columns=list(NOTES)))
    assert everything(rebuilt(published, tmp_path, form)) == everything(published)


def test_a_figure_that_is_not_from_the_rows_is_noticed(tmp_path, monkeypatch):
    """The comparison sees a number that comes from anywhere but the released rows."""
    first, second = scale_room()
    published = publish(responses("scale", first, second))
    mine = everything(published)
    rows = published.rows.copy()
    at = rows.index[(rows["measure"] == "median") & (rows["group"] == "")][0]
    rows.loc[at, "value"] += 1
    other = released(published.meeting, rows, published.notes, published.policy)
    theirs = everything(rebuilt(other, tmp_path, "zip"))
    different = {name.split()[0] for name in mine if mine[name] != theirs[name]}
    assert {"report", "json", "csv", "table", "alt_text", "q"} <= different
