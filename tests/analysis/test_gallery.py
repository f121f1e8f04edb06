"""The gallery: every figure over the grid is drawn, holds what was released, and can be read from afar."""

from __future__ import annotations

import html
import re
from functools import cache

import pytest

from analysis import chromium, figures, gallery
from analysis.__main__ import main
from analysis.figures.canvas import Canvas
from analysis.gallery import pages
from analysis.gallery.cases import Case, cases
from analysis.reading import reading

GRID = {case.name: case for case in cases()}
KINDS = tuple(figures.KINDS)
LEAST = 28  # pixels of type on a wall of 1080 lines
# What stands in a chart though no row holds it: the scale's steps, places, shares and counts of what is left.
BESIDE = set(range(0, 41))


@cache
def published(name):
    return GRID[name].published


def drawn(name, stage="all", theme="screen", **rest):
    return figures.figure(published(name), "q", stage=stage, theme=theme, **rest)


def texts(figure):
    """All text of a figure as it is read."""
    found = [note.text for note in figure.layout.annotations]
    for trace in figure.data:
        found += list(trace.text if trace.text is not None else ())
    return [html.unescape(text) for text in found]


def numbers(text):
    return {float(part.replace(",", ".")) for part in re.findall(r"\d+(?:[.,]\d+)?", text)}


def marks(figure):
    """Number of dots and other marks drawn from answers."""
    return sum(len(t.x) for t in figure.data if t.mode == "markers" and t.marker.opacity != 0)


def values(name, measure, **where):
    rows = published(name).of("q")
    rows = rows[(rows["measure"] == measure) & (rows["hidden"] == "") & rows["value"].notna()]
    for column, wanted in where.items():
        rows = rows[rows[column] == wanted]
    return rows["value"].tolist()


def one_of_each(stages):
    """Return the stages, those about one item each once."""
    found = {}
    for stage in stages:
        found.setdefault(stage.partition(":")[0], stage)
    return list(found.values())


@pytest.mark.parametrize("name", GRID)
def test_every_case_is_drawn_and_read_from_afar(name):
    stages = one_of_each(figures.stages(published(name), "q"))
    for stage in stages[-3:] if len(stages) > 3 else stages:
        figure = drawn(name, stage)
        height = figure.layout.height
        assert figure.layout.meta["description"]
        assert [text for text in texts(figure) if text.strip()]
        sizes = [note.font.size for note in figure.layout.annotations]
        sizes += [trace.textfont.size for trace in figure.data if trace.mode == "text"]
        assert min(sizes) >= LEAST
        for note in figure.layout.annotations:  # plotly leaves out what starts outside the axis
            assert 0 <= note.y <= height
            assert 0 <= note.x <= 1
        for trace in figure.data:
            ends = trace.y if trace.y is not None else ()
            assert all(0 <= y <= height for y in ends)


@pytest.mark.parametrize("kind", KINDS)
def test_what_only_the_report_shows_is_drawn_too(kind):
    for name in (f"{kind}-{room}" for room in ("everyday", "items-30", "groups-12", "labels-200")):
        if name not in GRID:
            continue
        for stage in figures.extras(published(name), "q"):
            figure = drawn(name, stage, "report")
            known = numbers(figure.layout.meta["description"]) | BESIDE
            counted = {number for text in texts(figure) for number in numbers(text) if number == int(number)}
            axis = {number for number in counted if number % 5 == 0}
            assert counted - axis <= known, (name, stage, counted - known)


@pytest.mark.parametrize("name", [f"{kind}-everyday" for kind in KINDS] + ["dots-open", "marks-open"])
def test_sentences_and_table_hold_every_number_of_the_chart(name):
    said = numbers(figures.alt_text(published(name), "q"))
    _, rows = figures.table(published(name), "q")
    tabled = {number for row in rows for cell in row for number in numbers(cell)}
    for text in texts(drawn(name, theme="report")):
        assert numbers(text) <= said | tabled | {float(n) for n in range(11)} | {38.0, 36.0}, text


