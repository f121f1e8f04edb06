"""Counting: the last ballot of each card, books that balance, and responses that lose nothing."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from factories import a_meeting, an_answer, log_of
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from survey.ballots import audit, box, cards, count
from survey.errors import BrokenChain, NotAllowedNow, SurveyError
from survey.kinds import KINDS
from survey.storage import migrate, schema
from survey.storage.database import Database
from survey.storage.keys import Keys

EVERY_KIND = pytest.mark.parametrize("kind", KINDS)


def balanced(books):
    """Say whether the books balance."""
    return (
        books.issued == books.used + books.unused + books.void
        and books.used == books.counted + books.blank
        and min(books.issued, books.used, books.unused, books.void, books.counted, books.blank) >= 0
        and books.paper <= books.used
        and sum(group["used"] for group in books.by_group.values()) == books.used
        and sum(group["issued"] for group in books.by_group.values()) == books.issued
    )


def counted(meeting, round_id):
    """Return the counted answers as sorted texts with their groups."""
    found = meeting.read(lambda c: count.ballots(c, round_id))
    return sorted((ballot.group, json.dumps(ballot.answer, sort_keys=True)) for ballot in found)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A database that many examples share, each with a meeting of its own."""
    folder = tmp_path_factory.mktemp("house")
    database = Database(f"sqlite:///{folder / 'prikk.sqlite'}")
    migrate.upgrade(database)
    yield database, Keys(folder / "keys" / "secret"), iter(range(10**6))
    database.close()


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["cast", "cast", "cast", "paper", "void", "close", "reopen", "open", "reveal", "annul", "spare"]
        ),
        st.integers(0, 5),
        st.integers(0, 3),
    ),
    max_size=25,
)


@settings(max_examples=25)
@given(steps=STEPS)
def test_after_any_steps_the_books_balance_and_everything_fits(house, steps):
    database, keys, numbers = house
    meeting = a_meeting(
        database,
        keys,
        {"hol": 3, "gol": 2, "guests": 1},
        ["dots"],
        guests=["guests"],
        key=f"m{next(numbers)}",
    )
    round_id, model, void = meeting.open("dots"), {}, set()
    people = meeting.everybody()
    for verb, who, choice in steps:
        group, card = people[who % len(people)]
        answer = an_answer(meeting.question("dots"), choice) if choice else {}
        try:
            if verb in ("cast", "paper"):
                meeting.cast(round_id, card, answer, paper=verb == "paper")
                model[card] = (group, json.dumps(answer, sort_keys=True))
            elif verb == "void":
                meeting.write(lambda c, card=card: cards.void(c, keys, meeting.id, card))
                void.add(card)
            elif verb == "spare":
                spare = meeting.write(
                    lambda c, group=group: cards.issue(c, keys, meeting.id, meeting.groups[group], 1, "spare")
                )
                people.append((group, spare[0].id))
            elif verb == "open":
                round_id, model = meeting.open("dots"), {}
            elif verb == "reopen":
                meeting.write(lambda c, now=round_id: box.reopen_round(c, keys, now))
            else:
                meeting.write(lambda c, now=round_id, verb=verb: getattr(box, f"{verb}_round")(c, now))
        except SurveyError:
            pass
        state = meeting.read(lambda c, now=round_id: count.books(c, now))
        assert balanced(state), state
        if verb in ("cast", "paper", "reopen", "void") and is_open(meeting, round_id):
            model = {card: ballot for card, ballot in model.items() if card not in void}
            assert counted(meeting, round_id) == sorted(model.values())
            assert meeting.read(lambda c, now=round_id: count.turnout(c, now)) == len(model)
    assert counted(meeting, round_id) == sorted(model.values())
    meeting.read(lambda c: audit.check(c, meeting.id))


def is_open(meeting, round_id):
    """Say whether nothing has closed the round."""
    types = [
        row.type
        for row in log_of(meeting)
        if row.round_id == round_id and row.type in ("open", "close", "reopen")
    ]
    return types[-1] != "close"


@settings(max_examples=20)
@given(order=st.permutations(range(6)))
def test_the_order_of_casting_changes_nothing(house, order):
    database, keys, numbers = house
    meeting = a_meeting(database, keys, questions=["scale"], key=f"m{next(numbers)}")
    opened, people = meeting.open("scale"), meeting.everybody()
    question = meeting.question("scale")
    for number in order:
        meeting.cast(opened, people[number][1], an_answer(question, number))
    expected = [(people[n][0], json.dumps(an_answer(question, n), sort_keys=True)) for n in range(6)]
    assert counted(meeting, opened) == sorted(expected)


