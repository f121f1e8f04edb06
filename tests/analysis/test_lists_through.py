"""Sorting, lists and marks all the way: from table and codebook to summary, findings, report and files."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from room import KEYS, SETTINGS, responses

import analysis
from analysis import Group, Item, Meeting, Question, Responses, codebook, package, publish, tidy
from analysis.disclosure.gate import KINDS
from analysis.foreign import ForeignError
from analysis.language import LANGUAGES

GROUPS = "ABCDEF"
REASON = '=It\'s short;\nand "cheap"'


def _sort():
    answers = ["together"] * 20 + ["alone"] * 12 + [None] * 4
    return [
        (GROUPS[at % 6], {"road": answer, "school": "alone" if at % 5 else "together"})
        for at, answer in enumerate(answers)
    ]


def _collect():
    return [(group, {"road": REASON} if at < 4 else {"school": "near"}) for at, group in enumerate(GROUPS)]


def _marks():
    cells = [(item, of) for item in ITEMS for of in "AB"]
    return [
        (group, {cell: int((at + place) % 3 > 0) for place, cell in enumerate(cells)})
        for at, group in enumerate(GROUPS * 6)
    ]


ITEMS = ("road", "school")
BALLOTS = {"sort": _sort, "collect": _collect, "marks": _marks}
SECRECY = {"sort": "sealed", "collect": "open", "marks": "sealed"}
RATED = {"marks": {"rated": ["A", "B"]}}


@pytest.fixture(scope="module")
def meeting():
    """A meeting that asks one question of each of the three kinds."""
    parts = []
    for kind, ballots in BALLOTS.items():
        one = responses(
            kind, ballots(), ITEMS, secrecy=SECRECY[kind], settings=RATED.get(kind, SETTINGS[kind])
        )
        question = replace(one.meeting.questions[0], key=kind, title=f"About {kind}")
        frame = one.frame.assign(question=kind)
        parts.append(Responses(replace(one.meeting, questions=(question,), ballot_rows=True), frame))
    return Responses.together(parts)


def test_a_table_with_its_codebook_is_read_summed_up_and_talked_about(meeting, tmp_path):
    path = tmp_path / "answers.csv"
    meeting.frame.to_csv(path, index=False)
    found = analysis.read(path, meeting=meeting.meeting)
    assert len(found) == 3
    pd.testing.assert_frame_equal(found.published.rows, publish(meeting).rows, check_dtype=False)
    sums = found["sort"].summary().set_index(["item", "measure", "level"])["value"]
    assert sums["road", "count", "together"] == 20 and sums["road", "unsure", ""] == 4
    assert [one.key for one in found["sort"].findings()] == ["camps", "gathered"]
    assert "20 of 36 say “Together”, 12 say “Alone”" in found["sort"].findings("en")[0].what
    assert [one.what for one in found["collect"].findings("en")] == ["4 of 6 lists mention this."]
    for question in found:
        assert question.figure().data is not None
    written = found["collect"].summary()
    assert REASON in set(written["text"])


def test_without_a_codebook_what_is_assumed_is_said(meeting):
    found = tidy.read(meeting.frame)
    assert [question.settings for question in found.responses.meeting.questions] == [
        {"buckets": [{"key": "alone", "text": "alone"}, {"key": "together", "text": "together"}]},
        {"by": "group"},
        {"rated": ["A", "B"]},
    ]
    said = " ".join(found.remarks)
    for words in ("sorted into alone, together", "one list from each group", "rate A, B"):
        assert words in said
    alone = tidy.read(meeting.frame[meeting.frame["kind"] == "collect"].drop(columns="group"))
    assert alone.responses.meeting.questions[0].settings == {"by": "ballot"}


@pytest.mark.parametrize(
    ("kind", "change", "expected"),
    [
        ("sort", {"text": "never"}, "text: it is not among what question 'sort' offers"),
        ("sort", {"value": 1.0}, "value: it is outside"),
        ("marks", {"text": "C"}, "text: it is not among what question 'marks' offers"),
        ("marks", {"value": 2.0}, "value: it is outside"),
        ("collect", {"value": 3.0}, "value: it is outside"),
    ],
)
def test_rows_that_do_not_fit_their_kind_are_refused(meeting, kind, change, expected):
    wrong = meeting.frame.copy()
    at = wrong.index[wrong["kind"] == kind][0]
    for column, value in change.items():
        wrong.loc[at, column] = value
    with pytest.raises(ForeignError, match=expected):
        tidy.read(wrong, meeting.meeting)


def test_a_ballot_sorts_an_item_once_but_may_give_many_reasons(meeting):
    sort, collect = (meeting.frame[meeting.frame["kind"] == kind] for kind in ("sort", "collect"))
    with pytest.raises(ForeignError, match="another answer"):
        tidy.read(pd.concat([sort, sort.iloc[:1].assign(text="alone")]), meeting.meeting)
    more = pd.concat([collect, collect.iloc[:1].assign(text="Another reason")])
    published = publish(tidy.read(more, meeting.meeting).responses)
    rows = published.of("collect")
    assert rows.query("measure == 'mentions' and item == 'road'")["value"].tolist() == [4]
    assert "Another reason" in set(rows["text"])
    with pytest.raises(ForeignError, match="two to four buckets in the column text, found 5"):
        many = sort.assign(text=[*"abcde"] * 14 + ["a"] * (len(sort) - 70))
        tidy.read(many)


def test_everything_is_in_report_workbook_json_and_package(meeting, tmp_path):
    published = publish(meeting)
    package.write(published, tmp_path / "m.zip", meeting)
    assert package.read(tmp_path / "m.zip").rows.equals(published.rows)
    html = analysis.report(published)
    for words in ("About sort", "Together", "It&#39;s short;", "4 av 6"):
        assert words in html, words
    book = openpyxl.load_workbook(io.BytesIO(analysis.xlsx(published, "nn")))
    cells = [cell for sheet in book for row in sheet.rows for cell in row]
    assert {"together", "Together", REASON} <= {cell.value for cell in cells}
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert REASON in {row["text"] for row in json.loads(analysis.as_json(published))["rows"]}


def test_ballot_rows_leave_out_sealed_marks_and_keep_open_lists(meeting):
    rows = pd.read_csv(io.BytesIO(package.files(publish(meeting), meeting)["responses.csv"]))
    assert set(rows["kind"]) == {"sort", "collect"}
    assert rows[rows["kind"] == "sort"]["group"].isna().all()
    assert set(rows[rows["kind"] == "collect"]["group"]) == set(GROUPS)
    sealed = [replace(question, secrecy="sealed") for question in meeting.meeting.questions]
    closed = replace(meeting, meeting=replace(meeting.meeting, questions=tuple(sealed)))
    rows = pd.read_csv(io.BytesIO(package.files(publish(closed), closed)["responses.csv"]))
    assert set(rows["kind"]) == {"sort"}, "a list's other points would tell whose it is"


@pytest.mark.parametrize("language", LANGUAGES)
def test_prompts_are_open_questions_that_name_no_group(meeting, language):
    published = publish(meeting)
    found = [one for kind in BALLOTS for one in analysis.findings(published, kind, language=language)]
    assert {one.key for one in found} == {"camps", "gathered", "broad", "selfgap"}
    for one in found:
        assert "?" in one.so_what
        assert not re.search(r"\b(best|worst|winner|wrong|verst|feil|vinnar|Group)\b", one.what + one.so_what)


def test_the_unsure_and_the_silent_are_asked_about():
    ballots = [(KEYS[at % 6], {"x": None if at < 12 else "together"}) for at in range(36)]
    published = publish(responses("sort", ballots, ["x"]))
    assert [one.what for one in analysis.findings(published, "q", language="en")] == ["12 are unsure."]


BOOK = Meeting(
    "m",
    "Meeting",
    groups=(Group("a", "A", "#332288"),),
    questions=(Question("q", "sort", "Q", items=(Item("x", "X"),)),),
)
TWO = [{"key": "a", "text": "A"}, {"key": "b", "text": "B"}]


@pytest.mark.parametrize(
    ("kind", "settings", "expected"),
    [
        ("sort", {}, "settings.buckets: expected a list of two to four"),
        ("sort", {"buckets": TWO[:1]}, "expected a list of two to four"),
        ("sort", {"buckets": [*TWO, *TWO, *TWO]}, "expected a list of two to four"),
        ("sort", {"buckets": [*TWO, TWO[0]]}, "the key 'a' stands twice"),
        ("sort", {"buckets": [*TWO, {"key": "", "text": "C"}]}, r"buckets\[2\].key: .* empty one"),
        ("sort", {"buckets": [*TWO, {"key": 3, "text": "C"}]}, r"buckets\[2\].key: expected text"),
        ("sort", {"buckets": [*TWO, "c"]}, r"buckets\[2\]: expected an object"),
        ("collect", {"by": "person"}, "settings.by: expected one of group, ballot"),
        ("marks", {"rated": "a"}, "settings.rated: expected a list"),
        ("marks", {"rated": ["b"]}, r"rated\[0\]: expected the key of a group of the meeting"),
        ("marks", {"rated": ["a", "a"]}, "the key 'a' stands twice"),
    ],
)
def test_a_codebook_that_does_not_fit_its_kind_gets_a_sentence(kind, settings, expected):
    raw = replace(BOOK, questions=(replace(BOOK.questions[0], kind=kind, settings=settings),)).as_dict()
    with pytest.raises(codebook.CodebookError, match=expected):
        codebook.checked(raw, tuple(KINDS))


@pytest.mark.parametrize(
    ("kind", "settings"),
    [("sort", {"buckets": TWO}), ("collect", {}), ("marks", {}), ("marks", {"rated": ["a"]})],
)
def test_a_codebook_that_fits_its_kind_is_read(kind, settings):
    book = replace(BOOK, questions=(replace(BOOK.questions[0], kind=kind, settings=settings),))
    assert codebook.checked(json.loads(json.dumps(book.as_dict())), tuple(KINDS)) == book


def test_trust_that_says_it_is_open_is_refused():
    question = replace(BOOK.questions[0], kind="trust", secrecy="open")
    with pytest.raises(codebook.CodebookError, match="trust between groups cannot be open"):
        codebook.checked(replace(BOOK, questions=(question,)).as_dict(), tuple(KINDS))
