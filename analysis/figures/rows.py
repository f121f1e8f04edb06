"""Rows with words at the left: where each thing asked about stands on the sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from analysis.figures.canvas import Canvas
from analysis.figures.lettering import LEADING, alike, fit, width, wrap
from analysis.figures.theme import Theme
from analysis.reading import Reading

ON_SCREEN = 8
ON_PAPER = 12  # on one sheet
LINES = 3  # of words on paper; the table has them in full

T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """A row from `top` to `bottom` in pixels, and the lines of its words in their size."""

    item: str
    top: float
    bottom: float
    lines: list[str]
    size: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def no_stages(reading: Reading) -> tuple[str, ...]:
    """Return no stage."""
    return ()


def kept(items: Sequence[str], theme: Theme, part: int | None = None) -> list[str]:
    """Return the items that are drawn: on a screen the first eight, on paper a sheet's or all."""
    if not theme.complete:
        return list(items[:ON_SCREEN])
    return list(items if part is None else sheet(items, part))


def pieces(many: int, most: int = ON_PAPER) -> int:
    """Return how many sheets of paper take `many` things, at most so many on each."""
    return max(1, -(-many // most))


def sheet(items: Sequence[T], part: int, most: int = ON_PAPER) -> list[T]:
    """Return what stands on a sheet, from 0: sheets of about the same length, so that none is a tail."""
    each = -(-len(items) // pieces(len(items), most))
    return list(items[part * each : (part + 1) * each])


def sheets(items: Sequence[str]) -> int:
    """Return how many sheets of paper the items take."""
    return pieces(len(items))


def laid(
    reading: Reading, theme: Theme, items: Sequence[str], top: float, foot: float, room: float
) -> tuple[list[Row], float]:
    """Return the rows between `top` and a foot of `foot` pixels, words `room` pixels wide, and the height."""
    even = (theme.height - top - foot) / max(1, len(items)) if theme.height else 0.0
    words = [reading.item(item).text for item in items]
    if theme.height:
        high = min(theme.row * 0.6, even)
        # The last line needs no space below it: three lines of a long text stand in a row for two.
        tall = high - 4 + theme.small * (LEADING - 1)
        texts, size = alike(words, room, tall, (theme.label, 32, theme.small))
    else:
        texts, size = [wrap(one, room, theme.label, LINES) for one in words], theme.label
        high = theme.label * 2.15
    rows: list[Row] = []
    y = top
    for item, lines in zip(items, texts, strict=True):
        tall = high if theme.height else max(high, len(lines) * size * LEADING + 8)
        rows.append(Row(item, y, y + tall, lines, size))
        y += tall
    return rows, theme.height or y + foot


def headed(canvas: Canvas, words: str) -> None:
    """Write a chart's own heading at its top."""
    theme = canvas.theme
    lines, size = fit(words, theme.edge - theme.left, theme.label * 1.5, (theme.label, theme.small))
    canvas.text(theme.left, 0, lines, size, bold=True, stand="top")


def named(canvas: Canvas, row: Row, talked: bool = False) -> None:
    """Draw a row's ground, its line and its words."""
    theme = canvas.theme
    if talked:
        canvas.rect((0, row.top, theme.width, row.bottom), theme.talk, layer="spread")
    canvas.line((theme.left, row.bottom, theme.edge, row.bottom), theme.line, theme.thin * 0.6)
    canvas.text(theme.left, row.middle, row.lines, row.size, bold=True)


def instead(canvas: Canvas, row: Row, left: float, words: str, right: float = 0) -> None:
    """Write in a row why its marks are not there."""
    theme = canvas.theme
    room = (right or theme.edge) - left
    lines, size = fit(words, room, row.bottom - row.top, (theme.label, theme.small))
    canvas.text(left, row.middle, lines, size, colour=theme.second)


def footed(canvas: Canvas, words: str, y: float, left: float = 0) -> None:
    """Write a note below the rows, in at most two lines."""
    theme = canvas.theme
    left = left or theme.left
    lines = wrap(words, theme.edge - left, theme.small, 2) if words else []
    canvas.text(left, y, lines, theme.small, colour=theme.second, stand="top")


def _even(wanted: Sequence[float], free: float) -> float:
    """Return how wide each may be at most, so that all together are at most `free`."""
    rest, left = free, len(wanted)
    for each in sorted(wanted):
        if each > rest / left:
            return rest / left
        rest, left = rest - each, left - 1
    return free


def key(canvas: Canvas, swatches: Sequence[tuple[str, str, bool]], y: float, right: float) -> None:
    """Write what fills mean: (words, colour, hatched) from the left to `right`, a swatch before each."""
    theme, x = canvas.theme, canvas.theme.left
    side = theme.small * 0.9
    free = right - theme.left - side * 3.2 * len(swatches)
    room = _even([width(words, theme.small) for words, _, _ in swatches], free)
    for words, colour, hatched in swatches:
        box = (x, y - side / 2, x + side, y + side / 2)
        canvas.rect(box, colour, theme.ink, max(1.0, theme.thin * 0.5))
        if hatched:
            canvas.hatch(box, theme.second, max(1.0, theme.thin * 0.5))
        text = wrap(words, room, theme.small, 1)
        canvas.text(x + side * 1.5, y, text, theme.small)
        x += side * 1.5 + width(text[0], theme.small) + side * 1.6