@EVERY_KIND
def test_close_says_how_many_and_commits_to_the_contents_under_a_salt(database, keys, kind):
    meeting = a_meeting(database, keys, questions=[kind])
    question = meeting.question(kind)
    said = []
    for _ in range(2):
        opened = meeting.open(kind)
        for number, (_group, card) in enumerate(meeting.everybody()[:4]):
            meeting.cast(opened, card, an_answer(question, number))
        meeting.close(opened)
        said.append(json.loads(log_of(meeting)[-1].data))
    assert said[0]["n"] == said[1]["n"] == 4
    assert said[0]["contents"] != said[1]["contents"]
    assert said[0]["tally"] != said[1]["tally"]
    assert set(said[0]) == {"n", "tally", "contents"}


def test_books_leave_out_guests_and_spares_in_the_drawer(database, keys):
    meeting = a_meeting(database, keys, {"hol": 3, "guests": 4}, ["dots"], guests=["guests"])
    spares = meeting.write(lambda c: cards.issue(c, keys, meeting.id, meeting.groups["hol"], 2, "spare"))
    opened = meeting.open("dots")
    assert meeting.read(lambda c: count.books(c, opened)).issued == 3
    meeting.cast(opened, spares[0].id, {"dots": {"roads": 1}})
    meeting.cast(opened, meeting.card("hol"), {})
    meeting.close(opened)
    books = meeting.read(lambda c: count.books(c, opened))
    assert (books.issued, books.used, books.unused, books.counted, books.blank) == (4, 2, 2, 1, 1)
    assert books.by_group == {"hol": {"issued": 4, "used": 2}}
    meeting.write(lambda c: cards.issue(c, keys, meeting.id, meeting.groups["hol"], 5, "room"))
    assert meeting.read(lambda c: count.books(c, opened)) == books


@EVERY_KIND
def test_responses_hold_every_counted_answer_and_pair_the_rounds(database, keys, kind):
    meeting = a_meeting(database, keys, {"hol": 4, "gol": 4}, [kind])
    question, people = meeting.question(kind), meeting.everybody()
    expected: Counter = Counter()
    for number in (1, 2):
        opened = meeting.open(kind)
        for place, (group, card) in enumerate(people):
            meeting.cast(opened, card, an_answer(question, 9))
            answer = an_answer(question, place + number) if place else {}
            meeting.cast(opened, card, answer)
            for row in KINDS[kind].rows(question, group, answer):
                expected[number, group, row["item"], row["value"], row["text"]] += 1
        meeting.close(opened)
    found = meeting.read(lambda c: count.responses(c, keys, meeting.questions[kind]))
    frame = found.frame
    rows = frame[["round", "group", "item", "value", "text"]].astype(object)
    rows = rows.where(rows.notna(), None).itertuples(index=False, name=None)
    assert Counter(rows) == expected
    assert frame["ballot"].nunique() == len(people)
    assert (frame.groupby("ballot")["round"].nunique() == 2).all()
    assert set(frame["meeting"]) == {"meeting"} and set(frame["kind"]) == {kind}
    book = found.meeting.questions[0]
    assert [(one.number, one.state, one.used, one.blank) for one in book.rounds] == [
        (1, "closed", 8, 1),
        (2, "closed", 8, 1),
    ]
    assert {item.key for item in book.items} >= set(frame["item"]) - {""}


def test_responses_leave_out_rounds_that_are_open_or_annulled(database, keys):
    meeting = a_meeting(database, keys, questions=["dots"])
    for annulled in (True, False):
        opened = meeting.open("dots")
        meeting.cast(opened, meeting.card("hol"), {"dots": {"roads": 1}})
        meeting.close(opened)
        if annulled:
            meeting.reveal(opened)
            meeting.write(lambda c, now=opened: box.annul_round(c, now))
    third = meeting.open("dots")
    meeting.cast(third, meeting.card("hol"), {"dots": {"roads": 2}})
    found = meeting.read(lambda c: count.responses(c, keys, meeting.questions["dots"]))
    assert [one.number for one in found.meeting.questions[0].rounds] == [2]
    assert list(found.frame["value"]) == [1.0]


