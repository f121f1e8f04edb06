"""The Flask application: its settings, what it serves, and in which order a request meets it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask, request
from flask_compress import Compress
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from survey import serving
from survey.audiences import access, facilitator, headers, live, pages, participant, records, screen
from survey.config import settings
from survey.storage import migrate
from survey.storage.database import Database
from survey.storage.keys import Keys

_HOUSE = Path(__file__).parent.parent


class Application(Flask):
    """Flask, but that a fault is logged by the name of its view: an address may hold a one-time link."""

    def log_exception(self, exc_info: Any) -> None:
        """Log an unhandled fault with its traceback."""
        self.logger.error("A fault in %s (%s)", request.endpoint, request.method, exc_info=exc_info)


def make(mapping: Mapping[str, Any] | None = None) -> Flask:
    """Return the application for these settings (see config.SETTINGS), its database brought up to date."""
    app = Application(
        "survey", template_folder=str(_HOUSE / "templates"), static_folder=str(_HOUSE / "static")
    )
    app.config.update(settings(mapping))
    app.config.update(
        {name: value for name, value in (mapping or {}).items() if not name.startswith("PRIKK_")}
    )
    keys = Keys(app.config["PRIKK_SECRET_FILE"])
    secure = app.config["PRIKK_BASE_URL"].startswith("https://")
    app.config.update(
        SECRET_KEY=keys.derived("session"),
        SESSION_COOKIE_NAME="__Host-prikk" if secure else "prikk",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # The server knows when a session ends; the cookie need not be written anew at every request.
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=256 * 1024,
        MAX_FORM_MEMORY_SIZE=256 * 1024,
        MAX_FORM_PARTS=1_000,
        # A phone may lie on the table for the whole meeting; the token lives as long as the session does.
        WTF_CSRF_TIME_LIMIT=None,
        # The origin is checked by headers.py, where proxies and plain HTTP are known.
        WTF_CSRF_SSL_STRICT=False,
        COMPRESS_MIMETYPES=["text/html", "text/css", "text/javascript", "application/json", "image/svg+xml"],
        COMPRESS_ALGORITHM=["gzip"],
    )
    database = Database(app.config["PRIKK_DATABASE"])
    migrate.upgrade(database, keys)
    app.extensions["prikk.database"] = database
    app.extensions["prikk.keys"] = keys
    if app.config["PRIKK_PROXIES"]:
        hops = app.config["PRIKK_PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    # The language is chosen before anything can be refused, so that every refusal speaks it.
    pages.init_app(app)
    CSRFProtect(app)
    Compress(app)
    for room in (headers, access, live):
        room.init_app(app)
    for audience in (participant, facilitator, screen, records):
        app.register_blueprint(audience.blueprint)
    if os.environ.get("SERVER_SOFTWARE", "").startswith("gunicorn/"):
        # It has no place of ours where what runs beside the requests could be begun.
        serving.keep(app)
    return app
