"""Casting: recorded once, refused in words, changed until closing."""

from __future__ import annotations

import secrets

import gevent
import pytest
from factories import a_meeting, an_answer, log_of
from sqlalchemy import func, select

from survey.ballots import box, cards, cast, count, seal
from survey.errors import (
    CardVoid,
    InvalidAnswer,
    KeyReused,
    NotFound,
    NotVoting,
    RoundClosed,
    RoundFinished,
    SurveyError,
)
from survey.kinds import KINDS
from survey.storage import schema

EVERY_KIND = pytest.mark.parametrize("kind", KINDS)


def stored(meeting):
    """Return how many rows the ballot box has, by table."""
    tables = (schema.log, schema.content, schema.cast_key)
    return meeting.read(lambda c: [c.scalar(select(func.count()).select_from(table)) for table in tables])


@EVERY_KIND
def test_a_ballot_is_recorded_and_its_phone_sees_it_until_closing(database, keys, kind):
    meeting = a_meeting(database, keys, questions=[kind])
    answer = an_answer(meeting.question(kind))
    opened = meeting.open(kind)
    done = meeting.cast(opened, meeting.card("hol"), answer)
    assert not done.again
    assert log_of(meeting)[-1].hash == done.hash
    assert meeting.read(lambda c: cast.own_answer(c, keys, opened, meeting.card("hol"))) == answer
    assert meeting.read(lambda c: cast.own_answer(c, keys, opened, meeting.card("gol"))) is None
    assert meeting.read(lambda c: cast.has_cast(c, keys, opened, meeting.card("hol")))
    assert not meeting.read(lambda c: cast.has_cast(c, keys, opened, meeting.card("gol")))
    meeting.close(opened)
    assert meeting.read(lambda c: cast.own_answer(c, keys, opened, meeting.card("hol"))) is None


@EVERY_KIND
def test_a_retry_gets_the_first_cast_again_even_after_closing(database, keys, kind):
    meeting = a_meeting(database, keys, questions=[kind])
    answer, key = an_answer(meeting.question(kind)), secrets.token_hex(16)
    opened, card = meeting.open(kind), meeting.card("hol")
    first = meeting.cast(opened, card, answer, key)
    before = stored(meeting)
    assert meeting.cast(opened, card, answer, key) == first._replace(again=True)
    meeting.close(opened)
    assert meeting.cast(opened, card, answer, key) == first._replace(again=True)
    meeting.write(lambda c: cards.void(c, keys, meeting.id, card))
    assert meeting.cast(opened, card, answer, key) == first._replace(again=True)
    assert stored(meeting) == [before[0] + 2, *before[1:]]


def test_a_key_used_for_another_answer_is_refused(database, keys):
    meeting = a_meeting(database, keys, questions=["dots"])
    opened, card, key = meeting.open("dots"), meeting.card("hol"), secrets.token_hex(16)
    meeting.cast(opened, card, {"dots": {"roads": 1}}, key)
    before = stored(meeting)
    for other in ({"dots": {"roads": 2}}, {}, {"dots": {"roads": 10**30}}):
        with pytest.raises(KeyReused):
            meeting.cast(opened, card, other, key)
    assert stored(meeting) == before


def test_one_key_of_two_cards_is_two_ballots(database, keys):
    meeting = a_meeting(database, keys, questions=["dots"])
    opened, key = meeting.open("dots"), secrets.token_hex(16)
    for group in ("hol", "gol"):
        assert not meeting.cast(opened, meeting.card(group), {"dots": {"roads": 1}}, key).again
    assert meeting.read(lambda c: count.turnout(c, opened)) == 2


def test_a_delayed_duplicate_does_not_undo_a_later_choice(database, keys):
    meeting = a_meeting(database, keys, questions=["dots"])
    opened, card, key = meeting.open("dots"), meeting.card("hol"), secrets.token_hex(16)
    meeting.cast(opened, card, {"dots": {"roads": 1}}, key)
    meeting.cast(opened, card, {"dots": {"buses": 2}})
    assert meeting.cast(opened, card, {"dots": {"roads": 1}}, key).again
    assert meeting.read(lambda c: cast.own_answer(c, keys, opened, card)) == {"dots": {"buses": 2}}
    meeting.close(opened)
    assert [one.answer for one in meeting.read(lambda c: count.ballots(c, opened))] == [
        {"dots": {"buses": 2}}
    ]


