"""The pictures, the finding and the report of a change hold what was released, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from two_rounds import column, dot_room, responses, room

import analysis
from analysis import figures
from analysis.disclosure import Published
from analysis.report import report

LANGUAGES = ("nn", "nb", "en")
LONG = (
    "We say what we mean, also when those who lead us are not of the same mind, and it is taken in earnest "
    * 2
)


def published(
    kind: str = "scale", n: int = 40, leavers: int = 0, language: str = "en", **rest: Any
) -> Published:
    made = room(n, leavers=leavers) if kind == "scale" else dot_room(n, leavers=leavers)
    items = ("x",) if kind == "scale" else "abcdef"
    found = responses(kind, *made, items=items, **rest)
    return analysis.publish(replace(found, meeting=replace(found.meeting, language=language)))


def value(out: Published, measure: str, item: str, number: int, level: str = "") -> float:
    rows = out.of("q", number)
    rows = rows[(rows["measure"] == measure) & (rows["item"] == item) & (rows["level"] == level)]
    return float(rows[rows["group"] == ""]["value"].iloc[0])


def words_of(figure: Any) -> list[str]:
    return [note.text for note in figure.layout.annotations]


@pytest.mark.parametrize("theme", sorted(figures.THEMES))
@pytest.mark.parametrize("n", [12, 40, 300])
def test_dots_before_and_after_are_those_released(theme, n):
    out = published(n=n)
    figure = figures.figure(out, "q", 2, "change:x", theme)
    assert [len(trace.x) for trace in figure.data] == [n, n]
    middle = (max(figure.data[0].x) + min(figure.data[1].x)) / 2
    assert max(figure.data[0].x) < middle < min(figure.data[1].x)
    for number, trace in enumerate(figure.data, 1):
        drawn = sorted(trace.y)
        counts = [int(value(out, "count", "x", number, str(step))) for step in range(10, -1, -1)]
        edges = [sum(counts[:at]) for at in range(12)]
        groups = [drawn[a:b] for a, b in zip(edges, edges[1:], strict=False) if b > a]
        assert all(max(one) < min(other) for one, other in zip(groups, groups[1:], strict=False))


@pytest.mark.parametrize("theme", ["screen", "dark", "report", "print"])
def test_the_three_numbers_stand_beside_and_no_line_joins_the_rounds(theme):
    out = published()
    figure = figures.figure(out, "q", 2, "change:x", theme)
    said = words_of(figure)
    for measure, words in (("up", "went up"), ("same", "stayed"), ("down", "went down")):
        assert str(int(value(out, measure, "x", 2))) in said
        assert words in said
    slanted = [
        one for one in figure.layout.shapes if one.type == "line" and one.x0 != one.x1 and one.y0 != one.y1
    ]
    assert not slanted
    assert all(trace.mode == "markers" for trace in figure.data)


def test_options_have_their_dots_of_both_rounds_and_three_numbers():
    out = published("dots")
    assert figures.changes(out, "q", 2) == ("change:",)
    figure = figures.figure(out, "q", 2, "change:", "report")
    shown = [
        item
        for item in "abcdef"
        if not out.of("q", 2).query("measure == 'up' and item == @item")["hidden"].any()
    ]
    totals = [value(out, "dots", item, number) for item in shown for number in (1, 2)]
    assert sum(len(trace.x) for trace in figure.data) == sum(totals)


def test_nearly_all_is_said_in_words():
    same = column([5, 3, 6, 4, 7, 2, 8, 5, 4, 6, 3, 7])
    figure = figures.figure(analysis.publish(responses("scale", same, same)), "q", 2, "change:x")
    assert {"nearly all", "stayed"} <= set(words_of(figure))
    assert not {"12", "went up", "went down"} & set(words_of(figure))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["scale", "dots"])
@pytest.mark.parametrize("theme", ["screen", "report"])
def test_nothing_stands_outside_the_sheet(kind, language, theme):
    texts = dict.fromkeys(("x", *"abcdef"), LONG[:200])
    out = published(kind, 300, language=language, texts=texts)
    for stage in figures.changes(out, "q", 2):
        figure = figures.figure(out, "q", 2, stage, theme)
        for trace in figure.data:
            assert min(trace.x) >= 0
            assert max(trace.x) <= figure.layout.width
            assert min(trace.y) >= 0
            assert max(trace.y) <= figure.layout.height


def test_table_and_sentences_say_what_the_picture_shows():
    out = published()
    up, same, down = (int(value(out, name, "x", 2)) for name in ("up", "same", "down"))
    heads, rows = figures.table(out, "q", 2)
    assert rows[0][heads.index("Up")] == str(up)
    assert f"{up} went up, {same} stayed, {down} went down." in figures.alt_text(out, "q", 2)
    heads, rows = figures.change_table(out, "q", 2)
    assert rows[0][heads.index("Answered both times")] == "40"


def test_without_an_earlier_round_there_is_nothing_to_see():
    out = published()
    assert figures.changes(out, "q", 1) == ()
    assert figures.change_table(out, "q", 1)[1] == []
    assert "Up" not in figures.table(out, "q", 1)[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_finding_counts_and_asks(language):
    out = published(language=language)
    first = analysis.findings(out, "q", 2)[0]
    assert (first.key, first.items) == ("moved", ("x",))
    counts = [str(int(value(out, name, "x", 2))) for name in ("up", "same", "down")]
    assert [word for word in first.what.split() if word.isdigit()] == counts
    assert first.so_what.endswith("?")
    assert first.now_what.endswith("?")
    assert not [one for one in analysis.findings(out, "q", 1) if one.key == "moved"]


@pytest.mark.parametrize("kind", ["scale", "dots"])
def test_the_report_has_the_change_under_the_second_round(kind):
    out = published(kind)
    html = report(out)
    pictures = html.count('<div class="chart" id="change-1-2-')
    assert pictures == len(figures.changes(out, "q", 2)) > 0
    assert "change-1-1-" not in html


def test_a_round_put_aside_later_takes_the_change_with_it():
    out = published()
    asked = out.meeting.questions[0]
    aside = replace(asked, rounds=(replace(asked.rounds[0], state="annulled"), asked.rounds[1]))
    late = analysis.merge([out], replace(out.meeting, questions=(aside,)))
    assert figures.changes(late, "q", 2) == ()
    assert not [one for one in analysis.findings(late, "q", 2) if one.key == "moved"]


def test_what_is_tested_stands_in_the_appendix_alone_and_a_small_p_is_not_written_as_nothing():
    before, after = column([3, 4, 5] * 12), column([4, 5, 6] * 11 + [3, 4, 5])
    out = analysis.publish(responses("scale", before, after))
    heads, _ = figures.change_table(out, "q", 2)
    assert not [head for head in heads if head.endswith(", p")]
    first, _, appendix = report(out).partition('<section class="appendix">')
    assert "Wilcoxon" not in first
    for test in ("Sign test, p", "Wilcoxon, p"):
        assert test in appendix
    assert "&lt; 0.01" in appendix
    assert "approximate" in appendix
