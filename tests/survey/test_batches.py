"""Ballots that wait together: one transaction, a verdict for each, and none held back for company."""

from __future__ import annotations

import secrets
import sqlite3
import threading
from types import SimpleNamespace

import gevent
import pytest
from factories import a_meeting, an_answer, log_of
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import RootTransaction, func, select
from sqlalchemy.exc import IntegrityError

from survey.ballots import cards, cast, count, log, record, seal
from survey.errors import (
    CardTaken,
    CardVoid,
    InvalidAnswer,
    KeyReused,
    NotFound,
    RoundClosed,
    RoundFinished,
    StorageUnavailable,
    SurveyError,
)
from survey.kinds import KINDS
from survey.storage import schema

ROADS, BUSES = {"dots": {"roads": 1}}, {"dots": {"buses": 2}}


def fresh():
    """Return a new idempotency key."""
    return secrets.token_hex(16)


class Phones:
    """Sends ballots as phones do: made ready first, then recorded with those that wait."""

    def __init__(self, meeting, kind):
        self._meeting, self._question = meeting, meeting.question(kind)
        self.round_id = meeting.open(kind)

    def ready(self, card, answer, key=None, holder=None, round_id=None):
        """Return a ballot made ready."""
        voter = SimpleNamespace(id=card, group_key="hol", votes=True)
        of, keys = round_id or self.round_id, self._meeting.keys
        return self._meeting.read(
            lambda c: cast.ready(lambda: c, keys, self._question, of, voter, key or fresh(), answer, holder)
        )

    def send(self, ballot):
        """Have it recorded; returns its cast, or what was raised."""
        try:
            return self._meeting.database.write_together(record.record, ballot)
        except (SurveyError, IntegrityError) as refusal:
            return refusal

    def send_all(self, ballots):
        """Send all within one turn of the loop; returns what came of each."""
        return at_once([lambda ballot=ballot: self.send(ballot) for ballot in ballots])


def at_once(works):
    """Run works in greenlets that start in the same turn of the loop; returns their results."""
    waiting = [gevent.spawn(work) for work in works]
    gevent.joinall(waiting, timeout=60, raise_error=True)
    return [one.value for one in waiting]


def stored(meeting):
    """Return how many ballots are in the meeting's log, and how many contents and keys there are."""
    tables = (schema.content, schema.cast_key)
    entries = [row for row in log_of(meeting) if row.commitment is not None]
    return [
        len(entries),
        *meeting.read(lambda c: [c.scalar(select(func.count()).select_from(table)) for table in tables]),
    ]


@pytest.fixture
def sizes(monkeypatch):
    """The size of each batch that is recorded, in order."""
    found, judged = [], record._Batch.__init__

    def noted(self, connection, ballots, to_write):
        found.append(len(ballots))
        judged(self, connection, ballots, to_write)

    monkeypatch.setattr(record._Batch, "__init__", noted)
    return found


def test_many_in_one_batch_get_verdicts_of_their_own(database, keys, sizes):
    meeting = a_meeting(database, keys, {"hol": 6}, ["dots"])
    other = a_meeting(database, keys, key="other")
    gone = meeting.open("dots")
    meeting.close(gone)
    phones = Phones(meeting, "dots")
    one, two, three, four, void, elsewhere = (meeting.card("hol", number) for number in range(6))
    earlier, twice = fresh(), fresh()
    first = phones.send(phones.ready(four, ROADS, earlier))
    meeting.write(lambda c: cards.void(c, keys, meeting.id, void))
    before = log_of(meeting)[-1].seq
    sizes.clear()
    sent = [
        (phones.ready(one, ROADS), cast.Cast),
        (phones.ready(void, ROADS), CardVoid),
        (phones.ready(two, ROADS, round_id=gone), RoundClosed),
        (phones.ready(four, ROADS, earlier), cast.Cast),
        (phones.ready(four, BUSES, earlier), KeyReused),
        (phones.ready(two, ROADS), cast.Cast),
        (phones.ready(two, BUSES), cast.Cast),
        (phones.ready(three, ROADS, twice), cast.Cast),
        (phones.ready(three, ROADS, twice), cast.Cast),
        (phones.ready(three, BUSES, twice), KeyReused),
        (phones.ready(elsewhere, ROADS, holder="somebody"), CardTaken),
        (phones.ready(one, {"dots": {"roads": 99}}), InvalidAnswer),
        (phones.ready(other.card("hol"), ROADS), NotFound),
        (phones.ready(one, ROADS, round_id=999), NotFound),
    ]
    done = phones.send_all([ballot for ballot, _ in sent])
    assert sizes == [len(sent)]
    assert [type(verdict) for verdict in done] == [expected for _, expected in sent]
    assert done[3] == first._replace(again=True)
    assert done[8] == done[7]._replace(again=True)
    taken = [done[place] for place in (0, 5, 6, 7)]
    assert [(entry.seq, entry.hash) for entry in log_of(meeting)[-4:]] == [cast[:2] for cast in taken]
    assert [cast.seq for cast in taken] == [before + number for number in (1, 2, 3, 4)]
    assert stored(meeting) == [5, 5, 5]
    meeting.read(lambda c: log.check(c, meeting.id))
    assert meeting.read(lambda c: cast.own_answer(c, keys, phones.round_id, two)) == BUSES


