"""How groups are told apart: by colour and name; from eight groups by a symbol too, from ten in panels."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.figures.canvas import Canvas
from analysis.figures.lettering import shorten, width
from analysis.figures.theme import Theme
from analysis.reading import Reading
from analysis.responses import Group

SYMBOLS = ("circle", "square", "diamond", "triangle-up")
SYMBOLS_FROM = 8
PANELS_FROM = 10


def symbol(reading: Reading, key: str) -> str:
    """Return a group's symbol: round while there are few, then one that no group of its colour has."""
    groups = reading.published.meeting.groups
    if len(reading.voting) < SYMBOLS_FROM:
        return SYMBOLS[0]
    given: dict[str, str] = {}
    for place, group in enumerate(groups):
        turned = [SYMBOLS[(place + turn) % len(SYMBOLS)] for turn in range(len(SYMBOLS))]
        used = {given[other.key] for other in groups[:place] if other.colour == group.colour}
        given[group.key] = next((one for one in turned if one not in used), turned[0])
    return given.get(key, SYMBOLS[0])


def coloured(reading: Reading) -> bool:
    """Say whether dots carry their group's colour: an open question with groups few enough to tell apart."""
    return reading.open and 1 < len(reading.voting) < PANELS_FROM


def spot(
    canvas: Canvas, reading: Reading, group: Group, x: float, y: float, size: float, **rest: str
) -> None:
    """Draw a group's mark at a pixel place: what stands before its name."""
    canvas.spot(x, y, size, group.colour, symbol=symbol(reading, group.key), **rest)


def dealt(reading: Reading, keys: Sequence[str], many: int, grey: str) -> tuple[list[str], list[str]]:
    """Return colours and symbols of `many` dots: one key per dot, grey and round for dots without."""
    marks = {key: symbol(reading, key) for key in set(keys)}
    rest = max(0, many - len(keys))
    colours = [reading.group(key).colour for key in keys] + [grey] * rest
    return colours[:many], ([marks[key] for key in keys] + [SYMBOLS[0]] * rest)[:many]


def legend_height(reading: Reading, theme: Theme) -> float:
    """Return how many pixels the names of the groups take above a chart whose dots are coloured."""
    return listed_height(theme, list(reading.voting)) if coloured(reading) else 0.0


def legend(canvas: Canvas, reading: Reading) -> None:
    """Write the groups' names with their marks above a chart whose dots are coloured."""
    if coloured(reading):
        listed(canvas, reading, list(reading.voting))


def listed_height(theme: Theme, groups: list[Group], numbered: bool = False) -> float:
    """Return how many pixels `listed` takes."""
    return len(_lines(theme, groups, numbered)) * theme.small * 1.5


def listed(canvas: Canvas, reading: Reading, groups: list[Group], numbered: bool = False) -> None:
    """Write groups' names with their marks from the top of the sheet, numbered or not."""
    theme = canvas.theme
    for row, line in enumerate(_lines(theme, groups, numbered)):
        x, y = theme.left, theme.small * (0.6 + row * 1.5)
        for group, name in line:
            spot(canvas, reading, group, x + theme.small * 0.5, y, theme.small)
            canvas.text(x + theme.small * 1.3, y, name, theme.small)
            x += _room(name, theme)


def _lines(theme: Theme, groups: list[Group], numbered: bool) -> list[list[tuple[Group, str]]]:
    abreast = 2 if len(groups) <= SYMBOLS_FROM else 3
    most = (theme.edge - theme.left) / abreast - theme.small * 2.2
    lines: list[list[tuple[Group, str]]] = [[]]
    x = theme.left
    for place, group in enumerate(groups, 1):
        name = shorten(f"{place} {group.name}" if numbered else group.name, most, theme.small)
        if lines[-1] and x + _room(name, theme) > theme.edge:
            lines.append([])
            x = theme.left
        lines[-1].append((group, name))
        x += _room(name, theme)
    return lines


def _room(name: str, theme: Theme) -> float:
    return width(name, theme.small) + theme.small * 2.2
