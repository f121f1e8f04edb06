"""A small browser over plain HTTP: cookies, redirects, and forms found and sent as by a person."""

from __future__ import annotations

import http.client
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from survey.rehearsal.forms import Form, read_page

Values = Mapping[str, str | Sequence[str]]
Files = Mapping[str, bytes]
_Headers = dict[str, str]


class Refused(Exception):
    """The server said no. `status` is HTTP's, `sentence` what a person would read, `path` the address."""

    def __init__(self, status: int, sentence: str, problems: list[Any] | None = None, path: str = "") -> None:
        super().__init__(
            f"{path} ({status}): {sentence}" + "".join(f" {problem}" for problem in problems or [])
        )
        self.status, self.sentence, self.problems, self.path = status, sentence, problems or [], path


class PageChanged(Exception):
    """A page lacks the form or field that a driver relies on."""


@dataclass(frozen=True)
class Page:
    """An answer: where it came from in the end, its status, headers (lower case) and body."""

    path: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the body read as JSON."""
        return json.loads(self.body)

    @property
    def forms(self) -> list[Form]:
        """Return the page's forms."""
        return read_page(self.text).forms

    @property
    def state(self) -> str:
        """Return what a phone's page says it shows ("code", "ballot", "waiting", ...)."""
        return read_page(self.text).data.get("state", "")

    @property
    def is_over(self) -> bool:
        """Say whether a phone's page stands for a meeting that has ended."""
        return read_page(self.text).data.get("mark", "").endswith("ended")

    @property
    def said(self) -> str:
        """Return what a person would read, in one line."""
        return read_page(self.text).main_text

    def form(self, action: str = "") -> Form:
        """Return the form sent to `action` (a path's end), or the first that is posted.

        Raises PageChanged where there is none.
        """
        for form in self.forms:
            target = urlsplit(urljoin(self.path, form.action)).path
            if form.method == "post" and target.endswith(action):
                return form
        there = [form.action for form in self.forms]
        raise PageChanged(
            f"{self.path} has no form for {action or 'anything'}, only {there}: {self.said[:200]}"
        )


class Browser:
    """One person's browser. Not to be shared between threads."""

    def __init__(self, base: str, language: str = "nn", timeout: float = 30.0) -> None:
        parts = urlsplit(base.rstrip("/"))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{base!r} is not an address like http://10.0.0.5:8000")
        self.base = base.rstrip("/")
        self.cookies: dict[str, str] = {}
        self._language = language
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connect = lambda: kind(parts.hostname or "", parts.port, timeout=timeout)
        self._connection = self._connect()

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def get(self, path: str, accept: str = "text/html") -> Page:
        """Return the page, redirects followed; raises Refused from status 400."""
        return self._follow("GET", path, None, {"Accept": accept})

    def post(self, path: str, values: Values, accept: str = "text/html", files: Files | None = None) -> Page:
        """Send fields (and files) and return the page they lead to; raises Refused from status 400."""
        body, content_type = _encoded(values, files)
        headers = {"Accept": accept, "Content-Type": content_type, "Origin": self.base}
        return self._follow("POST", path, body, headers)

    def submit(
        self,
        page: Page,
        action: str = "",
        values: Values | None = None,
        accept: str = "text/html",
        files: Files | None = None,
    ) -> Page:
        """Fill the page's form for `action` and send it; raises PageChanged for a field it does not have."""
        form = page.form(action)
        wanted = dict(values or {})
        unknown = [name for name in [*wanted, *(files or {})] if name not in form.names]
        if unknown:
            raise PageChanged(
                f"The form for {action} on {page.path} has no {unknown}; it has {sorted(form.names)}"
            )
        filled: dict[str, list[str]] = {}
        for name, value in form.filled:
            if name not in wanted:
                filled.setdefault(name, []).append(value)
        return self.post(urljoin(page.path, form.action), {**filled, **wanted}, accept, files)

    @contextmanager
    def stream(self, path: str) -> Iterator[http.client.HTTPResponse]:
        """Open an event stream on a connection of its own and give what it answers; raises Refused."""
        connection = self._connect()
        try:
            connection.request("GET", path, headers={**self._headers(), "Accept": "text/event-stream"})
            answer = connection.getresponse()
            if answer.status >= 400:
                raise Refused(answer.status, answer.read().decode("utf-8", "replace")[:200], path=path)
            yield answer
        finally:
            connection.close()

    def _follow(self, method: str, path: str, body: bytes | None, headers: _Headers) -> Page:
        for _ in range(6):
            page = self._once(method, path, body, headers)
            if page.status not in (301, 302, 303, 307, 308):
                break
            target = urljoin(self.base + path, page.headers["location"])
            if not target.startswith(self.base + "/"):
                raise Refused(page.status, f"was sent away to {urlsplit(target).netloc}")
            path = target[len(self.base) :].partition("#")[0]
            if page.status < 307:
                method, body, headers = "GET", None, {"Accept": headers["Accept"]}
        if page.status >= 400:
            raise _refusal(page)
        return page

    def _once(self, method: str, path: str, body: bytes | None, headers: _Headers) -> Page:
        fresh = self._connection.sock is None
        try:
            answer = self._send(method, path, body, headers)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            # A connection kept from before may have been closed meanwhile; a browser opens a new one.
            self._connection.close()
            if fresh:
                raise
            answer = self._send(method, path, body, headers)
        content = answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                self._keep_cookie(value)
        return Page(
            path, answer.status, {name.lower(): value for name, value in answer.getheaders()}, content
        )

    def _send(
        self, method: str, path: str, body: bytes | None, headers: _Headers
    ) -> http.client.HTTPResponse:
        self._connection.request(method, path, body, {**self._headers(), **headers})
        return self._connection.getresponse()

    def _headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Accept-Language": self._language, **({"Cookie": cookies} if cookies else {})}

    def _keep_cookie(self, header: str) -> None:
        pair, *attributes = header.split(";")
        name, _, value = pair.strip().partition("=")
        self.cookies[name] = value
        if not value or any(one.strip().lower() == "max-age=0" for one in attributes):
            self.cookies.pop(name, None)


def _refusal(page: Page) -> Refused:
    if "json" in page.headers.get("content-type", ""):
        told = page.json()
        if isinstance(told, dict):
            return Refused(page.status, str(told.get("error", "")), told.get("problems"), page.path)
    return Refused(page.status, page.said, path=page.path)


def _encoded(values: Values, files: Files | None) -> tuple[bytes, str]:
    pairs = [
        (name, one)
        for name, value in values.items()
        for one in ([value] if isinstance(value, str) else value)
    ]
    if not files:
        return urlencode(pairs).encode(), "application/x-www-form-urlencoded"
    edge = secrets.token_hex(16)
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in pairs
    ]
    for name, content in files.items():
        head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
        parts.append(head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n")
    return b"".join([*parts, f"--{edge}--\r\n".encode()]), f"multipart/form-data; boundary={edge}"
