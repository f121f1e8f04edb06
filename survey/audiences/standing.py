"""Where a meeting stands for those who only look: phones and the screen. Nothing about sealed answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from survey.ballots import rounds
from survey.storage import schema


@dataclass(frozen=True)
class Standing:
    """The round that phones are about, and its state: `waiting`, `open`, `closed`, `revealed` or `ended`.

    `round` has the round's columns and its question's `question_key`, `position`, `title`, `secrecy` and
    `finished_at`. `mark` changes whenever a phone has something else to show.
    """

    state: str
    round: Row[Any] | None

    @property
    def mark(self) -> str:
        """Return a short text that is another whenever the page is."""
        return self.state if self.round is None else f"{self.round.id}-{self.state}"


def standing(connection: Connection, meeting: Row[Any]) -> Standing:
    """Return where the meeting stands: its open round, or else the one opened last."""
    question, round_ = schema.question, schema.round_
    asked = (question.c.key.label("question_key"), question.c.position, question.c.title, question.c.secrecy)
    latest = (
        select(round_, *asked, question.c.finished_at)
        .join(question, question.c.id == round_.c.question_id)
        .where(question.c.meeting_id == meeting.id, round_.c.annulled_at.is_(None))
        .order_by(rounds.IS_OPEN.desc(), round_.c.opened_at.desc(), round_.c.id.desc())
    )
    found = connection.execute(latest.limit(1)).first()
    if meeting.ended_at is not None:
        return Standing("ended", found)
    return Standing("waiting", None) if found is None else Standing(rounds.state(found), found)