@pytest.mark.parametrize("theme", ["screen", "report"])
@pytest.mark.parametrize("room", ["everyday", "voters-300", "unsure", "open", "three-buckets"])
def test_bars_of_sorting_hold_every_released_count(room, theme):
    name = f"sort-{room}"
    shown = {float(text) for text in texts(drawn(name, theme=theme)) if text.isdigit()}
    released = set(values(name, "count", group="")) | set(values(name, "unsure", group=""))
    assert shown <= released
    # A count too narrow for its part of the bar stands in table and sentence alone.
    assert {count for count in released if count >= 4} <= shown
    assert released - {0} <= numbers(figures.alt_text(published(name), "q"))


def test_sorting_lies_first_bucket_left_unsure_in_the_middle():
    found = reading(published("sort-everyday"), "q")
    notes = [note for note in drawn("sort-everyday", "whole").layout.annotations if note.text.isdigit()]
    rows = {note.y: [] for note in notes}
    for note in sorted(notes, key=lambda note: note.x):
        rows[note.y].append(int(note.text))
    items = sorted(found.question.items, key=lambda item: -found.count("count", item.key, level="saman"))
    for item, counts in zip(items, (rows[y] for y in sorted(rows)), strict=True):
        first, last = (found.count("count", item.key, level=key) for key in ("saman", "kvar"))
        assert counts == [first, found.count("unsure", item.key), last]


def test_text_that_would_start_outside_the_sheet_starts_at_its_edge():
    canvas = Canvas(figures.THEMES["screen"], 840, ("whole",))
    for y in (-20, 900):
        canvas.text(0, y, "words", 36)
    assert [note.y for note in canvas.done("words").layout.annotations] == [0, 840]


@pytest.mark.parametrize("room", ["everyday", "voters-12", "groups-12"])
def test_lists_have_a_mark_for_every_mention(room):
    name = f"collect-{room}"
    assert marks(drawn(name, theme="report")) == sum(values(name, "mentions"))


@pytest.mark.parametrize("room", ["by-group", "by-group-12"])
def test_open_lists_have_a_mark_under_every_group_that_mentions_the_point(room):
    name = f"collect-{room}"
    assert marks(drawn(name, theme="report")) == sum(values(name, "mentioned"))


def test_reasons_stand_word_for_word_in_the_table():
    rows = published("collect-everyday").of("q")
    reasons = set(rows[(rows["measure"] == "reason") & (rows["hidden"] == "")]["text"])
    _, table = figures.table(published("collect-everyday"), "q")
    written = " ".join(line[2] for line in table)
    assert reasons
    assert all(reason in written for reason in reasons)


@pytest.mark.parametrize("room", ["everyday", "groups-12", "small-groups"])
def test_marks_have_the_number_of_the_others_in_every_cell(room):
    name = f"marks-{room}"
    found = sorted(float(text) for text in texts(drawn(name, theme="report")) if text.isdigit())
    released = sorted(values(name, "others") + values(name, "ticks"))
    for number in released:
        assert number in found
    own = len(values(name, "own_most"))
    shapes = drawn(name, theme="report").layout.shapes
    assert sum(shape.type == "circle" for shape in shapes) >= own


@pytest.mark.parametrize("room", ["everyday", "items-30", "voters-300"])
def test_other_ways_to_count_show_the_ranks_that_were_released(room):
    name = f"dots-{room}"
    if "tallies:" not in figures.stages(published(name), "q"):
        pytest.fail(f"{name}: no tallies to look at")
    figure = drawn(name, "tallies:", "report")
    ranks = {float(text) for text in texts(figure) if text.isdigit()}
    assert ranks <= set(values(name, "tally"))
    said = numbers(figure.layout.meta["description"])
    assert set(values(name, "tally")) <= said


def test_broad_or_strong_has_a_dot_for_every_option_with_supporters():
    for name in ("dots-everyday", "dots-items-30", "dots-voters-1200"):
        figure = drawn(name, "breadth:")
        assert marks(figure) == len([n for n in values(name, "supporters", group="") if n])
        said = numbers(figure.layout.meta["description"])
        assert {round(each, 2) for each in values(name, "dots_per_supporter") if each} - said <= {
            round(each, 2) for each in values(name, "dots_per_supporter", item="")
        }


