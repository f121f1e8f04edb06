"""Where a mistake stands: words for a place in a plan, and its line in the file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from survey.languages import gettext as _

Place = tuple[str | int, ...]
_HEADER = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_-]+)\s*\]\]?\s*(?:#.*)?")
_FIELD = re.compile(r"""\s*["']?([A-Za-z0-9_-]+)["']?\s*=""")


class Lines:
    """The lines on which a TOML file's tables and fields begin, found without a parser of positions.

    Good for plans written the usual way; where it finds nothing the place is told in words alone.
    """

    def __init__(self, text: str) -> None:
        self._text = text.splitlines()
        self._begins: dict[Place, int] = {}
        table: Place = ()
        seen: dict[str, int] = {}
        for number, line in enumerate(self._text, start=1):
            if header := _HEADER.fullmatch(line):
                name = header[1]
                seen[name] = seen.get(name, -1) + 1
                table = (name, seen[name]) if line.strip().startswith("[[") else (name,)
                self._begins.setdefault(table, number)
            elif field := _FIELD.match(line):
                self._begins.setdefault((*table, field[1]), number)

    def of(self, place: Place, written: Any = None) -> int | None:
        """Return the line of the deepest known part of the place, or of the text `written` after it."""
        for depth in range(len(place), 0, -1):
            begins = self._begins.get(place[:depth])
            if begins is not None:
                return self._later(begins, written) if depth < len(place) else begins
        return None

    def _later(self, begins: int, written: Any) -> int:
        if isinstance(written, str) and written:
            for number in range(begins, len(self._text) + 1):
                if written in self._text[number - 1]:
                    return number
        return begins


def words(place: Place) -> str:
    """Return the place as people say it: `question 2, item 3`."""
    parts: list[str] = []
    for position, step in enumerate(place):
        if isinstance(step, int):
            parts[-1] = _numbered(str(place[position - 1]), step + 1)
        elif not (step in ("key", "text") and position >= 3):
            parts.append(step)
    return ", ".join(parts)


def in_order(problems: Sequence[tuple[Place, str, int | None]]) -> list[tuple[str, str]]:
    """Return (place in words with its line, sentence) in the order of the file."""
    ordered = sorted(problems, key=lambda one: (one[2] or 0, [str(step).rjust(6, "0") for step in one[0]]))
    return [(_with_line(place, line), sentence) for place, sentence, line in ordered]


def _with_line(place: Place, line: int | None) -> str:
    where = words(place)
    if line is None:
        return where
    on_line = _("line %(number)s", number=line)
    return f"{on_line}, {where}" if where else on_line


def _numbered(name: str, number: int) -> str:
    if name == "questions":
        return _("question %(number)s", number=number)
    if name == "groups":
        return _("group %(number)s", number=number)
    if name == "tables":
        return _("table %(number)s", number=number)
    return _("item %(number)s", number=number)
