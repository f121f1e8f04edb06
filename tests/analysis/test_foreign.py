"""Reading a Polis export and a table of answers: invented ones with every trap, and what is said of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from room import column, figures, responses, rooms

import analysis
from analysis import Group, Item, Meeting, Question, package, polis, tidy
from analysis.__main__ import main
from analysis.foreign import ForeignError

MATRIX = """participant,xid,group-id,n-comments,n-votes,n-agree,n-disagree,4,7,9
1,,0,0,3,1,1,1,-1,0
2,,0,1,1,1,0,1,,
3,,1,0,2,0,2,-1,-1,
4,,,0,0,0,0,,,
"""
COMMENTS = """timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body
1,now,4,1,2,1,1,"Dogs, and
cats"
1,now,7,1,0,2,1,=Birds
1,now,9,1,5,0,1,Fish
1,now,2,1,0,0,-1,Nobody voted
"""
SUMMARY = "topic,Which animals, then?\nurl,https://example.org/x\n"


@pytest.fixture
def export(tmp_path):
    def write(matrix=MATRIX, comments=COMMENTS, summary=SUMMARY):
        folder = tmp_path / "Our talk"
        folder.mkdir(exist_ok=True)
        (folder / polis.MATRIX).write_text(matrix, encoding="utf-8-sig")
        for name, text in ((polis.COMMENTS, comments), (polis.SUMMARY, summary)):
            if text is not None:
                (folder / name).write_text(text, encoding="utf-8")
        return folder

    return write


def test_a_conversation_is_a_scale_where_passing_is_not_the_middle(export):
    meeting = analysis.read(export())
    question = meeting.published.meeting.questions[0]
    assert meeting.published.meeting.title == "Which animals, then?"
    assert meeting.published.meeting.key == "our-talk"
    assert [(item.key, item.text) for item in question.items] == [
        ("4", "Dogs, and\ncats"),
        ("7", "=Birds"),
        ("9", "Fish"),
    ]
    counts = [figures(meeting.published, "count", item="4", level=at, group="") for at in ("-1", "0", "1")]
    assert counts == [[1], [0], [2]]
    assert figures(meeting.published, "dont_know", item="9") == [1]
    assert figures(meeting.published, "skipped", item="9") == [2]
    assert (figures(meeting.published, "counted"), figures(meeting.published, "blank")) == ([3], [1])


def test_what_does_not_fit_is_said(export):
    remarks = " ".join(analysis.read(export()).remarks)
    assert "1 people have no group" in remarks
    assert "comments without votes: 2" in remarks
    assert "9 (5/0, not 0/0)" in remarks
    assert "from these very answers" in remarks
    assert "own counts" not in remarks
    told = " ".join(analysis.read(export(MATRIX.replace("1,,0,0,3,1,1", "1,,0,0,9,1,1"))).remarks)
    assert "1 people's own counts" in told


def test_a_conversation_without_its_other_files_still_reads(export):
    meeting = analysis.read(export(comments=None, summary=None))
    assert meeting["comments"].question.items[0].text == "Comment 4"
    assert meeting.published.meeting.title == "Our talk"
    assert any("There is no comments.csv" in remark for remark in meeting.remarks)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("1,,0,0,3,1,1,1,-1,0", "1,,0,0,3,1,1,1,-1,2", "line 2, comment 9: expected 1, 0, -1"),
        ("2,,0,1,1", "1,,0,1,1", "line 3: the participant 1 stands twice"),
        ("4,7,9", "4,4,9", "column '4' stands twice"),
        ("4,7,9", "a,b,c", "expected a column per comment"),
        ("-1,-1,\n", "-1,-1,,,\n", "line 4: expected 10 cells, not 12"),
    ],
)
def test_a_broken_export_gets_a_sentence(export, old, new, expected, capsys):
    assert old in MATRIX
    folder = export(MATRIX.replace(old, new))
    with pytest.raises(ForeignError, match=expected):
        analysis.read(folder)
    assert main(["summary", str(folder)]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


# Tables of answers


def scale_frame(**change):
    rows = [(ballot, "ab"[ballot % 2], "x", ballot % 11) for ballot in range(24)]
    return pd.DataFrame(rows, columns=["ballot", "group", "item", "value"]).assign(kind="scale", **change)


def test_a_table_says_what_it_took_for_granted():
    meeting = analysis.read(scale_frame(age=30))
    assert figures(meeting.published, "counted") == [24]
    assert [group.key for group in meeting.published.meeting.groups] == ["a", "b"]
    remarks = " ".join(meeting.remarks)
    for words in ("not read: age", "question 'question'", "round 1", "asked from 0 to 10"):
        assert words in remarks
    assert meeting.published.meeting.questions[0].secrecy == "sealed"


def test_traps_of_a_table_are_repaired_and_said():
    rows = [
        (1.0, " x ", "3"),
        (1.0, " x ", "3"),
        (2.0, "x", "4,0"),
        (3.0, "x", ""),
        (4.0, "", None),
        (3.0, None, None),
        *[(at, "x", 5) for at in range(5, 12)],
    ]
    frame = pd.DataFrame(rows, columns=["Ballot ", "ITEM", "value"]).assign(kind="scale", group=None)
    found = tidy.read(frame)
    assert found.responses.frame["ballot"].tolist() == [str(at) for at in range(1, 12)]
    values = [3, 4, np.nan, np.nan, *[5] * 7]
    assert found.responses.frame["value"].tolist() == pytest.approx(values, nan_ok=True)
    assert set(found.responses.frame["group"]) == {"?"}
    books = found.responses.meeting.questions[0].rounds[0]
    assert (books.used, books.counted, books.blank) == (11, 10, 1)
    remarks = " ".join(found.remarks)
    for words in ("1 rows stood twice", "1 rows said blank", "without a group", "from 1 to 5"):
        assert words in remarks


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"kind": "guess"}, "expected a kind of scale, trust, dots"),
        ({"value": "many"}, "Row 0, value: expected a whole number, found 'many'"),
        ({"value": 2.5}, "Row 0, value: expected a whole number"),
        ({"value": np.inf}, "Row 0, value: expected a whole number"),
        ({"round": ""}, "Row 0, round: expected a whole number"),
        ({"ballot": ""}, "Row 0, ballot: expected a key"),
        ({"ballot": "1"}, "another answer"),
        ({"Value": 1}, "column 'value' stands twice"),
        ({"meeting": ["m", "n"] * 12}, "Expected one meeting, found m, n"),
        ({"kind": ["scale", "dots"] * 12}, "rows of two kinds"),
        ({"round": 0}, "Row 0, round: expected a number from 1 to"),
        ({"round": 1e30}, "Row 0, round: expected a number from 1 to"),
        ({"value": [0, 10**9] * 12}, "Question 'question': expected .* from 0 to 100"),
        ({"value": -1}, "Question 'question': expected .* from 0 to 100"),
        ({"kind": "dots", "value": 10**12}, "outside the scale"),
        ({"kind": "sort", "item": "", "value": None}, "at least 10 ballots .* found 0 in round"),
        ({"kind": "sort", "text": "one", "value": None}, "found 1"),
    ],
)
def test_a_wrong_table_gets_a_sentence(change, expected):
    with pytest.raises(ForeignError, match=expected):
        analysis.read(scale_frame().assign(**change))


@pytest.mark.parametrize("value", [0, 1, 7, 70])
def test_a_scale_has_two_ends_though_all_answered_alike(value, tmp_path):
    published = analysis.read(scale_frame().assign(value=value)).published
    package.write(published, tmp_path / "m.zip")
    settings = analysis.read(tmp_path / "m.zip").published.meeting.questions[0].settings
    assert settings["min"] <= value <= settings["max"] and settings["min"] < settings["max"]


@pytest.mark.parametrize("name", ["ballot", "item", "group", "text", "value"])
@pytest.mark.parametrize("cell", [[1, 2], {"a": 1}, ("a", [1])])
def test_a_cell_that_holds_several_things_gets_a_sentence(name, cell):
    frame = scale_frame(text="").astype("object")
    frame.at[3, name] = cell
    with pytest.raises(ForeignError, match=f"^Row 3, {name}: expected"):
        analysis.read(frame)


@pytest.mark.parametrize("source", [None, 5, {}, [1]])
def test_what_is_no_source_gets_a_sentence(source):
    with pytest.raises(ValueError, match="Expected a path or a frame, found"):
        analysis.read(source)


def test_a_group_is_named_only_of_a_pabulib_file(tmp_path, capsys):
    file = tmp_path / "answers.csv"
    scale_frame().to_csv(file, index=False)
    for source in (file, scale_frame()):
        with pytest.raises(ForeignError, match=r"'town', .* \.pb file"):
            analysis.read(source, group="town")
    assert main(["summary", str(file), "--group", "town"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_table_without_rows_gets_a_sentence():
    with pytest.raises(ForeignError, match="no rows"):
        analysis.read(scale_frame().iloc[:0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "There is no column 'ballot'"),
        ("ballot,item,value,kind\n1,a,3,scale\n2,a,x,scale\n", "Row 3, value: expected a whole number"),
        ("ballot,item,value,kind\n,a,3,scale\n", "Row 2, ballot: expected a key"),
        ("ballot,item,value,kind,group\n1,a,3,scale,g\n1,b,3,scale,h\n", "Row 2, group|Row 3, group"),
        ("ballot,item,value,kind\n1,a,3,guess\n", "expected a kind"),
        ("ballot,item\n1,a\n1,a,3\n1,a,3,4\n", r"expected CSV with 2 cells a line \([^\n]*\S\)\.$"),
    ],
)
def test_a_wrong_file_is_named_with_the_row_a_spreadsheet_shows(text, expected, tmp_path):
    path = tmp_path / "wrong.csv"
    path.write_text(text)
    with pytest.raises(ForeignError, match=r"^wrong\.csv: .*" + expected):
        analysis.read(path)


@pytest.mark.parametrize("name", ["ballot", "item", "value", "kind"])
def test_a_table_without_a_needed_column_gets_a_sentence(name):
    with pytest.raises(ForeignError, match=f"no column '{name}'"):
        analysis.read(scale_frame().drop(columns=name))


def test_a_ballot_of_two_groups_is_refused():
    frame = scale_frame()
    again = frame.iloc[:1].assign(group="b", item="y")
    with pytest.raises(ForeignError, match="rows of another group"):
        analysis.read(pd.concat([frame, again]))


BOOK = Meeting(
    "m",
    "Meeting",
    groups=(Group("a", "A", "#332288"), Group("b", "B", "#117733")),
    questions=(Question("q", "scale", "Q", items=(Item("x", "X"),), settings={"min": 0, "max": 10}),),
)


def test_a_codebook_names_and_holds_the_table():
    meeting = analysis.read(scale_frame(question="q").drop(columns="kind"), meeting=BOOK)
    assert meeting["q"].question.title == "Q"
    for change in ({"question": "p"}, {"item": "y"}, {"group": "c"}, {"value": 11}, {"kind": "dots"}):
        with pytest.raises(ForeignError, match="codebook|not among|scale"):
            analysis.read(scale_frame(question="q").assign(**change), meeting=BOOK)


@pytest.mark.parametrize("kind", ["scale", "trust", "dots", "sort", "collect", "marks"])
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_responses_read_as_a_table_are_published_alike(kind, data):
    room = data.draw(rooms(kind))
    found = tidy.read(room.frame, room.meeting)
    pd.testing.assert_frame_equal(
        analysis.publish(found.responses).rows, analysis.publish(room).rows, check_dtype=False
    )


def test_ballot_rows_of_a_package_are_read_back(tmp_path, capsys):
    ballots = [{"a": 2, "b": 1}] * 6 + [{"b": 3}] * 4 + [{"a": 2}] * 5
    room = responses("dots", [("A", ballot) for ballot in ballots], ["a", "b"])
    book = Meeting(**{**vars(room.meeting), "ballot_rows": True})
    room = analysis.Responses(book, room.frame)
    written = package.files(analysis.publish(room), room)["responses.csv"]
    path = tmp_path / "responses.csv"
    path.write_bytes(written)
    meeting = analysis.read(path)
    assert figures(meeting.published, "total_dots") == [40]
    assert main(["summary", str(path)]) == 0
    assert "assumed to be asked with 3 dots" in capsys.readouterr().err


def test_semicolons_and_guarded_cells_are_read(tmp_path):
    path = tmp_path / "answers.csv"
    lines = [f"{at};'=x;{at % 11};scale" for at in range(12)]
    path.write_text("\ufeffballot;item;value;kind\n" + "\n".join(lines), encoding="utf-8")
    assert analysis.read(path).published.meeting.questions[0].items[0].key == "=x"


def test_a_seal_holds_for_tables_too():
    published = analysis.read(scale_frame(question="q").iloc[:4], meeting=BOOK).published
    assert not figures(published, "median") and not figures(published, "count")


def of_kind(kind, *answers):
    """Return a table of these answers, a ballot each: its points by option, or its bucket."""
    rows = [
        (ballot, item, None if kind == "sort" else value, {"sort": value, "marks": "?"}.get(kind, ""))
        for ballot, given in enumerate(answers)
        for item, value in given.items()
    ]
    return pd.DataFrame(rows, columns=["ballot", "item", "value", "text"]).assign(kind=kind)


@pytest.mark.parametrize("kind", ["scale", "trust", "dots", "sort", "marks"])
def test_so_few_ballots_that_counts_are_held_back_need_a_codebook(kind):
    """What is assumed of a question is taken from its answers, and would tell them."""
    given = [{"x": "ab"[at % 2] if kind == "sort" else 1} for at in range(10)]
    assert analysis.read(of_kind(kind, *given))
    with pytest.raises(ForeignError, match="at least 10 ballots .* found 9 in round 1;.*Meeting"):
        analysis.read(of_kind(kind, *given[1:]))
    again = of_kind(kind, *given[1:]).assign(round=2)
    with pytest.raises(ForeignError, match="found 9 in round 2"):
        analysis.read(pd.concat([of_kind(kind, *given).assign(round=1), again]))


@pytest.mark.parametrize(
    ("kind", "usual", "rare"),
    [
        ("scale", {"x": 3}, {"x": 6}),
        ("scale", {"x": 7}, {"x": 11}),
        ("trust", {"?": 3}, {"?": 0}),
        ("dots", {"x": 2, "y": 1}, {"x": 4}),
        ("sort", {"x": "a", "y": "b"}, {"x": "c"}),
    ],
)
def test_nothing_is_assumed_that_hangs_on_a_few(kind, usual, rare):
    """One ends the scale of forty: what is assumed would tell his answer, though counts are held back."""
    with pytest.raises(ForeignError, match=r"fewer than 5 ballots .*Meeting"):
        analysis.read(of_kind(kind, *[usual] * 36, *[rare] * 4))
    assert analysis.read(of_kind(kind, *[usual] * 36, *[rare] * 5))


def test_the_most_on_one_option_is_assumed_only_where_many_gave_it():
    few = analysis.read(of_kind("dots", *[{"x": 1, "y": 1, "z": 1}] * 30, *[{"x": 2, "y": 1}] * 4))
    many = analysis.read(of_kind("dots", *[{"x": 1, "y": 1, "z": 1}] * 30, *[{"x": 2, "y": 1}] * 5))
    assert few["question"].question.settings == {"dots": 3, "cap": 3, "against": False}
    assert many["question"].question.settings == {"dots": 3, "cap": 2, "against": False}


def test_marks_against_are_assumed_only_where_many_made_them():
    usual = of_kind("dots", *[{"x": 1}] * 20)
    against = usual.iloc[:4].assign(item="y", text="against")
    with pytest.raises(ForeignError, match=r"fewer than 5 ballots .*Meeting"):
        analysis.read(pd.concat([usual, against]))


def test_the_order_of_a_table_does_not_leave():
    """Items in the order of their rows would tell what the first ballots chose."""
    frame = of_kind("dots", *[{"y": 1}] * 8, *[{"x": 1}] * 8)
    assert analysis.as_json(analysis.read(frame)) == analysis.as_json(analysis.read(frame[::-1]))


def test_a_scale_below_zero_is_drawn(export):
    room = responses(
        "scale", column({"A": [-1, 1] * 6}), ["x"], settings={"min": -1, "max": 1}, secrecy="open"
    )
    assert analysis.figure(analysis.publish(room), "q").data
