"""A facilitator's browser for tests: without scripts, presses the forms that stand on the page."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from rooms import Room


class Forms(HTMLParser):
    """Every form of a page: its address, and its fields as a browser would send them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, list[str]], str]] = []
        self._action: str | None = None
        self._fields: dict[str, list[str]] = {}
        self._label = ""
        self._area = ""
        self._select = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "form":
            self._action, self._fields, self._label = given.get("action") or "", {}, ""
        elif self._action is None or "disabled" in given:
            return
        elif tag == "textarea":
            self._area = name
            self._fields.setdefault(name, [""])
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in self._fields):
            self._fields[self._select] = [value]
        elif tag == "input" and name and given.get("type") not in ("file", "submit"):
            if given.get("type") not in ("radio", "checkbox") or "checked" in given:
                self._fields.setdefault(name, []).append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._action is not None:
            self.found.append((self._action, self._fields, " ".join(self._label.split())))
            self._action = None
        elif tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self._fields[self._area] = [self._fields[self._area][0] + data]
        elif self._action is not None:
            self._label += f" {data}"


class Console:
    """One browser of somebody who runs the room's meeting (or, with another id, another one)."""

    def __init__(self, room: Room, client: FlaskClient | None = None) -> None:
        self.room, self.client = room, client or room.client(room.meeting.id)
        self.home = f"/meetings/{room.meeting.key}"

    def get(self, path: str = "", **options: Any) -> Any:
        return self.client.get(
            path if path.startswith("/") and path.count("/") else self.home + path, **options
        )

    def token(self) -> str:
        """Return a good token of this browser."""
        return re.findall(r'name="csrf_token" value="([^"]+)"', self.client.get("/sign-in").text)[0]

    def post(self, path: str, json: bool = False, **data: Any) -> Any:
        """Post fields with a good token; the version is today's unless one is given."""
        headers = {"Accept": "application/json"} if json else {}
        return self.client.post(path, data={"csrf_token": self.token(), **data}, headers=headers)

    def version(self) -> int:
        return int(re.findall(r'data-version="(\d+)"', self.get(self.home).text)[0])

    def step(self, verb: str, **values: Any) -> Any:
        """Take a step as the page would."""
        return self.post(f"{self.home}/step", **{"verb": verb, "version": self.version(), **values})

    def press(self, path: str, label: str, **changes: Any) -> Any:
        """Send the form on `path` whose words contain `label`, with fields changed."""
        return self.press_on(self.get(path).text, label, path, **changes)

    def press_on(self, page: str, label: str, path: str = "", **changes: Any) -> Any:
        """Send the form of a page that was answered, as `press` does."""
        for action, fields, words in Forms(page).found:
            if label in words:
                return self.client.post(action or path, data={**fields, **changes})
        raise LookupError(f"no form with {label!r} on {path}")

    def next(self) -> str:
        """Press the black button; returns what it said."""
        page = self.get(self.home).text
        label = unescape(re.findall(r'class="next"[^>]*><span><b>([^<]+)', page)[0])
        assert self.press(self.home, label).status_code == 303
        return label
