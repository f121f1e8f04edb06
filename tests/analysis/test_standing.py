"""The tallies side by side, as they leave the gate: ranks and words only, all together or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from room import responses

import analysis
from analysis import figures, pabulib, publish
from analysis.disclosure import audit_dots
from analysis.figures.theme import THEMES
from analysis.measures import standing

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "pabulib"
RULES = ("sum", "supporters", "sqrt", "equal_weight", "phragmen")


def rows_of(published, *measures):
    return published.rows[published.rows["measure"].isin(measures)]


def ranks(published, rule):
    rows = rows_of(published, "tally")
    rows = rows[(rows["level"] == rule) & rows["value"].notna()]
    return dict(zip(rows["item"], rows["value"].astype(int), strict=True))


def ballots(seed=1, sizes=(("A", 8), ("B", 8), ("C", 8))):
    rng = np.random.default_rng(seed)
    for group, size in sizes:
        for _ in range(size):
            given = rng.multinomial(4, [0.3, 0.25, 0.2, 0.1, 0.1, 0.05])
            yield group, {item: int(n) for item, n in zip("abcdef", given, strict=True) if n}


def room(**how):
    return responses("dots", list(ballots()), list("abcdef"), settings={"dots": 4, "cap": 4}, **how)


def test_every_option_has_its_rank_under_every_rule_and_a_word():
    published = publish(room())
    for rule in RULES[:-1]:
        assert set(ranks(published, rule)) == set("abcdef")
    totals = {row.item: row.value for row in rows_of(published, "rank").itertuples()}
    assert ranks(published, "sum") == totals
    top = rows_of(published, "tally_top")["value"].item()
    assert top == 3
    chosen = ranks(published, "phragmen")
    assert sorted(chosen.values()) == [1, 2, 3]
    for row in rows_of(published, "standing").itertuples():
        places = [ranks(published, rule).get(row.item) for rule in RULES]
        surely = all(place is not None and place <= top for place in places)
        tied = any(list(ranks(published, rule).values()).count(place) > 1 for rule, place in
                   zip(RULES, places, strict=True))  # fmt: skip
        assert row.text == ("stands" if surely else row.text) or tied
        assert row.text in ("stands", "depends", "out")


@pytest.mark.parametrize("secrecy", ["sealed", "open"])
def test_only_whole_numbers_and_words_leave(secrecy):
    rows = rows_of(publish(room(secrecy=secrecy)), "tally", "tally_top", "standing")
    assert len(rows) and (rows["hidden"] == "").all() and (rows["group"] == "").all()
    assert (rows["value"].dropna() % 1 == 0).all()


def test_a_city_s_tallies_are_those_of_the_reference():
    file = DATA / "Switzerland_Zurich_D5.pb"
    if not file.is_file():
        pytest.skip("../shared/data is not there")
    published = analysis.publish(pabulib.read(file, group="district_preference").responses)
    order = {rule: sorted(ranks(published, rule), key=ranks(published, rule).get)[:6] for rule in RULES}
    assert order["sum"] == ["14", "5", "24", "6", "13", "17"]
    assert order["equal_weight"] == ["24", "14", "5", "6", "7", "13"]
    assert order["phragmen"] == ["14", "5", "24", "6", "13", "17"]
    assert sorted(ranks(published, "equal_shares")) == ["13", "14", "17", "5", "7"]
    agreement = {row.level: round(row.value, 4) for row in rows_of(published, "tau_b").itertuples()}
    assert agreement == {"supporters": 0.9686, "sqrt": 0.9799, "equal_weight": 0.8686}
    stands = rows_of(published, "standing")
    assert set(stands.loc[stands["text"] == "stands", "item"]) == {"14", "5", "13"}


def test_where_nearly_all_support_an_option_no_rank_is_told():
    given = [("AB"[at % 2], {"a": 1, **({"b": 1} if at % 3 else {"c": 2})}) for at in range(24)]
    rows = rows_of(publish(responses("dots", given, list("abc"))), "tally", "standing", "tau_b", "tally_top")
    assert [(row.measure, row.item, row.hidden) for row in rows.itertuples()] == [
        ("standing", "", "nearly_all")
    ]


def test_a_small_plenary_and_an_empty_vote_have_none():
    few = [("A", {"a": 2, "b": 1})] * 4 + [("B", {"b": 3})] * 4
    for given in (few, [("A", {})] * 12):
        published = publish(responses("dots", given, list("abc"), secrecy="sealed"))
        assert rows_of(published, "tally", "standing", "tau_b", "tally_top").empty


def one_alone():
    """One group has a single ballot, which puts an option far up under equal weight that has few dots."""
    crowd = [("A", {"a": 3})] * 10 + [("A", {"b": 3})] * 6 + [("A", {"c": 2})] * 4
    return responses(
        "dots", [*crowd, ("B", {"d": 3})], list("abcd"), settings={"dots": 3, "cap": 3}, groups=["A", "B"]
    )


def test_what_one_person_alone_would_tell_is_withheld():
    rows = rows_of(publish(one_alone()), "tally", "standing", "tau_b")
    told = rows[rows["hidden"] == ""]
    assert set(told["level"]) == {"sum", "supporters"}
    assert set(rows.loc[rows["level"] == "equal_weight", "hidden"]) == {"audit"}


def test_without_the_audit_s_stage_it_would_be_told(monkeypatch):
    monkeypatch.setattr(audit_dots, "goes_with_groups", lambda row: False)
    monkeypatch.setattr(audit_dots, "withheld", lambda *given, **how: iter(()))
    from analysis.disclosure import audit

    monkeypatch.setitem(audit.AUDITS, "dots", audit_dots.withheld)
    ranks_ = ranks(publish(one_alone()), "equal_weight")
    assert ranks_["d"] == 1, "the one ballot of the other group weighs half"


def test_ties_over_the_last_place_make_nothing_stand():
    dots = np.array([[2, 1, 0], [2, 0, 1]])
    found = standing.standing(dots, {"A": dots}, 2)
    assert found.words == ("stands", "depends", "depends"), "b comes first in the ballot's order alone"


def test_options_that_share_the_last_place_of_the_top_are_not_shown_in_it():
    # Each ballot four times, with the last four options in turn: they share every place.
    turns = [dict(zip("abcdef", "ab" + "cdef"[turn:] + "cdef"[:turn], strict=True)) for turn in range(4)]
    cast = [
        (group, {turn[item]: n for item, n in given.items()}) for group, given in ballots() for turn in turns
    ]
    published = publish(responses("dots", cast, list("abcdef"), settings={"dots": 4, "cap": 4}))
    standings = {row.item: row.text for row in rows_of(published, "standing").itertuples()}
    assert ranks(published, "sum") == {"a": 1, "b": 2, "c": 3, "d": 3, "e": 3, "f": 3}
    assert [one for one in standings if standings[one] == "stands"] == ["a", "b"]
    figure = figures.figure(published, "q", stage="tallies:", theme="report")
    boxes = [
        one for one in figure.layout.shapes if one.type == "rect" and one.fillcolor == THEMES["report"].mark
    ]
    by_score = len(rows_of(published, "tally")["level"].unique()) - 1
    assert len(boxes) == 2 * by_score + len(ranks(published, "phragmen"))
    assert "3–6" in figure.layout.meta["description"]
    assert [one.text for one in figure.layout.annotations].count("3–6") == 4 * by_score
