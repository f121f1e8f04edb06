"""A rehearsal is marked, and cleared as if nothing had been."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from survey.ballots import cards, log
from survey.errors import NotAllowedNow, StaleVersion
from survey.meetings import agenda, ending, notes, publishing, rehearsal
from survey.storage import schema
from survey.storage.database import Database
from survey.storage.keys import Keys
from tests.factories import AMeeting, a_meeting, an_answer, log_of


@pytest.fixture
def meeting(database: Database, keys: Keys) -> AMeeting:
    """A meeting with printed cards that has not begun."""
    return a_meeting(database, keys)


def rehearse(meeting: AMeeting) -> None:
    """Rehearse the first question to its end, with simulated cards and a latecomer by the room's QR."""
    meeting.write(lambda c: rehearsal.begin(c, meeting.id))
    group_id = meeting.groups["hol"]
    for origin in ("rehearsal", "room"):
        issued = meeting.write(
            lambda c, origin=origin: cards.issue(c, meeting.keys, meeting.id, group_id, 2, origin)
        )
        meeting.cards["hol"] += issued
    question_id = meeting.questions["scale"]
    round_id = meeting.write(lambda c: agenda.open_round(c, meeting.keys, meeting.id, question_id, None))
    for number, (_group, card) in enumerate(meeting.everybody()):
        meeting.cast(round_id, card, an_answer(meeting.question("scale"), number))
    meeting.write(lambda c: agenda.close_round(c, meeting.id, round_id, None))
    publishing.publish_round(meeting.database, meeting.keys, round_id)
    meeting.write(lambda c: agenda.reveal_round(c, meeting.id, round_id, None))
    meeting.write(lambda c: notes.add(c, meeting.id, question_id, 1, "Said"))
    meeting.write(lambda c: notes.skip_prompt(c, meeting.id, round_id, "spread"))


def is_rehearsal(meeting: AMeeting) -> bool:
    """Say whether the meeting is marked."""
    found: bool = meeting.read(lambda c: agenda.state(c, meeting.id)).rehearsal
    return found


def test_a_rehearsal_is_marked_in_the_log_and_in_what_is_published(meeting: AMeeting) -> None:
    rehearse(meeting)
    assert is_rehearsal(meeting)
    assert [entry.type for entry in log_of(meeting)].count("rehearsal") == 1
    assert meeting.read(lambda c: publishing.revealed(c, meeting.id)).meeting.rehearsal


def test_a_rehearsal_goes_on_where_it_has_begun(meeting: AMeeting) -> None:
    rehearse(meeting)
    before = len(log_of(meeting))
    meeting.write(lambda c: rehearsal.begin(c, meeting.id))
    assert len(log_of(meeting)) == before


def test_a_meeting_that_has_begun_cannot_be_rehearsed(meeting: AMeeting) -> None:
    question_id = meeting.questions["scale"]
    meeting.write(lambda c: agenda.open_round(c, meeting.keys, meeting.id, question_id, None))
    with pytest.raises(NotAllowedNow):
        meeting.write(lambda c: rehearsal.begin(c, meeting.id))
    assert not is_rehearsal(meeting)


@pytest.mark.parametrize("ended", [False, True])
def test_clearing_leaves_the_meeting_as_it_was(meeting: AMeeting, ended: bool) -> None:
    printed = {card.id for _group, issued in meeting.cards.items() for card in issued}
    before = [(entry.type, entry.data) for entry in log_of(meeting)]
    rehearse(meeting)
    if ended:
        ending.end_meeting(meeting.database, meeting.keys, meeting.id, None)
    version = meeting.read(lambda c: agenda.state(c, meeting.id)).version
    with pytest.raises(StaleVersion):
        meeting.write(lambda c: rehearsal.clear(c, meeting.keys, meeting.id, version - 1))
    meeting.write(lambda c: rehearsal.clear(c, meeting.keys, meeting.id, version))
    state = meeting.read(lambda c: agenda.state(c, meeting.id))
    assert (state.rehearsal, state.has_begun, state.ended, state.version) == (
        False,
        False,
        False,
        version + 1,
    )
    assert [(entry.type, entry.data) for entry in log_of(meeting)] == before
    meeting.read(lambda c: log.check(c, meeting.id))
    assert set(meeting.read(lambda c: c.scalars(select(schema.card.c.id)).all())) == printed
    assert not meeting.read(lambda c: c.scalars(select(schema.card.c.id).where(schema.card.c.taken)).all())
    for table in (schema.content, schema.cast_key, schema.round_, schema.note, schema.prompt):
        assert meeting.read(lambda c, table=table: c.scalar(select(func.count()).select_from(table))) == 0
    assert not any(meeting.has_key(one) for one in meeting.questions)


def test_after_clearing_the_meeting_is_held_with_the_printed_cards(meeting: AMeeting) -> None:
    card = meeting.card("hol")
    rehearse(meeting)
    before = set(meeting.read(lambda c: c.scalars(select(schema.round_.c.id)).all()))
    meeting.write(lambda c: rehearsal.clear(c, meeting.keys, meeting.id))
    question_id = meeting.questions["scale"]
    round_id = meeting.write(lambda c: agenda.open_round(c, meeting.keys, meeting.id, question_id, None))
    meeting.cast(round_id, card, {})
    assert meeting.read(lambda c: agenda.state(c, meeting.id)).turnout == 1
    assert round_id not in before, "a page left over from the rehearsal would cast into this round"


def test_a_meeting_in_earnest_is_never_cleared(meeting: AMeeting) -> None:
    with pytest.raises(NotAllowedNow):
        meeting.write(lambda c: rehearsal.clear(c, meeting.keys, meeting.id))