def test_effects_stand_in_order_of_the_trust_received():
    figure = drawn("trust-everyday", "effects:", "report")
    given, got = figure.data
    assert list(got.x) == sorted(values("trust-everyday", "target"), reverse=True)
    assert sorted(given.x) == sorted(values("trust-everyday", "perceiver"))


def test_many_statements_are_stacked_with_their_counts():
    for stage in figures.extras(published("scale-items-30"), "q"):
        said = numbers(drawn("scale-items-30", stage, "report").layout.meta["description"])
        assert said <= set(values("scale-items-30", "count")) | set(range(31))
    assert len(figures.extras(published("scale-items-30"), "q")) == 3
    assert figures.extras(published("scale-everyday"), "q") == ()


def test_from_eight_groups_on_a_symbol_helps_and_from_ten_panels():
    def symbols(figure):
        return {one for t in figure.data if t.mode == "markers" for one in (t.marker.symbol or ())}

    assert symbols(drawn("scale-open")) == {"circle"}
    assert len(symbols(drawn("scale-open-groups-8"))) == 4
    whole = drawn("scale-open-groups-12")
    assert symbols(whole) == {"circle"}
    fills = {one for t in whole.data for one in t.marker.color}
    assert len(fills) == 1
    panels = drawn("dots-open-groups-12", "panels:", "report")
    assert marks(panels) == sum(values("dots-open-groups-12", "dots")) - sum(
        values("dots-open-groups-12", "dots", group="")
    )


def test_at_most_three_arrows():
    for name in GRID:
        if name.startswith("trust") and "arrows" in figures.stages(published(name), "q"):
            lines = [one for one in drawn(name, "arrows").layout.shapes if one.type == "line"]
            level = [one for one in lines if one.y0 == one.y1 and abs(one.x1 - one.x0) < 0.8]
            assert len(level) <= 6


@pytest.mark.parametrize("kind", KINDS)
def test_with_a_thousand_voters_a_dot_stands_for_several_and_says_so(kind):
    figure = drawn(f"{kind}-voters-1200")
    assert marks(figure) < 2500
    if marks(figure) > 100:
        name = f"{kind}-voters-1200"
        assert re.search(r"omtrent|om lag|about", figures.caption(published(name), "q") + str(texts(figure)))


def test_a_page_is_self_contained_and_shows_walls_and_sheets():
    page, walls = pages.page(GRID["dots-everyday"])
    assert page.count('<section class="wall') == walls
    assert not re.findall(r'(?:src|href)="(?!plotly\.js|gallery\.css)', page)
    assert "@import" not in pages.style()
    assert not re.findall(r"url\((?!data:)", pages.style())


@pytest.fixture
def two_cases(monkeypatch):
    some = [GRID["scale-voters-7"], GRID["sort-items-2"]]
    monkeypatch.setattr(gallery, "cases", lambda: some)
    return some


def test_the_command_writes_pages_and_an_index(two_cases: list[Case], tmp_path, capsys):
    assert main(["gallery", "-o", str(tmp_path / "out"), "--no-pictures"]) == 0
    index = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    for case in two_cases:
        assert f'href="{case.name}.html"' in index
        assert (tmp_path / "out" / f"{case.name}.html").stat().st_size > 5000
    assert ".png" not in index
    assert "2 cases, 0 pictures" in capsys.readouterr().out


def test_without_a_chromium_there_are_pages_and_a_sentence(two_cases, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv(chromium.SETTING, "no-such-browser")
    assert main(["gallery", "-o", str(tmp_path / "out")]) == 0
    assert "HTML only" in capsys.readouterr().err
    assert not list((tmp_path / "out").glob("*.png"))


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(two_cases, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["gallery", "-o", str(tmp_path / "file"), "--no-pictures"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "cannot be written" in error
    with pytest.raises(SystemExit) as exit_:
        main(["gallery"])
    assert exit_.value.code == 2
