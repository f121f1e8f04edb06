"""A server with a bug put in on purpose: what the checker must find. `python seeded.py BUG serve ...`"""

from __future__ import annotations

import io
import secrets
import sys
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Flask, has_request_context, request
from flask.sessions import SecureCookieSessionInterface
from gevent.monkey import get_original
from sqlalchemy import Engine, Pool, event

from survey import cli, serving, starting
from survey.audiences import access
from survey.ballots import record
from survey.storage import jobs, schema, scribe, scribe_process
from survey.storage.jobs import Job
from survey.storage.locking import begin_transaction

_ask = jobs.Greenlets.ask
_create_app = starting.create_app
_sleep = get_original("time", "sleep")


def ack_before_commit() -> None:
    """Tell the voter as soon as the ballot waits for the writer, and let the disk take its time."""

    def ask(self: Any, job: Job, queue: Any) -> None:
        if has_request_context() and request.method == "POST" and request.path == "/vote":
            job.asker = None
            queue.put(job)
        else:
            _ask(self, job, queue)

    jobs.Greenlets.ask = ask  # type: ignore[method-assign]
    event.listen(Engine, "commit", lambda _connection: _sleep(0.3))


def scribe_answers_before_commit() -> None:
    """Have the scribe say that ballots are stored, and let the disk take its time."""
    receive, send = scribe_process.receive, scribe_process.send
    told: list[Any] = []

    def store(self: scribe_process.Book, dictation: scribe_process.Dictation) -> scribe_process.Stored:
        connection = self._connection = self._connection or self._engine.connect()
        with connection.begin():
            begin_transaction(connection)
            send(told[0], scribe_process.Stored(dictation.work(connection, dictation.items), True))
            _sleep(0.3)
        return scribe_process.Stored()

    def heard(channel: Any) -> Any:
        told[:] = [channel]
        return receive(channel)

    def unless_told(channel: Any, message: Any) -> None:
        if message == "ready":
            send(channel, message)

    scribe_process.Book.store = store  # type: ignore[method-assign]
    scribe_process.receive, scribe_process.send = heard, unless_told


def no_key() -> None:
    """Take every retry for a new ballot: each request gets a key of its own."""

    def create_app(given: Any) -> Flask:
        app = _create_app(given)
        inner = app.wsgi_app

        def wsgi_app(environ: dict[str, Any], start_response: Any) -> Any:
            if environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"] == "/vote":
                raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
                pairs = [(name, value) for name, value in parse_qsl(raw, True) if name != "key"]
                body = urlencode([*pairs, ("key", secrets.token_hex(16))]).encode()
                environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))
            return inner(environ, start_response)

        app.wsgi_app = wsgi_app  # type: ignore[method-assign]
        return app

    starting.create_app = create_app


def check_then_insert() -> None:
    """Look at the round before the ballot is taken to the writer, and not again in the transaction."""
    record.state = lambda _round: "open"  # type: ignore[assignment]


def synchronous_normal() -> None:
    """Let SQLite wait for the disk at checkpoints only."""

    @event.listens_for(Pool, "checkout")
    def relax(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.execute("PRAGMA synchronous=NORMAL")


def four_threads() -> None:
    """Serve four requests at once and no more, as a server of four threads does."""
    start = serving.Server.__init__

    def init(self: serving.Server, *args: Any, **options: Any) -> None:
        start(self, *args, **options)
        self.set_spawn(4)

    serving.Server.__init__ = init  # type: ignore[method-assign]


def wall_clock() -> None:
    """Ask the machine's clock for every moment, and let cookies grow old by it."""
    schema.now = lambda: datetime.now(UTC)
    access.Sessions = SecureCookieSessionInterface  # type: ignore[misc,assignment]


def slow_migration() -> None:
    """No bug, but time for a kill: each statement of an upgrade takes a while, and its first one is told."""
    told: list[str] = []

    def wait(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.lstrip().upper().startswith(("CREATE", "ALTER", "DROP", "INSERT", "UPDATE")):
            if not told:
                told.append(statement)
                print("migrating", flush=True)
            _sleep(0.03)

    event.listen(Engine, "before_cursor_execute", wait)


_ALL = (
    ack_before_commit,
    scribe_answers_before_commit,
    no_key,
    check_then_insert,
    synchronous_normal,
    four_threads,
    wall_clock,
    slow_migration,
)
BUGS = {one.__name__: one for one in _ALL}

if __name__ == "__main__":
    bug, *given = sys.argv[1:]
    BUGS[bug]()
    if given[0] == "scribe":
        sys.argv[1:] = given[1:]
        scribe_process.main()
    else:
        scribe.PROGRAM = (__file__, bug, "scribe")
        sys.exit(cli.main(given))
