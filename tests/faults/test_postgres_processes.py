"""One meeting, held through two server programs on one PostgreSQL: done at one, seen at the other."""

from __future__ import annotations

import http.client
import json
import os
import queue
import secrets
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import halls
import pytest
import requests
from sqlalchemy import select

from survey.ballots import box, rounds, seal
from survey.rehearsal.drivers import Participant
from survey.storage import schema
from survey.storage.database import Database

PATIENCE = 30


@pytest.fixture(scope="module")
def hall(postgres, tmp_path_factory):
    return halls.make(tmp_path_factory.mktemp("both") / "hall", people=6, seats=10, database=postgres.fresh())


@contextmanager
def gunicorn(hall, folder):
    """Run gunicorn by the house's own settings, two workers; gives its address and the process."""
    port = halls.free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PRIKK_")}
    environment = {
        **kept,
        "PRIKK_INSTANCE": str(hall.folder),
        "PRIKK_DATABASE": hall.database,
        "PRIKK_HOST": "127.0.0.1",
        "PRIKK_PORT": str(port),
        "HOME": str(folder),
    }
    with (folder / "gunicorn.txt").open("wb") as out:
        command = [sys.executable, "-m", "gunicorn", "-k", "gevent", "-w", "2", "survey:create_app()"]
        process = subprocess.Popen(command, cwd=halls.HOUSE, env=environment, stdout=out, stderr=out)
    base, end = f"http://127.0.0.1:{port}", time.monotonic() + 60
    try:
        while True:
            try:
                requests.get(f"{base}/healthz", timeout=PATIENCE).raise_for_status()
                break
            except requests.RequestException:
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError((folder / "gunicorn.txt").read_text()) from None
                time.sleep(0.1)
        yield base, process
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def elsewhere(hall, tmp_path_factory):
    """Gunicorn on the hall's database, on a host of its own but for the secret's file."""
    folder = tmp_path_factory.mktemp("gunicorn")
    with gunicorn(hall.copy(folder / "hall"), folder) as (base, process):
        yield base, process, folder


@pytest.fixture(scope="module")
def here(hall):
    with hall.serving() as server:
        yield server.base


class Stream:
    """An open stream, read in a thread of its own."""

    def __init__(self, base, meeting, audience="phone", cookies=None):
        connection = http.client.HTTPConnection(base.removeprefix("http://"), timeout=PATIENCE)
        cookie = "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())
        connection.request("GET", f"/live/{meeting}?for={audience}", headers={"Cookie": cookie})
        self._socket, self._answer = connection.sock, connection.getresponse()
        self._heard: queue.Queue = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        try:
            while line := self._answer.readline():
                if line.startswith(b"data: "):
                    self._heard.put(json.loads(line[6:]))
        except (OSError, http.client.HTTPException):
            return

    def until(self, is_it):
        """Return the first state heard of which this is true."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            state = self._heard.get(timeout=PATIENCE)
            if is_it(state):
                return state
        raise AssertionError("It was never told.")

    def close(self):
        """Hang up."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._reader.join(PATIENCE)
        self._answer.close()
        self._socket.close()


def vote(base, voter, number):
    """Cast a ballot at this address with the cookie that was given at another."""
    fields = voter.ballot(number, secrets.token_hex(16))
    return requests.post(
        f"{base}/vote",
        data=fields,
        headers={"Cookie": voter.cookie, "Origin": base},
        allow_redirects=False,
        timeout=PATIENCE,
    )


def test_a_vote_cast_at_one_is_on_the_screen_served_by_the_other(here, elsewhere, hall, tell):
    took = []
    for cast_at, shown_by in ((here, elsewhere[0]), (elsewhere[0], here)):
        wall = Stream(shown_by, hall.meeting, "screen")
        before = wall.until(lambda state: state["state"] == "open")["turnout"]
        voter = hall.voters[len(took)]
        assert vote(cast_at, voter, 0).status_code == 303
        begun = time.monotonic()
        assert wall.until(lambda state: state["turnout"] > before)["turnout"] == before + 1  # noqa: B023
        took.append(time.monotonic() - begun)
        wall.close()
    tell("PostgreSQL: a vote at one process, on the other's screen", len(took), slowest=round(max(took), 2))


def test_a_phone_hears_that_its_card_went_to_another_one_at_the_other_process(here, elsewhere, hall):
    with Participant(here) as first, Participant(elsewhere[0]) as second:
        first.enter_code(hall.spare_codes[0])
        stream = Stream(here, hall.meeting, cookies=dict(first.browser.cookies))
        stream.until(lambda state: "again" not in state)
        second.enter_code(hall.spare_codes[0])
        assert stream.until(lambda state: state.get("again"))["state"] == "open"
        stream.close()


def test_the_meeting_goes_on_at_whichever_answers(here, elsewhere, hall):
    there = elsewhere[0]
    for place, voter in enumerate(hall.voters):
        assert vote((here, there)[place % 2], voter, 1).status_code == 303
    with hall.facilitator(there) as one, hall.facilitator(here) as other:
        one.close_round(hall.meeting)
        other.reveal(hall.meeting)
        one.open(hall.meeting, hall.questions[1])
        other.close_round(hall.meeting)
        other.reveal(hall.meeting)
        assert requests.get(f"{there}/verify/{hall.meeting}", timeout=PATIENCE).text == (
            requests.get(f"{here}/verify/{hall.meeting}", timeout=PATIENCE).text
        )
    late = vote(there, hall.voters[0], 2)
    assert late.status_code == 409


def test_gunicorns_workers_do_what_is_done_by_itself_and_keep_to_their_folder(elsewhere, hall):
    base, process, folder = elsewhere
    database = Database(hall.url)
    asked = select(schema.question).where(schema.question.c.key == hall.questions[0])
    with database.reading() as connection:
        question = connection.execute(asked).one()
    with database.reading() as connection:
        still_open = rounds.current(connection, question.meeting_id)
    if still_open is not None:
        database.write(lambda c: box.close_round(c, still_open.id))
    database.write(lambda c: seal.rewrite(c, question.id))
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with database.reading() as connection:
            if connection.execute(asked).one().scrubbed_at is not None:
                break
        time.sleep(0.2)
    else:
        raise AssertionError("Nobody wiped.")
    database.close()
    head = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X-Long: " + b"x" * 20_000 + b"\r\n\r\n"
    assert raw(base, head).split(b" ")[1] in (b"400", b"431")
    assert requests.post(f"{base}/vote", data={"a": "x" * 300_000}, timeout=PATIENCE).status_code == 413
    stream = Stream(base, hall.meeting)
    stream.until(lambda state: True)
    begun = time.monotonic()
    process.terminate()
    assert process.wait(30) == 0 and time.monotonic() - begun < 20
    stream.close()
    assert {one.name for one in folder.iterdir()} == {"hall", "gunicorn.txt"}
    told = (folder / "gunicorn.txt").read_text()
    assert "Traceback" not in told and "/live/" not in told


def raw(base, text):
    """Send bytes and return the beginning of the answer."""
    host, port = base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as line:
        line.sendall(text)
        return line.recv(1000)
