"""Bytes that flipped on the disk: found at the start, told in a sentence, nothing overwritten."""

from __future__ import annotations

import hashlib
import random
import shutil
import sqlite3

import pytest
from crowd import Crowd
from halls import Hall

from survey.meetings import soundness
from survey.storage.database import Database

# What counts and what the room was shown. A letter in a title may change unseen; a vote may not. Of a time it
# only counts whether it is there; of the keys by which retries are known, whose they are and which ballot.
RESULTS = (
    "SELECT * FROM log",
    "SELECT round_id, group_id, answer, nonce, commitment FROM content",
    "SELECT id, question_id, number, k, salt, head, books, published, turnout FROM round",
    "SELECT id, closed_at IS NULL, revealed_at IS NULL, annulled_at IS NULL FROM round",
    "SELECT id, finished_at IS NULL FROM question",
    "SELECT id, ended_at IS NULL, erased_at IS NULL FROM meeting",
    "SELECT round_id, pseudonym, seq FROM cast_key",
)


@pytest.fixture(scope="module")
def voted(furnished, tmp_path_factory):
    """A hall whose first question is revealed, with votes in the second, at rest."""
    hall = furnished.copy(tmp_path_factory.mktemp("voted") / "hall")
    with hall.serving() as server, hall.facilitator(server.base) as facilitator:
        with Crowd(server.port, hall.voters, pace=0.1) as crowd:
            crowd.wait_for(60)
        facilitator.close_round(hall.meeting)
        facilitator.reveal(hall.meeting)
        facilitator.open(hall.meeting, hall.questions[1])
    assert not hall.file.with_name("prikk.sqlite-wal").exists()
    return hall


def flipped(hall, folder, seed):
    """Return a copy of the hall in which one byte of the database is another."""
    copy = hall.copy(folder)
    raw, chance = bytearray(copy.file.read_bytes()), random.Random(seed)
    raw[chance.randrange(len(raw))] ^= chance.randrange(1, 256)
    copy.file.write_bytes(raw)
    return copy


def refusal(hall):
    """Return what is wrong with the hall's database as a server finds it before it starts."""
    try:
        soundness.check_file(hall.file)
        database = Database(hall.url)
        try:
            soundness.check_contents(database)
        finally:
            database.close()
    except soundness.Damaged as damage:
        return str(damage)
    return ""


def stored(hall):
    """Return all that counts, row by row."""
    connection = sqlite3.connect(hall.file)
    try:
        return [sorted(map(repr, connection.execute(asked))) for asked in RESULTS]
    finally:
        connection.close()


def test_no_flipped_byte_changes_a_result_unseen(voted, tmp_path, many, tell):
    before, found, harmless = stored(voted), 0, 0
    flips = many(25, 200)
    for seed in range(flips):
        copy = flipped(voted, tmp_path / "copy", seed)
        if refusal(copy):
            found += 1
        else:
            assert stored(copy) == before, f"flip {seed} is silent"
            harmless += 1
        shutil.rmtree(copy.folder)
    assert found > flips / 4
    tell("bytes flipped in a database at rest", flips, found=found, harmless=harmless)


def test_a_published_number_that_was_changed_is_found(voted, tmp_path):
    hall = voted.copy(tmp_path / "copy")
    connection = sqlite3.connect(hall.file)
    with connection:
        connection.execute("UPDATE round SET published = replace(published, '50', '51') WHERE id = 1")
        assert connection.total_changes == 1
    connection.close()
    assert "published numbers" in refusal(hall)


def test_a_server_refuses_a_damaged_database_and_leaves_it_alone(voted, tmp_path):
    hall = next(
        copy for seed in range(100) if refusal(copy := flipped(voted, tmp_path / f"copy{seed}", seed))
    )
    before = hashlib.sha256(hall.file.read_bytes()).hexdigest()
    server = hall.server()
    server.launch()
    status, said = server.ended()
    assert status == 2 and "is damaged" in said and "python -m survey restore" in said
    assert "Traceback" not in said
    assert hashlib.sha256(hall.file.read_bytes()).hexdigest() == before


def test_a_sound_database_is_started(voted: Hall):
    assert refusal(voted) == ""
