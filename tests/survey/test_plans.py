"""Plans: every mistake at once with its place, ready plans, and the way through the tables and back."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from survey.ballots import cards
from survey.errors import NotAllowedNow, PlanRejected, StaleVersion
from survey.languages import speaking
from survey.meetings import agenda, labels, plans
from survey.storage import schema
from survey.storage.database import Database
from survey.storage.keys import Keys
from tests.factories import a_meeting

HEAD = 'title = "A meeting"\n'
GROUPS = '[[groups]]\nname = "Hol"\ncards = 6\n[[groups]]\nname = "Gol"\ncards = 6\n'


def problems(toml: str | bytes) -> list[tuple[str, str]]:
    """Return what is wrong with a plan."""
    with pytest.raises(PlanRejected) as refusal:
        plans.read(toml)
    return refusal.value.problems


def the_problem(toml: str | bytes) -> tuple[str, str]:
    """Return the one thing that is wrong with a plan."""
    found = problems(toml)
    assert len(found) == 1, found
    return found[0]


def test_the_demo_is_the_meeting_it_is_to_be() -> None:
    plan = plans.ready_plan(plans.DEMO)
    assert (plan.key, plan.language) == ("hallingtinget", "nn")
    voting = {group.name: (group.cards, group.colour) for group in plan.groups if group.votes}
    colours = ("#332288", "#CC6677", "#88CCEE", "#DDCC77", "#117733", "#999933")
    names = ("Hol", "Ål", "Hemsedal", "Gol", "Nes", "Flå")
    assert voting == {name: (6, colour) for name, colour in zip(names, colours, strict=True)}
    assert [group.cards for group in plan.groups if not group.votes] == [4]
    assert [(one.kind, one.secrecy) for one in plan.questions] == [
        ("scale", "open"),
        ("scale", "sealed"),
        ("trust", "sealed"),
        ("dots", "sealed"),
    ]
    assert len(plan.questions[-1].items) == 12
    assert plan.questions[0].key != "tillit" and plan.questions[1].key == "tillit"


def test_ready_plans_come_in_all_three_languages_and_need_no_advice() -> None:
    ready = plans.ready_plans()
    assert ready[0].name == plans.DEMO
    assert {one.plan.language for one in ready} == {"nn", "nb", "en"}
    for one in ready:
        assert plans.advice(one.plan) == []
        assert plans.read(plans.write(one.plan)) == one.plan
        assert plans.read(plans.ready_text(one.name)) == one.plan


def test_every_mistake_is_told_at_once_with_its_place() -> None:
    found = problems(
        'titel = "x"\nk = 2\n'
        '[[groups]]\nname = "Hol"\ncards = "6"\n'
        '[[questions]]\ntitle = "One"\nkind = "scal"\n'
        '[[questions]]\ntitle = "Two"\nkind = "dots"\nitems = [\n  "a",\n  "b",\n  3,\n]\n'
    )
    assert [place for place, _ in found] == [
        "title",
        "line 1, titel",
        "line 2, k",
        "line 5, group 1, cards",
        "line 8, question 1, kind",
        "line 12, question 2, item 3",
    ]
    assert 'Did you mean "title"?' in found[1][1]
    assert 'Did you mean "scale"?' in found[4][1]


@pytest.mark.parametrize(
    ("title", "sentence"),
    [(" ", "The text is empty."), ("x" * 201, "The text is too long: at most 200 signs.")],
)
def test_a_text_is_measured_as_text(title: str, sentence: str) -> None:
    assert the_problem(f'title = "{title}"') == ("line 1, title", sentence)


@pytest.mark.parametrize(
    ("toml", "place"),
    [
        ("title = ", "end"),
        ('title = "a"\nk = = 3', "line 2"),
        ('title = "a"\ntitle = "b"', "end"),
        (b'title = "a"\n\xff', "line 2"),
        ("x = " + "[" * 5000, ""),
        ("#" * 300_000, ""),
    ],
)
def test_what_is_no_toml_is_refused_with_its_line(toml: str | bytes, place: str) -> None:
    assert place in the_problem(toml)[0]


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ('key = "12"', "line 2, key"),
        ('key = "new"', "line 2, key"),
        ('key = "A b"', "line 2, key"),
        ('date = "3.11.2026"', "line 2, date"),
        ('date = "2026-11-03"\nends = "later"', "line 3, ends"),
        ('ends = "16:00"', "line 2, ends"),
        ('language = "no"', "line 2, language"),
        ("tables = -1", "line 2, tables"),
        ('tables = ["A", "a"]', "line 2, table 2, name"),
        ('wifi = { password = "x" }', "line 2, wifi, password"),
        ("groups = 3", "line 2, groups"),
        ('spares = "1"', "line 2, spares"),
    ],
)
def test_a_wrong_field_is_told_by_line_and_name(lines: str, place: str) -> None:
    assert the_problem(HEAD + lines)[0] == place


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ('kind = "trust"\nsecrecy = "open"', "line 10, question 1, secrecy"),
        ('kind = "trust"\nitems = ["a", "b"]', "line 10, question 1, items"),
        ('kind = "dots"\nitems = ["a"]', "line 8, question 1"),
        ('kind = "dots"\ndots = 1\ncap = 2\nitems = ["a", "b"]', "line 8, question 1"),
        ('kind = "scale"\nmin = 3\nitems = ["a"]', "line 8, question 1"),
        ('kind = "scale"\nmin = "0"\nitems = ["a"]', "line 10, question 1, min"),
        ('kind = "scale"\nrounds = 3\nitems = ["a"]', "line 10, question 1, rounds"),
        ('kind = "scale"\nitems = [{ text = "a", colour = "b" }]', "line 10, question 1, item 1, colour"),
        ('items = ["a"]', "line 8, question 1, kind"),
    ],
)
def test_a_wrong_question_is_told_by_number(lines: str, place: str) -> None:
    toml = HEAD + GROUPS + "[[questions]]\n" + lines + '\ntitle = "Asked"\n'
    assert the_problem(toml)[0] == place


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ål", "A\u030al"),
        ("Ja", "ja"),
        ("Ja", "Ja\u200b"),
        ("Ja", "J\u0430"),
        ("Ja", "\u202eJa"),
        ("Nei takk", "Nei\u00a0 takk"),
        ("Hol", "Ｈol"),
    ],
)
def test_labels_that_read_the_same_are_refused(one: str, other: str) -> None:
    toml = HEAD + f'[[groups]]\nname = "{one}"\ncards = 6\n[[groups]]\nname = "{other}"\ncards = 6\n'
    assert the_problem(toml)[0] == "line 6, group 2, name"
    items = f'[[questions]]\nkind = "scale"\ntitle = "Q"\nitems = ["{one}", "{other}"]\n'
    assert the_problem(HEAD + GROUPS + items)[0].endswith("question 1, item 2")


def test_labels_are_stored_clean_and_emoji_stay_whole() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert labels.clean(f" A\u030al\x07\u202e \n {family} \u200d") == f"Ål {family}"


def test_guests_do_not_vote_and_colours_are_filled_in() -> None:
    plan = plans.read(HEAD + GROUPS + '[[groups]]\nname = "Guests"\ncards = 4\nguest = true\n')
    assert [(group.key, group.votes) for group in plan.groups] == [
        ("hol", True),
        ("gol", True),
        ("guests", False),
    ]
    assert len({group.colour for group in plan.groups}) == 3


def test_toml_dates_and_times_are_understood() -> None:
    plan = plans.from_raw({"title": "A", "date": date(2026, 11, 3), "ends": time(15, 30)})
    assert (plan.date, plan.ends) == ("2026-11-03", "15:30")


def test_advice_is_no_mistake() -> None:
    many = ", ".join(f'"Option {number}"' for number in range(21))
    plan = plans.read(
        HEAD
        + '[[groups]]\nname = "Hol"\ncards = 5\n[[groups]]\nname = "Gol"\ncards = 4\n'
        + '[[questions]]\nkind = "scale"\ntitle = "Tillit"\nsecrecy = "open"\nitems = ["a"]\n'
        + 'low = "l"\nhigh = "h"\n'
        + f'[[questions]]\nkind = "dots"\ntitle = "Many"\ndots = 3\nitems = [{many}]\n'
    )
    found = plans.advice(plan)
    assert [place for place, _ in found] == ["", "", "question 1", "question 2", "question 2"]
    assert found[0][1] == "Hol: 5 cards, smallest group 5: one missing hides Hol."
    assert "20" in found[3][1]


def test_problems_are_told_in_the_readers_language() -> None:
    # The catalogue may not be complete yet: what matters is that the sentence goes through it.
    with speaking("nn"):
        assert the_problem(HEAD + "tables = -1")[0].endswith("tables")


def test_what_is_stored_is_exported_again(database: Database) -> None:
    for ready in plans.ready_plans():
        meeting_id = database.write(lambda c, plan=ready.plan: plans.store(c, plan))
        with database.reading() as connection:
            assert plans.load(connection, meeting_id) == ready.plan
            assert plans.read(plans.export(connection, meeting_id)) == ready.plan


def test_a_key_that_is_taken_is_refused_or_numbered(database: Database) -> None:
    plan = plans.ready_plan(plans.DEMO)
    database.write(lambda c: plans.store(c, plan))
    with pytest.raises(NotAllowedNow, match="hallingtinget"):
        database.write(lambda c: plans.store(c, plan))
    second = database.write(lambda c: plans.store(c, plan, new_key=True))
    with database.reading() as connection:
        assert plans.load(connection, second).key == "hallingtinget-2"


def changed(plan: plans.Plan, **values: Any) -> plans.Plan:
    """Return the plan with some of its plain values changed."""
    return plans.from_raw({**plans.as_raw(plan), **values})


def test_a_plan_can_be_replaced_before_it_has_begun(database: Database) -> None:
    meeting_id = database.write(lambda c: plans.store(c, plans.ready_plan(plans.DEMO)))
    other = changed(plans.ready_plan("partnership-review"), key="hallingtinget")
    database.write(lambda c: plans.replace(c, meeting_id, other))
    with database.reading() as connection:
        assert plans.load(connection, meeting_id) == other


def test_replacing_names_the_version_it_saw(database: Database) -> None:
    plan = plans.ready_plan(plans.DEMO)
    meeting_id = database.write(lambda c: plans.store(c, plan))
    database.write(lambda c: plans.replace(c, meeting_id, changed(plan, title="A"), version=1))
    with pytest.raises(StaleVersion):
        database.write(lambda c: plans.replace(c, meeting_id, changed(plan, title="B"), version=1))
    with database.reading() as connection:
        assert plans.load(connection, meeting_id).title == "A"


def test_what_has_been_opened_stays_and_the_rest_may_change(database: Database, keys: Keys) -> None:
    meeting = a_meeting(database, keys, questions=("scale", "dots"))
    database.write(lambda c: agenda.open_round(c, keys, meeting.id, meeting.questions["scale"], 1))
    with database.reading() as connection:
        raw = plans.as_raw(plans.load(connection, meeting.id))
        assert plans.begun_questions(connection, meeting.id) == {"scale"}
    opened, waiting = raw["questions"]
    for wrong in (
        {"questions": [{**opened, "title": "Other words"}, waiting]},
        {"questions": [waiting]},
        {"groups": raw["groups"][:1], "questions": [opened]},
    ):
        with pytest.raises(NotAllowedNow):
            database.write(lambda c, w=wrong: plans.replace(c, meeting.id, plans.from_raw({**raw, **w})))
    right = {"questions": [{**waiting, "title": "Other words"}, {**opened, "interlude": "Coffee"}]}
    database.write(lambda c: plans.replace(c, meeting.id, plans.from_raw({**raw, **right})))
    with database.reading() as connection:
        assert [one.title for one in plans.load(connection, meeting.id).questions][0] == "Other words"


def test_a_group_with_cards_cannot_be_removed(database: Database, keys: Keys) -> None:
    plan = plans.ready_plan(plans.DEMO)
    meeting_id = database.write(lambda c: plans.store(c, plan))
    with database.reading() as connection:
        group_id = connection.scalar(select(schema.group.c.id).where(schema.group.c.key == "fla"))
    database.write(lambda c: cards.issue(c, keys, meeting_id, group_id, 1, "printed"))
    fewer = changed(plan, groups=[one for one in plans.as_raw(plan)["groups"] if one["key"] != "fla"])
    with pytest.raises(NotAllowedNow, match="Flå"):
        database.write(lambda c: plans.replace(c, meeting_id, fewer))
    with database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(schema.group)) == 7


WORDS = st.text(min_size=1, max_size=12)
TOML_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    ["key", "title", "kind", "items", "name", "cards", "secrecy", "settings", "dots", "min"]
)


@st.composite
def raw_plans(draw: st.DrawFn) -> dict[str, Any]:
    """Return plain values that make a good plan, mostly."""

    def text() -> str:
        return draw(WORDS)

    groups = [{"name": text(), "cards": draw(st.integers(1, 9))} for _ in range(draw(st.integers(2, 4)))]
    questions = [
        {
            "kind": "scale",
            "title": text(),
            "low": text(),
            "items": [text() for _ in range(draw(st.integers(1, 3)))],
        },
        {
            "kind": "dots",
            "title": text(),
            "items": [{"text": text()}, text()],
            "against": draw(st.booleans()),
        },
        {"kind": "trust", "title": text(), "wording": text(), "interlude": text()},
    ]
    return {
        "title": text(),
        "tables": draw(st.integers(0, 3) | st.lists(WORDS, max_size=3)),
        "wifi": {"name": text(), "password": text()},
        "groups": groups,
        "questions": draw(st.lists(st.sampled_from(questions), max_size=3)),
    }


@given(raw_plans())
def test_every_plan_reads_back_from_what_is_written(raw: dict[str, Any]) -> None:
    try:
        plan = plans.from_raw(raw)
    except PlanRejected as refusal:
        assert refusal.problems
        return
    assert plans.read(plans.write(plan)) == plan
    assert plans.from_raw(plans.as_raw(plan)) == plan


@given(
    st.dictionaries(FIELDS, TOML_VALUES, max_size=4)
    | st.fixed_dictionaries(
        {
            "title": st.just("A"),
            "groups": st.lists(st.dictionaries(FIELDS, TOML_VALUES, max_size=4) | TOML_VALUES, max_size=3),
            "questions": st.lists(
                st.dictionaries(FIELDS, TOML_VALUES, max_size=4).map(lambda one: {"kind": "dots", **one}),
                max_size=3,
            ),
        }
    )
)
def test_no_values_make_the_reader_stumble(raw: dict[str, Any]) -> None:
    try:
        assert isinstance(plans.from_raw(raw), plans.Plan)
    except PlanRejected as refusal:
        assert all(sentence for _, sentence in refusal.problems)


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_no_text_makes_the_reader_stumble(toml: str | bytes) -> None:
    with pytest.raises(PlanRejected):
        plans.read(toml)
