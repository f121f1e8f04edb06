"""The grid of the gallery: every kind in the rooms that charts break in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from analysis.disclosure import Published, publish
from analysis.gallery.answers import Asked, Room, responses
from analysis.gallery.voters import COLLECT, DOTS, MARKS, SCALE, SORT, TRUST

EVERYDAY = Room()
TWELVE = (5, 6, 7, 6, 5, 6, 7, 6, 5, 6, 4, 6)

# What every kind is drawn in.
ROOMS: Mapping[str, Room] = {
    "everyday": EVERYDAY,
    "voters-3": replace(EVERYDAY, sizes=(2, 1)),
    "voters-7": replace(EVERYDAY, sizes=(4, 3)),
    "voters-12": replace(EVERYDAY, sizes=(6, 6), language="en"),
    "voters-300": replace(EVERYDAY, sizes=(50,) * 6, items=8),
    "voters-1200": replace(EVERYDAY, sizes=(200,) * 6, items=8, language="nb"),
    "items-2": replace(EVERYDAY, items=2),
    "items-30": replace(EVERYDAY, items=30),
    "labels-200": replace(EVERYDAY, items=8, long=True),
    "labels-200-items-30": replace(EVERYDAY, items=30, long=True, sizes=(50,) * 6),
    "one-group": replace(EVERYDAY, sizes=(24,)),
    "groups-8": replace(EVERYDAY, sizes=(6,) * 8),
    "groups-12": replace(EVERYDAY, sizes=TWELVE),
    "groups-long-names": replace(EVERYDAY, sizes=(6,) * 6, long_names=True),
    "groups-12-long-names": replace(EVERYDAY, sizes=TWELVE, long_names=True),
    "small-groups": replace(EVERYDAY, sizes=(6, 6, 2, 3, 6, 6), language="en"),
    "all-equal": replace(EVERYDAY, agreed=True, unsure=0.0),
    "all-blank": replace(EVERYDAY, blank=36),
    "nobody": replace(EVERYDAY, sizes=(0,) * 6, absent=38),
    "two-rounds": replace(EVERYDAY, rounds=2, language="en"),
    "two-rounds-labels-200": replace(EVERYDAY, rounds=2, items=8, long=True, sizes=(50,) * 6),
}
# What one kind alone can be asked.
SCALE_ROOMS: Mapping[str, Room] = {
    "unsure": replace(EVERYDAY, unsure=0.5),
    "open": replace(EVERYDAY, secrecy="open"),
    "open-groups-8": replace(EVERYDAY, secrecy="open", sizes=(6,) * 8),
    "open-groups-12": replace(EVERYDAY, secrecy="open", sizes=TWELVE),
    "five-steps": replace(EVERYDAY, items=8, settings={"min": 1, "max": 5}),
    "five-steps-items-30": replace(EVERYDAY, items=30, settings={"min": 1, "max": 5}, language="nb"),
    "two-rounds-leavers": replace(EVERYDAY, rounds=2, leavers=3),
    "two-rounds-1200": replace(EVERYDAY, rounds=2, sizes=(200,) * 6),
    "two-rounds-all-equal": replace(EVERYDAY, rounds=2, agreed=True, unsure=0.0),
}
DOTS_ROOMS: Mapping[str, Room] = {
    "open": replace(EVERYDAY, secrecy="open", items=12),
    "open-groups-8": replace(EVERYDAY, secrecy="open", sizes=(6,) * 8, items=8),
    "open-groups-12": replace(EVERYDAY, secrecy="open", sizes=TWELVE, items=12),
    "against": replace(EVERYDAY, items=8, settings={"against": True}),
    "two-rounds-items-30": replace(EVERYDAY, rounds=2, items=30, sizes=(50,) * 6),
}
THREE = {"buckets": [{"key": key, "text": key.capitalize()} for key in ("saman", "delvis", "kvar")]}
FOUR = {"buckets": [*THREE["buckets"], {"key": "ingen", "text": "Ingen av oss, og heller ikkje staten"}]}
SORT_ROOMS: Mapping[str, Room] = {
    "unsure": replace(EVERYDAY, unsure=0.7),
    "open": replace(EVERYDAY, secrecy="open"),
    "three-buckets": replace(EVERYDAY, settings=THREE),
    "four-buckets": replace(EVERYDAY, settings=FOUR, items=30),
}
COLLECT_ROOMS: Mapping[str, Room] = {
    "by-group": replace(EVERYDAY, secrecy="open", sizes=(1,) * 6, settings={"by": "group"}),
    "by-group-12": replace(EVERYDAY, secrecy="open", sizes=(1,) * 12, items=30, settings={"by": "group"}),
    "by-group-long": replace(
        EVERYDAY, secrecy="open", sizes=(1,) * 6, long=True, long_names=True, settings={"by": "group"}
    ),
}
MARKS_ROOMS: Mapping[str, Room] = {"open": replace(EVERYDAY, secrecy="open")}
TRUST_ROOMS: Mapping[str, Room] = {"unsure": replace(EVERYDAY, unsure=0.5)}
KINDS: Mapping[str, tuple[Asked, Mapping[str, Room], int]] = {
    "scale": (SCALE, SCALE_ROOMS, 4),
    "trust": (TRUST, TRUST_ROOMS, 0),
    "dots": (DOTS, DOTS_ROOMS, 12),
    "sort": (SORT, SORT_ROOMS, 8),
    "collect": (COLLECT, COLLECT_ROOMS, 8),
    "marks": (MARKS, MARKS_ROOMS, 6),
}
# A room that says something about items says nothing new of a kind whose items are the groups.
COMPARED = ("scale", "trust", "dots")  # kinds whose second round says something new
ABOUT_ITEMS = ("items-2", "items-30", "labels-200", "labels-200-items-30", "two-rounds-labels-200")


@dataclass(frozen=True)
class Case:
    """A kind in a room; `name` is its file name."""

    name: str
    asked: Asked
    room: Room

    @cached_property
    def published(self) -> Published:
        """What the gate lets out of it."""
        return publish(responses(self.asked, self.room))


def cases() -> list[Case]:
    """Return the whole grid, kind by kind."""
    found = []
    for kind, (asked, own, usual) in KINDS.items():
        shared = {name: room for name, room in ROOMS.items() if usual or name not in ABOUT_ITEMS}
        shared = {name: room for name, room in shared.items() if kind in COMPARED or room.rounds == 1}
        for name, room in {**shared, **own}.items():
            fitting = replace(room, items=usual) if usual and room.items == EVERYDAY.items else room
            found.append(Case(f"{kind}-{name}", asked, fitting))
    return found