def test_live_figures_are_for_open_questions_only(database, keys):
    sealed = {"kind": "dots", "key": "sealed"}
    meeting = a_meeting(
        database, keys, questions=[{"kind": "dots", "key": "wall", "secrecy": "open"}, sealed]
    )
    opened = meeting.open("wall")
    for group in ("hol", "gol"):
        meeting.cast(opened, meeting.card(group), {"dots": {"roads": 2}, "against": ["rinks"]})
    meeting.cast(opened, meeting.card("hol"), {"dots": {"roads": 1}})
    assert meeting.read(lambda c: count.live_rows(c, opened)) == [
        {"item": "rinks", "group": "gol", "value": None, "text": "against", "ballots": 1},
        {"item": "roads", "group": "gol", "value": 2, "text": "", "ballots": 1},
        {"item": "roads", "group": "hol", "value": 1, "text": "", "ballots": 1},
    ]
    meeting.close(opened)
    under_seal = meeting.open("sealed")
    with pytest.raises(NotAllowedNow):
        meeting.read(lambda c: count.live_rows(c, under_seal))


@pytest.mark.parametrize(
    ("before", "verb"),
    [
        ([], "reopen"),
        ([], "reveal"),
        ([], "annul"),
        (["close"], "close"),
        (["close", "reveal"], "close"),
        (["close", "reveal"], "reopen"),
        (["close", "reveal"], "reveal"),
        (["close", "annul"], "reopen"),
        (["close", "reveal", "annul"], "annul"),
    ],
)
def test_a_step_that_does_not_fit_is_refused(database, keys, before, verb):
    meeting = a_meeting(database, keys, questions=["dots"])
    opened = meeting.open("dots")
    steps = {
        "close": lambda c: box.close_round(c, opened),
        "reopen": lambda c: box.reopen_round(c, keys, opened),
        "reveal": lambda c: box.reveal_round(c, opened),
        "annul": lambda c: box.annul_round(c, opened),
    }
    for step in before:
        meeting.write(steps[step])
    entries = log_of(meeting)
    with pytest.raises(NotAllowedNow):
        meeting.write(steps[verb])
    assert log_of(meeting) == entries


def test_only_one_round_is_open_in_a_meeting(database, keys):
    meeting = a_meeting(database, keys, questions=["dots", "scale"])
    first = meeting.open("dots")
    for kind in ("dots", "scale"):
        with pytest.raises(NotAllowedNow):
            meeting.open(kind)
    meeting.close(first)
    meeting.open("scale")
    with pytest.raises(NotAllowedNow):
        meeting.write(lambda c: box.reopen_round(c, keys, first))


def test_the_smallest_group_shown_is_locked_when_a_round_opens(database, keys):
    meeting = a_meeting(database, keys, questions=["dots"], k=4)
    opened = meeting.open("dots")
    meeting.write(lambda c: c.execute(update(schema.meeting).values(k=3)))
    meeting.close(opened)
    found = meeting.read(lambda c: count.responses(c, keys, meeting.questions["dots"]))
    assert found.meeting.questions[0].rounds[0].sealed_k == 4


def test_no_round_opens_over_a_broken_chain(database, keys):
    meeting = a_meeting(database, keys, questions=["dots"])
    opened = meeting.open("dots")
    meeting.cast(opened, meeting.card("hol"), {"dots": {"roads": 1}})
    meeting.close(opened)
    meeting.write(lambda c: c.execute(update(schema.content).values(answer='{"dots":{"roads":2}}')))
    with pytest.raises(BrokenChain):
        meeting.open("dots")
    with pytest.raises(BrokenChain):
        meeting.write(lambda c: box.reopen_round(c, keys, opened))


def test_whoever_comes_late_may_vote_and_whose_card_is_void_may_not(database, keys):
    meeting = a_meeting(database, keys, questions=["scale"])
    round_id = meeting.open("scale")
    may = [meeting.read(lambda c: count.entitled(c, round_id))]
    group_id = meeting.groups["hol"]
    late = meeting.write(lambda c: cards.issue(c, keys, meeting.id, group_id, 1, "room"))[0]
    may.append(meeting.read(lambda c: count.entitled(c, round_id)))
    meeting.write(lambda c: cards.void(c, keys, meeting.id, late.id))
    may.append(meeting.read(lambda c: count.entitled(c, round_id)))
    meeting.close(round_id)
    may.append(meeting.read(lambda c: count.entitled(c, round_id)))
    assert may == [6, 7, 6, 6]
