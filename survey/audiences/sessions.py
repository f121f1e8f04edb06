"""The browser's cookie: signed, and good as long as the server's own session is, whatever any clock says."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature

_DATE = re.compile(r"Expires=[^;]+")


class Sessions(SecureCookieSessionInterface):
    """Flask's cookie without its dates: a clock that jumps back would make every cookie one of the future."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return what the cookie holds; an empty session where it is missing or not ours."""
        signer = self.get_signing_serializer(app)
        if signer is None:
            return None
        try:
            held: Any = signer.loads(request.cookies.get(self.get_cookie_name(app), ""))
        except BadSignature:
            return self.session_class()
        return self.session_class(held)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookie with how long it is to be kept, not until when: the phone's clock may be another."""
        super().save_session(app, session, response)
        kept = f"Max-Age={int(app.permanent_session_lifetime.total_seconds())}"
        sent = [_DATE.sub(kept, one) for one in response.headers.getlist("Set-Cookie")]
        if session.permanent and session and sent:
            response.headers.setlist("Set-Cookie", sent)
