"""Charts and tables: what stands in them comes from published rows, and what people wrote stays text."""

from __future__ import annotations

import html
import re

import numpy as np
import pytest
from made_up import OPTIONS, STATEMENTS, counted, dots, groups, hallingdal, meeting, row, scale, trust

from analysis.disclosure.published import released
from analysis.figures import KINDS, THEMES, alt_text, caption, figure, stages, table
from analysis.figures.lettering import fit, width, wrap
from analysis.figures.stacks import GAP, bar, pack, row_packing, stack, stands_for
from analysis.figures.theme import contrast, reads_on
from analysis.ranking import places
from analysis.reading import reading

QUESTIONS = ("tillit", "gjensidig", "forst")
NASTY = (
    "<b>x</b><script>alert(1)</script> & <a href='javascript:1'>y</a> $\\alpha$ %{x}\u202e\n" + "ord " * 40
)


def written(drawn):
    """All text of a figure, as plotly gets it."""
    texts = [note.text for note in drawn.layout.annotations]
    for trace in drawn.data:
        texts += list(trace.text if trace.text is not None else ())
    return texts


def numbers(text):
    return {float(part.replace(",", ".")) for part in re.findall(r"\d+(?:[.,]\d+)?", text)}


def marks(drawn):
    """Number of dots drawn (a group's spot before its name is a shape and not counted)."""
    return sum(len(trace.x) for trace in drawn.data if trace.mode == "markers" and trace.marker.opacity != 0)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("question", QUESTIONS)
