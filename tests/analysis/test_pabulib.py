"""Reading Pabulib files: invented ones with every trap, and the real ones where they are at hand."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from room import figures

import analysis
from analysis import pabulib
from analysis.pabulib import PabulibError

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "pabulib"
PLAIN = """META
key;value
description;"A ""small"" town; its square"
num_votes;4
budget;1000
vote_type;cumulative
max_sum_points;5
language;nn
PROJECTS
project_id;cost;votes;score;name;category
A/1;100;3;6;"Benches; green";parks
b;200;2;2;Fountain;
c;300;0;0;Statue;art
VOTES
voter_id;vote;points;age;town
v1;A/1,b;2,1;30;North
v2;A/1;4;;North
v3;b,A/1;1,0;50;South
v4;;;60;South
"""


@pytest.fixture
def file(tmp_path):
    def write(text=PLAIN, name="small town.pb"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_plain_file(file):
    election = pabulib.read(file(), group="town")
    question = election.meeting.questions[0]
    assert election.meeting.key == "small-town" and election.meeting.language == "nn"
    assert election.meeting.title == 'A "small" town; its square'
    assert [(item.key, item.text) for item in question.items][0] == ("A/1", "Benches; green")
    asked = {name: question.settings[name] for name in ("dots", "cap", "against")}
    assert asked == {"dots": 5, "cap": 5, "against": False}
    assert question.settings["costs"] == {"A/1": "100", "b": "200", "c": "300"}
    assert question.settings["budget"] == "1000"
    assert question.secrecy == "open"
    assert [group.key for group in election.meeting.groups] == ["North", "South"]
    books = question.rounds[0]
    assert (books.issued, books.used, books.counted, books.blank) == (4, 4, 3, 1)
    assert election.scores == {"A/1": 6, "b": 2, "c": 0}
    assert election.votes == election.listed == {"A/1": 3, "b": 2, "c": 0}


def test_options_listed_with_no_points_are_not_supported(file):
    published = analysis.publish(pabulib.read(file()).responses)
    assert figures(published, "dots", item="A/1", group="") == [6]
    assert figures(published, "supporters", item="A/1", group="") == [2]
    assert figures(published, "breadth", item="A/1") == [0.5], "the blank ballot is a voter"


@pytest.mark.parametrize(
    ("old", "new", "settings"),
    [
        ("max_sum_points;5\n", "", {"dots": 4, "cap": 4}),
        ("max_sum_points;5", "max_sum_points;5\nmax_points;4", {"dots": 5, "cap": 4}),
        ("max_sum_points;5", "max_sum_points;3", {"dots": 4, "cap": 4}),
        ("max_sum_points;5", "max_sum_points;5\nmax_points;2", {"dots": 5, "cap": 4}),
        ("v2;A/1;4", "v2;A/1;4.0", {"dots": 5, "cap": 5}),
    ],
)
def test_budget_and_cap_fit_every_ballot(file, old, new, settings):
    found = pabulib.read(file(PLAIN.replace(old, new))).meeting.questions[0].settings
    assert {name: found[name] for name in settings} == settings


def test_odd_things_are_remarked_not_refused(file):
    remarks = pabulib.read(file(PLAIN.replace("num_votes;4", "num_votes;9"))).remarks
    assert any("num_votes 9" in remark for remark in remarks)
    assert any("3 ballots do not use all 5 points" in remark for remark in remarks)
    assert pabulib.read(file(PLAIN.replace(";votes;score", ";x;y"))).scores == {}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("vote_type;cumulative", "vote_type;veto", "vote_type is 'veto'; expected one of approval"),
        ("vote_type;cumulative\n", "", "vote_type is 'not given'"),
        ("PROJECTS\n", "", "no section PROJECTS"),
        ("META\n", "", "line 1: expected the section META"),
        ("v2;A/1;4", "v2;A/1;4,1", "line 17: 1 options but 2 points"),
        ("v2;A/1;4", "v2;z;4", "line 17: option 'z' is not among the PROJECTS"),
        ("v2;A/1;4", "v2;b,b;2,2", "line 17: option 'b' stands twice"),
        ("v2;A/1;4", "v2;A/1;-4", "line 17: '-4' is not a whole number of points"),
        ("v2;A/1;4", "v2;A/1;1.5", "'1.5' is not a whole number"),
        ("v2;A/1;4", "v2;A/1;nan", "'nan' is not a whole number"),
        ("c;300", "b;300", "project_id 'b' stands twice"),
        ("c;300", ";300", "expected a project_id"),
        ("vote;points", "vote;dots", "expected the columns vote and points"),
        ("max_sum_points;5", "max_sum_points;many", "META max_sum_points: 'many'"),
    ],
)
def test_a_file_of_another_sort_gets_a_sentence(file, old, new, expected):
    assert old in PLAIN
    with pytest.raises(PabulibError, match=expected) as error:
        pabulib.read(file(PLAIN.replace(old, new)))
    assert "small town.pb" in str(error.value) and "\n" not in str(error.value)


def test_missing_binary_and_wrong_column_get_a_sentence(file, tmp_path):
    with pytest.raises(PabulibError, match=r"nowhere\.pb cannot be read"):
        pabulib.read(tmp_path / "nowhere.pb")
    (tmp_path / "binary.pb").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PabulibError, match="byte 0: expected UTF-8"):
        pabulib.read(tmp_path / "binary.pb")
    with pytest.raises(PabulibError, match="no column 'village'"):
        pabulib.read(file(), group="village")


def votes(kind, rows, meta=""):
    """Return the plain file with another vote type and other ballots."""
    start = PLAIN[: PLAIN.index("VOTES")].replace("cumulative\nmax_sum_points;5", f"{kind}{meta}")
    return start.replace(";3;6;", ";;;").replace(";2;2;", ";;;").replace(";0;0;", ";;;") + f"VOTES\n{rows}\n"


def dotted(election):
    published = analysis.publish(election.responses)
    return [
        (
            figures(published, "dots", item=key, group="")[0],
            figures(published, "supporters", item=key, group="")[0],
        )
        for key in ("A/1", "b", "c")
    ]


@pytest.mark.parametrize(
    ("kind", "meta", "rows", "expected", "settings"),
    [
        ("approval", "", "voter_id;vote\nv1;A/1,b\nv2;b\nv3;", [(1, 1), (2, 2), (0, 0)], (2, 1)),
        ("choose-1", "", "voter_id;vote\nv1;b\nv2;b", [(0, 0), (2, 2), (0, 0)], (1, 1)),
        ("scoring", "", "voter_id;vote;points\nv1;A/1,b;9,0\nv2;b;4", [(9, 1), (4, 1), (0, 0)], (9, 9)),
        (
            "scoring",
            "\ndefault_score;2",
            "voter_id;vote;points\nv1;A/1,b;9,0\nv2;b;4",
            [(11, 2), (4, 1), (4, 2)],
            (11, 9),
        ),
        ("ordinal", "", "voter_id;vote\nv1;c,A/1,b\nv2;c", [(2, 1), (1, 1), (6, 2)], (6, 3)),
        ("ordinal", "\nmax_length;2", "voter_id;vote\nv1;c,A/1\nv2;b", [(1, 1), (2, 1), (2, 1)], (3, 2)),
    ],
)
def test_other_vote_types_are_read_as_points(file, kind, meta, rows, expected, settings):
    election = pabulib.read(file(votes(kind, rows, meta)))
    assert dotted(election) == expected
    found = election.meeting.questions[0].settings
    assert (found["dots"], found["cap"]) == settings
    assert any(" read as " in remark for remark in election.remarks)


@pytest.mark.parametrize(
    ("kind", "meta", "rows", "expected"),
    [
        ("approval", "", "voter_id;vote\nv1;b,b", "option 'b' stands twice"),
        ("approval", "", "voter_id;choice\nv1;b", "expected the column vote"),
        ("ordinal", "\nmax_length;1", "voter_id;vote\nv1;c,b", "2 options; expected at most 1"),
        ("scoring", "", "voter_id;vote;points\nv1;b;-1", "'-1' is not a whole number"),
        ("scoring", "\ndefault_score;x", "voter_id;vote;points\nv1;b;1", "META default_score: 'x'"),
    ],
)
def test_broken_ballots_of_other_vote_types_get_a_sentence(file, kind, meta, rows, expected):
    with pytest.raises(PabulibError, match=expected):
        pabulib.read(file(votes(kind, rows, meta)))


def test_totals_that_differ_and_points_of_nothing_are_remarked(file):
    remarks = pabulib.read(file(PLAIN.replace("A/1;100;3;6", "A/1;100;4;7"))).remarks
    assert any("1 entries list an option with 0 points" in remark for remark in remarks)
    assert any("score differs from the ballots for A/1 (7, not 6)" in remark for remark in remarks)
    assert any("votes differs from the ballots for A/1 (4, not 3)" in remark for remark in remarks)


def test_costs_are_exact(file):
    election = pabulib.read(file(PLAIN.replace("b;200", "b;0.10").replace("budget;1000", "budget;99.90")))
    assert (election.costs["b"], election.budget) == (Fraction(1, 10), Fraction(999, 10))


REAL = {
    "Switzerland_Zurich_D5.pb": (180, 900, 5),
    "Switzerland_Zurich_S5D10.pb": (180, 1800, 10),
    "Worldwide_Mechanical_Turk_Utilities_6.pb": (74, 7387, 100),
    "Poland_Katowice_2024_Dab.pb": (689, 2051, 3),
    "Poland_Warszawa_2017_Plac_Wojska_Polskiego.pb": (27, 47, 4),
}


@pytest.mark.parametrize("name", REAL)
def test_real_elections_give_their_official_totals(name):
    if not (DATA / name).is_file():
        pytest.skip(f"{name}: ../shared/data is not there")
    ballots, points, budget = REAL[name]
    election = pabulib.read(DATA / name)
    published = analysis.publish(election.responses)
    assert figures(published, "counted") == [ballots]
    assert figures(published, "total_dots") == [points]
    assert election.meeting.questions[0].settings["dots"] == budget
    for option, score in election.scores.items():
        assert figures(published, "dots", item=option, group="") == [score]
    assert election.votes == election.listed
