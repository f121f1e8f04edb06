"""What was said beside a chart, and prompts in the facilitator's own words."""

from __future__ import annotations

import pytest

from survey.errors import NotAllowedNow, NotFound
from survey.meetings import notes
from survey.storage.database import Database
from survey.storage.keys import Keys
from tests.factories import AMeeting, a_meeting


@pytest.fixture
def meeting(database: Database, keys: Keys) -> AMeeting:
    """A meeting with one revealed round."""
    made = a_meeting(database, keys)
    round_id = made.open("scale")
    made.close(round_id)
    made.reveal(round_id)
    return made


def add(meeting: AMeeting, text: str, round_number: int = 1) -> int:
    """Write down what was said."""
    question_id = meeting.questions["scale"]
    made: int = meeting.write(lambda c: notes.add(c, meeting.id, question_id, round_number, text))
    return made


def said(meeting: AMeeting) -> list[str]:
    """Return what was written down."""
    return [row.text for row in meeting.read(lambda c: notes.of_question(c, meeting.questions["scale"]))]


def test_notes_stay_in_order_and_clean(meeting: AMeeting) -> None:
    for text in ("First", " A\u030al\u202e  said \n so "):
        add(meeting, text)
    assert said(meeting) == ["First", "Ål said so"]


@pytest.mark.parametrize("text", ["", " \n\u200b", "x" * 1001])
def test_nothing_and_too_much_are_refused(meeting: AMeeting, text: str) -> None:
    with pytest.raises(NotAllowedNow):
        add(meeting, text)


def test_a_note_belongs_to_a_round_that_was_opened(meeting: AMeeting) -> None:
    with pytest.raises(NotFound):
        add(meeting, "Too early", round_number=2)


def test_removing_a_note_deletes_it_and_only_ones_own(
    meeting: AMeeting, database: Database, keys: Keys
) -> None:
    other = a_meeting(database, keys, key="other")
    note_id = add(meeting, "Said")
    with pytest.raises(NotFound):
        meeting.write(lambda c: notes.remove(c, other.id, note_id))
    meeting.write(lambda c: notes.remove(c, meeting.id, note_id))
    assert said(meeting) == []


def test_prompts_are_edited_skipped_and_brought_back(meeting: AMeeting) -> None:
    def prompts() -> dict[str, tuple[str, bool]]:
        found = meeting.read(lambda c: notes.prompts(c, 1))
        return {finding: (row.text, row.skipped) for finding, row in found.items()}

    meeting.write(lambda c: notes.edit_prompt(c, meeting.id, 1, "spread", "What is behind this?"))
    meeting.write(lambda c: notes.skip_prompt(c, meeting.id, 1, "gathered"))
    assert prompts() == {"spread": ("What is behind this?", False), "gathered": ("", True)}
    add(meeting, "Said")
    rows = meeting.read(lambda c: notes.all_of(c, meeting.id))
    assert [(row["what"], row["finding"], row["text"]) for row in rows] == [
        ("said", "", "Said"),
        ("skipped", "gathered", ""),
        ("edited", "spread", "What is behind this?"),
    ]
    meeting.write(lambda c: notes.restore_prompt(c, meeting.id, 1, "spread"))
    assert list(prompts()) == ["gathered"]


def test_another_meetings_prompts_are_not_found(meeting: AMeeting, database: Database, keys: Keys) -> None:
    other = a_meeting(database, keys, key="other")
    with pytest.raises(NotFound):
        meeting.write(lambda c: notes.skip_prompt(c, other.id, 1, "spread"))


def test_what_stands_beside_a_hidden_round_stays_out_of_exports(meeting: AMeeting) -> None:
    meeting.open("dots")
    meeting.write(lambda c: notes.add(c, meeting.id, meeting.questions["dots"], 1, "Not yet"))
    assert meeting.read(lambda c: notes.all_of(c, meeting.id)) == []
