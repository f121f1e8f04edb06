"""Erasure: no byte of texts, answers or codes is left in any file, and the chain verifies as before."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from consoles import Console
from factories import a_meeting, an_answer, log_of
from rooms import Room, a_room
from sqlalchemy import Connection, insert, select, text, update

from survey import serving
from survey.ballots import audit, count, export, seal
from survey.errors import BrokenChain, NotAllowedNow, PlanRejected, StaleVersion
from survey.kinds import KINDS
from survey.meetings import agenda, ending, erasing, notes, plans
from survey.storage import schema

HOUSE = Path(__file__).resolve().parents[2]
WORDS = {
    "title": "Zebrafjellstinget",
    "place": "Quislehamar kulturhus",
    "wifi_name": "Wolframnettet",
    "wifi_password": "xylofonpassord",
}
# What stands in the contents, as the answers are stored, and nowhere else.
ANSWERS = ("vaffelrute", "kvitlaukskule")


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A meeting full of words that stand nowhere else: title, place, groups, options, notes."""
    dots = {"kind": "dots", "title": "Kva med jordbærpresteparten?", "items": ANSWERS}
    found = a_room(tmp_path / "instance", questions=(dots, "scale"), **WORDS)
    found.revealed("dots")
    number = found.meeting.questions["dots"]
    found.meeting.write(lambda c: notes.add(c, found.meeting.id, number, 1, "Nokon sa gulasjkanon høgt"))
    round_id = found.meeting.read(lambda c: c.scalar(select(schema.round_.c.id)))
    prompt = {"round_id": round_id, "finding": "close", "text": "Kvifor tyttebærskogen?", "skipped": False}
    found.meeting.write(lambda c: c.execute(insert(schema.prompt).values(prompt)))
    yield found
    found.meeting.database.close()


SECRET = [
    *WORDS.values(),
    *ANSWERS,
    "jordbærpresteparten",
    "gulasjkanon",
    "tyttebærskogen",
]


def traces(folder: Path, words: list[str]) -> list[str]:
    """Return which of the words stand anywhere in the files below a folder, as UTF-8 or as escaped JSON."""
    everything = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    escaped = {word: json.dumps(word)[1:-1].encode() for word in words}
    return [word for word in words if word.encode() in everything or escaped[word] in everything]


def secrets_of(room: Room) -> list[str]:
    """Return what links: codes, their digests, cards, ids, salts and hashes of answers."""
    meeting = room.meeting

    def ask(connection):
        content, used, card = schema.content, schema.cast_key, schema.card
        found = [one for row in connection.execute(select(content.c.id, content.c.nonce)) for one in row]
        found += [row.body_hash for row in connection.execute(select(used.c.body_hash))]
        return found + [
            one for row in connection.execute(select(card.c.id, card.c.code_digest)) for one in row
        ]

    codes = [one.code for issued in meeting.cards.values() for one in issued]
    return [one for one in meeting.read(ask) if one] + codes


def test_no_byte_is_left_and_the_chain_verifies_with_its_mark(room: Room, tmp_path: Path) -> None:
    meeting, folder = room.meeting, tmp_path / "instance"
    hidden = secrets_of(room)
    before, books = log_of(meeting), meeting.read(lambda c: count.books(c, 1))
    assert traces(folder, SECRET) == SECRET
    assert erasing.erase(meeting.database, meeting.keys, meeting.id)
    assert traces(folder, SECRET + hidden) == []
    assert not list(folder.rglob("question-*"))
    assert meeting.read(lambda c: c.scalar(text("PRAGMA freelist_count"))) == 0
    assert log_of(meeting)[: len(before)] == before and log_of(meeting)[-1].type == "erase"
    meeting.read(lambda c: audit.check(c, meeting.id))
    assert meeting.read(lambda c: count.books(c, 1)) == books
    file = tmp_path / "log.json"
    file.write_text(json.dumps(meeting.read(lambda c: export.exported(c, meeting.id))))
    verifier = [sys.executable, "-I", str(HOUSE / "survey" / "ballots" / "verify.py"), str(file)]
    done = subprocess.run([*verifier, "--head", before[-1].hash], capture_output=True, text=True)
    assert done.returncode == 0 and "1: 12 ballots in the box, contents erased" in done.stdout
    # Twice is as once.
    after = log_of(meeting)
    assert erasing.erase(meeting.database, meeting.keys, meeting.id)
    assert log_of(meeting) == after