def test_two_meetings_in_one_batch_keep_their_own_chains(database, keys, sizes):
    meetings = [a_meeting(database, keys, {"hol": 3}, ["dots"], key=key) for key in ("one", "two")]
    phones = [Phones(meeting, "dots") for meeting in meetings]
    sent = [
        (own, own.ready(meeting.card("hol", place), ROADS))
        for place in range(3)
        for meeting, own in zip(meetings, phones, strict=True)
    ]
    done = at_once([lambda own=own, ballot=ballot: own.send(ballot) for own, ballot in sent])
    assert sizes == [6]
    for number, meeting in enumerate(meetings):
        own = [verdict.hash for verdict in done[number::2]]
        assert [row.hash for row in log_of(meeting)][-3:] == own
        meeting.read(lambda c, id=meeting.id: log.check(c, id))


@pytest.mark.parametrize("culprit", [0, 3, 6])
def test_what_makes_a_batch_fail_fails_alone(database, keys, sizes, culprit):
    meeting = a_meeting(database, keys, {"hol": 7}, ["dots"])
    phones = Phones(meeting, "dots")
    sent = [phones.ready(meeting.card("hol", place), ROADS) for place in range(7)]
    # The database itself refuses a ballot without a key.
    sent[culprit] = sent[culprit]._replace(key=None)
    done = phones.send_all(sent)
    # Tried together, then each alone; in between the thread may find them in two lots.
    assert max(sizes) > 1 and 1 in sizes
    assert isinstance(done.pop(culprit), IntegrityError)
    assert all(isinstance(verdict, cast.Cast) for verdict in done)
    assert [verdict.seq for verdict in done] == sorted({verdict.seq for verdict in done})
    assert stored(meeting) == [6, 6, 6]
    meeting.read(lambda c: log.check(c, meeting.id))


def test_nobody_in_a_batch_is_acknowledged_when_its_commit_fails(database, keys, monkeypatch):
    meeting = a_meeting(database, keys, {"hol": 4}, ["dots"])
    phones = Phones(meeting, "dots")
    sent = [phones.ready(meeting.card("hol", place), ROADS) for place in range(4)]
    monkeypatch.setattr(RootTransaction, "commit", _no_disk)
    assert {type(verdict) for verdict in phones.send_all(sent)} == {StorageUnavailable}
    monkeypatch.undo()
    assert stored(meeting) == [0, 0, 0]
    assert {type(verdict) for verdict in phones.send_all(sent)} == {cast.Cast}
    assert stored(meeting) == [4, 4, 4]


def _no_disk(_transaction):
    raise sqlite3.OperationalError("disk I/O error")


def test_a_lone_ballot_is_with_the_writer_before_the_loop_turns_again(database, keys):
    meeting = a_meeting(database, keys, {"hol": 1}, ["dots"])
    phones = Phones(meeting, "dots")
    ballot, began = phones.ready(meeting.card("hol"), ROADS), threading.Event()

    def recorded(connection, ballots):
        began.set()
        return record.record(connection, ballots)

    alone = gevent.spawn(database.write_together, recorded, ballot)
    gevent.sleep(0)
    gevent.sleep(0)
    # From here on the loop stands still: no timer, no other ballot and no later turn can set the writer off.
    assert began.wait(30)
    assert alone.get(timeout=30).seq == log_of(meeting)[-1].seq


