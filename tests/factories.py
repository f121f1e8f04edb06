"""Meetings for tests, made straight in the tables, with a plain verb for what is done in them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, select

from survey import kinds
from survey.ballots import box, cards, cast
from survey.storage import schema
from survey.storage.database import Database
from survey.storage.keys import Keys

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
QUESTIONS: dict[str, dict[str, Any]] = {
    "scale": {"settings": {"low": "not at all", "high": "fully"}, "items": ("agree", "know")},
    "trust": {"settings": {"low": "none", "high": "full"}, "items": ()},
    "dots": {
        "settings": {"dots": 4, "cap": 2, "against": True},
        "items": ("roads", "schools", "buses", "rinks"),
    },
}


@dataclass
class AMeeting:
    """A meeting in the database, and what a test needs to act in it."""

    database: Database
    keys: Keys
    id: int
    key: str
    groups: dict[str, int]
    cards: dict[str, list[cards.IssuedCard]] = field(default_factory=dict)
    questions: dict[str, int] = field(default_factory=dict)

    def write(self, work: Any) -> Any:
        """Run a write as the application does."""
        return self.database.write(work)

    def read(self, work: Any) -> Any:
        """Run `work(connection)` on a reading connection."""
        with self.database.reading() as connection:
            return work(connection)

    def question(self, key: str) -> kinds.Question:
        """Return a question as kinds see it."""
        found: kinds.Question = self.read(lambda c: kinds.load(c, self.questions[key]))
        return found

    def card(self, group: str, number: int = 0) -> str:
        """Return the id of a group's card."""
        return self.cards[group][number].id

    def open(self, question: str) -> int:
        """Open the question's next round; returns the round's id."""
        number: int = self.write(lambda c: box.open_round(c, self.keys, self.questions[question]))
        return number

    def has_key(self, question: str) -> bool:
        """Say whether the question's key exists."""
        found: bool = self.read(lambda c: self.keys.has_question(c, self.questions[question]))
        return found

    def close(self, round_id: int) -> None:
        """Close the round."""
        self.write(lambda c: box.close_round(c, round_id))

    def reveal(self, round_id: int) -> None:
        """Reveal the round."""
        self.write(lambda c: box.reveal_round(c, round_id))

    def cast(
        self, round_id: int, card_id: str, answer: Any, key: str | None = None, paper: bool = False
    ) -> cast.Cast:
        """Cast an answer, under a fresh key unless one is given."""
        sending = key or secrets.token_hex(16)
        done: cast.Cast = self.write(
            lambda c: cast.cast(c, self.keys, round_id, card_id, sending, answer, paper=paper)
        )
        return done

    def everybody(self) -> list[tuple[str, str]]:
        """Return (group key, card id) of every card."""
        return [(group, card.id) for group, issued in self.cards.items() for card in issued]


def a_meeting(
    database: Database,
    keys: Keys,
    groups: Mapping[str, int] | None = None,
    questions: Sequence[str | Mapping[str, Any]] = ("scale", "trust", "dots"),
    guests: Sequence[str] = (),
    tables: int = 0,
    key: str = "meeting",
    **columns: Any,
) -> AMeeting:
    """Make a meeting. `groups` maps group key -> cards; a question is a kind's name or a mapping.

    A mapping may hold `key`, `kind`, `secrecy`, `settings`, `items` (keys) and any column of the table;
    `guests` are groups that do not vote; further keywords are columns of the meeting.
    """
    sizes = dict(groups or {"hol": 3, "gol": 3})

    def make(connection: Connection) -> AMeeting:
        values = {"key": key, "title": "A meeting", "language": "en", **columns}
        meeting_id = _insert(connection, schema.meeting, values)
        found = AMeeting(database, keys, meeting_id, key, {})
        for position, (name, number) in enumerate(sizes.items()):
            row = {
                "meeting_id": meeting_id,
                "position": position,
                "key": name,
                "name": name.capitalize(),
                "colour": COLOURS[position % len(COLOURS)],
                "cards": number,
                "votes": name not in guests,
            }
            found.groups[name] = _insert(connection, schema.group, row)
        for position in range(tables):
            row = {"meeting_id": meeting_id, "position": position, "name": str(position + 1)}
            _insert(connection, schema.table, row)
        for position, asked in enumerate(questions):
            raw = {"kind": asked} if isinstance(asked, str) else dict(asked)
            _add_question(connection, found, position, raw)
        for name, number in sizes.items():
            group_id = found.groups[name]
            found.cards[name] = cards.issue(connection, keys, meeting_id, group_id, number, "printed")
        return found

    return database.write(make)


def _insert(connection: Connection, table: Any, values: Mapping[str, Any]) -> int:
    found: int = connection.execute(insert(table).values(values)).inserted_primary_key[0]
    return found


def _add_question(connection: Connection, meeting: AMeeting, position: int, raw: dict[str, Any]) -> None:
    usual = QUESTIONS[raw["kind"]]
    items = raw.pop("items", usual["items"])
    row = {
        "meeting_id": meeting.id,
        "position": position,
        "key": raw["kind"],
        "title": f"About {raw['kind']}",
        "secrecy": "sealed",
        "settings": usual["settings"],
        "rounds": 2,
        **raw,
    }
    question_id = _insert(connection, schema.question, row)
    meeting.questions[row["key"]] = question_id
    for place, name in enumerate(items):
        item = {"question_id": question_id, "position": place, "key": name, "text": f"The {name}"}
        _insert(connection, schema.item, item)


def an_answer(question: kinds.Question, number: int = 0) -> dict[str, Any]:
    """Return a valid answer; another `number` gives another one."""
    return ANSWERS[question.kind](question, number)


def _values(question: kinds.Question, number: int) -> dict[str, Any]:
    steps = question.settings["max"] - question.settings["min"] + 1
    return {
        "values": {
            item.key: question.settings["min"] + (number + place) % steps
            for place, item in enumerate(question.items)
        }
    }


def _dots(question: kinds.Question, number: int) -> dict[str, Any]:
    items = question.items
    return {"dots": {items[number % len(items)].key: 1, items[(number + 1) % len(items)].key: 1 + number % 2}}


ANSWERS = {"scale": _values, "trust": _values, "dots": _dots}


def log_of(meeting: AMeeting) -> list[Any]:
    """Return the rows of the meeting's log."""
    wanted = select(schema.log).where(schema.log.c.meeting_id == meeting.id).order_by(schema.log.c.seq)
    found: list[Any] = meeting.read(lambda c: c.execute(wanted).all())
    return found