def test_another_meeting_on_the_same_server_keeps_everything(room: Room) -> None:
    other = a_meeting(room.meeting.database, room.meeting.keys, key="other", questions=["dots"])
    opened = other.open("dots")
    other.cast(opened, other.card("hol"), an_answer(other.question("dots")))
    other.close(opened)
    kept = other.read(lambda c: count.responses(c, other.keys, other.questions["dots"]))
    erasing.erase(room.meeting.database, room.meeting.keys, room.meeting.id)
    again = other.read(lambda c: count.responses(c, other.keys, other.questions["dots"]))
    columns = ["group", "item", "value"]
    # They come in no order.
    assert sorted(kept.frame[columns].values.tolist()) == sorted(again.frame[columns].values.tolist())
    other.read(lambda c: audit.check(c, other.id))
    assert other.read(lambda c: plans.load(c, other.id)).title == "A meeting"


@pytest.mark.parametrize("kind", KINDS)
def test_pages_of_an_erased_meeting_are_there_without_words(tmp_path: Path, kind: str) -> None:
    room = a_room(tmp_path, questions=(kind,), **WORDS)
    room.revealed(kind)
    erasing.erase(room.meeting.database, room.meeting.keys, room.meeting.id)
    console = room.client(room.meeting.id)
    for path in ("", "/plan", "/cards", "/report.html", "/package.zip", "/plan.toml"):
        answer = console.get(f"/meetings/meeting{path}")
        assert answer.status_code in (200, 404), path
        assert not [word for word in WORDS.values() if word in answer.text]
    for path in ("/verify/meeting", "/verify/meeting/log.json", "/screen/meeting", "/join/meeting", "/b"):
        assert console.get(path).status_code in (200, 303, 409), path
    room.meeting.database.close()


def test_an_open_vote_is_never_erased_away(room: Room) -> None:
    meeting = room.meeting
    opened = room.open("scale")
    with pytest.raises(NotAllowedNow):
        erasing.erase(meeting.database, meeting.keys, meeting.id)
    assert meeting.read(lambda c: plans.load(c, meeting.id)).title == WORDS["title"]
    room.close(opened)


def test_erasure_waits_for_a_vote_elsewhere_and_says_so(room: Room, tmp_path: Path) -> None:
    meeting = room.meeting
    other = a_meeting(meeting.database, meeting.keys, key="other", questions=["dots"])
    running = other.open("dots")
    assert not erasing.erase(meeting.database, meeting.keys, meeting.id)
    assert meeting.read(seal.erased) == [meeting.id]
    assert "erasure pending" in room.client(meeting.id).get("/meetings/meeting").text
    other.close(running)
    serving.regular(room.app)()
    assert meeting.read(seal.erased) == []
    assert traces(tmp_path / "instance", SECRET) == []
    assert "erasure pending" not in room.client(meeting.id).get("/meetings/meeting").text


def test_the_date_of_erasure_is_kept_without_anybody(room: Room, tmp_path: Path) -> None:
    meeting = room.meeting
    today = datetime.date.today()
    day = today + datetime.timedelta(days=31)
    room.set(erase_on=day.isoformat())
    assert due(room, day - datetime.timedelta(days=1)) == []
    assert due(room, day) == [meeting.id]
    assert traces(tmp_path / "instance", SECRET) == SECRET
    room.set(erase_on="2020-01-01")
    tick = at_once(room)
    tick()
    tick()
    assert traces(tmp_path / "instance", SECRET) == []
    assert due(room, day) == []


def due(room: Room, day: datetime.date | None = None) -> list[int]:
    """Return which meetings would be erased on a day."""
    return [one.id for one in room.meeting.read(lambda c: erasing.due(c, day))]


def at_once(room: Room) -> Callable[[], None]:
    """Return what erases, with its patience over, what is due now."""
    now = [0.0]
    tick = erasing.patiently(room.meeting.database, room.meeting.keys, lambda: now[0])
    tick()
    now[0] += 60.0
    return tick


