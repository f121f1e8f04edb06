"""Publishing takes seconds, and what is published may be gone when it is done."""

from __future__ import annotations

from pathlib import Path

import pytest
from rooms import a_room
from sqlalchemy import select

from survey.meetings import agenda, ending, erasing, publishing
from survey.storage import schema


@pytest.mark.parametrize("publishes", ["closing", "ending"])
def test_what_is_erased_while_it_is_published_does_not_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, publishes: str
) -> None:
    room = a_room(tmp_path, questions=["dots"])
    meeting, real, erased = room.meeting, publishing.apart, []
    round_id = room.open("dots")
    room.everybody_casts("dots", round_id)

    def while_somebody_erases(*what: object) -> object:
        found = real(*what)
        if not erased:
            erased.append(True)
            erasing.erase(meeting.database, meeting.keys, meeting.id)
        return found

    monkeypatch.setattr(publishing, "apart", while_somebody_erases)
    if publishes == "closing":
        meeting.write(lambda c: agenda.close_round(c, meeting.id, round_id, None))
        publishing.publish_round(meeting.database, meeting.keys, round_id)
    else:
        ending.end_meeting(meeting.database, meeting.keys, meeting.id, None)
    with meeting.database.reading() as connection:
        assert erased
        assert connection.scalar(select(schema.round_.c.published)) is None
    meeting.database.close()
