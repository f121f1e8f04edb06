"""A phone for tests: a browser without scripts that reads forms off pages, CSRF and all."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from rooms import Room

from survey import kinds


class _Form(HTMLParser):
    """The fields of the page's first form that is posted, as they are filled; buttons left out."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.action, self.fields, self.choices = "", [], {}
        self._inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            self._inside, self.action = True, found.get("action") or ""
        name = found.get("name")
        if tag != "input" or not self._inside or not name:
            return
        choice = found.get("type") in ("radio", "checkbox")
        if choice:
            self.choices.setdefault(name, []).append(found.get("value"))
        if not choice or "checked" in found:
            self.fields.append((name, found.get("value") or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


class Phone:
    """One browser at one meeting. Every verb returns Flask's answer; redirects are not followed."""

    def __init__(self, room: Room, language: str = "en") -> None:
        self.room, self.client = room, room.app.test_client()
        self.headers = {"Accept-Language": language} if language else {}

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(path, headers=self.headers, **options)

    def post(self, path: str, data: Any, **headers: str) -> Any:
        return self.client.post(path, data=data, headers={**self.headers, **headers})

    def token(self) -> str:
        return dict(_Form(self.get("/").text).fields)["csrf_token"]

    def type(self, code: str) -> Any:
        """Type a code; the answer asks whether this is the card."""
        return self.post("/b", {"csrf_token": self.token(), "code": code})

    def take(self, code: str) -> Any:
        """Type a code and say yes."""
        return self.post("/card", {"csrf_token": self.token(), "code": code})

    def form(self, path: str = "/vote?change=1") -> _Form:
        """Return the form on a page."""
        return _Form(self.get(path).text)

    def fields(self, question: str, answer: Any, key: str | None = None) -> dict[str, Any]:
        """Return the ballot's fields with an answer filled in."""
        asked = self.room.meeting.question(question)
        plain = {name: value for name, value in self.form().fields if "-" not in name}
        if key:
            plain["key"] = key
        return {**plain, **(kinds.kind_of(asked).posted(asked, answer) if answer else {"blank": "1"})}

    def cast(self, question: str, answer: Any, key: str | None = None) -> Any:
        """Cast an answer; {} is blank."""
        return self.post("/vote", self.fields(question, answer, key))

    def state(self, path: str = "/vote") -> str:
        """Return what the page says it shows, redirects followed."""
        return state_of(self.get(path, follow_redirects=True))


def state_of(answer: Any) -> str:
    """Return the state of a phone's page."""
    found = re.search(r'data-state="([a-z]+)"', answer.text)
    return found[1] if found else ""


def with_card(room: Room, group: str = "hol", number: int = 0, language: str = "en") -> Phone:
    """Return a phone that has taken a group's card."""
    phone = Phone(room, language)
    assert phone.take(room.meeting.cards[group][number].code).status_code == 303
    return phone
