"""Meetings side by side: what belongs together, what cannot be compared, and no claim that people changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_up import counted, dots, hallingdal, meeting, scale, trust
from test_report import Page

from analysis import package
from analysis.__main__ import main
from analysis.compare import CompareError, compare, in_text
from analysis.disclosure.published import released
from analysis.measures.difference import cliff
from analysis.report import comparison

LOW, HIGH = "3,5,8,9,5,3,2,1,0,0,0", "0,0,0,1,2,3,5,9,8,5,3"


def held(published, date="2027-11-03", **codebook):
    book = replace(published.meeting, date=date, **codebook)
    return released(book, published.rows, published.notes, published.policy)


def asked(counts, date, key="tillit", title="Tillit mellom oss", item="Vi er samde", **settings):
    question, rows = scale({item: counted(counts)})
    question = replace(question, key=key, title=title, settings={**question.settings, **settings})
    return held(meeting((question, [{**row, "question": key} for row in rows])), date)


def cells(found, place=0):
    return [row for table in found.questions[place].tables for row in table[2]]


def test_the_same_question_stands_with_each_meetings_figures_and_turnout():
    found = compare([asked(LOW, "2027-11-03"), asked(HIGH, "2028-11-01")])
    assert found.labels == ("3. november 2027", "1. november 2028")
    first = found.questions[0].tables[0]
    median = first[1].index("Median")
    assert [(row[0], row[1], row[median]) for row in first[2]] == [
        ("Vi er samde", "3. november 2027", "3"),
        ("", "1. november 2028", "7"),
    ]
    assert "3. november 2027: 36 av 38 svarte." in found.questions[0].said
    assert found.turnover[2][-1] == ["Alle", "36 av 38 kort", "36 av 38 kort"]


def test_cliffs_delta_is_of_the_published_counts_and_unpaired():
    found = compare([asked(LOW, "2027-11-03"), asked(HIGH, "2028-11-01")])
    before, after = (np.repeat(np.arange(11), counted(one)) for one in (LOW, HIGH))
    expected = f"{cliff(after, before)[1]:.2f}".replace(".", ",")
    assert found.questions[0].tables[-1][2][-1][-1] == expected
    assert "uparra" in found.questions[0].tables[-1][0]


@pytest.mark.parametrize("language", ["nn", "nb", "en"])
def test_nothing_is_tested_and_nobody_is_said_to_have_changed(language):
    first, second = (held(hallingdal(language), date) for date in ("2027-11-03", "2028-11-01"))
    text = in_text([first, second])
    assert {"nn": "ikkje at dei same", "nb": "ikke at de samme", "en": "not that the same people"}[
        language
    ] in text
    for word in ("p =", "signifi", "Wilcoxon", "{"):
        assert word not in text
    assert len(compare([first, second]).questions) == 3


def test_questions_are_matched_by_key_then_by_kind_and_title():
    pair = [asked(LOW, "2027-11-03"), asked(HIGH, "2028-11-01", key="other", title="tillit  Mellom oss")]
    assert len(compare(pair).questions) == 1
    with pytest.raises(CompareError, match="no question in common"):
        compare([pair[0], asked(HIGH, "2028-11-01", key="other", title="Something else")])
    reworded = compare([pair[0], asked(HIGH, "2028-11-01", title="Something else")])
    assert "ikkje ordlagt likt" in " ".join(reworded.questions[0].said)
    said = compare([hallingdal(), held(meeting(trust()), "2028-11-01")]).said
    assert any("berre stilt her: 3. november 2027." in one for one in said)


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (asked("0,0,1,2,3,4,5,4,3,2,1", "2028-11-01", max=5), "Skalaen er ikkje den same"),
        (asked(HIGH, "2028-11-01", item="Noko anna"), "står berre her: 3. november 2027."),
    ],
)
def test_what_cannot_be_compared_is_said(second, why):
    found = compare([asked(LOW, "2027-11-03"), second])
    assert why in " ".join(found.questions[0].said)
    assert found.questions[0].tables == []


def test_other_dots_to_give_are_said():
    question, rows = dots({"A": (21, 14), "B": (9, 8)})
    more = replace(question, settings={"dots": 5, "cap": 2})
    found = compare([held(meeting((question, rows))), held(meeting((more, rows)), "2028-11-01")])
    assert "3 prikkar" in found.questions[0].said[-1] and "5 prikkar" in found.questions[0].said[-1]
    assert found.questions[0].tables == []


def test_groups_that_came_once_are_named_with_their_meeting():
    fewer = meeting(trust(5), many_groups=5)
    said = " ".join(compare([hallingdal(), held(fewer, "2028-11-01")]).said)
    assert "Flå var berre med her: 3. november 2027." in said


def test_three_meetings_and_the_page():
    three = [held(hallingdal(), f"202{year}-11-03") for year in (7, 8, 9)]
    page = Page(comparison(three))
    charts = [attrs["data-chart"] for _, attrs in page.tags if "data-chart" in attrs]
    assert len(charts) == len(set(charts)) == 9
    assert {f"3. november 202{year}" for year in (7, 8, 9)} <= set(page.cells)
    assert not [tag for tag, attrs in page.tags if "src" in attrs or tag == "link"]


def test_the_command(tmp_path, capsys):
    for name, date in (("a", "2027-11-03"), ("b", "2028-11-01")):
        package.write(held(hallingdal(), date), tmp_path / f"{name}.zip")
    both = [str(tmp_path / "a.zip"), str(tmp_path / "b.zip")]
    assert main(["compare", *both]) == 0
    assert "Ingenting her er testa" in capsys.readouterr().out
    assert main(["compare", *both, "-o", str(tmp_path / "c.html")]) == 0
    assert "Dei same spørsmåla over tid" in (tmp_path / "c.html").read_text(encoding="utf-8")
    for wrong in ([both[0]], [both[0], str(tmp_path / "no.zip")]):
        assert main(["compare", *wrong]) == 2
        printed = capsys.readouterr()
        assert printed.out == "" and len(printed.err.strip().splitlines()) == 1
