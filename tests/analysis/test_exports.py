"""What leaves for other programs: JSON, Parquet, Pabulib files, and packages valid to frictionless."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from room import column, responses, rooms

import analysis
from analysis import Item, Responses, interchange, pabulib, package, publish
from analysis.package import PackageError

KINDS = ("scale", "trust", "dots")


def allowed(found, **change):
    return replace(found, meeting=replace(found.meeting, ballot_rows=True, **change))


def dotted(ballots, items="abc", **how):
    return allowed(responses("dots", ballots, list(items), **how))


BALLOTS = (
    [("A", {"a": 2, "b": 1})] * 5
    + [("B", {"b": 3})] * 4
    + [("B", {"a": 1, "c": 2})] * 4
    + [("A", {"c": 0, "a": 3})] * 2
    + [("A", {})]
)


# JSON and Parquet


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_json_comes_back_whole_and_holds_only_what_is_released(kind, data):
    published = publish(data.draw(rooms(kind)))
    text = analysis.as_json(published)
    again = interchange.from_json(text)
    pd.testing.assert_frame_equal(again.rows, published.rows)
    assert again.meeting.as_dict() == published.meeting.as_dict()
    assert len(json.loads(text)["rows"]) == len(published.rows)
    assert set(json.loads(text)) == {"format", "meeting", "policy", "rows", "notes"}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"meeting": 1, "rows": []}'])
def test_json_of_something_else_gets_a_sentence(text):
    with pytest.raises(PackageError, match="Expected the JSON"):
        interchange.from_json(text)


def test_without_pyarrow_parquet_gets_a_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(PackageError, match="Parquet needs pyarrow"):
        analysis.parquet(publish(dotted(BALLOTS)))


def test_parquet_holds_the_released_rows(tmp_path):
    pytest.importorskip("pyarrow")
    published = publish(dotted(BALLOTS))
    path = tmp_path / "published.parquet"
    path.write_bytes(analysis.parquet(published))
    pd.testing.assert_frame_equal(pd.read_parquet(path), published.rows, check_dtype=False)


# Pabulib


def parsed(content):
    """A reader of its own: sections by their heads, cells by semicolons, no quotes expected."""
    parts, current = {}, None
    for line in content.decode().splitlines():
        if line in ("META", "PROJECTS", "VOTES"):
            current = parts.setdefault(line, [])
        else:
            current.append(line.split(";"))
    meta = dict(parts["META"][1:])
    projects = [dict(zip(parts["PROJECTS"][0], cells, strict=True)) for cells in parts["PROJECTS"][1:]]
    votes = [dict(zip(parts["VOTES"][0], cells, strict=True)) for cells in parts["VOTES"][1:]]
    return meta, projects, votes


def points(vote):
    pairs = zip(vote["vote"].split(","), vote["points"].split(","), strict=True)
    return {option: int(dots) for option, dots in pairs if option}


@pytest.mark.parametrize("secrecy", ["open", "sealed"])
def test_another_reader_finds_the_same_ballots(secrecy):
    found = dotted(BALLOTS, secrecy=secrecy)
    meta, projects, votes = parsed(analysis.votes_pb(publish(found), found, "q"))
    assert (meta["num_votes"], meta["num_projects"], meta["vote_type"]) == ("16", "3", "cumulative")
    assert (meta["max_sum_points"], meta["max_points"]) == ("3", "3")
    written = sorted(sorted(points(vote).items()) for vote in votes)
    assert written == sorted(sorted(answers.items()) for _, answers in BALLOTS)
    totals = {one["project_id"]: int(one["score"]) for one in projects}
    assert totals == {"a": 20, "b": 17, "c": 8}
    assert ("group" in votes[0]) == (secrecy == "open")
    assert not {vote["voter_id"] for vote in votes} & set(found.frame["ballot"])


def test_our_own_reader_finds_nothing_odd(tmp_path):
    found = dotted(BALLOTS, secrecy="open")
    path = tmp_path / "votes.pb"
    path.write_bytes(analysis.votes_pb(publish(found), found, "q"))
    election = pabulib.read(path, group="group")
    assert election.scores == {"a": 20, "b": 17, "c": 8}
    assert election.votes == election.listed
    assert not [remark for remark in election.remarks if "differs" in remark or "num_votes" in remark]
    rows, again = publish(found).rows, publish(election.responses).rows
    for measure in ("dots", "supporters", "rank", "total_dots", "blank", "eno"):
        assert values(rows, measure) == values(again, measure)


def values(rows, measure):
    found = rows[rows["measure"] == measure].sort_values(["item", "group"])
    return found[["item", "group", "value"]].to_numpy().tolist()


def test_names_that_the_format_cannot_hold_are_put_right(tmp_path):
    found = dotted([("A", {"a, b": 2, "c": 1})] * 6 + [("A", {"c": 3})] * 6, ["a, b", "c"], secrecy="open")
    items = (Item("a, b", 'Say "hi"; twice\nover'), Item("c", "META"))
    question = replace(found.meeting.questions[0], items=items, title="A; B")
    found = Responses(replace(found.meeting, questions=(question,), place="=1+1"), found.frame)
    path = tmp_path / "votes.pb"
    path.write_bytes(analysis.votes_pb(publish(found), found, "q"))
    election = pabulib.read(path)
    assert election.scores == {"1": 12, "2": 24}
    names = [item.text for item in election.meeting.questions[0].items]
    assert names == ['Say "hi"; twice over', "META"] and election.meeting.title == "A; B"


def test_options_that_nearly_all_support_and_marks_against_stay_out():
    rows = [("A", {"a": 1, "b": at % 3}) for at in range(20)]
    found = dotted(rows, "ab")
    frame = found.frame.copy()
    frame.loc[(frame["item"] == "b") & (frame["value"] == 2), ["value", "text"]] = [float("nan"), "against"]
    found = Responses(found.meeting, frame)
    meta, projects, votes = parsed(analysis.votes_pb(publish(found), found, "q"))
    assert [one["project_id"] for one in projects] == ["b"]
    assert "nearly everybody" in meta["comment"] and "against" in meta["comment"]
    assert projects[0]["score"] == "7"
    assert len(votes) == 20


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (replace(dotted(BALLOTS), meeting=responses("dots", BALLOTS, list("abc")).meeting), "ballot_rows"),
        (allowed(responses("scale", column({"A": [1] * 12}), ["x"])), "has no dots"),
        (dotted(BALLOTS[:7]), "no ballot may leave"),
    ],
)
def test_what_may_not_leave_gets_a_sentence(found, expected):
    with pytest.raises(PackageError, match=expected):
        analysis.votes_pb(publish(found), found, "q")


# Frictionless


@pytest.mark.parametrize("level", ["published", "ballot rows"])
@pytest.mark.parametrize("kind", KINDS)
def test_frictionless_calls_the_package_valid(tmp_path, kind, level):
    frictionless = pytest.importorskip("frictionless")
    items = list("AB") if kind == "trust" else list("ab")
    ballots = [("AB"[at % 2], {items[0]: at % 3, items[1]: (at + 1) % 2}) for at in range(14)]
    found = allowed(responses(kind, [*ballots, ("A", {})], items), title="=Ikkje ein formel")
    published = publish(found).with_notes(
        pd.DataFrame([{"question": "q", "round": 1, "order": 1, "what": "said", "text": "-5 %\r\n'a'"}])
    )
    package.write(published, tmp_path, found if level == "ballot rows" else None)
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert report.valid, report.flatten(["type", "title", "note"])
    names = {task.name for task in report.tasks}
    assert names == {"published", "notes"} | ({"responses"} if level == "ballot rows" else set())


def test_frictionless_sees_a_package_that_was_changed(tmp_path):
    frictionless = pytest.importorskip("frictionless")
    package.write(publish(allowed(responses("dots", BALLOTS, list("abc")))), tmp_path)
    rows = tmp_path / "published.csv"
    rows.write_bytes(rows.read_bytes().replace(b",1,", b",one,", 1))
    assert not frictionless.validate(str(tmp_path / "datapackage.json")).valid
