"""Casting: recorded once, refused in words, changed until closing."""

from __future__ import annotations

import secrets

import pytest
from factories import a_meeting, an_answer, log_of

from survey.ballots import cards, cast, count
from survey.errors import CardVoid, InvalidAnswer, KeyReused, NotFound, NotVoting, RoundClosed
from survey.kinds import KINDS

EVERY_KIND = pytest.mark.parametrize("kind", KINDS)


@EVERY_KIND
def test_a_ballot_is_recorded_with_a_receipt_and_seen_until_closing(database, keys, kind):
    meeting = a_meeting(database, keys, questions=[kind])
    answer = an_answer(meeting.question(kind))
    opened = meeting.open(kind)
    done = meeting.cast(opened, meeting.card("hol"), answer)
    assert not done.again
    assert len(done.receipt) == 11
    assert log_of(meeting)[-1].hash == done.hash
    assert meeting.read(lambda c: cast.own_answer(c, keys, opened, meeting.card("hol"))) == answer
    assert meeting.read(lambda c: cast.own_answer(c, keys, opened, meeting.card("gol"))) is None
    assert meeting.read(lambda c: cast.has_cast(c, keys, opened, meeting.card("hol")))
    meeting.close(opened)
    assert meeting.read(lambda c: cast.own_answer(c, keys, opened, meeting.card("hol"))) is None