@EVERY_KIND
def test_what_breaks_the_rules_is_refused_and_nothing_is_stored(database, keys, kind):
    meeting = a_meeting(
        database, keys, groups={"hol": 2, "gol": 1, "guests": 1}, guests=["guests"], questions=[kind]
    )
    other = a_meeting(database, keys, key="other")
    answer, card = an_answer(meeting.question(kind)), meeting.card("hol")
    opened = meeting.open(kind)
    meeting.write(lambda c: cards.void(c, keys, meeting.id, card))
    before = stored(meeting)
    with pytest.raises(CardVoid):
        meeting.cast(opened, card, answer)
    with pytest.raises(NotFound):
        meeting.cast(opened, other.card("hol"), answer)
    with pytest.raises(NotFound):
        meeting.cast(opened + 1, meeting.card("gol"), answer)
    with pytest.raises(NotVoting):
        meeting.cast(opened, meeting.card("guests"), answer)
    for wrong in (None, [], {"else": 1}, {"values": {"?": 1}, "dots": {"?": 1}}):
        with pytest.raises(InvalidAnswer) as refusal:
            meeting.cast(opened, meeting.card("gol"), wrong)
        assert refusal.value.problems
    for key in ("short", "X" * 32, "0" * 64):
        with pytest.raises(InvalidAnswer):
            meeting.cast(opened, meeting.card("gol"), answer, key)
    assert stored(meeting) == before


@EVERY_KIND
def test_after_closing_nothing_comes_in_and_what_was_in_counts(database, keys, kind):
    meeting = a_meeting(database, keys, questions=[kind])
    answer = an_answer(meeting.question(kind))
    opened = meeting.open(kind)
    meeting.cast(opened, meeting.card("hol"), answer)
    meeting.close(opened)
    before = stored(meeting)
    with pytest.raises(RoundClosed):
        meeting.cast(opened, meeting.card("gol"), answer)
    meeting.reveal(opened)
    with pytest.raises(RoundClosed):
        meeting.cast(opened, meeting.card("gol"), answer)
    meeting.write(lambda c: box.annul_round(c, opened))
    with pytest.raises(RoundClosed):
        meeting.cast(opened, meeting.card("gol"), answer)
    seal.finish(database, keys, meeting.questions[kind])
    with pytest.raises(RoundFinished):
        meeting.cast(opened, meeting.card("gol"), answer)
    assert stored(meeting) == [before[0] + 3, 1, 0]


def test_a_blank_ballot_is_counted_as_one(database, keys):
    meeting = a_meeting(database, keys, questions=["scale"])
    opened = meeting.open("scale")
    meeting.cast(opened, meeting.card("hol"), {})
    assert meeting.read(lambda c: cast.own_answer(c, keys, opened, meeting.card("hol"))) == {}
    meeting.close(opened)
    books = meeting.read(lambda c: count.books(c, opened))
    assert (books.used, books.blank, books.counted) == (1, 1, 0)


def test_a_paper_ballot_is_the_cards_and_marked(database, keys):
    meeting = a_meeting(database, keys, questions=["scale"])
    opened, card = meeting.open("scale"), meeting.card("hol")
    meeting.cast(opened, card, {"values": {"agree": 1}})
    meeting.cast(opened, card, {"values": {"agree": 9}}, paper=True)
    meeting.cast(opened, meeting.card("gol"), {})
    assert [row.type for row in log_of(meeting)][-3:] == ["cast", "paper", "cast"]
    meeting.close(opened)
    books = meeting.read(lambda c: count.books(c, opened))
    assert (books.used, books.paper) == (2, 1)
    assert {"values": {"agree": 9}} in [
        one.answer for one in meeting.read(lambda c: count.ballots(c, opened))
    ]


