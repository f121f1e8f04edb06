"""Kinds: the full check of an answer, its form and its rows."""

from __future__ import annotations

import json

import pytest
from factories import an_answer
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict
from wtforms import Form

from survey.kinds import KINDS, Group, Item, Question, kind_of

GROUPS = tuple(Group(key, key.capitalize(), "#0072B2") for key in ("hol", "gol", "nes"))
ITEMS = tuple(Item(key, f"The {key}") for key in ("roads", "schools", "buses", "rinks"))
EVERY_KIND = pytest.mark.parametrize("kind", KINDS)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["roads", "hol", "dots", "values", "against", 10**4000]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["values", "dots", "against", "roads", "hol"]) | st.text(max_size=4), inner
        )
    ),
    max_leaves=12,
)


def a_question(kind: str, **settings) -> Question:
    """Return a question of this kind, not in any database."""
    items = tuple(Item(group.key, group.name) for group in GROUPS) if KINDS[kind].items_are_groups else ITEMS
    if kind == "dots":
        settings = {"dots": 4, "cap": 2, "against": True, **settings}
    complete = KINDS[kind].complete(settings, items)
    return Question(1, 1, kind, kind, "About", "", "sealed", complete, items, GROUPS)


def valid_answers(question: Question):
    """Return a strategy for the valid answers that are not blank."""
    keys = [item.key for item in question.items]
    if question.kind == "dots":
        dots, some = (
            st.dictionaries(st.sampled_from(keys), st.integers(1, 2), min_size=least, max_size=2)
            for least in (0, 1)
        )
        against = st.lists(st.sampled_from(keys), unique=True, min_size=1).map(sorted)
        with_marks = st.builds(lambda placed, marks: {"dots": placed, "against": marks}, dots, against)
        return with_marks | some.map(lambda placed: {"dots": placed})
    values = st.none() | st.integers(question.settings["min"], question.settings["max"])
    return st.dictionaries(st.sampled_from(keys), values, min_size=1).map(lambda found: {"values": found})


@EVERY_KIND
@given(answer=JSON)
def test_any_json_value_is_judged_and_never_raises(kind, answer):
    question = a_question(kind)
    problems = KINDS[kind].problems(question, "hol", answer)
    assert isinstance(problems, list)
    if not problems:
        assert_valid_by_an_independent_reading(question, answer)


def assert_valid_by_an_independent_reading(question, answer):
    """Check again, in other words, what `problems` let through."""
    assert isinstance(answer, dict)
    if answer == {}:
        return
    keys = {item.key for item in question.items}
    numbers = answer.get("values", answer.get("dots"))
    assert set(numbers) <= keys
    assert all(value is None or type(value) is int for value in numbers.values())
    if question.kind == "dots":
        assert sum(numbers.values()) <= 4
        assert all(1 <= value <= 2 for value in numbers.values())
        marks = answer.get("against", [])
        assert len(marks) == len(set(marks)) and set(marks) <= keys
    else:
        assert all(value is None or 0 <= value <= 10 for value in numbers.values())


@EVERY_KIND
@given(data=st.data())
def test_a_valid_answer_passes_comes_back_from_its_form_and_is_json(kind, data):
    question = a_question(kind)
    answer = data.draw(valid_answers(question))
    assert KINDS[kind].problems(question, "hol", answer) == []
    posted = MultiDict(
        [(name, value) for name, values in KINDS[kind].posted(question, answer).items() for value in values]
    )
    assert KINDS[kind].answer(question, "hol", posted) == answer
    assert json.loads(json.dumps(answer)) == answer
    rows = KINDS[kind].rows(question, "hol", answer)
    assert rows and all(set(row) == {"item", "value", "text"} and row["item"] for row in rows)


@EVERY_KIND
@given(
    posted=st.lists(
        st.tuples(st.sampled_from(["item-roads", "item-hol", "item-", "against-roads", "x"]), st.text())
    )
)
def test_any_form_data_is_read_without_raising(kind, posted):
    question = a_question(kind)
    answer = KINDS[kind].answer(question, "hol", MultiDict(posted))
    if not KINDS[kind].problems(question, "hol", answer):
        assert_valid_by_an_independent_reading(question, answer)


@EVERY_KIND
def test_blank_is_explicit(kind):
    question = a_question(kind)
    first = next(iter(KINDS[kind].fields(question, "hol")))
    assert KINDS[kind].answer(question, "hol", MultiDict({"blank": "1", first: "1"})) == {}
    assert KINDS[kind].problems(question, "hol", {}) == []
    assert KINDS[kind].posted(question, {}) == {}
    assert KINDS[kind].rows(question, "hol", {}) == [{"item": "", "value": None, "text": ""}]
    nothing = KINDS[kind].answer(question, "hol", MultiDict())
    assert KINDS[kind].problems(question, "hol", nothing)


@EVERY_KIND
def test_the_form_takes_a_valid_answer(kind):
    question = a_question(kind)
    fields = KINDS[kind].fields(question, "hol")
    form = type("Ballot", (Form,), {})
    for name, field in fields.items():
        setattr(form, name, field)
    filled = form(
        MultiDict([(n, v) for n, vs in KINDS[kind].posted(question, an_answer(question)).items() for v in vs])
    )
    assert filled.validate(), filled.errors


