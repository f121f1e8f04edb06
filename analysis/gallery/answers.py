"""Made-up answers of every kind: from the sizes of the groups to Responses, always the same for a seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.colours import colour
from analysis.gallery.names import GROUPS, LONG
from analysis.responses import Group, Item, Meeting, Question, Responses, Round

MOVED = 0.4  # share of the people who answer anew in a second round
# A ballot's rows: item, value, text. No rows: a blank ballot.
Marks = list[tuple[str, float | None, str]]
Voter = Callable[[np.random.Generator, "Room", int], Marks]


@dataclass(frozen=True)
class Room:
    """Who is there and what is asked. `sizes` are people by group, `items` how many things are asked about.

    `long` gives every item a label of 200 characters. `blank` of the ballots are empty, `absent` cards
    unused. `unsure` is the share of don't-knows. `agreed` lets all answer alike. `rounds` is how often
    it is asked, `leavers` how many are gone the second time. `settings` are added to the kind's own.
    """

    sizes: tuple[int, ...] = (6, 6, 6, 6, 6, 6)
    items: int = 4
    language: str = "nn"
    long: bool = False
    blank: int = 0
    absent: int = 2
    unsure: float = 0.03
    agreed: bool = False
    secrecy: str = "sealed"
    rounds: int = 1
    leavers: int = 0
    seed: int = 1
    long_names: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def people(self) -> int:
        """Return how many hand in a ballot the first time."""
        return sum(self.sizes)


@dataclass(frozen=True)
class Asked:
    """How a kind is asked and answered: title, settings, keys and words of the items, a person's ballot."""

    kind: str
    title: str
    settings: Mapping[str, Any]
    items: Callable[[Room], Sequence[tuple[str, str]]]
    answer: Voter


def responses(asked: Asked, room: Room) -> Responses:
    """Return what a room answered to one question, once for each of its rounds."""
    items = tuple(Item(key, text) for key, text in asked.items(room))
    question = Question(
        "q",
        asked.kind,
        _title(asked, room),
        room.secrecy,
        items=items,
        settings={**asked.settings, **room.settings},
        rounds=tuple(_books(room, number) for number in range(1, room.rounds + 1)),
    )
    meeting = Meeting(
        "gallery",
        "Tillit og samarbeid mellom kommunane",
        room.language,
        "Hallingtinget",
        "2027-11-03",
        rehearsal=True,
        groups=groups(room),
        questions=(question,),
    )
    rows = []
    for number in range(1, room.rounds + 1):
        base = {"meeting": "gallery", "question": "q", "kind": asked.kind, "round": number}
        for person, at in enumerate(_present(room, number)):
            chance = _chance(room, number, person)
            blank = person < room.blank
            marks: Marks = [("", None, "")] if blank else asked.answer(chance, room, at) or [("", None, "")]
            one = {**base, "ballot": f"b{person}", "group": f"g{at}"}
            rows += [{**one, "item": item, "value": value, "text": text} for item, value, text in marks]
    return Responses.from_rows(meeting, rows)


def groups(room: Room) -> tuple[Group, ...]:
    """Return the room's groups, each with a colour; from the eleventh on colours come again."""
    longer = LONG[3:60] if room.long_names else ""
    named = [GROUPS[at] + longer for at in range(len(room.sizes))]
    return tuple(Group(f"g{at}", name, colour(at)) for at, name in enumerate(named))


def _present(room: Room, number: int) -> list[int]:
    """Return each present person's group, people of all groups by turns so that leavers come from many."""
    dealt = [at for at, size in enumerate(room.sizes) for _ in range(size)]
    mixed = [dealt[place] for place in np.random.default_rng(room.seed).permutation(len(dealt))]
    return mixed[: len(mixed) - room.leavers] if number > 1 else mixed


def _chance(room: Room, number: int, person: int) -> np.random.Generator:
    """Return a person's own chance: in a later round most think as they did."""
    moved = number > 1 and np.random.default_rng([room.seed, number, person]).random() < MOVED
    return np.random.default_rng([room.seed, person, number if moved else 1])


def _books(room: Room, number: int) -> Round:
    present = _present(room, number)
    used, gone = len(present), room.people - len(present)
    blank = min(room.blank, used)
    issued = used + room.absent + gone
    by_group = {f"g{at}": {"issued": size, "used": present.count(at)} for at, size in enumerate(room.sizes)}
    return Round(
        number,
        "revealed",
        issued,
        used,
        issued - used,
        counted=used - blank,
        blank=blank,
        by_group=by_group,
        head="4f2a91c70b3ed85a" * 4,
    )


def _title(asked: Asked, room: Room) -> str:
    return (LONG if room.long else asked.title)[:200]


def words(texts: Sequence[str], room: Room, key: str) -> list[tuple[str, str]]:
    """Return keys and words of the room's items: those given, numbered when they come again, or long ones."""
    found = []
    for at in range(room.items):
        again = f" {at // len(texts) + 1}" if at >= len(texts) else ""
        text = f"{at + 1} {LONG}"[:200] if room.long else texts[at % len(texts)] + again
        found.append((f"{key}{at}", text))
    return found