def test_different_questions_know_a_card_by_different_pseudonyms(database, keys):
    meeting = a_meeting(database, keys, questions=["scale", "dots"])
    for kind, answer in (("scale", {}), ("scale", {}), ("dots", {})):
        opened = meeting.open(kind)
        meeting.cast(opened, meeting.card("hol"), answer)
        meeting.close(opened)
    one, two, three = (row.pseudonym for row in log_of(meeting) if row.type == "cast")
    assert one == two != three


def test_the_log_says_nothing_of_an_answer_not_even_by_its_length(database, keys):
    meeting = a_meeting(database, keys, questions=["dots"])
    opened = meeting.open("dots")
    for group, answer in (("hol", {}), ("gol", {"dots": {"roads": 2, "buses": 2}, "against": ["rinks"]})):
        meeting.cast(opened, meeting.card(group), answer)
    first, second = (row for row in log_of(meeting) if row.type == "cast")
    assert [len(str(value)) for value in first] == [len(str(value)) for value in second]
    assert first.data is second.data is None
    assert first.commitment != second.commitment


def test_the_same_answer_twice_has_two_commitments(database, keys):
    meeting = a_meeting(database, keys, questions=["dots"])
    opened = meeting.open("dots")
    for group in ("hol", "gol"):
        meeting.cast(opened, meeting.card(group), {})
    first, second = (row for row in log_of(meeting) if row.type == "cast")
    assert first.commitment != second.commitment


def all_at_once(works):
    """Run works in greenlets that wait for the writer together; returns results, or what was raised."""

    def verdict(work):
        try:
            return work()
        except SurveyError as refusal:
            return refusal

    waiting = [gevent.spawn(verdict, work) for work in works]
    gevent.joinall(waiting, timeout=60, raise_error=True)
    return [one.value for one in waiting]


def test_one_sending_many_times_at_once_is_one_ballot(database, keys):
    meeting = a_meeting(database, keys, questions=["dots"])
    opened, card, key = meeting.open("dots"), meeting.card("hol"), secrets.token_hex(16)
    done = all_at_once([lambda: meeting.cast(opened, card, {"dots": {"roads": 1}}, key)] * 20)
    assert len({one.seq for one in done}) == 1
    assert sorted(one.again for one in done) == [False] + [True] * 19
    assert stored(meeting)[1:] == [1, 1]


def test_one_card_on_many_phones_at_once_counts_once_by_its_last_entry(database, keys):
    meeting = a_meeting(database, keys, questions=["dots"])
    opened, card = meeting.open("dots"), meeting.card("hol")
    answers = [{"dots": {item: number}} for item in ("roads", "buses", "rinks") for number in (1, 2)]
    done = all_at_once([lambda answer=answer: meeting.cast(opened, card, answer) for answer in answers])
    last = max(range(len(done)), key=lambda place: done[place].seq)
    meeting.close(opened)
    assert [ballot.answer for ballot in meeting.read(lambda c: count.ballots(c, opened))] == [answers[last]]


@pytest.mark.parametrize("place", [0, 7, 19, 39])
def test_what_is_acknowledged_around_closing_is_what_is_counted(database, keys, place):
    meeting = a_meeting(database, keys, {"hol": 20, "gol": 20}, ["dots"])
    opened, people = meeting.open("dots"), meeting.everybody()
    works = [lambda card=card: meeting.cast(opened, card, {"dots": {"roads": 1}}) for _group, card in people]
    works.insert(place, lambda: meeting.close(opened))
    done = all_at_once(works)
    recorded = {one.seq for one in done if isinstance(one, cast.Cast)}
    refused = [one for one in done if isinstance(one, SurveyError)]
    assert all(isinstance(one, RoundClosed) for one in refused)
    assert len(recorded) + len(refused) == 40
    closing = next(row.seq for row in log_of(meeting) if row.type == "close")
    assert recorded == {row.seq for row in log_of(meeting) if row.type == "cast"}
    assert all(seq < closing for seq in recorded)
    assert meeting.read(lambda c: count.books(c, opened)).used == len(recorded)