def test_a_date_that_is_put_off_at_the_last_moment_erases_nothing(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.set(erase_on="2020-01-01", ended_at=schema.now())
    tick, found = at_once(room), erasing.due

    def put_off_meanwhile(connection: Connection, today: datetime.date | None = None) -> Any:
        seen = found(connection, today)
        room.show(light="off")
        room.set(erase_on="")
        return seen

    monkeypatch.setattr(erasing, "due", put_off_meanwhile)
    tick()
    assert not erased(room)


def test_a_meeting_that_cannot_be_erased_holds_up_no_other(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = a_meeting(room.meeting.database, room.meeting.keys, key="other", questions=["dots"])
    table, remove = schema.meeting, erasing._remove
    room.meeting.write(
        lambda c: c.execute(update(table).values(erase_on="2020-01-01", ended_at=schema.now()))
    )

    def broken(connection: Connection, meeting_id: int, version: int | None) -> None:
        if meeting_id == room.meeting.id:
            raise BrokenChain(seq=1)
        remove(connection, meeting_id, version)

    monkeypatch.setattr(erasing, "_remove", broken)
    at_once(room)()
    assert due(room) == [room.meeting.id]
    assert other.read(seal.erased) == []


def test_a_clock_that_jumps_for_a_moment_erases_nothing(room: Room) -> None:
    meeting, now = room.meeting, [0.0]
    tick = erasing.patiently(meeting.database, meeting.keys, lambda: now[0])
    yesterday = (datetime.date.today() - datetime.timedelta(days=1)).isoformat()
    for erase_on, passes in (
        (yesterday, 0.0),
        (yesterday, 59.0),
        ("", 30.0),
        (yesterday, 1.0),
        (yesterday, 59.0),
    ):
        room.set(erase_on=erase_on)
        now[0] += passes
        tick()
        assert erased(room) is False
    now[0] += 1.0
    tick()
    tick()
    assert erased(room) is True


def erased(room: Room) -> bool:
    """Say whether the meeting is erased."""
    table = schema.meeting
    return room.meeting.read(lambda c: c.scalar(select(table.c.erased_at))) is not None


def test_a_date_that_comes_in_the_middle_of_a_vote_waits(room: Room) -> None:
    meeting = room.meeting
    room.open("scale")
    room.set(erase_on="2020-01-01")
    assert due(room) == []
    long_ago = schema.now() - ending.GRACE - datetime.timedelta(minutes=1)
    meeting.write(lambda c: c.execute(schema.round_.update().values(opened_at=long_ago)))
    tick = at_once(room)
    tick()
    tick()
    assert erased(room)


def test_a_plan_holds_the_date_and_refuses_one_before_the_meeting() -> None:
    raw = {"title": "T", "date": "2026-11-03", "erase_on": "2027-11-03"}
    raw |= {"groups": [{"name": "Hol", "cards": 6}], "questions": []}
    plan = plans.from_raw(raw)
    assert plan.erase_on == "2027-11-03" and plans.read(plans.write(plan)) == plan
    with pytest.raises(PlanRejected) as refusal:
        plans.from_raw({**raw, "erase_on": "2026-11-03"})
    assert [place for place, _ in refusal.value.problems] == ["erase_on"]


def test_a_step_seen_before_another_erases_nothing(room: Room) -> None:
    meeting = room.meeting
    version = meeting.read(lambda c: agenda.state(c, meeting.id)).version
    room.show(light="off")
    with pytest.raises(StaleVersion):
        erasing.erase(meeting.database, meeting.keys, meeting.id, version)
    assert not erased(room)


def test_nothing_is_written_in_an_erased_meeting_again(room: Room, tmp_path: Path) -> None:
    meeting, console = room.meeting, Console(room)
    plan = meeting.read(lambda c: plans.load(c, meeting.id))
    erasing.erase(meeting.database, meeting.keys, meeting.id)
    number = meeting.questions["dots"]
    for again in (
        lambda c: plans.replace(c, meeting.id, plan),
        lambda c: notes.add(c, meeting.id, number, 1, "Nokon sa gulasjkanon høgt"),
        lambda c: notes.edit_prompt(c, meeting.id, 1, "close", "Kvifor tyttebærskogen?"),
    ):
        with pytest.raises(NotAllowedNow, match="is erased"):
            meeting.write(again)
    answer = console.press("/meetings/meeting/plan", "Language of screen", title=WORDS["title"])
    assert answer.status_code == 422 and "This meeting is erased" in answer.text
    assert traces(tmp_path / "instance", SECRET) == []


def test_a_server_erases_at_the_date_by_itself(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "_PATIENCE", 0.0)
    tick = serving.regular(room.app)
    tick()
    assert not erased(room)
    room.set(erase_on=(datetime.date.today() - datetime.timedelta(days=1)).isoformat())
    for _ in range(3):
        tick()
    assert erased(room) and traces(tmp_path / "instance", SECRET) == []