def test_nobody_is_answered_before_the_commit(database, keys):
    meeting = a_meeting(database, keys, {"hol": 3}, ["dots"])
    phones = Phones(meeting, "dots")
    seen = []

    def recorded(connection, ballots):
        found = record.record(connection, ballots)
        seen.append((stored(meeting), [one.ready() for one in waiting]))
        return found

    waiting = [
        gevent.spawn(database.write_together, recorded, phones.ready(meeting.card("hol", place), ROADS))
        for place in range(3)
    ]
    gevent.joinall(waiting, timeout=60, raise_error=True)
    assert seen == [([0, 0, 0], [False] * 3)]
    assert stored(meeting) == [3, 3, 3]


def test_of_a_ballot_sent_after_finish_nobody_knows_whether_it_was_in(database, keys):
    meeting = a_meeting(database, keys, questions=["dots"])
    phones = Phones(meeting, "dots")
    ballot = phones.ready(meeting.card("hol"), ROADS)
    assert isinstance(phones.send(ballot), cast.Cast)
    meeting.close(phones.round_id)
    seal.finish(database, keys, meeting.questions["dots"])
    assert isinstance(phones.send(ballot), RoundFinished)


@pytest.mark.parametrize("place", [0, 7, 20])
def test_a_close_among_ballots_parts_them(database, keys, place):
    meeting = a_meeting(database, keys, {"hol": 20}, ["dots"])
    phones = Phones(meeting, "dots")
    works = [lambda ballot=phones.ready(card, ROADS): phones.send(ballot) for _, card in meeting.everybody()]
    works.insert(place, lambda: meeting.close(phones.round_id))
    done = at_once(works)
    assert [type(verdict) for verdict in done if verdict is not None] == [cast.Cast] * place + [
        RoundClosed
    ] * (20 - place)
    assert meeting.read(lambda c: count.books(c, phones.round_id)).used == place


SENDING = st.tuples(
    st.integers(0, 2), st.integers(0, 2), st.sampled_from([ROADS, BUSES, {}, {"dots": {"roads": 99}}])
)


@pytest.mark.sqlite
@settings(max_examples=25)
@given(sendings=st.lists(SENDING, min_size=2, max_size=12), void=st.integers(-1, 2))
def test_a_batch_judges_as_one_after_the_other_would(database, keys, sendings, void):
    pair = []
    for _ in range(2):
        meeting = a_meeting(database, keys, {"hol": 3}, ["dots"], key=fresh())
        phones = Phones(meeting, "dots")
        if void >= 0:
            card = meeting.card("hol", void)
            meeting.write(lambda c, id=meeting.id, card=card: cards.void(c, keys, id, card))
        ballots = [
            phones.ready(meeting.card("hol", card), answer, f"{key:032x}") for card, key, answer in sendings
        ]
        pair.append((meeting, phones, ballots))
    (together, at_once_, ballots), (singly, one_by_one, same) = pair
    first = at_once_.send_all(ballots)
    second = [one_by_one.send(ballot) for ballot in same]
    assert [outcome(verdict) for verdict in first] == [outcome(verdict) for verdict in second]
    assert stored(together)[1:] == stored(singly)[1:]
    assert last_answers(together, at_once_) == last_answers(singly, one_by_one)


def outcome(verdict):
    """Return what of a verdict is the same in two meetings."""
    return verdict._replace(hash="") if isinstance(verdict, cast.Cast) else type(verdict)


def last_answers(meeting, phones):
    """Return what each card has cast last."""
    return [
        meeting.read(lambda c, card=card: cast.own_answer(c, meeting.keys, phones.round_id, card))
        for _, card in meeting.everybody()
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_goes_through_a_batch(database, keys, kind, sizes):
    meeting = a_meeting(database, keys, {"hol": 3, "gol": 1}, [kind])
    phones = Phones(meeting, kind)
    answers = [an_answer(meeting.question(kind), number) for number in range(3)]
    sent = [phones.ready(meeting.card("hol", number), answer) for number, answer in enumerate(answers)]
    assert [type(verdict) for verdict in phones.send_all(sent)] == [cast.Cast] * 3
    assert sizes == [3]
    assert last_answers(meeting, phones)[:3] == answers
