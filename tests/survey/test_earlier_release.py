"""What an earlier release saved comes back in this one, on either database, and its open vote goes on."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import select

from survey import kinds
from survey.ballots import audit, box, cards, cast, count, rounds
from survey.meetings import restoring
from survey.storage import schema
from survey.storage.database import Database
from survey.storage.keys import Keys

RELEASED = Path(__file__).parent.parent / "faults" / "released"
WITH_BACKUP = [
    file for file in sorted(RELEASED.glob("*.zip")) if "backup" in zipfile.ZipFile(file).namelist()
]


def test_every_release_that_could_make_a_backup_has_one_here():
    assert [file.stem for file in WITH_BACKUP] == ["0003"]


@pytest.mark.parametrize("archive", WITH_BACKUP, ids=lambda file: file.stem)
@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_a_backup_of_an_earlier_release_comes_back_whole(archive, target, tmp_path, request):
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(tmp_path, ["backup", "backup.keys"])
        told = json.loads(packed.read("told.json"))
    url = f"sqlite:///{tmp_path / 'prikk.sqlite'}"
    there = Database(url if target == "sqlite" else request.getfixturevalue("postgres").empty())
    secret = tmp_path / "keys" / "secret"
    restoring.restore(there, secret, tmp_path / "backup", tmp_path / "backup.keys")
    keys = Keys(secret)
    with there.reading() as connection:
        found = select(schema.meeting.c.id).where(schema.meeting.c.key == told["meeting"])
        meeting = connection.execute(found).scalar_one()
        opened = rounds.current(connection, meeting)
        assert opened is not None and count.turnout(connection, opened.id) == 9
        question = kinds.load(connection, opened.question_id)
        seats = [cards.find(connection, keys, code) for code in told["codes"]]
        own = [cast.own_answer(connection, keys, opened.id, one.id) for one in seats]
        assert [one is not None for one in own] == [number < 9 for number in range(len(seats))]
    answer = {"values": {item.key: 5 for item in question.items}}
    assert answer not in own
    for number, seat in enumerate(seats):
        there.write(
            lambda c, number=number, seat=seat: cast.cast(
                c, keys, opened.id, seat.id, f"{number:032x}", answer
            )
        )
    with there.reading() as connection:
        assert cast.own_answer(connection, keys, opened.id, seats[0].id) == answer
        assert count.turnout(connection, opened.id) == len(seats)
    there.write(lambda c: box.close_round(c, opened.id))
    with there.reading() as connection:
        audit.check(connection, meeting)
        assert count.books(connection, opened.id).used == len(seats)
    there.close()