def test_every_stage_can_be_drawn_in_every_theme(question, theme):
    published = hallingdal()
    for stage in (*stages(published, question), "all"):
        drawn = figure(published, question, stage=stage, theme=theme)
        assert drawn.layout.width == THEMES[theme].width
        assert drawn.layout.meta["description"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_nothing_moves_between_stages(question):
    published = hallingdal()
    shared = [stage for stage in stages(published, question) if ":" not in stage and stage != "arrows"]
    drawn = [figure(published, question, stage=stage) for stage in shared]
    assert len(shared) > 1
    for earlier, later in zip(drawn, drawn[1:], strict=False):
        assert later.layout.xaxis == earlier.layout.xaxis
        assert later.layout.yaxis == earlier.layout.yaxis
        assert set(map(str, earlier.layout.annotations)) <= set(map(str, later.layout.annotations))
        assert set(map(str, earlier.layout.shapes)) <= set(map(str, later.layout.shapes))


def test_numbers_come_after_the_dots():
    published = hallingdal()
    assert "median" not in written(figure(published, "tillit", stage="whole"))
    assert "median" in " ".join(written(figure(published, "tillit", stage="spread")))
    assert "2–4" not in written(figure(published, "forst", stage="whole"))
    assert "2–4" in written(figure(published, "forst", stage="spread"))


def test_a_dot_for_every_answer_at_its_own_step():
    drawn = figure(hallingdal(), "tillit")
    for trace in drawn.data:
        answers = counted(STATEMENTS[html.unescape(trace.name)])
        assert np.bincount(np.rint(trace.x).astype(int), minlength=11).tolist() == answers


def test_strips_stand_by_median():
    assert [trace.name for trace in figure(hallingdal(), "tillit").data] == [
        "Vi held det vi lovar kvarandre",
        "Vi unner kvarandre nye arbeidsplassar",
        "Eg kan seie kva eg meiner i Hallingtinget",
        "Når vi er usamde, finn vi ei løysing",
    ]


@pytest.mark.parametrize("secrecy", ["sealed", "open"])
def test_dots_have_group_colours_only_where_the_question_was_open(secrecy):
    colours = {group.colour for group in groups()}
    counts = {text: counted(one) for text, one in STATEMENTS.items()}
    published = meeting(scale(counts, secrecy=secrecy), dots(OPTIONS, secrecy))
    for question in ("tillit", "forst"):
        used = {colour for trace in figure(published, question).data for colour in trace.marker.color}
        assert bool(used & colours) == (secrecy == "open")


def test_a_screen_shows_the_first_seven_options_and_sums_the_rest():
    published = hallingdal()
    screen, paper = figure(published, "forst"), figure(published, "forst", theme="report")
    assert marks(screen) == 21 + 16 + 15 + 14 + 10 + 9 + 7
    assert any("5 forslag til fekk 16 prikkar" in text for text in written(screen))
    assert marks(paper) == sum(count for count, _ in OPTIONS.values())


def test_options_that_few_dots_part_share_a_rank_and_ties_are_ties():
    ranks = [place.rank for place in places(reading(hallingdal(), "forst"))]
    assert ranks[:7] == ["1", "2–4", "2–4", "2–4", "5–7", "5–7", "5–7"]
    equal = meeting(dots({f"Forslag {n}": (9, 9) for n in range(3)}))
    assert {place.rank for place in places(reading(equal, "forst"))} == {"1–3"}
    apart = meeting(dots({"A": (20, 15), "B": (15, 10), "C": (10, 8)}))
    assert [place.rank for place in places(reading(apart, "forst"))] == ["1", "2", "3"]


def test_the_matrix_reads_rows_give_columns_receive():
    question, rows = trust()
    published = meeting((question, rows))
    expected = {(r["group"], r["item"]): r["value"] for r in rows if r["measure"] in ("median", "believed")}
    headers, lines = table(published, "gjensidig", language="en")
    names = {group.name: group.key for group in groups()}
    for line in lines[:-1]:
        for taker, cell in zip(headers[1:], line[1:], strict=True):
            pair = (names[line[0]], names[taker])
            assert cell == ("" if pair[0] == pair[1] else f"{expected[pair]:g}")
    numbers_drawn = sum(len(trace.x) for trace in figure(published, "gjensidig").data)
    assert numbers_drawn == 36


@pytest.mark.parametrize("theme", ["screen", "dark", "report", "print", "notebook"])
def test_numbers_in_cells_have_contrast(theme):
    shares = np.linspace(0, 1, 201)
    assert min(contrast(reads_on(ground), ground) for ground in map(THEMES[theme].ramp, shares)) >= 4.5


def test_the_ramp_is_reversed_in_the_dark():
    light, dark = (THEMES[name].ramp for name in ("screen", "dark"))
    assert contrast(light(0), "#FFFFFF") < contrast(light(1), "#FFFFFF")
    assert contrast(dark(0), "#FFFFFF") > contrast(dark(1), "#FFFFFF")


@pytest.mark.parametrize("language", ["nn", "nb", "en"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_table_description_and_caption_in_every_language(question, language):
    published = hallingdal()
    headers, rows = table(published, question, language=language)
    assert rows and all(len(one) == len(headers) for one in rows)
    assert published.meeting.question(question).title in alt_text(published, question, language=language)
    assert caption(published, question, language=language)


def test_decimals_are_written_the_language_s_way():
    published = hallingdal()
    assert "5,5" in written(figure(published, "gjensidig", language="nn"))
    assert "5.5" in written(figure(published, "gjensidig", language="en"))


def hidden_as(published, question, value=987.25):
    """The same meeting with a number left in every hidden row, which nothing may show."""
    rows = published.rows.copy()
    rows.loc[rows["hidden"] != "", "value"] = value
    return released(published.meeting, rows)


@pytest.mark.parametrize("theme", ["screen", "report"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_hidden_rows_are_never_shown(question, theme):
    counts = {text: counted(one) for text, one in STATEMENTS.items()}
    vote = dots(OPTIONS)
    vote[1].append(row(vote[0], "nearly_all", "o0"))
    for one in vote[1]:
        if one["item"] == "o0" and one["measure"] in ("dots", "supporters", "breadth", "dots_per_supporter"):
            one.update(value=None, hidden="nearly_all")
    published = hidden_as(meeting(scale(counts), trust(hidden=1), vote), question)
    for stage in (*stages(published, question), "all"):
        drawn = figure(published, question, stage=stage, theme=theme, language="en")
        assert not any(987.25 in numbers(text) for text in written(drawn))
        assert "987.25" not in drawn.to_json()
    assert "987" not in alt_text(published, question, language="en")
    assert "987" not in str(table(published, question, language="en"))


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_number_written_is_published(question):
    published = hallingdal(language="en")
    own = published.of(question)
    known = {round(float(value), 2) for value in own["value"].dropna()} | set(range(0, 40))
    for text in written(figure(published, question, theme="report")):
        assert numbers(text) <= known


def test_nearly_all_is_a_block_and_not_a_count():
    question, rows = scale({"Vi er samde": counted("0,0,0,0,0,0,0,0,0,36,0")})
    for one in rows:
        if one["item"] and one["measure"] != "nearly_all":
            one.update(value=None, hidden="nearly_all")
    rows.append(row(question, "nearly_all", "i0", level="9"))
    published = meeting((question, rows))
    drawn = figure(published, "tillit")
    assert marks(drawn) == 0
    assert "nesten alle" in written(drawn)
    assert "9" in alt_text(published, "tillit")


@pytest.mark.parametrize("form", ["small", "turnout"])
def test_few_answers_are_said_in_words(form):
    for question, _ in (scale({"En": counted("0,0,0,0,0,0,0,0,0,0,0")}), dots({"En": (0, 0)}), trust(2)):
        rows = [row(question, "released", text=form)]
        if form == "small":
            rows.append(row(question, "median", question.items[0].key, 6.5))
            rows.append(row(question, "place", question.items[0].key, 1.0))
        drawn = figure(meeting((question, rows)), question.key)
        assert marks(drawn) == 0
        assert any(len(text.split()) > 4 or text.endswith(".") for text in written(drawn))


@pytest.mark.parametrize("theme", THEMES)
def test_what_people_write_stays_text(theme):
    texts = [f"{n} {NASTY}" for n in range(4)]
    published = meeting(
        scale({text: counted("1,1,1,1,1,1,1,1,1,1,1") for text in texts}),
        dots({text: (4 + n, 3) for n, text in enumerate(texts)}),
    )
    for question in ("tillit", "forst"):
        for stage in stages(published, question):
            drawn = figure(published, question, stage=stage, theme=theme, title=True)
            texts_drawn = [*written(drawn), *(trace.name or "" for trace in drawn.data)]
            tags = set(re.findall(r"<[^>]*>", " ".join(texts_drawn)))
            assert tags <= {"<br>"}
            assert "\u202e" not in "".join(written(drawn))
        assert any("&lt;b&gt;" in text for text in written(figure(published, question, theme="report")))


@pytest.mark.parametrize(
    "text", ["kort", "a" * 200, NASTY, "Eit heilt vanleg langt forslag om alt mogleg " * 5]
)
@pytest.mark.parametrize("room", [120, 378])
def test_wrapped_lines_fit(text, room):
    assert all(width(line, 28) <= room for line in wrap(text, room, 28))
    lines, size = fit(text, room, 90, (36, 28))
    assert len(lines) * size * 1.3 <= 90 or len(lines) == 1
    assert all(width(line, size) <= room for line in lines)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 17, 120, 300])
def test_dots_in_a_stack_do_not_overlap_and_stay_at_their_step(count):
    packing = pack(count, 70, 180, 31, 15)
    places_ = stack(count, packing)
    assert len(places_) == count
    if count > 1:
        apart = np.linalg.norm(places_[:, None] - places_[None, :], axis=2)[np.triu_indices(count, 1)]
        assert apart.min() >= packing.size * GAP - 1e-9
    if count:
        assert np.abs(places_[:, 0]).max() + packing.size / 2 <= 35
        assert places_[:, 1].max() + packing.size / 2 <= 180 + packing.size * 0.1


@pytest.mark.parametrize("count", [0, 1, 21, 40, 300, 999])
def test_bars_stay_inside_their_row(count):
    packing = row_packing(max(1, count), 700, 90, 29)
    places_ = bar(count, packing)
    assert len(places_) == count
    if count:
        assert places_[:, 0].max() + packing.size / 2 <= 700
        assert np.abs(places_[:, 1]).max() + packing.size / 2 <= 45 + packing.size * 0.1


def test_from_a_thousand_a_dot_stands_for_several():
    assert stands_for(999) == 1
    assert stands_for(1000) > 1
    few = [9, 20, 60, 100, 150, 200, 200, 150, 100, 50, 11]
    published = meeting(scale({"Vi er mange": few}))
    assert any("om lag" in text for text in written(figure(published, "tillit")))
    assert marks(figure(published, "tillit")) < 400


def test_text_on_a_screen_is_never_small():
    published = hallingdal()
    for question in QUESTIONS:
        for stage in stages(published, question):
            drawn = figure(published, question, stage=stage)
            sizes = [note.font.size for note in drawn.layout.annotations]
            sizes += [trace.textfont.size for trace in drawn.data if trace.mode == "text"]
            assert min(sizes) >= 28


def test_kinds_have_one_face():
    for kind in KINDS.values():
        for name in ("stages", "draw", "caption", "alt_text", "in_short", "table"):
            assert callable(getattr(kind, name))


def test_unknown_question_round_and_theme_are_key_errors():
    published = hallingdal()
    for wrong in (
        {"question": "x"},
        {"question": "tillit", "round_number": 9},
        {"question": "tillit", "theme": "x"},
    ):
        with pytest.raises(KeyError):
            figure(published, **wrong)
