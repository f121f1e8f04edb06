"""The appendix and what stands beyond the charts: every released figure, labelled for what it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from room import column, responses, rooms
from test_standing import room as dot_room

from analysis import publish, tallied
from analysis.appendix import BOOKS, columns, measures
from analysis.beyond import AT_THE_END
from analysis.language import words
from analysis.measures.bootstrap import median_interval, medians_of
from analysis.measures.difference import cliff, cliff_of_counts
from analysis.reading import reading

T = words("en")


def written(published):
    """Return every cell of the appendix, and its lines."""
    found = measures(published, T)
    cells = [
        cell for one in found for _, heads, rows in one["tables"] for row in (heads, *rows) for cell in row
    ]
    return cells, " ".join(one["line"] for one in found)


@pytest.mark.parametrize("kind", ["scale", "trust", "dots"])
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_every_released_figure_is_there_and_no_hidden_one(kind, data):
    published = publish(data.draw(rooms(kind)))
    rows = published.rows[~published.rows["measure"].isin(BOOKS)]
    cells, line = written(published)
    visible = rows[(rows["hidden"] == "") & rows["value"].notna()]
    numbers = [cell for cell in cells if cell.replace("−", "").replace(".", "").isdigit()]
    assert len(numbers) >= len(visible[(visible["item"] != "") | (visible["group"] != "")])
    assert sum(cell.startswith("– ") for cell in cells) + line.count("– ") == len(rows[rows["hidden"] != ""])


def test_the_appendix_of_a_normal_meeting_is_short():
    published = publish(dot_room())
    lines = sum(len(rows) for one in measures(published, T) for _, _, rows in one["tables"])
    assert lines < 40 < len(published.rows)


@given(st.integers(0, 60), st.booleans())
def test_columns_are_cut_into_even_pieces(many, short):
    heads = [("" if short else "a long head ") + str(at) for at in range(many)]
    pieces = list(columns(heads))
    assert sum(pieces, []) == heads
    sizes = [len(piece) for piece in pieces]
    assert not sizes or max(sizes) - min(sizes[:-1] or sizes) <= 0 and max(sizes) <= (13 if short else 9)


# Tallies


def test_the_table_has_places_as_they_were_released():
    found = reading(publish(dot_room()), "q", language="en")
    heads, rows = tallied.table(found)
    assert heads == [
        "Option", "Dots", "People", "Equal weight per group", "Square roots", "Phragmén", "Stands or depends",
    ]  # fmt: skip
    ranks = tallied.ranks(found)
    for row in rows:
        item = row[0].removeprefix("Text of ")
        assert row[1].split("–")[0] == f"{ranks['sum'][item]:g}"
    assert [int(row[1].split("–")[0]) for row in rows] == sorted(int(row[1].split("–")[0]) for row in rows)
    said = " ".join(tallied.in_words(found))
    for item in ranks.index[ranks["standing"] == "stands"]:
        assert f"Text of {item}" in said


def test_a_place_holds_only_where_every_rule_says_so():
    found = tallied.ranks(reading(publish(dot_room()), "q"))
    for place, item in tallied.places(found, 6):
        row = found.loc[item].drop("standing")
        assert set(row) == {float(place)}
    changed = found.copy()
    changed.loc[:, "sqrt"] = changed["sqrt"].iloc[::-1].to_numpy()
    assert len(tallied.places(changed, 6)) <= len(tallied.places(found, 6))


# If similar people had met


@given(st.lists(st.integers(0, 9), min_size=2, max_size=11).filter(lambda counts: sum(counts) > 1))
def test_medians_of_counts_are_medians_of_the_answers(counts):
    answers = np.repeat(np.arange(len(counts)), counts)
    assert medians_of(np.arange(len(counts)), np.array([counts])).item() == np.median(answers)
    low, high = median_interval(range(len(counts)), counts, 200)
    assert answers.min() <= low <= high <= answers.max()
    assert (low, high) == median_interval(range(len(counts)), counts, 200)


def test_the_interval_is_that_of_resampled_answers():
    counts = [0, 1, 3, 4, 6, 9, 7, 4, 2, 1, 0]
    answers = np.repeat(np.arange(11), counts)
    rng = np.random.default_rng(5)
    medians = np.median(rng.choice(answers, (4000, len(answers))), axis=1)
    low, high = median_interval(range(11), counts)
    assert abs(low - np.quantile(medians, 0.05)) <= 0.5 and abs(high - np.quantile(medians, 0.95)) <= 0.5
    assert median_interval(range(11), [0] * 10 + [1]) is None


def test_the_interval_is_labelled_for_what_it_is():
    published = publish(responses("scale", column({"A": [1, 4, 5, 6, 9, 3], "B": [2, 5, 5, 8, 7, 6]}), ["x"]))
    found = list(AT_THE_END["scale"](reading(published, "q", language="en")))
    assert [one.title for one in found] == ["If similar people had met"]
    assert "no test" in found[0].explained


# Cliff's delta


@given(*[st.lists(st.integers(0, 6), min_size=7, max_size=7)] * 2)
def test_cliffs_delta_of_counts_is_that_of_the_answers(x, y):
    found = cliff_of_counts(x, y)
    if not sum(x) or not sum(y):
        assert found is None
        return
    one, other = (np.repeat(np.arange(7), counts) for counts in (x, y))
    assert found == pytest.approx(cliff(one, other)[1])
    assert cliff_of_counts(y, x) == pytest.approx(-found)


@pytest.mark.parametrize("secrecy", ["open", "sealed"])
def test_groups_are_set_against_each_other_only_where_the_question_was_open(secrecy):
    ballots = column({"A": [1, 4, 5, 6, 9, 3], "B": [2, 5, 5, 8, 7, 6], "C": [9, 9, 8, 8, 7, 9]})
    published = publish(responses("scale", ballots, ["x"], secrecy=secrecy))
    found = list(AT_THE_END["scale"](reading(published, "q", language="en")))
    assert ("Cliff's delta" in [one.title for one in found]) == (secrecy == "open")
    if secrecy == "open":
        expected = cliff(np.array([1, 4, 5, 6, 9, 3]), np.array([9, 9, 8, 8, 7, 9]))[1]
        assert found[-1].rows[0][-1] == f"{expected:.2f}".rstrip("0").replace("-", "−")
