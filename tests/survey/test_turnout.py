"""Turnout is kept with the round by the log's own triggers: it is what counting the ballots would give."""

from __future__ import annotations

import random

from factories import a_meeting, an_answer
from sqlalchemy import text

from survey.ballots import box, cards, count
from survey.storage import migrate
from survey.storage.database import Database


def test_turnout_is_how_many_ballots_count_whatever_is_done(database, keys):
    meeting = a_meeting(database, keys, {"hol": 4, "gol": 4}, ["dots"])
    chance, question = random.Random(5), meeting.question("dots")
    opened = meeting.open("dots")
    everybody = [card for _, card in meeting.everybody()]
    voided: set[str] = set()
    seen = set()
    for number in range(40):
        card = chance.choice([one for one in everybody if one not in voided])
        meeting.cast(opened, card, an_answer(question, number), paper=number % 5 == 0)
        if number % 13 == 12:
            gone = chance.choice(everybody)
            meeting.write(lambda c, gone=gone: cards.void(c, keys, meeting.id, gone))
            voided.add(gone)
        if number % 17 == 16:
            meeting.close(opened)
            late = chance.choice([one for one in everybody if one not in voided])
            meeting.write(lambda c, late=late: cards.void(c, keys, meeting.id, late))
            voided.add(late)
            meeting.write(lambda c: box.reopen_round(c, keys, opened))
        turnout = meeting.read(lambda c: count.turnout(c, opened))
        assert turnout == len(meeting.read(lambda c: count.ballots(c, opened)))
        seen.add(turnout)
    assert len(voided) >= 3 and len(seen) > 3


def test_a_database_from_before_gets_its_turnout_at_the_upgrade(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'old.sqlite'}")
    database.write(lambda c: migrate.upgrade_to(c, "0002"))
    rows = [(1, "cast", "a"), (2, "cast", "a"), (3, "paper", "b"), (4, "cast", "c"), (5, "void", "c")]

    def fill(connection):
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        connection.exec_driver_sql(
            "INSERT INTO meeting (id, key, title, place, date, language, k, spares, wifi_name, "
            "wifi_password, ballot_rows, base_url, rehearsal, demo, version, screen) "
            "VALUES (1, 'm', 'M', '', '', 'nn', 5, 1, '', '', 0, '', 0, 0, 1, '{}')"
        )
        connection.exec_driver_sql(
            "INSERT INTO question (id, meeting_id, position, key, kind, title, help, interlude, secrecy, "
            "settings, rounds) VALUES (1, 1, 0, 'q', 'dots', 'Q', '', '', 'sealed', '{}', 1)"
        )
        connection.exec_driver_sql(
            "INSERT INTO round (id, question_id, number, k, opened_at) "
            "VALUES (1, 1, 1, 5, '2026-11-03 09:00:00')"
        )
        for seq, type, who in rows:
            connection.exec_driver_sql(
                "INSERT INTO log (meeting_id, seq, type, round_id, pseudonym, prev, hash) "
                "VALUES (1, ?, ?, 1, ?, 'p', 'h')",
                (seq, type, who),
            )

    database.write(fill)
    migrate.upgrade(database)
    with database.reading() as connection:
        assert count.turnout(connection, 1) == 2
    database.close()
