"""A facilitator: signs in, makes a meeting, prints its cards, and runs it from the console."""

from __future__ import annotations

import csv
import io
import re
import tomllib
import zipfile
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from survey.rehearsal import papers
from survey.rehearsal.browser import Browser, Page, PageChanged
from survey.rehearsal.participant import CODE

_LINK = re.compile(r"https?://[^\s<>'\"]+/sign-in/[\w-]+")
_MEETING = re.compile(r"/meetings/([a-z0-9-]+)")


class Facilitator:
    """A console, without its scripts. `meeting` is always a key. Raises Refused where the server refuses."""

    def __init__(self, base: str, language: str = "en") -> None:
        self.browser = Browser(base, language, timeout=120)

    def __enter__(self) -> Facilitator:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the browser."""
        self.browser.close()

    # Signing in

    def sign_in_link(self, link: str, name: str = "", password: str = "") -> Page:
        """Spend a one-time link (its address or token); with a password, choose it and the name."""
        path = f"/sign-in/{urlsplit(link).path.rpartition('/')[2]}"
        page = self.browser.submit(self.browser.get(path), path)
        if password:
            wanted = {"password": password, "again": password, **({"name": name} if name else {})}
            page = self.browser.submit(self.browser.get("/account"), "/account", wanted)
        return page

    def sign_in(self, name: str, password: str) -> Page:
        """Sign in by name and password."""
        page = self.browser.get("/sign-in")
        return self.browser.submit(page, "/sign-in", {"name": name, "password": password})

    def invite(self, name: str) -> str:
        """Invite a new facilitator and return the one-time link."""
        page = self.browser.submit(self.browser.get("/account"), "/account/invite", {"name": name})
        found = _LINK.search(page.text)
        if found is None:
            raise PageChanged(f"No link on the page: {page.said[:200]}")
        return found[0]

    # Plan and cards

    def import_plan(self, toml: str) -> str:
        """Make a meeting from a plan's text and return the key it got."""
        page = self.browser.submit(self.browser.get("/meetings/new"), "/new/file", {"text": toml})
        found = _MEETING.match(page.path)
        if found is None:
            raise PageChanged(f"The plan led to {page.path}")
        return found[1]

    def plan(self, meeting: str) -> dict[str, Any]:
        """Return the meeting's plan, read from its file."""
        return tomllib.loads(self.browser.get(f"/meetings/{meeting}/plan.toml").text)

    def issue_cards(self, meeting: str) -> dict[str, list[str]]:
        """Issue the cards that are missing and return the codes by the group's key, spares among them."""
        return _by_group(self._cards(meeting, "application/json").json()["cards"])

    def card_sheet(self, meeting: str) -> bytes:
        """Issue the cards that are missing and return their sheet as a PDF."""
        return self._cards(meeting, "application/pdf").body

    def issue_spare(self, meeting: str, group: str) -> str:
        """Issue a card for one more person of a group and return its code."""
        return _code(self._tool(meeting, "cards/spare", {"group": group}))

    def void(self, meeting: str, code: str) -> str:
        """Void a card by its code and return the code of the card that replaces it."""
        return _code(self._tool(meeting, "cards/lost", {"code": code}), but=code)

    # Running

    def run_page(self, meeting: str, question: str = "") -> Page:
        """Return the page that the meeting is run from, turned to one question."""
        return self.browser.get(f"/meetings/{meeting}" + (f"?question={question}" if question else ""))

    def verbs(self, meeting: str, question: str = "") -> list[str]:
        """Return the steps that the console offers now."""
        page = self.run_page(meeting, question)
        return [form.value("verb") for form in page.forms if "verb" in form.names]

    def step(self, meeting: str, verb: str, question: str = "") -> None:
        """Take a step, about one question where that is named. Raises Refused where it is not possible."""
        page = self.run_page(meeting, question)
        steps = [form for form in page.forms if "verb" in form.names]
        if not steps:
            raise PageChanged(f"{page.path} offers no step: {page.said[:200]}")
        form = next((one for one in steps if one.value("verb") == verb), steps[0])
        posted = dict(form.filled) | {"verb": verb} | ({"question_key": question} if question else {})
        # As JSON a step that is refused has the refusal's status; the page would only tell it.
        self.browser.post(urlsplit(form.action).path, posted, accept="application/json")

    def open(self, meeting: str, question: str) -> None:
        """Open a question, again in a second round if it has been answered before."""
        self.step(meeting, "open", question)

    def close_round(self, meeting: str) -> None:
        """Close the open round."""
        self.step(meeting, "close")

    def reopen(self, meeting: str) -> None:
        """Open the closed round again."""
        self.step(meeting, "reopen")

    def reveal(self, meeting: str) -> None:
        """Show the closed round's result."""
        self.step(meeting, "reveal")

    def annul(self, meeting: str) -> None:
        """Put the revealed round aside."""
        self.step(meeting, "annul")

    def finish(self, meeting: str, question: str) -> None:
        """Finish a question: the links between cards and ballots are destroyed."""
        self.step(meeting, "finish", question)

    def end(self, meeting: str) -> None:
        """End the meeting."""
        self.step(meeting, "end")

    def note(self, meeting: str, text: str, question: str = "") -> Page:
        """Write down what is said beside the chart."""
        page = self.run_page(meeting, question)
        return self.browser.submit(page, "/notes", {"text": text})

    def paper_ballot(self, meeting: str, code: str, answer: Mapping[str, Any]) -> Page:
        """Type a ballot on paper as the ballot of the card with this code."""
        page = self.browser.submit(
            self.browser.get(f"/meetings/{meeting}/paper"), "/paper/card", {"code": code}
        )
        form = page.form("/paper")
        given = papers.filled(answer)
        kept = {name: [value] for name, value in form.filled if not name.startswith(("item-", "against-"))}
        return self.browser.post(f"/meetings/{meeting}/paper", kept | given)

    # Rehearsal

    def add_simulated(self, meeting: str, number: int) -> Page:
        """Let the server add simulated voters; the meeting becomes a rehearsal."""
        return self._tool(meeting, "simulated", {"number": str(number)})

    def rehearsal_cards(self, meeting: str, number: int) -> list[tuple[str, str]]:
        """Mark the meeting as a rehearsal and return (code, group key) of cards for simulated people."""
        page = self.run_page(meeting)
        answer = self.browser.submit(page, "/simulated", {"number": str(number)}, accept="application/json")
        return [(one["code"], one["group"]) for one in answer.json()["cards"]]

    def clear_rehearsal(self, meeting: str) -> Page:
        """Remove everything simulated."""
        return self._tool(meeting, "simulated/remove", {})

    # Afterwards

    def package(self, meeting: str) -> bytes:
        """Return the data package, a zip."""
        return self.browser.get(f"/meetings/{meeting}/package.zip", accept="*/*").body

    def report(self, meeting: str) -> str:
        """Return the report's page."""
        return self.browser.get(f"/meetings/{meeting}/report.html").text

    def results(self, meeting: str) -> list[dict[str, str]]:
        """Return what is published: one row per number, as in the package's `published.csv`."""
        with zipfile.ZipFile(io.BytesIO(self.package(meeting))) as archive:
            text = archive.read("published.csv").decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline="")))

    def _cards(self, meeting: str, accept: str) -> Page:
        page = self.browser.get(f"/meetings/{meeting}/cards")
        # The other form on that page voids the unused cards first.
        if "afresh" in page.form("/cards.pdf").names:
            raise PageChanged("No cards are missing.")
        return self.browser.submit(page, "/cards.pdf", accept=accept)

    def _tool(self, meeting: str, name: str, values: Mapping[str, str]) -> Page:
        return self.browser.submit(self.run_page(meeting), f"/{name}", values)


def _by_group(cards: list[dict[str, Any]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for card in cards:
        found.setdefault(card["group"], []).append(card["code"])
    return found


def _code(page: Page, but: str = "") -> str:
    for found in CODE.findall(page.said):
        if found != but:
            return str(found)
    raise PageChanged(f"No code on the page: {page.said[:200]}")
