"""Backup, restore and erase as people meet them: on the command line and in the console."""

from __future__ import annotations

import json
import re
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from consoles import Console
from factories import AMeeting
from phones import with_card
from rooms import Room, a_room

from survey import create_app, starting
from survey.ballots import cards, count, seal
from survey.cli import main
from survey.config import settings
from survey.errors import InUse
from survey.meetings import backups, plans, restoring
from survey.storage import folder
from survey.storage.database import Database

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command on a named instance; gives status, output and complaints."""
    monkeypatch.setenv("PRIKK_BASE_URL", "http://10.0.0.5:8000")
    monkeypatch.chdir(tmp_path)

    def command(instance: str, *arguments: str) -> tuple[int, str, str]:
        monkeypatch.setenv("PRIKK_INSTANCE", str(tmp_path / instance))
        status = main(list(arguments))
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return status, told.out, told.err

    return command


@pytest.fixture
def demo(run: Run, tmp_path: Path) -> Run:
    (tmp_path / "demo.toml").write_text(plans.ready_text(plans.DEMO))
    assert run("one", "plan", "import", "demo.toml")[0] == 0
    return run


def test_one_command_brings_a_meeting_to_another_laptop(demo: Run) -> None:
    assert demo("one", "cards", "hallingtinget", "-o", "cards.pdf")[0] == 0
    status, out, _ = demo("one", "backup", "-o", "saved.prikk", "--keys", "saved.keys")
    assert status == 0 and "another place" in out
    status, out, _ = demo("two", "restore", "saved.prikk", "--keys", "saved.keys")
    assert status == 0 and "hallingtinget" in out and "python -m survey serve" in out
    assert demo("one", "verify", "hallingtinget")[1] == demo("two", "verify", "hallingtinget")[1]
    assert demo("two", "cards", "hallingtinget", "-o", "again.pdf")[0] == 2
    status, out, _ = demo("three", "restore", "saved.prikk")
    assert status == 0 and "all cards anew" in out
    assert "47 cards" in demo("three", "cards", "hallingtinget", "-o", "anew.pdf")[1]


def test_what_cannot_be_restored_gets_one_sentence_and_status_2(demo: Run, tmp_path: Path) -> None:
    assert "all cards are issued anew" in demo("one", "backup", "-o", "saved.prikk")[1]
    (tmp_path / "cut.prikk").write_bytes((tmp_path / "saved.prikk").read_bytes()[:-30])
    (tmp_path / "some.keys").write_text("no keys")
    cases = (
        (("restore", "saved.prikk"), "one", "meetings in sqlite:///"),
        (("restore", "cut.prikk"), "two", "cut.prikk cannot be used: this is not a whole backup"),
        (("restore", "demo.toml"), "two", "demo.toml cannot be used: this is not a whole backup"),
        (("restore", "none.prikk"), "two", "none.prikk: No such file"),
        (
            ("restore", "saved.prikk", "--keys", "some.keys"),
            "two",
            "some.keys cannot be used: this is not a whole file of keys",
        ),
        (("backup", "-o", "nowhere/at/all"), "one", "nowhere/at/all"),
        (("backup", "-o", "same", "--keys", "same"), "one", "a file of their own"),
        (("erase", "nothing"), "one", "There is no meeting"),
    )
    for arguments, instance, sentence in cases:
        status, out, err = demo(instance, *arguments)
        assert (status, out) == (2, ""), arguments
        assert sentence in err and len(err.splitlines()) == 1


def test_a_running_server_is_not_robbed_of_its_folder(demo: Run, tmp_path: Path) -> None:
    assert demo("one", "backup", "-o", "saved.prikk", "--keys", "saved.keys")[0] == 0
    (tmp_path / "two").mkdir()
    servers = [folder.hold(tmp_path / "two") for _ in range(2)]
    for one in servers:
        status, out, err = demo("two", "restore", "saved.prikk", "--keys", "saved.keys")
        assert (status, out) == (2, "") and "A server is running" in err and str(tmp_path / "two") in err
        assert [file.name for file in (tmp_path / "two").iterdir() if "sqlite" not in file.name] == ["in-use"]
        one.close()
    with folder.have_alone(tmp_path / "two"), pytest.raises(InUse):
        folder.hold(tmp_path / "two")
    assert demo("two", "restore", "saved.prikk", "--keys", "saved.keys")[0] == 0
    # What holds no database, or cannot be written, keeps no server from starting.
    assert folder.hold(tmp_path / "nowhere") is None


def test_a_server_says_that_it_runs(demo: Run, tmp_path: Path) -> None:
    demo("one", "backup", "-o", "saved.prikk")
    config = {"PRIKK_INSTANCE": str(tmp_path / "two"), "PRIKK_DATABASE": "", "PRIKK_SECRET_FILE": ""}
    with starting.server_for(None, settings(config)):
        status, _, err = demo("two", "restore", "saved.prikk")
        assert status == 2 and "A server is running" in err
    assert demo("two", "restore", "saved.prikk")[0] == 0


def test_a_secret_that_was_there_is_kept_and_comes_back_when_nothing_is_restored(
    demo: Run, tmp_path: Path
) -> None:
    demo("one", "backup", "-o", "saved.prikk", "--keys", "saved.keys")
    demo("two", "link")
    secret = tmp_path / "two" / "keys" / "secret"
    before = secret.read_bytes()
    with zipfile.ZipFile(tmp_path / "saved.prikk") as whole, zipfile.ZipFile(tmp_path / "bad", "w") as bad:
        for name in whole.namelist():
            bad.writestr(name, whole.read(name) + (b"[1]\n" if name == "item.jsonl" else b""))
    assert demo("two", "restore", "bad", "--keys", "saved.keys")[0] == 2
    assert secret.read_bytes() == before and [one.name for one in secret.parent.iterdir()] == ["secret"]
    status, out, _ = demo("two", "restore", "saved.prikk", "--keys", "saved.keys")
    (kept,) = secret.parent.glob("*.before")
    assert status == 0 and str(kept) in out
    assert kept.read_bytes() == before and secret.read_bytes() == (tmp_path / "one/keys/secret").read_bytes()


ROWS = ([], None, 10**30, "\ud800")


@pytest.mark.parametrize("name", ["item", "log", "card"])
def test_rows_of_something_else_are_refused_in_a_sentence(demo: Run, tmp_path: Path, name: str) -> None:
    """With checksums that fit, as a forger or another program would write them."""
    demo("one", "cards", "hallingtinget", "-o", "cards.pdf")
    demo("one", "backup", "-o", "saved.prikk")
    with zipfile.ZipFile(tmp_path / "saved.prikk") as whole:
        parts = {one: whole.read(one) for one in whole.namelist()}
    columns = len(json.loads(parts["backup.json"])["tables"][name])
    for number, strange in enumerate((*([value] * columns for value in ROWS), "[" * 100_000)):
        row = strange if isinstance(strange, str) else json.dumps(strange)
        with zipfile.ZipFile(tmp_path / "strange", "w") as into:
            for one, content in parts.items():
                into.writestr(one, content + (row.encode() + b"\n" if one == f"{name}.jsonl" else b""))
        status, out, err = demo(f"at-{number}", "restore", "strange")
        assert (status, out) == (2, "") and len(err.splitlines()) == 1
        assert "strange cannot be used: " in err


def test_erase_says_what_is_kept_and_which_backups_still_hold_it(demo: Run, tmp_path: Path) -> None:
    demo("one", "backup", "-o", "saved.prikk", "--keys", "saved.keys")
    status, out, _ = demo("one", "erase", "hallingtinget")
    assert status == 0 and "are kept, and verify" in out
    assert str(tmp_path / "saved.prikk") in out and str(tmp_path / "saved.keys") in out
    status, out, _ = demo("one", "verify", "hallingtinget")
    assert status == 0 and "contents erased" in out
    for file in (tmp_path / "one").rglob("*"):
        assert not file.is_file() or b"plasser du" not in file.read_bytes()
    (tmp_path / "saved.prikk").unlink()
    (tmp_path / "saved.keys").unlink()
    assert "saved.prikk" not in demo("one", "erase", "hallingtinget")[1]


def test_a_backup_is_made_while_another_process_writes(demo: Run, tmp_path: Path) -> None:
    file = sqlite3.connect(tmp_path / "one" / "prikk.sqlite")
    reader = file.execute("SELECT * FROM meeting")
    reader.fetchone()
    assert demo("one", "backup", "-o", "saved.prikk")[0] == 0
    file.close()


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A meeting with a finished question and one whose vote is open."""
    found = a_room(tmp_path / "first", questions=("scale", "dots"), spares=0)
    found.revealed("scale")
    seal.finish(found.meeting.database, found.meeting.keys, found.meeting.questions["scale"])
    found.open("dots")
    yield found
    found.meeting.database.close()


