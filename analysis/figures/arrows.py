"""The pairs of groups whose trust is not the same both ways: two arrows with the medians on them."""

from __future__ import annotations

import plotly.graph_objects as go

from analysis.figures import identity
from analysis.figures.canvas import Canvas
from analysis.figures.lettering import shorten, width
from analysis.figures.theme import Theme
from analysis.reading import Reading
from analysis.responses import Group

MOST = 3


def pairs(reading: Reading) -> list[tuple[Group, Group]]:
    """Return the pairs with an arrow, the largest difference first, each once, at most `MOST`."""
    rows = [row for row in reading.each("asymmetry") if not row["hidden"]]
    found: dict[frozenset[str], tuple[Group, Group]] = {}
    for row in sorted(rows, key=lambda row: -abs(float(row["value"]))):
        both = frozenset((row["group"], row["item"]))
        found.setdefault(both, (reading.group(row["group"]), reading.group(row["item"])))
    return list(found.values())[:MOST]


def draw(reading: Reading, theme: Theme) -> go.Figure:
    """Return one block per pair: the names at the sides, an arrow each way between them."""
    chosen = pairs(reading)
    row = theme.height / max(1, len(chosen)) if theme.height else theme.label * 6
    row = min(row, theme.label * 7)
    canvas = Canvas(theme, theme.height or row * len(chosen), ("whole",))
    longest = max((width(g.name, theme.label) for pair in chosen for g in pair), default=0)
    room = min((theme.edge - theme.left) * 0.36, longest + theme.label * 2)
    for place, (one, other) in enumerate(chosen):
        y = row * (place + 0.5)
        _name(canvas, reading, theme.left, y, one, room)
        _name(canvas, reading, theme.edge - room, y, other, room)
        start, end = theme.left + room, theme.edge - room - theme.label
        _arrow(canvas, (start, end), y - row * 0.13, reading.value("median", other.key, one.key), reading, -1)
        _arrow(canvas, (end, start), y + row * 0.13, reading.value("median", one.key, other.key), reading, 1)
        if place:
            canvas.line((theme.left, row * place, theme.edge, row * place), theme.line, theme.thin * 0.5)
    return canvas.done(alt_text(reading))


def _name(canvas: Canvas, reading: Reading, x: float, y: float, group: Group, room: float) -> None:
    size = canvas.theme.label
    identity.spot(canvas, reading, group, x + size * 0.5, y, size * 0.9)
    canvas.text(x + size * 1.3, y, shorten(group.name, room - size * 1.8, size), size, bold=True)


def _arrow(
    canvas: Canvas, ends: tuple[float, float], y: float, value: float | None, reading: Reading, side: int
) -> None:
    """Draw an arrow from the first end to the other with its number beside it, above (-1) or below (1)."""
    theme = canvas.theme
    start, end = ends
    head = theme.label * 0.4 * (1 if end < start else -1)
    canvas.line((start, y, end, y), theme.ink, theme.thin * 1.5)
    for lift in (-0.3, 0.3):
        canvas.line((end, y, end + head, y + theme.label * lift), theme.ink, theme.thin * 1.5)
    if value is not None:
        words, gap = reading.number(value), side * theme.label * 0.75
        canvas.text((start + end) / 2, y + gap, words, theme.label * 1.15, bold=True, anchor="center")


def alt_text(reading: Reading) -> str:
    """Return the pairs in words."""
    parts = []
    for one, other in pairs(reading):
        for giver, taker in ((one, other), (other, one)):
            value = reading.value("median", taker.key, giver.key)
            if value is not None:
                parts.append(reading.t("alt_arrow", giver=giver.name, taker=taker.name, value=value))
    return " ".join(parts)
