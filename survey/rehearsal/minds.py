"""Simulated minds: what an invented person answers. The same seed gives the same answers."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from survey.rehearsal.papers import Ballot

_BLANK, _DONT_KNOW, _SKIPPED, _LATE = 0.03, 0.07, 0.03, 0.1


@dataclass
class Mind:
    """A person of a group. The group, the item and the person all leave their mark on an answer."""

    seed: int
    group: str
    number: int
    _met: dict[tuple[str, ...], int] = field(default_factory=dict)

    def answer(self, ballot: Ballot) -> dict[str, Any]:
        """Return this person's answer; when the same is asked again, people lie closer together."""
        asked = tuple(sorted(ballot.items))
        times = self._met.setdefault(asked, 0)
        self._met[asked] += 1
        chance = self._chance("mood", *asked, str(times))
        if chance.random() < _BLANK:
            return {}
        if ballot.scales:
            return self._values(ballot, chance, 0.5**times)
        return self._dots(ballot, chance)

    def delay(self, ballot: Ballot, pace: float) -> float:
        """Return how many seconds this person thinks, with `pace` the usual time; a few are late."""
        chance = self._chance("pace", ballot.round)
        seconds = pace * chance.uniform(0.3, 1.3)
        return seconds * 2.5 if chance.random() < _LATE else seconds

    def _values(self, ballot: Ballot, chance: random.Random, distance: float) -> dict[str, Any]:
        values: dict[str, int | None] = {}
        for item, (least, most) in ballot.scales.items():
            draw = chance.random()
            if draw < _SKIPPED and len(ballot.scales) > 1:
                continue
            if draw < _SKIPPED + _DONT_KNOW:
                values[item] = None
                continue
            # On a line from -1 to 1: the item, the group's view of it, the person, and the day.
            liked = self._shared("item", item).uniform(-0.3, 0.5)
            view = self._shared("view", self.group, item).gauss(0, 0.35)
            person = self._chance("person").gauss(0, 0.2)
            believed = -0.25 if item == self.group else 0.0
            place = (
                liked + believed + distance * (view + person) + chance.gauss(0, 0.25 * (0.5 + distance / 2))
            )
            middle, half = (least + most) / 2, (most - least) / 2
            values[item] = min(most, max(least, round(middle + half * place)))
        return {"values": values} if values else {}

    def _dots(self, ballot: Ballot, chance: random.Random) -> dict[str, Any]:
        appeal = {
            item: self._shared("item", item).gauss(0, 1)
            + self._shared("view", self.group, item).gauss(0, 0.7)
            + chance.gauss(0, 0.9)
            # Options lie in another order on each phone; the answer must not follow from that.
            for item in sorted(ballot.caps)
        }
        ranked = sorted(appeal, key=lambda item: -appeal[item])
        left = ballot.budget - (1 if chance.random() < 0.1 and ballot.budget > 1 else 0)
        dots: dict[str, int] = {}
        for item in ranked:
            most = min(ballot.caps[item], left)
            if most < 1:
                break
            dots[item] = most if chance.random() < 0.4 else max(1, most // 2)
            left -= dots[item]
        against = [ranked[-1]] if ballot.against and ranked[-1] not in dots and chance.random() < 0.4 else []
        return {"dots": dots, **({"against": against} if against else {})}

    def _shared(self, *names: str) -> random.Random:
        return random.Random("|".join([str(self.seed), *names]))

    def _chance(self, *names: str) -> random.Random:
        return self._shared(self.group, str(self.number), *names)