TAMPERED = {
    "a published number": (
        "UPDATE round SET published = replace(published, '12', '11') WHERE id = 1",
        "were changed",
    ),
    "an answer": ("UPDATE content SET answer = '{}' WHERE round_id = 1", "does not verify"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_no_package_is_written_of_what_does_not_verify(
    room: Room, run: Run, tmp_path: Path, what: str
) -> None:
    assert run("first", "package", "meeting", "-o", "sound.zip")[0] == 0
    statement, sentence = TAMPERED[what]
    with sqlite3.connect(tmp_path / "first" / "prikk.sqlite") as connection:
        assert connection.execute(statement).rowcount
    connection.close()
    status, _, err = run("first", "package", "meeting", "-o", "tampered.zip")
    assert status == 2 and sentence in err and not (tmp_path / "tampered.zip").exists()


def test_without_keys_the_console_has_one_button_for_all_cards(room: Room, tmp_path: Path) -> None:
    file = tmp_path / "saved"
    backups.make(room.meeting.database, room.meeting.keys, file)
    app = create_app({"PRIKK_INSTANCE": str(tmp_path / "second"), "PRIKK_BASE_URL": "http://prikk.test:8000"})
    database = app.extensions["prikk.database"]
    restoring.restore(database, tmp_path / "second" / "keys" / "secret", file)
    # As the next start does: the secret is the folder's own, as before.
    meeting = AMeeting(database, app.extensions["prikk.keys"], 1, "meeting", room.meeting.groups)
    there = Room(app, meeting)
    console = Console(there)
    page = console.get("/meetings/meeting").text
    assert "restored without its keys" in page and "Issue all cards anew" in page
    answer = console.press("/meetings/meeting", "Issue all cards anew")
    assert answer.mimetype == "application/pdf"
    page = console.get("/meetings/meeting").text
    assert "restored without its keys" not in page and "Put question 2 again" in page
    counts = meeting.read(lambda c: cards.counts(c, 1))
    assert [(one.issued, one.void) for one in counts.values()] == [(12, 6), (12, 6)]
    # The finished question's result is there.
    assert console.get("/meetings/meeting/package.zip").status_code == 200
    database.close()


def test_a_phone_votes_on_after_a_restore_with_keys(room: Room, tmp_path: Path) -> None:
    phone = with_card(room)
    file, keys_file = tmp_path / "saved", tmp_path / "saved.keys"
    backups.make(room.meeting.database, room.meeting.keys, file, keys_file)
    sent = phone.fields("dots", {"dots": {"roads": 1}}, "0" * 32)
    secret = tmp_path / "second" / "keys" / "secret"
    (tmp_path / "second").mkdir()
    database = Database(f"sqlite:///{tmp_path / 'second' / 'prikk.sqlite'}")
    restoring.restore(database, secret, file, keys_file)
    database.close()
    app = create_app({"PRIKK_INSTANCE": str(tmp_path / "second"), "PRIKK_BASE_URL": "http://prikk.test:8000"})
    moved = app.test_client()
    cookie = phone.client.get_cookie("prikk")
    moved.set_cookie("prikk", cookie.value if cookie else "")
    for _ in range(2):
        answer = moved.post("/vote", data=sent)
        assert answer.status_code == 303
    assert 'data-state="receipt"' in moved.get("/vote").text
    database = app.extensions["prikk.database"]
    with database.reading() as connection:
        assert count.turnout(connection, 2) == 1
    database.close()


def test_the_console_erases_after_the_end_and_asks_for_the_backups(room: Room, tmp_path: Path) -> None:
    meeting, console = room.meeting, Console(room)
    assert "Erase texts and votes" not in console.get("/meetings/meeting").text
    backups.make(meeting.database, meeting.keys, tmp_path / "saved")
    assert "Backups that still hold" not in console.get("/meetings/meeting").text.replace("dots", "")
    console.step("end")
    page = console.get("/meetings/meeting").text
    assert str(tmp_path / "saved") in page and "Erase texts and votes" in page
    assert console.press("/meetings/meeting", "Yes, erase them for good").status_code == 303
    page = console.get("/meetings/meeting").text
    assert "are erased" in page and "Yes, erase them" not in page
    assert console.press("/meetings/meeting", "It is deleted").status_code == 303
    assert "saved" not in re.sub(r"<script.*", "", console.get("/meetings/meeting").text)


def test_nobody_else_erases_a_meeting(room: Room) -> None:
    stranger = Console(room, room.client())
    assert stranger.post("/meetings/meeting/erase", version=1).status_code == 401
    console = Console(room)
    assert console.post("/meetings/meeting/erase").status_code == 303
    with room.meeting.database.reading() as connection:
        assert plans.load(connection, room.meeting.id).title == "A meeting"
