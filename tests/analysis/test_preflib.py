"""PrefLib's categorical files: approvals with multiplicities, empty categories and single options."""

from __future__ import annotations

from pathlib import Path

import pytest
from room import figures

import analysis
from analysis import preflib
from analysis.__main__ import main
from analysis.measures.ballots import ballots_of

REAL = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "preflib" / "00033-00000002.cat"
PLAIN = """# FILE NAME: posters.cat
# TITLE: Posters
# DATA TYPE: cat
# NUMBER ALTERNATIVES: 3
# NUMBER VOTERS: 5
# NUMBER UNIQUE PREFERENCES: 4
# NUMBER CATEGORIES: 2
# CATEGORY NAME 1: Yes
# CATEGORY NAME 2: No
# ALTERNATIVE NAME 1: Sun
# ALTERNATIVE NAME 2: Rain
# ALTERNATIVE NAME 3: Snow
2: {1,2,3},{}
1: 2,{1,3}
1: {1,3},2
1: {},{1,2,3}
"""


@pytest.fixture
def file(tmp_path):
    def write(old="", new=""):
        assert old in PLAIN
        path = tmp_path / "posters.cat"
        path.write_text(PLAIN.replace(old, new) if old else PLAIN)
        return path

    return write


def test_lines_count_as_often_as_they_say(file):
    found = preflib.read(file())
    published = analysis.publish(found.responses)
    question = found.meeting.questions[0]
    assert [item.text for item in question.items] == ["Sun", "Rain", "Snow"]
    assert (question.rounds[0].used, question.rounds[0].blank) == (5, 0)
    for measure, expected in (("dots", [3, 3, 3]), ("supporters", [3, 3, 3])):
        by_item = {item.key: figures(published, measure, item=item.key, group="") for item in question.items}
        assert [by_item[key][0] for key in "123"] == expected
    assert (found.meeting.title, question.settings["cap"]) == ("Posters", 1)


def test_somebody_who_says_no_to_all_has_answered(file):
    found = preflib.read(file())
    ballots = ballots_of(found.responses, found.meeting.questions[0], found.meeting.questions[0].rounds[0])
    assert ballots.n == 5 and ballots.values.sum(axis=1).tolist() == [3, 3, 1, 2, 0]


def test_what_is_odd_is_said(file):
    remarks = " ".join(preflib.read(file()).remarks)
    for words in ("4 lines are 5 ballots", "2 categories are empty", "2 categories of a single option"):
        assert words in remarks
    remarks = " ".join(preflib.read(file("VOTERS: 5", "VOTERS: 7")).remarks)
    assert "7 voters; the lines give 5" in remarks


def test_more_categories_are_worth_points(file):
    three = "# NUMBER CATEGORIES: 3\n# CATEGORY NAME 3: Perhaps"
    path = file("# NUMBER CATEGORIES: 2", three)
    lines = [line for line in path.read_text().splitlines() if line.startswith("#")]
    path.write_text("\n".join([*lines, "1: 1,{2},{3}", "1: {},{1,2,3},{}"]) + "\n")
    published = analysis.publish(preflib.read(path).responses)
    assert [figures(published, "dots", item=key, group="") for key in "123"] == [[3], [2], [1]]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("2: {1,2,3},{}", "x: {1,2,3},{}", "line 13"),
        ("2: {1,2,3},{}", "0: {1,2,3},{}", "line 13"),
        ("2: {1,2,3},{}", "{1,2,3},{}", "line 13"),
        ("1: 2,{1,3}", "1: 9,{1,3}", "line 14: the option '9'"),
        ("1: 2,{1,3}", "1: 2,{1,2,3}", "line 14: the option '2' stands twice"),
        ("1: 2,{1,3}", "1: 2,{1,3},{},{}", "line 14: expected at most 2 categories"),
        ("1: 2,{1,3}", "1: 2,{1,3", "line 14"),
        ("1: 2,{1,3}", "99999999: 2,{1,3}", "line 14"),
        ("DATA TYPE: cat", "DATA TYPE: soc", "DATA TYPE"),
        ("# ALTERNATIVE NAME", "# NAME", "ALTERNATIVE"),
        ("# CATEGORY NAME 1: Yes\n# CATEGORY NAME 2: No\n", "", "CATEGORY"),
    ],
)  # fmt: skip
def test_a_broken_file_gets_a_sentence(file, old, new, expected, capsys):
    path = file(old, new)
    with pytest.raises(preflib.PrefLibError, match=r"^posters\.cat.*" + expected):
        preflib.read(path)
    assert main(["summary", str(path)]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_a_real_competition_gives_its_totals():
    if not REAL.is_file():
        pytest.skip("../shared/data is not there")
    meeting = analysis.read(REAL)
    published = meeting.published
    assert figures(published, "total_dots") == [357] and figures(published, "used", group="") == [65]
    dots = {
        item.text.removeprefix("Poster"): figures(published, "dots", item=item.key, group="")[0]
        for item in published.meeting.questions[0].items
    }
    assert len(dots) == 17
    told = dict(zip(range(1, 11), (39, 33, 33, 33, 26, 24, 22, 19, 19, 18), strict=True))
    assert {key: dots[f"A{key}"] for key in told} == told
    assert "64 lines are 65 ballots" in " ".join(meeting.remarks)
    page = analysis.report(meeting)
    assert "PosterA17" in page and "357" in page
