"""Backups under load: each restores whole, with all that was acked before it began; retries count once."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from crowd import Crowd, Sending
from halls import HOUSE, Hall, Server, who_and_what
from sqlalchemy import select

from survey.cli import main
from survey.storage import schema
from survey.storage.database import Database

MOST_SECONDS = 120.0


def in_a_process(folder: Path, *arguments: str) -> None:
    """Run a command on an instance as people do, beside the server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PRIKK_")}
    command = [sys.executable, "-m", "survey", *arguments]
    environment = {**kept, "PRIKK_INSTANCE": str(folder)}
    done = subprocess.run(command, cwd=HOUSE, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def survey(monkeypatch: pytest.MonkeyPatch) -> Callable[..., float]:
    """Return a function that runs a command on an instance and returns the seconds it took."""

    def run(folder: Path, *arguments: str) -> float:
        monkeypatch.setenv("PRIKK_INSTANCE", str(folder))
        begun = time.monotonic()
        assert main(list(arguments)) == 0
        return time.monotonic() - begun

    return run


def stored(hall: Hall) -> Counter[tuple[int, int]]:
    """Return how often each sending is in the box."""
    database = Database(hall.url)
    try:
        with database.reading() as connection:
            answers = connection.scalars(
                select(schema.content.c.answer)
                .join(schema.log, schema.log.c.commitment == schema.content.c.commitment)
                .where(schema.log.c.type == "cast")
            ).all()
    finally:
        database.close()
    return Counter(who_and_what(answer) for answer in answers)


def send_again(server: Server, hall: Hall, sending: Sending) -> int:
    """Send a ballot as it was sent before; returns the answer's status."""
    voter = next(one for one in hall.voters if one.number == sending.voter)
    body = urlencode(voter.ballot(sending.number, sending.key), doseq=True)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    heads = {"Cookie": voter.cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/vote", body, heads)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def test_backups_under_load_restore_whole_and_retries_count_once(hall, many, tell, tmp_path, survey):
    times = many(2, 20)
    acked_before, back = [], []
    with hall.serving() as server, Crowd(server.port, hall.voters, pace=1.6) as crowd:
        crowd.wait_for(20)
        for number in range(times):
            # A copy is taken of what was acked, since the backup takes its own at a moment nobody knows.
            acked_before.append({(one.voter, one.number) for one in crowd.history.acked})
            files = str(tmp_path / f"{number}.prikk"), "--keys", str(tmp_path / f"{number}.keys")
            in_a_process(hall.folder, "backup", "-o", *files)
        history = crowd.stop()
    for number in range(times):
        there = replace(hall, folder=tmp_path / f"restored-{number}")
        files = str(tmp_path / f"{number}.prikk"), "--keys", str(tmp_path / f"{number}.keys")
        back.append(survey(there.folder, "restore", *files))
        survey(there.folder, "verify", hall.meeting)
        found = stored(there)
        assert acked_before[number] <= set(found)
        assert set(found.values()) == {1}
    assert max(back) < MOST_SECONDS
    # The first backup misses most: every phone that was acked since sends again, twice.
    last = list({one.voter: one for one in history.acked}.values())
    missed = replace(hall, folder=tmp_path / "restored-0")
    with missed.serving() as server:
        for sending in [*last, *last]:
            assert send_again(server, missed, sending) == 303
    found = stored(missed)
    assert {(one.voter, one.number) for one in last} <= set(found)
    assert set(found.values()) == {1}
    survey(missed.folder, "verify", hall.meeting)
    tell("backup under load, restored", times, history=history, back=back)
