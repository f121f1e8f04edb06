"""Signing in: by a link that works once, by name and password, and out again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from consoles import Console
from rooms import Room, a_room

from survey.meetings import accounts

PASSWORD = "fire vanlege ord her"


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return a_room(tmp_path)


def _link(room: Room, name: str = "Kari") -> str:
    token = room.meeting.write(lambda c: accounts.invite(c, name))
    return f"/sign-in/{token}"


def _newcomer(room: Room, name: str = "Kari") -> Console:
    console = Console(room, room.client())
    link = _link(room, name)
    assert console.press(link, "Sign in").headers["Location"] == "/account"
    done = console.press("/account", "Save", password=PASSWORD, again=PASSWORD)
    assert done.headers["Location"] == "/meetings"
    return console


def test_the_link_is_spent_by_the_button_and_not_by_looking(room: Room) -> None:
    console, link = Console(room, room.client()), _link(room)
    for _ in range(3):
        assert console.get(link).status_code == 200
    assert console.press(link, "Sign in").status_code == 303
    assert console.get(link).status_code == 410
    assert console.post(link).status_code == 410


def test_name_and_password_from_then_on(room: Room) -> None:
    _newcomer(room)
    other = Console(room, room.client())
    assert other.press("/sign-in", "Sign in", name="kari", password=PASSWORD).status_code == 303
    assert other.get("/meetings").status_code == 200


@pytest.mark.parametrize(("name", "password"), [("Kari", "wrong " + PASSWORD), ("Nobody", PASSWORD)])
def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(
    room: Room, name: str, password: str
) -> None:
    _newcomer(room)
    stranger = Console(room, room.client())
    answer = stranger.press("/sign-in", "Sign in", name=name, password=password)
    assert answer.status_code == 401
    assert re.findall(r'class="error" role="alert">([^<]+)', answer.text)
    assert stranger.get("/meetings").status_code == 401


@pytest.mark.parametrize(("password", "again"), [("short", "short"), (PASSWORD, "something else"), ("", "")])
def test_a_password_of_twelve_signs_typed_twice(room: Room, password: str, again: str) -> None:
    console = Console(room, room.client())
    console.press(_link(room), "Sign in")
    assert console.press("/account", "Save", password=password, again=again).status_code == 422


def test_signing_out_ends_the_session_on_the_server(room: Room) -> None:
    console = _newcomer(room)
    with console.client.session_transaction() as session:
        kept = session["facilitator"]
    assert console.press("/account", "Sign out").status_code == 303
    with console.client.session_transaction() as session:
        session["facilitator"] = kept
    assert console.get("/meetings").status_code == 401


def test_a_new_password_wants_the_old_one_and_ends_other_sessions(room: Room) -> None:
    console = _newcomer(room)
    other = Console(room, room.client())
    other.press("/sign-in", "Sign in", name="Kari", password=PASSWORD)
    fresh = {"password": "heilt andre ord no", "again": "heilt andre ord no"}
    assert console.press("/account", "Save", current="not this one", **fresh).status_code == 401
    assert console.press("/account", "Save", current=PASSWORD, **fresh).status_code == 303
    assert console.get("/meetings").status_code == 200
    assert other.get("/meetings").status_code == 401


def test_an_invited_facilitator_gets_a_link_and_no_meeting(room: Room) -> None:
    console = _newcomer(room)
    answer = console.press("/account", "one-time link", name="Ola")
    link = re.findall(r'class="secret">http://prikk.test:8000(/sign-in/[^<]+)', answer.text)[0]
    invited = Console(room, room.client())
    assert invited.press(link, "Sign in").status_code == 303
    assert invited.get(f"/meetings/{room.meeting.key}").status_code == 403


def test_nobody_is_signed_in_as_somebody_who_is_here_already(room: Room) -> None:
    _newcomer(room, "Kari")
    other = _newcomer(room, "Per")
    answer = other.press("/account", "one-time link", name="kari")
    assert answer.status_code == 409
    assert "/sign-in/" not in answer.text


def test_a_meeting_is_shared_with_somebody_new(room: Room) -> None:
    answer = Console(room).press(f"/meetings/{room.meeting.key}/plan", "Let them run", name="Ola")
    link = re.findall(r'class="secret">http://prikk.test:8000(/sign-in/[^<]+)', answer.text)[0]
    ola = Console(room, room.client())
    ola.press(link, "Sign in")
    assert ola.get(f"/meetings/{room.meeting.key}").status_code == 200
