"""One form of backup for both databases: what was in the one is in the other, and a vote goes on there."""

from __future__ import annotations

from pathlib import Path

import pytest
from factories import AMeeting, a_meeting, an_answer, log_of
from postgres import Postgres
from sqlalchemy import select

from survey.ballots import audit, count, seal
from survey.errors import NotEmpty
from survey.meetings import backups, erasing, restoring
from survey.storage import dump, schema
from survey.storage.database import Database
from survey.storage.keys import Keys


def rows_of(meeting: AMeeting) -> dict[str, list]:
    """Return every row of every table but those of the keys, which each database keeps in its own way."""
    return {
        one.name: meeting.read(lambda c, one=one: sorted(map(tuple, c.execute(select(one)).all()), key=str))
        for one in dump.tables()
    }


def begun(database: Database, keys: Keys) -> tuple[AMeeting, int]:
    """Return a meeting with a finished question and a vote that half have cast in."""
    meeting = a_meeting(database, keys, {"hol": 5, "gol": 5}, ["dots", "scale"])
    first = meeting.open("dots")
    for number, (_, card) in enumerate(meeting.everybody()):
        meeting.cast(first, card, an_answer(meeting.question("dots"), number))
    meeting.close(first)
    seal.finish(database, keys, meeting.questions["dots"])
    second = meeting.open("scale")
    for number, (_, card) in enumerate(meeting.everybody()[:5]):
        meeting.cast(second, card, an_answer(meeting.question("scale"), number), f"{number:032x}")
    return meeting, second


def goes_on(meeting: AMeeting, round_id: int) -> None:
    """Let everybody send, those who have once more, and close."""
    question = meeting.question("scale")
    for number, (_, card) in enumerate(meeting.everybody()):
        done = meeting.cast(round_id, card, an_answer(question, number), f"{number:032x}")
        assert done.again == (number < 5)
    assert meeting.read(lambda c: count.turnout(c, round_id)) == 10
    meeting.close(round_id)
    meeting.read(lambda c: audit.check(c, meeting.id))
    # Numbers of new rows begin after those that were restored.
    again = a_meeting(meeting.database, meeting.keys, {"hol": 3}, ["dots"], key="another")
    assert again.id > meeting.id and again.open("dots") > round_id


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_a_vote_goes_on_in_either_database(
    database: Database, keys: Keys, tmp_path: Path, target: str, request: pytest.FixtureRequest
) -> None:
    meeting, round_id = begun(database, keys)
    file, keys_file = tmp_path / "saved", tmp_path / "saved.keys"
    backups.make(database, keys, file, keys_file)
    rows, chain = rows_of(meeting), log_of(meeting)
    (tmp_path / "there").mkdir()
    secret = tmp_path / "there" / "keys" / "secret"
    if target == "sqlite":
        url = f"sqlite:///{tmp_path / 'there' / 'prikk.sqlite'}"
    else:
        server: Postgres = request.getfixturevalue("postgres")
        if not database.is_sqlite:
            database.close()
        url = server.emptied()
    there = Database(url)
    restoring.restore(there, secret, file, keys_file)
    restored = AMeeting(there, Keys(secret), meeting.id, meeting.key, meeting.groups)
    restored.cards, restored.questions = meeting.cards, meeting.questions
    assert rows_of(restored) == rows and log_of(restored) == chain
    with pytest.raises(NotEmpty):
        restoring.restore(there, secret, file, keys_file)
    goes_on(restored, round_id)
    there.close()


def test_without_keys_nobody_is_linked_on_either(database: Database, keys: Keys, tmp_path: Path) -> None:
    begun(database, keys)
    file = tmp_path / "saved"
    backups.make(database, keys, file)
    there = Database(f"sqlite:///{tmp_path / 'there.sqlite'}")
    found = restoring.restore(there, tmp_path / "there" / "secret", file)
    assert (found.aside, found.going_on) == (1, 1)
    there.close()


def test_erasure_leaves_no_row_of_words_or_votes(database: Database, keys: Keys) -> None:
    meeting, round_id = begun(database, keys)
    meeting.close(round_id)
    assert erasing.erase(database, keys, meeting.id)
    meeting.read(lambda c: audit.check(c, meeting.id))
    rows = rows_of(meeting)
    assert not any(rows[name] for name in ("content", "cast_key", "item", "note", "prompt", "card"))
    assert "The roads" not in str(rows) and "About" not in str(rows)
    assert not meeting.read(lambda c: c.execute(select(schema.question_key)).all())
