"""The server itself: limits, silence, and what it does by itself."""

from __future__ import annotations

import datetime
import http.client
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Connection, select, update

from survey import create_app, serving, starting
from survey.ballots import seal
from survey.meetings import agenda, ending, erasing, plans
from survey.printing import cards
from survey.storage import schema


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, int]]:
    with starting.temporary_server() as (base, _link):
        parts = urlsplit(base)
        yield str(parts.hostname), int(parts.port or 0)


def ask(
    server: tuple[str, int], method: str, path: str, body: bytes = b"", **headers: str
) -> tuple[int, str, str]:
    connection = http.client.HTTPConnection(*server, timeout=30)
    try:
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace"), str(answer.headers)
    finally:
        connection.close()


def test_too_large_a_body_is_refused_without_a_trace(server: tuple[str, int]) -> None:
    status, text, _ = ask(
        server,
        "POST",
        "/b",
        b"code=" + b"A" * 300_000,
        **{"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert status == 413 and "Traceback" not in text


def test_another_host_name_is_not_answered(server: tuple[str, int]) -> None:
    assert ask(server, "GET", "/", Host="elsewhere.example")[0] == 400


@pytest.mark.parametrize(
    "path", ["/.git/config", "/console", "/static/../survey/cli.py", "/%00", "/b?code=1&__debugger__=yes"]
)
def test_nothing_of_the_house_is_shown(server: tuple[str, int], path: str) -> None:
    status, text, headers = ask(server, "GET", path)
    assert status in (200, 400, 404)
    assert "Traceback" not in text and "argparse" not in text
    assert "Server:" not in headers and "Werkzeug" not in headers


def test_a_meeting_whose_time_is_up_ends_by_itself(tmp_path: Path) -> None:
    app = create_app({"PRIKK_INSTANCE": str(tmp_path)})
    database, keys, table = app.extensions["prikk.database"], app.extensions["prikk.keys"], schema.meeting
    past = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=3)

    def begin(connection: Connection) -> None:
        meeting = plans.store(connection, plans.ready_plan(plans.DEMO), starting.owner(connection))
        cards.issue_missing(connection, keys, meeting)
        question = connection.scalar(select(schema.question.c.id).order_by(schema.question.c.position))
        agenda.open_round(connection, keys, meeting, int(question or 0), None)
        connection.execute(update(schema.round_).values(opened_at=past))

    database.write(begin)
    tick = serving.regular(app)
    for ends_at, is_over in ((None, False), (past, True)):
        database.write(lambda c, at=ends_at: c.execute(update(table).values(ends_at=at)))
        tick()
        with database.reading() as connection:
            assert (connection.scalar(select(table.c.ended_at)) is not None) == is_over
    assert not list(tmp_path.rglob("question-*"))
    database.close()


def test_what_is_done_regularly_fails_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app, done = create_app({"PRIKK_INSTANCE": str(tmp_path)}), []

    def fails(what: str) -> None:
        done.append(what)
        raise OSError

    monkeypatch.setattr(ending, "end_due", lambda *_: fails("end"))
    monkeypatch.setattr(erasing, "patiently", lambda *_: lambda: fails("erase"))
    tick = serving.regular(app)
    monkeypatch.setattr(seal, "wipe", lambda *_: fails("wipe"))
    tick()
    assert done == ["end", "erase", "wipe"]
    app.extensions["prikk.database"].close()
