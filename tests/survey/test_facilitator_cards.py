"""Cards in the console: made by a post, once, for the address that was confirmed."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from consoles import Console
from rooms import Room, a_room

from survey.ballots import cards
from survey.meetings import agenda


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A room whose twelve cards are void, so that all are to be made."""
    found = a_room(tmp_path, spares=1)
    found.meeting.write(lambda c: cards.void_unused(c, found.meeting.id))
    return found


def _valid(room: Room) -> int:
    number: int = room.meeting.read(lambda c: agenda.state(c, room.meeting.id)).cards
    return number


@pytest.mark.parametrize("per_page", ["8", "10"])
def test_the_sheet_comes_once_and_its_codes_go_nowhere_else(
    room: Room, per_page: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    console = Console(room)
    answer = console.press(f"{console.home}/cards", "Make the cards", per_page=per_page)
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    assert _valid(room) == 14
    assert "Every group has its cards." in console.get(f"{console.home}/cards").text


def test_pressing_twice_makes_one_sheet(room: Room) -> None:
    console = Console(room)
    version = console.version()
    sent = {"version": version, "base_url": "http://prikk.test:8000", "per_page": "10"}
    assert console.post(f"{console.home}/cards.pdf", **sent).status_code == 200
    again = console.post(f"{console.home}/cards.pdf", **sent)
    assert again.status_code == 303
    assert again.headers["Location"].endswith("/cards")
    assert _valid(room) == 14


@pytest.mark.parametrize(
    "fields",
    [
        {"base_url": "http://evil.test", "per_page": "10"},
        {"base_url": "", "per_page": "10"},
        {"base_url": "http://prikk.test:8000", "per_page": "9"},
        {"base_url": "http://prikk.test:8000", "per_page": "many"},
    ],
)
def test_only_an_own_address_is_printed(room: Room, fields: dict[str, str]) -> None:
    console = Console(room)
    answer = console.post(f"{console.home}/cards.pdf", version=console.version(), **fields)
    assert answer.status_code == 409
    assert _valid(room) == 0


def test_void_unused_and_print_afresh(room: Room) -> None:
    console = Console(room)
    path = f"{console.home}/cards"
    console.press(path, "Make the cards")
    answer = console.press(path, "Void them and make new")
    assert answer.data.startswith(b"%PDF")
    assert _valid(room) == 14
    counts = room.meeting.read(lambda c: cards.counts(c, room.meeting.id))
    assert sum(one.issued for one in counts.values()) == 12 + 14 + 14
    assert console.press(path, "Only void them").status_code == 303
    assert _valid(room) == 0


def test_a_group_that_one_absentee_hides_is_named(tmp_path: Path) -> None:
    room = a_room(tmp_path, groups={"hol": 6, "flaa": 5})
    console = Console(room)
    page = console.get(f"{console.home}/cards").text
    assert "Flaa: 5 cards, smallest group 5: one missing hides Flaa." in page
    assert "Hol: 6 cards" not in page
