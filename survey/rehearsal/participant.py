"""A participant: comes in by code or the room's QR, sees the question, votes, keeps the receipt."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from survey.rehearsal import papers
from survey.rehearsal.browser import Browser, Page, PageChanged, Refused
from survey.rehearsal.forms import read_page

CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){2}\b")
_RECEIPT = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}\b")


class Participant:
    """A phone, without its scripts. Everything it does raises Refused where the server says no."""

    def __init__(self, base: str, language: str = "nn") -> None:
        self.browser = Browser(base, language)
        self._page: Page | None = None

    def __enter__(self) -> Participant:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Put the phone away."""
        self.browser.close()

    def enter_code(self, code: str) -> Page:
        """Type the code, say yes to the card, and return the page that follows."""
        page = self.browser.submit(self.browser.get("/"), "", {"code": code})
        if page.state == "confirm":
            page = self.browser.submit(page)
        self._page = page
        return page

    def join_room(self, meeting: str, group: str) -> str:
        """Come in by the room's QR as one of this group (its key); return the code of the card given."""
        page = self.browser.submit(self.browser.get(f"/join/{meeting}"), "", {"group": group})
        found = CODE.search(page.said)
        if found is None:
            raise PageChanged(f"No code on the page after joining: {page.said[:200]}")
        self._page = self.browser.get("/vote")
        return found[0]

    def look(self, change: bool = False) -> Page:
        """Load the page with the open question, or what is there instead; `change` asks for the ballot."""
        self._page = self.browser.get("/vote?change=1" if change else "/vote")
        return self._page

    def state(self) -> str:
        """Return what the phone shows now: "ballot", "waiting", "receipt", "closed", ..."""
        return self.look().state

    def question(self, change: bool = True) -> papers.Ballot | None:
        """Return the open question's ballot, also when this card has cast; None when there is none."""
        page = self.look(change)
        return papers.read(page) if page.state == "ballot" else None

    def cast(
        self,
        answer: Mapping[str, Any],
        key: str | None = None,
        blank: bool = False,
        ballot: papers.Ballot | None = None,
    ) -> str:
        """Cast an answer (see `papers.filled`) and return the receipt.

        `key` (32 hex digits) is the idempotency key, else the page's own; `ballot` one seen before.
        """
        if ballot is None:
            ballot = self._seen() or self.question()
        if ballot is None:
            raise Refused(409, f"There is no open question: {self._page.said if self._page else ''}")
        fields = ballot.fields({} if blank else answer, key)
        self._page = self.browser.post("/vote", fields)
        return self.receipt()

    def _seen(self) -> papers.Ballot | None:
        seen, self._page = self._page, None
        return papers.read(seen) if seen is not None and seen.state == "ballot" else None

    def receipt(self) -> str:
        """Return the receipt that the phone shows; raises PageChanged where there is none."""
        page = self._page
        if page is None or page.state != "receipt":
            page = self.browser.get("/receipt")
        found = _RECEIPT.search(page.said)
        if found is None:
            raise PageChanged(f"No receipt on the page: {page.said[:200]}")
        return found[0]

    def stream(self) -> Iterator[dict[str, Any]]:
        """Yield what the meeting's event stream sends, as it comes; ends when the server closes it."""
        page = self.look()
        where = read_page(page.text).data.get("live")
        if not where:
            raise PageChanged(f"The phone's page has no stream in state {page.state}")
        with self.browser.stream(urlsplit(where).path) as answer:
            yield from events(answer)


def events(answer: http.client.HTTPResponse) -> Iterator[dict[str, Any]]:
    """Yield the data of each event of a stream, read as JSON."""
    lines: list[str] = []
    for raw in answer:
        line = raw.decode("utf-8").rstrip("\r\n")
        if line.startswith("data:"):
            lines.append(line[5:].lstrip())
        elif not line and lines:
            yield json.loads("\n".join(lines))
            lines = []