@EVERY_KIND
def test_problems_never_repeat_what_was_sent(kind):
    question = a_question(kind)
    for part in ("values", "dots"):
        sentences = KINDS[kind].problems(
            question, "hol", {part: {"<script>": "<script>", "roads": "<script>"}}
        )
        assert sentences and "<script>" not in " ".join(sentences)


@pytest.mark.parametrize(
    "answer",
    [
        {"dots": {"roads": 3}},
        {"dots": {"roads": 2, "schools": 2, "buses": 1}},
        {"dots": {"roads": 0}},
        {"dots": {"roads": -1}},
        {"dots": {"roads": True}},
        {"dots": {"roads": 1.0}},
        {"dots": {"roads": float("nan")}},
        {"dots": {"roads": 10**9}},
        {"dots": {"elsewhere": 1}},
        {"dots": {}},
        {"dots": {"roads": 1}, "against": []},
        {"dots": {"roads": 1}, "against": ["roads", "roads"]},
        {"dots": {"roads": 1}, "against": [["roads"]]},
        {"dots": [["roads", 1]]},
        {"dots": {"roads": 1}, "values": {}},
    ],
)
def test_dots_refuses(answer):
    assert KINDS["dots"].problems(a_question("dots"), "hol", answer)


@pytest.mark.parametrize("kind", ["scale", "trust"])
@pytest.mark.parametrize("value", [-1, 11, 5.0, True, "5", float("nan"), [5], {}, 10**40])
def test_a_scale_refuses(kind, value):
    question = a_question(kind)
    assert KINDS[kind].problems(question, "hol", {"values": {question.items[0].key: value}})


def test_marks_against_are_refused_where_they_are_not_asked():
    question = a_question("dots", against=False)
    assert KINDS["dots"].problems(question, "hol", {"dots": {"roads": 1}, "against": ["roads"]})


@pytest.mark.parametrize(
    ("values", "dots"),
    [
        (["1"], 1),
        (["1", "1"], 2),
        (["2"], 2),
        ([" 1 "], 1),
        (["0"], None),
        ([""], None),
        (["1", "-1"], -1),
        (["x"], -1),
    ],
)
def test_dots_are_the_sum_of_what_is_posted(values, dots):
    answer = KINDS["dots"].answer(
        a_question("dots"), "hol", MultiDict([("item-roads", value) for value in values])
    )
    assert answer["dots"].get("roads") == dots


def test_two_values_for_one_statement_cannot_both_be_meant():
    posted = MultiDict([("item-roads", "1"), ("item-roads", "2")])
    question = a_question("scale")
    assert KINDS["scale"].problems(question, "hol", KINDS["scale"].answer(question, "hol", posted))


def test_trust_asks_about_the_others_and_about_oneself_in_other_words():
    question = a_question("trust", wording="Trust {group} {0.__class__} %s?", own_wording="")
    own, other = (KINDS["trust"].statement(question, "hol", question.items[place]) for place in (0, 1))
    assert other == "Trust Gol {0.__class__} %s?"
    assert own == "How far do you think the others trust Hol?"
    assert KINDS["trust"].codebook(question)["wording"] == "How far do you think the others trust {group}?"


@pytest.mark.parametrize(("options", "dots"), [(2, 3), (12, 3), (13, 3), (14, 4), (18, 5), (20, 5)])
def test_the_usual_dots_are_a_quarter_of_the_options(options, dots):
    items = [Item(str(number), "") for number in range(options)]
    assert KINDS["dots"].complete({}, items)["dots"] == dots


def test_the_usual_cap_is_two_and_never_above_the_dots():
    assert KINDS["dots"].complete({}, ITEMS)["cap"] == 2
    assert KINDS["dots"].complete({"dots": 1}, ITEMS)["cap"] == 1


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("scale", {"min": 0, "max": 7}),
        ("scale", {"min": "0"}),
        ("scale", {"colour": "red"}),
        ("trust", {"low": "x" * 61}),
        ("dots", {"dots": 0}),
        ("dots", {"dots": True}),
        ("dots", {"cap": -1}),
    ],
)
def test_settings_that_cannot_be_are_refused(kind, settings):
    with pytest.raises(ValidationError):
        KINDS[kind].Settings(**settings)


@EVERY_KIND
def test_too_few_items_are_a_problem_and_the_usual_number_is_not(kind):
    found = KINDS[kind]
    assert found.plan_problems(found.Settings(), [])
    assert found.plan_problems(found.Settings(), ITEMS) == []


def test_a_cap_above_the_dots_is_a_problem():
    dots = KINDS["dots"]
    assert dots.plan_problems(dots.Settings(dots=3, cap=4), ITEMS)


def test_advice_on_many_options():
    dots, many = KINDS["dots"], [Item(str(number), "") for number in range(21)]
    assert dots.advice(dots.Settings(), ITEMS) == []
    assert dots.advice(dots.Settings(), many[:12]) == []
    assert dots.advice(dots.Settings(), many[:13]) != dots.advice(dots.Settings(), many) != []


def test_trust_is_never_open():
    assert not KINDS["trust"].may_be_open


def test_a_kind_is_found_by_its_question():
    assert kind_of(a_question("dots")) is KINDS["dots"]
