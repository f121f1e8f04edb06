"""A check of a codebook that comes from outside, before anything is made of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from analysis.responses import Group, Item, Meeting, Question, Round

# The types of the codebook's plain fields, as the dataclasses name them, and what a mistaken one is told.
PLAIN: dict[str, tuple[tuple[type, ...], str]] = {
    "str": ((str,), "text"),
    "int": ((int,), "a whole number"),
    "bool": ((bool,), "true or false"),
    "int | None": ((int, type(None)), "a whole number or null"),
}
WORDS = {
    "secrecy": ("sealed", "open"),
    "language": ("nn", "nb", "en"),
}
BUCKETS = (2, 4)
BY = ("group", "ballot")
MOST = 10_000
WIDEST = 1_000


class CodebookError(ValueError):
    """One sentence: which place in the codebook, and what was expected there."""


def checked(raw: object, kinds: tuple[str, ...]) -> Meeting:
    """Return the meeting of a codebook read from outside; raises CodebookError naming place and
    expectation.
    """
    book = _object(raw, Meeting, "meeting", ("key", "title"))
    for at, group in enumerate(_list(book, "groups", "meeting")):
        place = f"meeting.groups[{at}]"
        colour = _object(group, Group, place, ("key", "name", "colour"))["colour"]
        if not re.fullmatch(r"#[0-9A-Fa-f]{6}", colour):
            raise CodebookError(f"{place}.colour: expected a colour such as #117733")
    groups = {str(group["key"]) for group in _list(book, "groups", "meeting")}
    for at, question in enumerate(_list(book, "questions", "meeting")):
        place = f"meeting.questions[{at}]"
        _question(question, place, kinds)
        if check := KINDS.get(question["kind"]):
            check(question, place, groups)
    _unique(book["groups"] if "groups" in book else [], "meeting.groups")
    _unique(book["questions"] if "questions" in book else [], "meeting.questions")
    return Meeting.from_dict(book)


def _question(raw: object, place: str, kinds: tuple[str, ...]) -> None:
    question = _object(raw, Question, place, ("key", "kind", "title"))
    if question["kind"] not in kinds:
        raise CodebookError(f"{place}.kind: expected one of {', '.join(kinds)}, found {question['kind']!r}")
    for at, item in enumerate(_list(question, "items", place)):
        _object(item, Item, f"{place}.items[{at}]", ("key", "text"))
    for at, one in enumerate(_list(question, "rounds", place)):
        found = _object(one, Round, f"{place}.rounds[{at}]", ("number",))
        _books(found.get("by_group", {}), f"{place}.rounds[{at}].by_group")
    _unique(question.get("items", []), f"{place}.items")
    settings = question.get("settings", {})
    if not isinstance(settings, Mapping):
        raise CodebookError(f"{place}.settings: expected an object")
    low, high = settings.get("min", 0), settings.get("max", 10)
    if not (_whole(low) and _whole(high) and 0 < high - low <= WIDEST):
        raise CodebookError(f"{place}.settings: expected whole numbers min < max, at most {WIDEST} apart")


def _sealed(question: Mapping[str, Any], place: str, groups: set[str]) -> None:
    if question.get("secrecy") == "open":
        raise CodebookError(f"{place}.secrecy: trust between groups cannot be open, expected sealed")


def _buckets(question: Mapping[str, Any], place: str, groups: set[str]) -> None:
    place = f"{place}.settings.buckets"
    found = question.get("settings", {}).get("buckets")
    if not isinstance(found, list | tuple) or not BUCKETS[0] <= len(found) <= BUCKETS[1]:
        raise CodebookError(f"{place}: expected a list of two to four")
    for at, bucket in enumerate(found):
        _object(bucket, Item, f"{place}[{at}]", ("key", "text"))
        if not bucket["key"]:
            raise CodebookError(f"{place}[{at}].key: expected text, an empty one means unsure")
    _unique(list(found), place)


def _lists(question: Mapping[str, Any], place: str, groups: set[str]) -> None:
    if question.get("settings", {}).get("by", BY[0]) not in BY:
        raise CodebookError(f"{place}.settings.by: expected one of {', '.join(BY)}")


def _rated(question: Mapping[str, Any], place: str, groups: set[str]) -> None:
    place = f"{place}.settings.rated"
    rated = question.get("settings", {}).get("rated", [])
    if not isinstance(rated, list | tuple):
        raise CodebookError(f"{place}: expected a list of groups' keys")
    for at, key in enumerate(rated):
        if not isinstance(key, str) or key not in groups:
            raise CodebookError(f"{place}[{at}]: expected the key of a group of the meeting")
        if key in rated[:at]:
            raise CodebookError(f"{place}: the key {key!r} stands twice")


# What a kind asks of its questions beyond what all do.
KINDS: Mapping[str, Callable[[Mapping[str, Any], str, set[str]], None]] = {
    "trust": _sealed,
    "sort": _buckets,
    "collect": _lists,
    "marks": _rated,
}


def _books(raw: object, place: str) -> None:
    if not isinstance(raw, Mapping):
        raise CodebookError(f"{place}: expected an object")
    for key, counts in raw.items():
        if not isinstance(counts, Mapping) or not all(_whole(count) for count in counts.values()):
            raise CodebookError(f"{place}.{key}: expected whole numbers issued and used")


def _object(raw: object, cls: Any, place: str, needed: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise CodebookError(f"{place}: expected an object")
    for name in needed:
        if name not in raw:
            raise CodebookError(f"{place}.{name}: expected a value, found none")
    for one in fields(cls):
        types, expected = PLAIN.get(str(one.type), ((object,), ""))
        value = raw.get(one.name)
        if one.name not in raw:
            continue
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types and expected):
            raise CodebookError(f"{place}.{one.name}: expected {expected}")
        if one.name in WORDS and value not in WORDS[one.name]:
            raise CodebookError(f"{place}.{one.name}: expected one of {', '.join(WORDS[one.name])}")
    return dict(raw)


def _list(raw: Mapping[str, Any], name: str, place: str) -> list[Any]:
    found = raw.get(name, [])
    if not isinstance(found, list | tuple):
        raise CodebookError(f"{place}.{name}: expected a list")
    if len(found) > MOST:
        raise CodebookError(f"{place}.{name}: expected at most {MOST} entries")
    return list(found)


def _unique(entries: list[Mapping[str, Any]], place: str) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry["key"] in seen:
            raise CodebookError(f"{place}: the key {entry['key']!r} stands twice")
        seen.add(entry["key"])


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
