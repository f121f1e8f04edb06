"""Where a meeting stands for those who only look: phones and the screen. Nothing about sealed answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select

from survey import kinds
from survey.ballots import count, rounds
from survey.storage import schema

_QUESTION, _ROUND = schema.question, schema.round_
# Asked at every page of every phone, and so built once.
_LATEST: Select[Any] = (
    select(
        _ROUND,
        _QUESTION.c.key.label("question_key"),
        _QUESTION.c.position,
        _QUESTION.c.title,
        _QUESTION.c.secrecy,
        _QUESTION.c.finished_at,
    )
    .join(_QUESTION, _QUESTION.c.id == _ROUND.c.question_id)
    .where(_QUESTION.c.meeting_id == bindparam("meeting"), _ROUND.c.annulled_at.is_(None))
    .order_by(rounds.IS_OPEN.desc(), _ROUND.c.opened_at.desc(), _ROUND.c.id.desc())
    .limit(1)
)


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
    found = connection.execute(_LATEST, {"meeting": meeting.id}).first()
    if meeting.ended_at is not None:
        return Standing("ended", found)
    return Standing("waiting", None) if found is None else Standing(rounds.state(found), found)


def wall(connection: Connection, round_: Row[Any]) -> list[dict[str, Any]]:
    """Return how many dots lie where: `item`, `group`, `n`, and `level`, the place on a scale or None."""
    on_a_scale = "min" in kinds.load(connection, round_.question_id).settings
    found: Counter[tuple[str, str, int | None]] = Counter()
    for row in count.live_rows(connection, round_.id):
        if row["value"] is not None:
            level = row["value"] if on_a_scale else None
            found[row["item"], row["group"], level] += row["ballots"] * (1 if on_a_scale else row["value"])
    return [
        {"item": item, "group": group, "level": level, "n": n} for (item, group, level), n in found.items()
    ]
