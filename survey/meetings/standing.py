"""How a meeting stands: its agenda with rounds and states, what is open, what the room sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from survey.ballots import count, rounds
from survey.languages import N_, gettext
from survey.meetings.steps import meeting_row
from survey.storage import schema

_ROUND = schema.round_
WORDS = {
    "waiting": N_("Ready"),
    "open": N_("Open now"),
    "closed": N_("Closed, not shown yet"),
    "revealed": N_("Shown in the room"),
    "annulled": N_("Put aside"),
    "finished": N_("Finished"),
}


@dataclass(frozen=True)
class RoundState:
    """One opening of a question. `state` is open, closed, revealed or annulled; `turnout` counts cards that
    have voted, `entitled` those that may.
    """

    id: int
    number: int
    state: str
    k: int
    turnout: int
    entitled: int
    is_published: bool
    was_revealed: bool
    opened_at: datetime


@dataclass(frozen=True)
class QuestionState:
    """A question in the agenda. `number` counts from 1; `planned` is how many rounds the plan has, 1 or 2."""

    id: int
    key: str
    number: int
    kind: str
    title: str
    help: str
    interlude: str
    secrecy: str
    planned: int
    finished: bool
    scrubbed: bool
    rounds: tuple[RoundState, ...]

    @property
    def last(self) -> RoundState | None:
        """The round opened last, annulled or not."""
        return self.rounds[-1] if self.rounds else None

    @property
    def standing(self) -> tuple[RoundState, ...]:
        """The rounds that are not annulled."""
        return tuple(one for one in self.rounds if one.state != "annulled")

    @property
    def state(self) -> str:
        """A key of `WORDS`: finished, or the last round's state, or waiting."""
        if self.finished:
            return "finished"
        return self.last.state if self.last else "waiting"

    @property
    def word(self) -> str:
        """The state in the current language."""
        return gettext(WORDS[self.state])


@dataclass(frozen=True)
class MeetingState:
    """The meeting as console and screen need it.

    `current` is the question opened last, `open` the round that is open, `expected` how many cards may
    vote in it (before, the people the plan expects), `cards` how many cards may vote, `screen` what the
    room sees, `stages` the names of the stages of the chart that is on it.
    """

    id: int
    key: str
    title: str
    language: str
    version: int
    k: int
    rehearsal: bool
    demo: bool
    ended: bool
    ends_at: datetime | None
    base_url: str
    screen: Mapping[str, Any]
    stages: tuple[str, ...]
    questions: tuple[QuestionState, ...]
    current: QuestionState | None
    open: RoundState | None
    turnout: int
    expected: int
    cards: int

    @property
    def has_begun(self) -> bool:
        """Whether any question has been opened."""
        return any(question.rounds for question in self.questions)

    @property
    def unfinished(self) -> tuple[QuestionState, ...]:
        """The questions whose links between card and ballot still exist."""
        return tuple(one for one in self.questions if one.rounds and not one.finished)

    def question(self, question_id: int) -> QuestionState | None:
        """Return a question by id, or None."""
        return next((one for one in self.questions if one.id == question_id), None)


def state(connection: Connection, meeting_id: int) -> MeetingState:
    """Return how the meeting stands; raises NotFound."""
    meeting = meeting_row(connection, meeting_id)
    questions = _questions(connection, meeting_id)
    opened = [(one.opened_at, one.id, question) for question in questions for one in question.rounds]
    current = max(opened, key=lambda one: one[:2])[2] if opened else None
    open_now = next((one for question in questions for one in question.rounds if one.state == "open"), None)
    turnout = open_now.turnout if open_now else 0
    shown = _shown(connection, meeting)
    return MeetingState(
        id=meeting.id,
        key=meeting.key,
        title=meeting.title,
        language=meeting.language,
        version=meeting.version,
        k=meeting.k,
        rehearsal=meeting.rehearsal,
        demo=meeting.demo,
        ended=meeting.ended_at is not None,
        ends_at=meeting.ends_at,
        base_url=meeting.base_url,
        screen=meeting.screen or {"view": "join"},
        stages=tuple(shown.get("stages", ())),
        questions=questions,
        current=current,
        open=open_now,
        turnout=turnout,
        expected=open_now.entitled if open_now else expected(connection, meeting_id),
        cards=voting_cards(connection, meeting_id),
    )


def expected(connection: Connection, meeting_id: int) -> int:
    """Return how many people of voting groups the plan expects."""
    group = schema.group
    asked = select(func.sum(group.c.cards)).where(group.c.meeting_id == meeting_id, group.c.votes)
    return connection.scalar(asked) or 0


def voting_cards(connection: Connection, meeting_id: int) -> int:
    """Return how many cards of voting groups there are that are not void."""
    card, group = schema.card, schema.group
    asked = select(func.count(card.c.id)).join(group, group.c.id == card.c.group_id)
    return connection.scalar(asked.where(card.c.meeting_id == meeting_id, group.c.votes, ~card.c.void)) or 0


def _questions(connection: Connection, meeting_id: int) -> tuple[QuestionState, ...]:
    question = schema.question
    asked = select(question).where(question.c.meeting_id == meeting_id).order_by(question.c.position)
    # What is published is large and not needed here, only whether it is there.
    columns = [column for column in _ROUND.c if column.name not in ("published", "books")]
    opened = (
        select(*columns, _ROUND.c.published.is_not(None).label("is_published"))
        .join(question, question.c.id == _ROUND.c.question_id)
        .where(question.c.meeting_id == meeting_id)
        .order_by(_ROUND.c.number)
    )
    by_question: dict[int, list[RoundState]] = {}
    for row in connection.execute(opened).all():
        by_question.setdefault(row.question_id, []).append(_round(connection, row))
    return tuple(
        QuestionState(
            id=row.id,
            key=row.key,
            number=number,
            kind=row.kind,
            title=row.title,
            help=row.help,
            interlude=row.interlude,
            secrecy=row.secrecy,
            planned=row.rounds,
            finished=row.finished_at is not None,
            scrubbed=row.scrubbed_at is not None,
            rounds=tuple(by_question.get(row.id, ())),
        )
        for number, row in enumerate(connection.execute(asked).all(), start=1)
    )


def _round(connection: Connection, row: Any) -> RoundState:
    return RoundState(
        id=row.id,
        number=row.number,
        state=rounds.state(row),
        k=row.k,
        turnout=count.turnout(connection, row.id),
        entitled=count.entitled(connection, row.id),
        is_published=row.is_published,
        was_revealed=row.revealed_at is not None,
        opened_at=row.opened_at,
    )


def _shown(connection: Connection, meeting: Row[Any]) -> dict[str, Any]:
    screen = meeting.screen or {}
    if screen.get("view") != "result":
        return {}
    asked = select(_ROUND.c.published).where(_ROUND.c.id == screen.get("round"))
    published = connection.scalar(
        asked.where(_ROUND.c.revealed_at.is_not(None), _ROUND.c.annulled_at.is_(None))
    )
    return published or {}
