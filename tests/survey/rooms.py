"""An application with a meeting in it, its steps taken as the console takes them, and browsers to look."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from factories import AMeeting, a_meeting, an_answer
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, update

from survey import create_app
from survey.audiences import access
from survey.meetings import agenda, publishing
from survey.storage import schema

GROUPS = {"hol": 6, "gol": 6}


@dataclass
class Room:
    """A meeting and the application that serves it."""

    app: Flask
    meeting: AMeeting

    def client(self, meeting_id: int | None = None) -> FlaskClient:
        """Return a browser; with a meeting's id it is signed in as a facilitator who may run it."""
        client = self.app.test_client()
        if meeting_id is not None:
            _sign_in(self.app, client, meeting_id)
        return client

    def get(self, path: str, **options: Any) -> Any:
        """Return the answer to a browser that is nobody's."""
        return self.client().get(path, **options)

    def open(self, question: str) -> int:
        """Open the question's next round and show it; returns the round's id."""
        meeting = self.meeting
        number: int = meeting.write(
            lambda c: agenda.open_round(c, meeting.keys, meeting.id, meeting.questions[question], None)
        )
        return number

    def everybody_casts(self, question: str, round_id: int, spread: int = 1) -> None:
        """Let every card cast; `spread` 0 lets all answer alike."""
        for number, (_, card) in enumerate(self.meeting.everybody()):
            self.meeting.cast(round_id, card, an_answer(self.meeting.question(question), number * spread))

    def close(self, round_id: int) -> None:
        """Close the round and publish it."""
        self.meeting.write(lambda c: agenda.close_round(c, self.meeting.id, round_id, None))
        publishing.publish_round(self.meeting.database, self.meeting.keys, round_id)

    def reveal(self, round_id: int) -> None:
        """Let the room see the round."""
        self.meeting.write(lambda c: agenda.reveal_round(c, self.meeting.id, round_id, None))

    def revealed(self, question: str) -> int:
        """Take a question all the way to the wall; returns the round's id."""
        round_id = self.open(question)
        self.everybody_casts(question, round_id)
        self.close(round_id)
        self.reveal(round_id)
        return round_id

    def show(self, **screen: Any) -> None:
        """Change what the room sees."""
        self.meeting.write(lambda c: agenda.show(c, self.meeting.id, None, **screen))

    def set(self, **columns: Any) -> None:
        """Change columns of the meeting."""
        table = schema.meeting
        self.meeting.write(
            lambda c: c.execute(update(table).where(table.c.id == self.meeting.id).values(**columns))
        )


def a_room(folder: Path, **options: Any) -> Room:
    """Return an application on a database of its own, with a meeting (see factories.a_meeting)."""
    app = create_app({"PRIKK_INSTANCE": str(folder), "PRIKK_BASE_URL": "http://prikk.test:8000"})
    database, keys = app.extensions["prikk.database"], app.extensions["prikk.keys"]
    options.setdefault("groups", GROUPS)
    return Room(app, a_meeting(database, keys, **options))


def _sign_in(app: Flask, client: FlaskClient, meeting_id: int) -> None:
    token = secrets.token_urlsafe(16)

    def work(connection: Any) -> None:
        name = f"facilitator {token}"
        who = connection.execute(insert(schema.facilitator).values(name=name)).inserted_primary_key[0]
        connection.execute(insert(schema.membership).values(facilitator_id=who, meeting_id=meeting_id))
        values = {"id_hash": access.hashed(token), "facilitator_id": who, "seen_at": schema.now()}
        moment = schema.now().replace(year=schema.now().year + 1)
        connection.execute(insert(schema.session).values(expires_at=moment, **values))

    app.extensions["prikk.database"].write(work)
    with client.session_transaction() as session:
        session["facilitator"] = token
