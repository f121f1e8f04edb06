"""A server with a bug put in on purpose: what the checker must find. `python seeded.py BUG serve ...`"""

from __future__ import annotations

import io
import secrets
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

import gevent
from flask import Flask, has_request_context, request
from sqlalchemy import Pool, event

from survey import cli, serving, starting
from survey.errors import SurveyError
from survey.storage.database import Database

_create_app = starting.create_app
_write = Database.write


def ack_before_commit() -> None:
    """Tell the voter first and store the ballot a moment later."""

    def write(self: Database, work: Callable[..., Any]) -> Any:
        if has_request_context() and request.method == "POST" and request.path == "/vote":
            gevent.spawn_later(0.05, _quietly, self, work)
            return None
        return _write(self, work)

    Database.write = write  # type: ignore[method-assign]


def _quietly(database: Database, work: Callable[..., Any]) -> None:
    try:
        _write(database, work)
    except SurveyError:
        return


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


BUGS = {one.__name__: one for one in (ack_before_commit, no_key, synchronous_normal, four_threads)}

if __name__ == "__main__":
    BUGS[sys.argv[1]]()
    sys.exit(cli.main(sys.argv[2:]))
