"""The browser's cookie: signed, and good as long as the server's own session is, whatever any clock says."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeTimedSerializer

_MOST_KNOWN = 10_000
_DATE = re.compile(r"Expires=[^;]+")


class Sessions(SecureCookieSessionInterface):
    """Flask's cookie without its dates: a clock that jumps back would make every cookie one of the future."""

    def __init__(self) -> None:
        self._signer: URLSafeTimedSerializer | None = None
        self._known: dict[str, dict[str, Any]] = {}

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return the signer, made once: the secret stays the same as long as the program runs."""
        if self._signer is None:
            self._signer = super().get_signing_serializer(app)
        return self._signer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return what the cookie holds; an empty session where it is missing or not ours."""
        signer = self.get_signing_serializer(app)
        if signer is None:
            return None
        return self.session_class(self._held(signer, request.cookies.get(self.get_cookie_name(app), "")))

    def _held(self, signer: URLSafeTimedSerializer, cookie: str) -> dict[str, Any]:
        # A phone sends the same cookie all evening, and its signature stays as good as it was.
        held = self._known.get(cookie)
        if held is None:
            try:
                held = signer.loads(cookie)
            except BadSignature:
                return {}
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            # What may be changed in its place (a list of messages) is nobody's to share.
            if all(isinstance(value, str | bool) for value in held.values()):
                self._known[cookie] = held
        return held

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookie with how long it is to be kept, not until when: a phone has a clock of its own."""
        super().save_session(app, session, response)
        sent = response.headers.getlist("Set-Cookie")
        if sent and session.permanent and session:
            kept = f"Max-Age={int(app.permanent_session_lifetime.total_seconds())}"
            response.headers.setlist("Set-Cookie", [_DATE.sub(kept, one) for one in sent])
