"""What every page shares: the language, the template's helpers, and errors told in the reader's language."""

from __future__ import annotations

import hashlib
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, render_template, request, session, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy import Row
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.datastructures import LanguageAccept
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_accept_header

from survey import languages
from survey.errors import PlanRejected, StorageUnavailable, SurveyError
from survey.languages import N_, gettext

_SENTENCES = {
    400: N_("The request could not be read. Go back, load the page again and try once more."),
    403: N_("This is not allowed from here."),
    404: N_("There is nothing at this address. Check the address, or type the code on your card."),
    405: N_("This page cannot be used that way."),
    413: N_("That is too much at once. Nothing was stored."),
    500: N_("Something went wrong here, not with you. Nothing of yours was changed. Try again."),
}


def init_app(app: Flask) -> None:
    """Set the language of each request, give templates their helpers, and turn refusals into pages."""
    app.before_request(_choose_language)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        languages.gettext, languages.ngettext, newstyle=False
    )
    app.jinja_env.globals.update(asset=asset, language=languages.current, LANGUAGES=languages.LANGUAGES)
    app.jinja_env.globals.update(
        zip=zip, _=languages.gettext, gettext=languages.gettext, ngettext=languages.ngettext
    )
    app.jinja_env.filters["number"] = languages.number
    app.register_error_handler(SurveyError, refuse)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(OverflowError, _too_large_a_number)
    for gone in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(gone, _no_database)


def asset(name: str) -> str:
    """Return a static file's address with a mark of its content, so that a browser may keep it."""
    file = Path(current_app.static_folder or "", name)
    return _marked(name, request.script_root, file, file.stat().st_mtime_ns)


@cache
def _marked(name: str, _root: str, file: Path, _changed: int) -> str:
    return url_for("static", filename=name, v=hashlib.sha256(file.read_bytes()).hexdigest()[:10])


def _choose_language() -> None:
    if request.endpoint == "static":
        return
    asked = request.args.get("language")
    if asked in languages.LANGUAGES:
        session["language"] = asked
    languages.speak(_wanted_language() or "en")


def _wanted_language() -> str | None:
    chosen = session.get("language")
    if chosen in languages.LANGUAGES:
        return str(chosen)
    return _asked_for(request.headers.get("Accept-Language", ""))


@lru_cache(maxsize=1_000)
def _asked_for(header: str) -> str | None:
    # A browser says the same at every request, and a hall's browsers say little that differs.
    return languages.negotiate(list(parse_accept_header(header, LanguageAccept).values()))


def speak_for(meeting: Row[Any]) -> None:
    """Use the meeting's language where neither the reader nor the browser asks for one of ours."""
    if _wanted_language() is None:
        languages.speak(meeting.language)


def page(
    status: int, sentence: str, problems: list[tuple[str, str]] | None = None, retry_after: int | None = None
) -> Any:
    """Return an error page (or JSON where JSON was asked for) with its status."""
    if request.accept_mimetypes.best == "application/json":
        body: Any = {"error": sentence, "problems": [list(one) for one in problems or []]}
    else:
        home = "/meetings" if request.path.startswith("/meetings") and status != 401 else "/"
        body = render_template(
            "error.html", status=status, sentence=sentence, problems=problems or [], home=home
        )
    response = current_app.make_response((body, status))
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def told(error: SurveyError) -> str:
    """Return a refusal's sentence in the current language."""
    return gettext(error.sentence, **error.values)


def refuse(error: SurveyError) -> Any:
    """Turn a refusal into a page."""
    problems = error.problems if isinstance(error, PlanRejected) else None
    return page(error.status, told(error), problems, error.retry_after)


def _stale_form(_error: CSRFError) -> Any:
    return page(
        400,
        gettext(
            "The page was old or came from elsewhere. Load it again and try once more; nothing was stored."
        ),
    )


def _no_database(error: Exception) -> Any:
    # Writes say it themselves; this is a page that could not even be read.
    current_app.logger.error("The database cannot be read: %s", type(error).__name__)
    return refuse(StorageUnavailable())


def _too_large_a_number(_error: OverflowError) -> Any:
    # No form of ours sends a number that the database cannot hold.
    return page(400, gettext(_SENTENCES[400]))


def _http_error(error: HTTPException) -> Any:
    status = error.code or 500
    if status < 400:
        return error
    return page(status, gettext(_SENTENCES.get(status, _SENTENCES[400 if status < 500 else 500])))
