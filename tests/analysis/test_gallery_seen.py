"""What was seen wrong in the gallery's pictures once, and the gallery drawn by a real browser."""

from __future__ import annotations

import re
import struct

import pypdf
import pytest

from analysis import chromium, figures, gallery, ranking
from analysis.__main__ import main
from analysis.chromium import ChromiumError
from analysis.figures import rows
from analysis.gallery.cases import cases
from analysis.reading import reading
from analysis.report import report

GRID = {case.name: case for case in cases()}


def drawn(name, stage="all", theme="screen"):
    return figures.figure(GRID[name].published, "q", stage=stage, theme=theme)


def texts(figure):
    return [note.text for note in figure.layout.annotations]


def drawable():
    try:
        return bool(chromium.found())
    except ChromiumError:
        return False


@pytest.mark.skipif(not drawable(), reason="there is no Chromium")
def test_one_browser_draws_every_size_of_every_case(monkeypatch, tmp_path, capsys):
    some = [GRID["scale-voters-7"], GRID["sort-items-2"]]
    monkeypatch.setattr(gallery, "cases", lambda: some)
    assert main(["gallery", "-o", str(tmp_path)]) == 0
    assert "2 cases, 6 pictures" in capsys.readouterr().out
    for case in some:
        html = (tmp_path / f"{case.name}.html").read_text(encoding="utf-8")
        walls = html.count('<section class="wall')
        for wide, high in gallery.SIZES:
            png = (tmp_path / f"{case.name}-{wide}x{high}.png").read_bytes()
            assert struct.unpack(">II", png[16:24]) == (wide, high * walls)
            assert len(png) > 20_000
        text = pypdf.PdfReader(tmp_path / f"{case.name}.pdf").pages[0].extract_text()
        assert case.published.meeting.questions[0].title in text


def test_a_browser_that_does_not_start_ends_with_a_sentence(monkeypatch, tmp_path, capsys):
    broken = tmp_path / "browser"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv(chromium.SETTING, str(broken))
    monkeypatch.setattr(gallery, "cases", lambda: [GRID["sort-items-2"]])
    assert main(["gallery", "-o", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_options_without_dots_stand_after_those_that_nearly_all_chose():
    found = ranking.places(reading(GRID["dots-all-equal"].published, "q"))
    assert {place.rank for place in found if place.dots == 0} == {"4–12"}


def test_options_without_dots_have_no_range_of_places():
    found = ranking.places(reading(GRID["dots-items-30"].published, "q"))
    assert any(ranking.outer(place) for place in found)
    assert not any(ranking.outer(place) for place in found if place.dots == 0)


def test_one_group_is_everybody():
    assert not [s for s in figures.stages(GRID["scale-one-group"].published, "q") if s.startswith("groups:")]
    assert texts(drawn("trust-one-group")) == ["Tillit mellom grupper krev minst to grupper."]
    assert any("for få svar frå dei andre" in text for text in texts(drawn("marks-one-group")))


def test_blank_ballots_are_not_said_to_be_answers():
    published = GRID["scale-all-blank"].published
    assert figures.caption(published, "q") == "36 av 38 har levert."


@pytest.mark.parametrize("name", ["trust-groups-8", "collect-by-group", "marks-groups-8"])
def test_names_of_columns_are_whole(name):
    names = {group.name for group in GRID[name].published.meeting.groups}
    assert names <= set(texts(drawn(name)))


def test_the_dots_of_lists_are_alike_in_every_row():
    for part in range(3):
        sheet = figures.figure(GRID["collect-items-30"].published, "q", theme="report", part=part)
        assert len({trace.marker.size for trace in sheet.data if trace.name}) == 1


def test_numbers_of_a_change_stand_clear_of_the_dots():
    figure = drawn("dots-two-rounds-labels-200", "change:")
    theme = figures.THEMES["screen"]
    middle = theme.width * 0.53
    for trace in figure.data:
        if trace.x[0] > middle:
            number = next(
                n for n in figure.layout.annotations if n.text == "213" and n.x * theme.width > middle
            )
            wide = 3 * 0.66 * number.font.size
            assert min(trace.x) - trace.marker.size / 2 > number.x * theme.width + wide


@pytest.mark.parametrize("many", range(1, 60))
def test_no_sheet_of_paper_is_a_tail(many):
    sheets = [rows.sheet(range(many), part, 12) for part in range(rows.pieces(many, 12))]
    assert [one for sheet in sheets for one in sheet] == list(range(many))
    assert max(map(len, sheets)) <= 12
    assert max(map(len, sheets)) - min(map(len, sheets)) < len(sheets)


def test_a_prompt_in_the_report_says_what_it_is_about():
    html = report(GRID["scale-everyday"].published)
    about = re.findall(r'<span class="about">(.*?) –</span>', html)
    items = {item.text for item in GRID["scale-everyday"].published.meeting.questions[0].items}
    assert 1 <= len(about) <= 3
    assert set(about) <= items


@pytest.mark.parametrize(
    "name", ["dots-two-rounds-items-30", "scale-two-rounds-labels-200", "trust-groups-12"]
)
def test_no_chart_of_the_report_is_taller_than_a_page(name):
    published = GRID[name].published
    page = 990  # CSS pixels between the margins of A4
    for stage in (*figures.changes(published, "q"), *figures.extras(published, "q")):
        assert drawn(name, stage, "report").layout.height < page
    for part in range(figures.parts(published, "q")):
        assert figures.figure(published, "q", theme="report", part=part).layout.height < page
