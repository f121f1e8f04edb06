"""Somebody tidies up and deletes the database's `-wal`: nothing is lost, or the server says so and waits."""

from __future__ import annotations

import time

from crowd import Crowd
from ledger import judge


def test_a_log_deleted_while_people_vote_takes_nothing_with_it(hall, many, tell):
    times, log = many(3, 30), hall.file.with_name("prikk.sqlite-wal")
    with hall.serving() as server:
        with Crowd(server.port, hall.voters, pace=0.3) as crowd:
            for _ in range(times):
                crowd.wait_for(30)
                log.unlink()
            crowd.wait_for(30)
            server.kill()
            assert "was taken away" in server.output
            begun = time.monotonic()
            server.start()
            crowd.wait_for(20)
            back = crowd.history.back_after(begun)
            history = crowd.stop()
    judged = judge(hall, history)
    tell("-wal deleted while people vote, then killed", times, judged, history, [back])
    assert judged.is_clean and not history.refused, judged


def test_without_its_log_a_database_is_not_started_and_with_it_again_all_is_there(hall, tell):
    log = hall.file.with_name("prikk.sqlite-wal")
    aside = log.with_name("aside")
    with hall.serving() as server:
        with Crowd(server.port, hall.voters, pace=0.3) as crowd:
            crowd.wait_for(50)
            server.kill()
            log.rename(aside)
            before = hall.file.read_bytes()
            server.launch()
            status, said = server.ended()
            assert status == 2 and "prikk.sqlite-wal is missing" in said and "Traceback" not in said
            assert hall.file.read_bytes() == before and not log.exists()
            aside.rename(log)
            server.start()
            crowd.wait_for(20)
            history = crowd.stop()
    judged = judge(hall, history)
    tell("-wal deleted while nothing ran: refused, put back", 1, judged, history)
    assert judged.is_clean, judged
