"""What would go wrong, said before it does."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from survey.meetings import plans, preflight
from survey.storage import schema
from survey.storage.database import Database
from survey.storage.keys import Keys
from tests.factories import AMeeting, a_meeting

REACHABLE = "http://192.168.1.20:8000"


def keys_of(meeting: AMeeting, base_url: str = REACHABLE, folder: Path | None = None) -> list[str]:
    """Return the keys of the cautions."""
    found = meeting.read(lambda c: preflight.cautions(c, meeting.id, base_url, folder))
    assert all(one.text for one in found)
    return [one.key for one in found]


def test_a_meeting_that_is_ready_has_nothing_to_be_told(
    database: Database, keys: Keys, tmp_path: Path
) -> None:
    meeting = a_meeting(database, keys, groups={"hol": 6, "gol": 6}, questions=("scale", "trust"))
    assert keys_of(meeting, folder=tmp_path) == []


def test_small_groups_are_told_by_name(database: Database, keys: Keys) -> None:
    groups = {"hol": 6, "fla": 5, "nes": 4, "guests": 2}
    meeting = a_meeting(database, keys, groups=groups, questions=("scale",), guests=["guests"])
    found = meeting.read(lambda c: preflight.cautions(c, meeting.id, REACHABLE))
    assert [one.text for one in found] == [
        "Fla: 5 cards, smallest group 5: one missing hides Fla.",
        "Nes: 4 cards, smallest group 5: Nes will not be shown.",
    ]
    assert all(one.ways for one in found)


def test_what_is_missing_is_told(database: Database) -> None:
    meeting_id = database.write(lambda c: plans.store(c, plans.from_raw({"title": "Empty"})))
    with database.reading() as connection:
        found = preflight.cautions(connection, meeting_id, REACHABLE)
    assert [one.key for one in found] == ["no_cards", "no_questions", "no_groups"]


def test_advice_about_questions_is_told_with_its_number(database: Database, keys: Keys) -> None:
    items = tuple(f"option-{number}" for number in range(13))
    question = {"kind": "dots", "items": items, "settings": {"dots": 3, "cap": 2}}
    meeting = a_meeting(database, keys, groups={"hol": 6, "gol": 6}, questions=("scale", question))
    found = meeting.read(lambda c: preflight.cautions(c, meeting.id, REACHABLE))
    assert [one.key for one in found] == ["advice"]
    assert found[0].text.startswith("Question 2: ") and "12" in found[0].text


@pytest.mark.parametrize(
    ("today", "printed", "expected"),
    [
        (REACHABLE, "", []),
        (REACHABLE, REACHABLE + "/", []),
        ("http://hotel.local:8000", "", []),
        ("https://prikk.example.no", "", []),
        ("http://127.0.0.1:8000", "", ["unreachable"]),
        ("http://localhost:8000", "", ["unreachable"]),
        ("", "", ["unreachable"]),
        ("http://prikk.example.no", "", ["plain_http"]),
        ("http://8.8.8.8", "", ["plain_http"]),
        (REACHABLE, "http://192.168.1.7:8000", ["moved"]),
        ("http://127.0.0.1:8000", REACHABLE, ["unreachable", "moved"]),
    ],
)
def test_addresses(database: Database, keys: Keys, today: str, printed: str, expected: list[str]) -> None:
    meeting = a_meeting(database, keys, groups={"hol": 6, "gol": 6}, questions=("scale",))
    meeting.write(lambda c: c.execute(update(schema.meeting).values(base_url=printed)))
    assert keys_of(meeting, today) == expected


@pytest.mark.parametrize("name", ["OneDrive - Kommune", "Dropbox", "iCloud Drive"])
def test_a_folder_in_a_cloud_is_told(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name / "instance"
    folder.mkdir(parents=True)
    assert [one.key for one in preflight.storage(folder)] == ["cloud_folder"]
    assert preflight.storage(tmp_path) == []


def test_a_disk_nearly_full_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 5 * 2**20

    monkeypatch.setattr(preflight.shutil, "disk_usage", lambda _folder: Usage)
    assert [one.text for one in preflight.storage(tmp_path)] == ["The disk is nearly full: 5 MB are left."]
