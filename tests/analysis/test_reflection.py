"""Findings: each by its trigger, from visible rows only, in three languages, without a verdict."""

from __future__ import annotations

import re

import pytest
from made_up import COLOURS, NAMES, counted, dots, hallingdal, meeting, row, scale, trust

from analysis.disclosure.published import released
from analysis.language import LANGUAGES, words
from analysis.reflection import findings

LOADED = "best|worst|winner|wrong|significant|distrust|vinnar|taper|mistillit|signifikant|dårleg|dårlig|verst"


def keys(published, question):
    return [one.key for one in findings(published, question)]


def of_scale(*extra, counts="2,3,3,2,4,4,4,4,4,4,2", **books):
    question, rows = scale({"Vi er samde": counted(counts)})
    rows += [row(question, name, "i0", value, **rest) for name, value, rest in extra]
    return meeting((question, rows))


def shape(word, low=0.0, mid=0.0, high=0.0):
    zones = [(zone, value, {}) for zone, value in (("low", low), ("mid", mid), ("high", high))]
    return [("shape", None, {"text": word}), *zones]


@pytest.mark.parametrize(
    "word, key", [("gathered", "gathered"), ("two camps", "camps"), ("spread", "spread")]
)
def test_shape_words_have_a_finding_about_their_statement(word, key):
    found = findings(of_scale(*shape(word, 13.0, 4.0, 17.0)), "tillit")
    assert [(one.key, one.items) for one in found] == [(key, ("i0",))]


def test_two_camps_are_counted_aloud():
    (found,) = findings(of_scale(*shape("two camps", 13.0, 4.0, 17.0)), "tillit")
    assert found.what == "13 av 34 ligg lågt, 17 ligg høgt. Kva ser de?"
    assert found.now_what == "Kva treng vi å høyre frå kvarandre før vi går vidare?"


def test_spread_says_the_tenth_and_the_ninetieth():
    (found,) = findings(of_scale(*shape("spread", 1, 1, 1), counts="6,0,0,0,0,14,14,0,0,0,6"), "tillit")
    assert found.what == "Dei fleste svara ligg frå 0 til 10."


@pytest.mark.parametrize("word", ["inside", "between"])
def test_where_the_difference_runs(word):
    assert keys(
        of_scale(("reading", None, {"text": word}), ("within", 2.0, {}), ("between", 3.0, {})), "tillit"
    ) == [word]


def test_asymmetry_names_nobody():
    (found, _) = findings(meeting(trust()), "gjensidig")
    assert found.key == "asymmetry" and found.items == ()


@pytest.mark.parametrize("gap, expected", [(0.9, False), (1.0, True), (-1.5, True)])
def test_self_gap_from_one_step(gap, expected):
    question, rows = trust()
    rows = [one for one in rows if one["measure"] not in ("self_gap", "asymmetry")]
    published = meeting((question, [*rows, row(question, "self_gap", "", gap)]))
    assert keys(published, "gjensidig") == (["selfgap"] if expected else [])


def test_close_ranks_count_what_parts_them():
    published = meeting(dots({"A": (30, 12), "B": (16, 12), "C": (15, 9), "D": (14, 12), "E": (1, 1)}))
    close = [one for one in findings(published, "forst") if one.key == "close"]
    assert [one.items for one in close] == [("o1", "o2", "o3")]
    assert close[0].what == "2 prikkar skil første og siste av desse tre."
    two = meeting(dots({"A": (16, 12), "B": (16, 9), "C": (1, 1)}))
    assert findings(two, "forst")[0].what == "Desse to fekk like mange prikkar."


def test_broad_narrow_and_carried():
    question, rows = dots({"Brei": (20, 18), "Smal": (14, 7), "Anna": (4, 4)})
    rows = [one for one in rows if one["measure"] not in ("rank_worst",)]
    rows += [row(question, "rank_worst", "o1", 9.0), row(question, "top_groups", "o1", 1.0)]
    found = {one.key: one.items for one in findings(meeting((question, rows)), "forst")}
    assert found == {"broad": ("o0",), "narrow": ("o1",), "carried": ("o1",)}


def test_the_silent_are_asked_about():
    unsure = of_scale(counts="0,0,0,0,4,4,4,4,4,4,2")
    rows = unsure.rows.copy()
    rows.loc[rows["measure"] == "dont_know", "value"] = 9.0
    assert [one.key for one in findings(released(unsure.meeting, rows, unsure.notes), "tillit")] == ["unsure"]


def test_hidden_rows_give_no_finding():
    published = hallingdal()
    rows = published.rows.copy()
    rows["hidden"] = (
        rows["hidden"].where(rows["group"] != "", "nearly_all").mask(rows["item"] != "", "nearly_all")
    )
    rows.loc[rows["measure"].isin(("self_gap", "asymmetry")), "hidden"] = "few_ballots"
    hidden = released(published.meeting, rows, published.notes)
    assert [one for question in ("tillit", "gjensidig", "forst") for one in findings(hidden, question)] == []


def test_one_kind_of_finding_does_not_fill_the_screen():
    published = meeting(
        dots({"A": (20, 19), "B": (19, 9), "C": (9, 8), "D": (8, 8), "E": (3, 3), "F": (2, 2)})
    )
    assert len({one.key for one in findings(published, "forst")[:2]}) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_prompts_are_open_questions_without_verdict_or_group(language):
    published = of_scale(*shape("two camps", 13.0, 4.0, 17.0), ("reading", None, {"text": "between"}))
    every = [*findings(published, "tillit", language=language)]
    every += [
        one
        for question in ("gjensidig", "forst")
        for one in findings(hallingdal(), question, language=language)
    ]
    assert len(every) > 3 and COLOURS
    for one in every:
        said = f"{one.what} {one.so_what} {one.now_what}"
        assert "?" in one.so_what
        assert not re.search(LOADED, said, re.IGNORECASE)
        assert not any(re.search(rf"\b{name}\b", said) for name in NAMES)


def test_texts_are_complete_and_take_the_same_values():
    from analysis.language import _texts

    for key, sentences in _texts().items():
        assert set(sentences) == set(LANGUAGES), key
        assert all(sentences.values()), key
        fields = [set(re.findall(r"{(\w+)}", sentence)) for sentence in sentences.values()]
        assert fields[0] == fields[1] == fields[2], key


def test_reasons_of_the_gate_have_words():
    from analysis.disclosure import rows

    reasons = {value for name, value in vars(rows).items() if name.isupper() and isinstance(value, str)}
    assert len(reasons) >= 8
    for reason in reasons:
        assert f"hidden_{reason}" in words("nn"), reason
