"""Meetings for browser tests, made and led over HTTP: questions of every kind, cards, people who vote."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from survey.kinds import KINDS
from survey.rehearsal.drivers import Facilitator
from survey.rehearsal.voters import Crowd

GROUPS = ("Hol", "Ål", "Gol")
# What a plan says of a question of each kind; a new kind is missing here until it is tested.
ASKED = {
    "scale": 'low = "Usamd"\nhigh = "Samd"\nitems = ["Vi held det vi lovar", "Eg kan seie kva eg meiner"]',
    "trust": 'low = "Ikkje"\nhigh = "Heilt"',
    "dots": "dots = 3\ncap = 2\n"
    'items = ["Lokal forankring", "Nytte for alle", "Felles lagånd", "Steg for steg"]',
}
EVERY_KIND = list(KINDS)
# Kinds whose chart has a dot for each mark; the others show numbers.
DRAWN_AS_DOTS = {"scale", "dots"}


def question(kind: str, key: str = "", **more: str) -> str:
    """Return a question of a plan; `more` are further lines of it, as TOML writes values."""
    lines = [f"{name} = {value}" for name, value in more.items()]
    head = [
        "[[questions]]",
        f'key = "{key or kind}"',
        f'kind = "{kind}"',
        f'title = "{key or kind}: kva meiner du?"',
    ]
    return "\n".join([*head, *lines, ASKED[kind]])


def plan(*questions: str, language: str = "nn", cards: int = 6, head: str = "") -> str:
    """Return a plan with three groups and these questions."""
    groups = [f'[[groups]]\nname = "{name}"\ncards = {cards}' for name in GROUPS]
    start = f'title = "Samling"\nlanguage = "{language}"\nk = 5\nspares = 2\n{head}'
    return "\n".join([start, *groups, *questions])


@dataclass
class Gathering:
    """A meeting on the server: its key, its codes by group, and the facilitator who leads it."""

    base: str
    key: str
    facilitator: Facilitator
    cards: dict[str, list[str]] = field(default_factory=dict)

    def code(self, group: str = "hol") -> str:
        """Return the code of a card that nobody has used; spares come last."""
        return self.cards[group].pop(0)

    def open(self, asked: str) -> None:
        self.facilitator.open(self.key, asked)

    def close(self) -> None:
        self.facilitator.close_round(self.key)

    def reveal(self) -> None:
        self.facilitator.reveal(self.key)

    def others(self, in_each_group: int = 6) -> Crowd:
        """Let simulated people come in, who vote when they are told to."""
        cards = [(self.code(group), group) for group in self.cards for _ in range(in_each_group)]
        crowd = Crowd(self.base, cards, pace=0)
        crowd.come_in()
        return crowd

    def show(self, *asked: str, in_each_group: int = 6) -> None:
        """Open each question, let people vote, close it, and show the result."""
        with self.others(in_each_group) as crowd:
            for one in asked:
                self.open(one)
                crowd.vote()
                self.close()
                self.reveal()

    def turnout(self) -> int:
        """Return how many the screen says have answered the question that is open."""
        view = self.facilitator.browser.get(f"/screen/{self.key}/view").text
        return int(re.findall(r"data-turnout\b[^>]*>(\d+)<", view)[0])

    def ballots_in_the_log(self) -> int:
        """Return how many ballots the log has, changed ones too."""
        text = self.facilitator.browser.get(f"/verify/{self.key}/log.json").text
        return sum(entry["type"] in ("cast", "paper") for entry in json.loads(text)["entries"])
