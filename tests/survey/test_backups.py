"""Backups: whole and verified or refused; with keys a vote goes on, without them the finished is there."""

from __future__ import annotations

import json
import os
import re
import secrets
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from factories import AMeeting, an_answer, log_of
from rooms import Room, a_room
from sqlalchemy import select, update

from survey import create_app, starting
from survey.ballots import audit, cast, count, log, seal
from survey.ballots import cards as ballot_cards
from survey.errors import BrokenChain, KeyReused, NewerDatabase, NotEmpty, UnknownCode, WrongBackup
from survey.meetings import backups, restoring
from survey.storage import migrate, schema
from survey.storage.database import Database
from survey.storage.keys import Keys


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A meeting with a finished question, one shown, and one whose vote is open and half cast."""
    found = a_room(tmp_path / "first", questions=("scale", "trust", "dots"))
    found.revealed("scale")
    assert seal.finish(found.meeting.database, found.meeting.keys, found.meeting.questions["scale"])
    found.revealed("trust")
    yield found
    found.meeting.database.close()


def half_cast(room: Room) -> tuple[int, dict[str, str]]:
    """Open the dots question and let half the cards cast; returns the round and each card's key."""
    opened, used = room.open("dots"), {}
    everybody = room.meeting.everybody()
    for number, (_, card) in enumerate(everybody[: len(everybody) // 2]):
        used[card] = secrets.token_hex(16)
        room.meeting.cast(opened, card, an_answer(room.meeting.question("dots"), number), used[card])
    return opened, used


def elsewhere(folder: Path, file: Path, keys_file: Path | None) -> AMeeting:
    """Restore into a new folder and return the meeting there."""
    folder.mkdir()
    database = Database(f"sqlite:///{folder / 'prikk.sqlite'}")
    secret = folder / "keys" / "secret"
    restoring.restore(database, secret, file, keys_file)
    return AMeeting(database, Keys(secret), 1, "meeting", {})


def tables_of(database: Database) -> dict[str, list]:
    """Return every row of every table."""
    with database.reading() as connection:
        return {
            one.name: sorted(map(tuple, connection.execute(select(one)).all()), key=str)
            for one in schema.metadata.sorted_tables
        }


def made(room: Room, tmp_path: Path) -> tuple[Path, Path]:
    """Make a backup with its keys."""
    file, keys_file = tmp_path / "meeting.backup", tmp_path / "meeting.keys"
    backups.make(room.meeting.database, room.meeting.keys, file, keys_file)
    return file, keys_file


def test_with_its_keys_an_open_vote_goes_on_and_retries_count_once(room: Room, tmp_path: Path) -> None:
    opened, used = half_cast(room)
    file, keys_file = made(room, tmp_path)
    before = tables_of(room.meeting.database)
    there = elsewhere(tmp_path / "second", file, keys_file)
    assert tables_of(there.database) == before
    there.questions = room.meeting.questions
    turnout = there.read(lambda c: count.turnout(c, opened))
    question = there.question("dots")
    for number, (card, key) in enumerate(used.items()):
        assert there.cast(opened, card, an_answer(question, number), key).again
        with pytest.raises(KeyReused):
            there.cast(opened, card, an_answer(question, number + 1), key)
    assert there.read(lambda c: count.turnout(c, opened)) == turnout == len(used)
    for number, (_, card) in enumerate(room.meeting.everybody()[len(used) :]):
        there.cast(opened, card, an_answer(question, number))
    code = room.meeting.cards["hol"][0].code
    assert there.read(lambda c: ballot_cards.find(c, there.keys, code)).id == room.meeting.card("hol")
    there.close(opened)
    assert there.read(lambda c: count.books(c, opened)).used == len(room.meeting.everybody())
    there.read(lambda c: audit.check(c, there.id))
    there.database.close()


def test_without_keys_the_open_vote_is_put_aside_and_all_cards_are_void(room: Room, tmp_path: Path) -> None:
    opened, used = half_cast(room)
    file, _ = made(room, tmp_path)
    old = log_of(room.meeting)
    there = elsewhere(tmp_path / "second", file, None)
    there.questions = room.meeting.questions
    assert log_of(there)[: len(old)] == old
    there.read(lambda c: audit.check(c, there.id))
    with pytest.raises(UnknownCode):
        there.read(lambda c: ballot_cards.find(c, there.keys, room.meeting.cards["hol"][0].code))
    counts = there.read(lambda c: ballot_cards.counts(c, there.id))
    assert all(one.issued == one.void for one in counts.values())
    for state in there.read(lambda c: c.execute(select(schema.round_)).all()):
        assert (state.annulled_at is not None) == (state.id == opened)
    finished = there.read(lambda c: count.responses(c, there.keys, there.questions["scale"]))
    assert len(finished.frame) == len(room.meeting.everybody()) * 2
    # The question can be put again, to people with new cards.
    there.write(lambda c: ballot_cards.issue(c, there.keys, there.id, 1, 2, "printed"))
    fresh = there.open("dots")
    with pytest.raises(BrokenChain):
        tampered(there.database)
        there.read(lambda c: audit.check(c, there.id))
    assert fresh > opened
    there.database.close()


def tampered(database: Database) -> None:
    """Change an entry of the log behind the program's back."""

    def work(connection):
        connection.exec_driver_sql("DROP TRIGGER log_is_never_changed")
        connection.execute(update(schema.log).where(schema.log.c.seq == 3).values(type="cats"))

    database.write(work)


def test_files_are_private_and_the_backup_holds_no_key(room: Room, tmp_path: Path) -> None:
    half_cast(room)
    file, keys_file = made(room, tmp_path)
    assert [stat.S_IMODE(one.stat().st_mode) for one in (file, keys_file)] == [0o600, 0o600]
    secret, questions = backups.read_keys(keys_file)
    assert set(questions) == {room.meeting.questions["trust"], room.meeting.questions["dots"]}
    with zipfile.ZipFile(file) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    for key in (secret, *questions.values()):
        assert key not in everything and key.hex().encode() not in everything


def test_a_forged_answer_is_found_by_its_commitment(room: Room, tmp_path: Path) -> None:
    half_cast(room)
    file, keys_file = made(room, tmp_path)
    forged = tmp_path / "forged"
    rewrite(
        file,
        forged,
        "content.jsonl",
        lambda text: text.replace('"roads', '"buses', 1).replace("roads", "buses", 1),
    )
    with pytest.raises(WrongBackup, match="does not verify"):
        elsewhere(tmp_path / "second", forged, keys_file)


@pytest.mark.parametrize(
    ("part", "change", "why"),
    [
        (
            "backup.json",
            lambda text: re.sub(r'"[0-9a-f]{64}"\n', f'"{"0" * 64}"\n', text),
            "not the one that was",
        ),
        (
            "round.jsonl",
            lambda text: re.sub(r",12]\n", ",11]\n", text, count=1),
            "its log does not verify",
        ),
    ],
)
def test_what_a_backup_says_of_itself_must_be_what_is_in_it(
    room: Room, tmp_path: Path, part: str, change: Callable[[str], str], why: str
) -> None:
    file, keys_file = made(room, tmp_path)
    forged = tmp_path / "forged"
    rewrite(file, forged, part, change)
    with pytest.raises(WrongBackup, match=why):
        elsewhere(tmp_path / "second", forged, keys_file)


def rewrite(file: Path, into: Path, name: str, change) -> None:
    """Copy a backup with one part changed and its checksum made anew, as a forger would."""
    with zipfile.ZipFile(file) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    before = parts[name]
    parts[name] = change(before.decode()).encode()
    assert parts[name] != before
    with zipfile.ZipFile(into, "w") as archive:
        for each, content in parts.items():
            archive.writestr(each, content)


def test_whatever_is_cut_off_or_flipped_the_backup_is_refused_and_nothing_is_made(
    room: Room, tmp_path: Path
) -> None:
    half_cast(room)
    file, keys_file = made(room, tmp_path)
    whole = file.read_bytes()
    broken = tmp_path / "broken"
    spoilt = [whole[: len(whole) * part // 8] for part in range(8)] + [b"no backup at all"]
    for place in range(40, len(whole), len(whole) // 12):
        spoilt.append(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
    for number, content in enumerate(spoilt):
        broken.write_bytes(content)
        folder = tmp_path / f"try-{number}"
        try:
            there = elsewhere(folder, broken, keys_file)
        except WrongBackup:
            database = Database(f"sqlite:///{folder / 'prikk.sqlite'}")
            with database.reading() as connection:
                assert migrate.revision(connection) is None
            database.close()
        else:
            # A bit that means nothing (a time stamp in the zip): then everything is there.
            assert tables_of(there.database) == tables_of(room.meeting.database)
            there.database.close()


def test_nothing_is_overwritten_but_an_untouched_demo(room: Room, tmp_path: Path) -> None:
    file, keys_file = made(room, tmp_path)
    before = tables_of(room.meeting.database)
    with pytest.raises(NotEmpty):
        restoring.restore(room.meeting.database, tmp_path / "first" / "keys" / "secret", file, keys_file)
    assert tables_of(room.meeting.database) == before
    app = create_app({"PRIKK_INSTANCE": str(tmp_path / "started")})
    database = app.extensions["prikk.database"]
    database.write(lambda c: starting._prepare(c, True))
    restoring.restore(database, tmp_path / "started" / "keys" / "secret", file, keys_file)
    assert tables_of(database) == before
    with pytest.raises(NotEmpty):
        restoring.restore(database, tmp_path / "started" / "keys" / "secret", file, keys_file)
    database.close()


def test_foreign_and_older_keys_are_refused(room: Room, tmp_path: Path) -> None:
    _, early = made(room, tmp_path)
    early = early.rename(tmp_path / "early.keys")
    half_cast(room)
    file, _ = made(room, tmp_path)
    with pytest.raises(WrongBackup, match="older than a question"):
        elsewhere(tmp_path / "second", file, early)
    other = json.loads(early.read_text())
    other["secret"] = "A" * 43 + "="
    early.write_text(json.dumps(other))
    with pytest.raises(WrongBackup, match="another instance"):
        elsewhere(tmp_path / "third", file, early)
    early.write_text("{}")
    with pytest.raises(WrongBackup, match="not a whole file of keys"):
        elsewhere(tmp_path / "fourth", file, early)
    assert not (tmp_path / "third" / "keys").exists()


def test_a_newer_backup_is_refused(room: Room, tmp_path: Path) -> None:
    file, keys_file = made(room, tmp_path)
    newer = tmp_path / "newer"
    rewrite(file, newer, "backup.json", lambda text: text.replace(f'"{newest()}"', '"9999"'))
    with pytest.raises(NewerDatabase):
        elsewhere(tmp_path / "second", newer, keys_file)


def newest() -> str:
    """Return the newest revision."""
    return max(file.name[:4] for file in Path(migrate.__file__).parent.glob("migrations/versions/0*.py"))


def test_a_removed_rounds_number_is_not_given_again_after_a_restore(room: Room, tmp_path: Path) -> None:
    room.meeting.write(
        lambda c: c.exec_driver_sql("UPDATE sqlite_sequence SET seq = 41 WHERE name = 'round'")
    )
    file, keys_file = made(room, tmp_path)
    there = elsewhere(tmp_path / "second", file, keys_file)
    there.questions = room.meeting.questions
    assert there.open("dots") == 42
    there.database.close()


def test_backups_are_known_until_their_files_are_gone_or_said_to_be(room: Room, tmp_path: Path) -> None:
    meeting = room.meeting
    opened, _ = half_cast(room)
    file, keys_file = made(room, tmp_path)
    assert meeting.read(lambda c: backups.holding(c, meeting.id)) == []
    meeting.close(opened)
    seal.finish(meeting.database, meeting.keys, meeting.questions["dots"])
    (known,) = meeting.read(lambda c: backups.holding(c, meeting.id))
    assert (known.path, known.keys_path) == (str(file), str(keys_file))
    later = tmp_path / "later.backup"
    backups.make(meeting.database, meeting.keys, later)
    assert [one.path for one in meeting.read(lambda c: backups.holding(c, meeting.id))] == [str(file)]
    os.rename(file, tmp_path / "moved")
    assert len(meeting.read(lambda c: backups.holding(c, meeting.id))) == 1
    keys_file.unlink()
    assert meeting.read(lambda c: backups.holding(c, meeting.id)) == []
    # Of files on another machine nobody here knows.
    meeting.write(lambda c: c.execute(update(schema.backup).values(host="another")))
    assert known.id in [one.id for one in meeting.read(lambda c: backups.holding(c, meeting.id))]
    (tmp_path / "moved").rename(file)
    meeting.write(lambda c: backups.said_to_be_gone(c, known.id))
    assert meeting.read(lambda c: backups.holding(c, meeting.id)) == []


def test_one_that_was_cut_short_is_known_by_its_part(room: Room, tmp_path: Path) -> None:
    meeting = room.meeting
    file, keys_file = made(room, tmp_path)
    seal.finish(meeting.database, meeting.keys, meeting.questions["trust"])
    file.rename(tmp_path / f"{file.name}.part")
    keys_file.unlink()
    assert [one.path for one in meeting.read(lambda c: backups.holding(c, meeting.id))] == [str(file)]
    (tmp_path / f"{file.name}.part").unlink()
    assert meeting.read(lambda c: backups.holding(c, meeting.id)) == []


def test_a_retry_of_a_ballot_that_the_backup_missed_is_counted_as_new(room: Room, tmp_path: Path) -> None:
    opened, _ = half_cast(room)
    file, keys_file = made(room, tmp_path)
    late = room.meeting.everybody()[-1][1]
    key, answer = secrets.token_hex(16), an_answer(room.meeting.question("dots"), 1)
    room.meeting.cast(opened, late, answer, key)
    there = elsewhere(tmp_path / "second", file, keys_file)
    first = there.write(lambda c: cast.cast(c, there.keys, opened, late, key, answer))
    again = there.write(lambda c: cast.cast(c, there.keys, opened, late, key, answer))
    assert not first.again and again.again and first.hash == again.hash
    there.read(lambda c: log.check(c, there.id))
    there.database.close()
