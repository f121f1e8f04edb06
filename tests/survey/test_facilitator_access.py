"""Nobody gets into the console without signing in, nobody into another's meeting; looking changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from consoles import Console
from factories import a_meeting
from flask import Flask
from rooms import Room, a_room
from sqlalchemy import select

from survey.audiences import facilitator
from survey.storage import schema

_APP = Flask(__name__)
_APP.register_blueprint(facilitator.blueprint)
ROUTES = [
    (method, rule.rule, rule.endpoint)
    for rule in _APP.url_map.iter_rules()
    if rule.endpoint.startswith("facilitator.")
    for method in sorted((rule.methods or set()) & {"GET", "POST"})
]
CLOSED = [one for one in ROUTES if not one[2].startswith("facilitator.sign_in.")]
OF_A_MEETING = [one for one in CLOSED if "<key>" in one[1]]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """A room with a result on the wall, and a second meeting of somebody else."""
    found = a_room(tmp_path_factory.mktemp("room"))
    found.revealed("scale")
    yield found


def _path(rule: str) -> str:
    filled = rule.replace("<key>", "meeting").replace("<question>", "dots").replace("<int:note_id>", "1")
    return filled.replace("<name>", "hallingtinget").replace("<token>", "no-such-token")


def _everything(room: Room) -> dict[str, Any]:
    def dump(connection: Any) -> dict[str, Any]:
        return {
            name: connection.execute(select(table)).all() for name, table in schema.metadata.tables.items()
        }

    return room.meeting.read(dump)


def _ask(console: Console, method: str, path: str) -> Any:
    return console.get(path) if method == "GET" else console.post(path, version=1)


def test_the_list_of_routes_is_not_empty() -> None:
    assert len(OF_A_MEETING) > 20


@pytest.mark.parametrize(("method", "rule", "endpoint"), CLOSED)
def test_a_stranger_is_asked_to_sign_in(room: Room, method: str, rule: str, endpoint: str) -> None:
    before = _everything(room)
    answer = _ask(Console(room, room.client()), method, _path(rule))
    assert answer.status_code == 401
    assert 'name="password"' in answer.text
    assert _everything(room) == before


@pytest.mark.parametrize(("method", "rule", "endpoint"), OF_A_MEETING)
def test_another_meetings_facilitator_is_refused(room: Room, method: str, rule: str, endpoint: str) -> None:
    table = schema.meeting
    other = room.meeting.read(lambda c: c.scalar(select(table.c.id).where(table.c.key == "other")))
    if other is None:
        other = a_meeting(room.meeting.database, room.meeting.keys, key="other").id
    stranger = Console(room, room.client(other))
    before = _everything(room)
    answer = _ask(stranger, method, _path(rule))
    assert answer.status_code == 403
    assert _everything(room) == before


@pytest.mark.parametrize(("method", "rule", "endpoint"), [one for one in ROUTES if one[0] == "POST"])
def test_a_post_without_its_token_changes_nothing(room: Room, method: str, rule: str, endpoint: str) -> None:
    console = Console(room)
    before = _everything(room)
    assert console.client.post(_path(rule), data={"version": "1"}).status_code == 400
    foreign = {"Origin": "http://elsewhere.test"}
    token = {"csrf_token": console.token()}
    assert console.client.post(_path(rule), data=token, headers=foreign).status_code in (400, 403)
    assert _everything(room) == before


@pytest.mark.parametrize(("method", "rule", "endpoint"), [one for one in ROUTES if one[0] == "GET"])
def test_looking_changes_nothing(room: Room, method: str, rule: str, endpoint: str) -> None:
    console = Console(room)
    before = _everything(room)
    assert console.get(_path(rule)).status_code < 500
    assert _everything(room) == before


def test_a_meeting_that_does_not_exist(room: Room) -> None:
    assert Console(room).get("/meetings/nothing").status_code == 404


def test_a_number_leads_to_the_meeting_too(room: Room) -> None:
    assert Console(room).get(f"/meetings/{room.meeting.id}").status_code == 200


def test_every_page_is_complete_html(room: Room, tmp_path: Path) -> None:
    console = Console(room)
    for method, rule, _endpoint in ROUTES:
        answer = console.get(_path(rule)) if method == "GET" else None
        if answer is not None and answer.status_code == 200 and answer.mimetype == "text/html":
            assert "<h1" in answer.text
            assert " style=" not in answer.text
