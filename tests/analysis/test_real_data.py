"""Reports made from the real files beside the project give the totals that stand beside those files."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from room import figures

import analysis
from analysis import pabulib, polis

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
README = DATA / "README.md"
POLIS = DATA / "polis" / "london.youth.policing"
OPTION = re.compile(r"(\S+) \((\d+)(?:/(\d+))?\)")


class Tables(HTMLParser):
    """The tables of a page as rows of cells."""

    def __init__(self, page):
        super().__init__()
        self.tables, self.cell = [], None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.cell = ""

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.tables[-1][-1].append(" ".join(self.cell.split()))
            self.cell = None


def told():
    """Return the lines of the table of elections: name, votes, options, points, per ballot, options."""
    if not README.is_file():
        return [pytest.param(None, id="none")]
    lines = [line.strip("| ").split(" | ") for line in README.read_text().splitlines()]
    rows = [cells for cells in lines if len(cells) == 7 and cells[2].isdigit()]
    return [pytest.param(cells, id=cells[0]) for cells in rows]


@pytest.mark.parametrize("cells", told())
def test_an_elections_report_gives_its_totals(cells):
    if cells is None:
        pytest.skip("../shared/data is not there")
    name, _, votes, options, points, per_ballot, best = cells
    election = pabulib.read(DATA / "pabulib" / f"{name}.pb")
    question = election.meeting.questions[0]
    assert len(question.items) == int(options)

    published = analysis.publish(election.responses)
    assert figures(published, "total_dots") == [int(points)]
    given = election.responses.frame.groupby("ballot")["value"].sum()
    expected = {int(size): int(count) for size, count in re.findall(r"(\d+) × (\d+)", per_ballot)}
    # One line's sizes of ballots (Warszawa) do not add up to the points beside them: those are not compared.
    if sum(size * count for size, count in expected.items()) == int(points):
        assert Counter(given.astype(int)) == expected

    tables = Tables(analysis.report(published)).tables
    assert [row[6] for row in books(tables)] == [votes]
    names = {item.key: " ".join(item.text.split()) for item in question.items}
    by_name = {row[0]: row for row in tables[0][1:]}
    order = [row[0] for row in tables[0][1:]]
    found = OPTION.findall(best)
    for option, dots, people in found:
        row = by_name[names[option]]
        assert (row[2], row[3]) == (dots, people or dots), option
    assert sorted(order[: len(found)]) == sorted(names[option] for option, _, _ in found)
    assert sum(int(row[2]) for row in by_name.values()) == int(points)


def books(tables):
    """Return the rows of the table of books: question, round, issued, used, unused, void, counted, ..."""
    return next(table[1:] for table in tables if len(table[0]) == 10 and len(table) == 2)


def test_elections_say_what_is_odd_about_them():
    if not README.is_file():
        pytest.skip("../shared/data is not there")
    ten = pabulib.read(DATA / "pabulib" / "Switzerland_Zurich_S5D10.pb")
    assert any(remark.startswith("56 entries list an option with 0 points") for remark in ten.remarks)
    assert ten.listed["14"] == 88
    hundred = pabulib.read(DATA / "pabulib" / "Worldwide_Mechanical_Turk_Utilities_6.pb")
    assert "12 ballots do not use all 100 points." in hundred.remarks
    for file in (DATA / "pabulib").glob("*.pb"):
        assert not [remark for remark in pabulib.read(file).remarks if "differs" in remark], file


def test_the_conversations_report_gives_its_totals():
    if not polis.is_export(POLIS):
        pytest.skip("../shared/data is not there")
    meeting = analysis.read(POLIS)
    question = meeting.published.meeting.questions[0]
    assert len(question.items) == 36
    levels = {
        level: sum(figures(meeting.published, "count", level=level, group="")) for level in ("-1", "0", "1")
    }
    assert levels == {"1": 392, "-1": 192, "0": 0}
    assert sum(figures(meeting.published, "dont_know")) == 54
    assert [group.name for group in meeting.published.meeting.groups][-1] == "No group"
    sizes = [
        figures(meeting.published, "used", group=group.key) for group in meeting.published.meeting.groups
    ]
    assert sorted(sizes) == [[2], [3], [3], [18]]
    tables = Tables(analysis.report(meeting)).tables
    assert [row[6] for row in books(tables)] == ["26"]
    counts = Counter()
    texts = {" ".join(item.text.split()) for item in question.items}
    for steps in (table for table in tables if table[0] == ["", "-1", "0", "1"]):
        for row in (row for row in steps[1:] if row[0] in texts):
            counts.update(dict(zip(steps[0][1:], map(int, row[1:]), strict=True)))
    assert counts == {"1": 392, "-1": 192, "0": 0}


def test_the_conversation_says_what_does_not_fit():
    if not polis.is_export(POLIS):
        pytest.skip("../shared/data is not there")
    remarks = " ".join(analysis.read(POLIS).remarks)
    for words in ("0, 2, 3", "10 (13/8, not 12/8)", "25 (16/2, not 15/2)", "2 people have no group"):
        assert words in remarks
    assert "own counts" not in remarks
