"""One statement alone: the whole as a strip of dots, and under it each group's median on the same axis."""

from __future__ import annotations

import math
from dataclasses import replace

import plotly.graph_objects as go

from analysis.figures import identity
from analysis.figures.canvas import Canvas
from analysis.figures.lettering import fit, shorten
from analysis.figures.stacks import GAP, Packing, bar, row_packing
from analysis.figures.strips import Strip, dots, ends, middle_of, packing_of
from analysis.figures.theme import Theme
from analysis.language import sentence
from analysis.reading import Reading
from analysis.responses import Group


def draw(reading: Reading, theme: Theme, item: str) -> go.Figure:
    """Return the chart; groups stand in the meeting's own order, so that it is no league table."""
    groups = reading.voting
    low, high = ends(reading)
    panels = reading.open and len(groups) >= identity.PANELS_FROM
    line = theme.label * ((2 if panels else 1.45) if theme.complete else 2)
    height = theme.height or theme.row * 1.8 + theme.axis * 2 + line * len(groups)
    line = min(line, height * (0.66 if panels else 0.56) / max(1, len(groups)))
    canvas = Canvas(theme, height, ("whole", "groups"), (low - 0.5, high + 0.5))
    words, size = fit(
        reading.item(item).text, theme.edge - theme.left, theme.label * 2.6, (theme.label, theme.small)
    )
    canvas.text(theme.left, 0, words, size, bold=True, stand="top")
    top = len(words) * size * 1.25 + theme.thin * 2
    foot = height - line * len(groups) - theme.small * 0.4
    strip = Strip(item, top, foot - theme.axis * 1.9, words, size)
    packing = packing_of(reading, theme, [item], canvas, strip)
    # With few groups there is more room than the stacks need: everything moves up to the words.
    base = min(strip.base, top + _tall(reading, item, packing) + theme.label)
    foot -= strip.base - base
    _whole(canvas, reading, replace(strip, base=base), packing)
    small = _panel_packing(reading, canvas, item, line) if panels else None
    for place, group in enumerate(groups):
        y = foot + line * (place + 0.5)
        if small:
            _panel(canvas, reading, group, item, y + line * 0.5, small)
        _group(canvas, reading, group, item, y, line)
    return canvas.done(alt_text(reading, item))


def _tall(reading: Reading, item: str, packing: Packing) -> float:
    """Return how many pixels the tallest stack takes."""
    most = max(reading.levels("count", item).values(), default=0) / packing.unit
    return math.ceil(most / packing.abreast) * packing.size * GAP


def _panel_packing(reading: Reading, canvas: Canvas, item: str, line: float) -> Packing:
    counts = [count for g in reading.voting for count in reading.levels("count", item, g.key).values()]
    step = canvas.at(1) - canvas.at(0)
    return row_packing(round(max(counts, default=1)), step * 0.94, line * 0.8, canvas.theme.dot)


def _panel(canvas: Canvas, reading: Reading, group: Group, item: str, base: float, packing: Packing) -> None:
    """Draw a group's own dots on its line: from ten groups colours in one strip cannot be told apart."""
    step = canvas.at(1) - canvas.at(0)
    for level, count in reading.levels("count", item, group.key).items():
        spots = bar(count, packing)
        if not len(spots):
            continue
        xs = middle_of(level) + (spots[:, 0] - spots[:, 0].mean()) / step
        ys = base - canvas.theme.thin - packing.abreast * packing.size * 0.55 + spots[:, 1]
        canvas.marks(list(xs), list(ys), packing.size, group.name, group.colour, layer="groups")


def _whole(canvas: Canvas, reading: Reading, strip: Strip, packing: Packing) -> None:
    theme = canvas.theme
    low, high = ends(reading)
    dots(canvas, reading, strip.item, strip.base - theme.thin, packing, 0)
    canvas.line((canvas.left, strip.base, canvas.right, strip.base), theme.ink, theme.thin)
    canvas.text(theme.left, strip.base - theme.label, reading.t("everybody"), theme.label, bold=True)
    median = reading.value("median", strip.item)
    if median is not None:
        x = canvas.at(median)
        tall = _tall(reading, strip.item, packing) + theme.label * 0.5
        canvas.line((x, max(strip.top, strip.base - tall), x, strip.base), theme.median, theme.thick)
        canvas.text(theme.number, strip.base - theme.label, reading.number(median), theme.label, bold=True)
        canvas.text(theme.number, strip.base - theme.label * 2, reading.t("median"), theme.small)
    for step in range(low, high + 1, max(1, round((high - low) / 12))):
        canvas.text(
            canvas.at(step), strip.base + theme.axis * 0.85, str(step), theme.axis, bold=True, anchor="center"
        )


def _group(canvas: Canvas, reading: Reading, group: Group, item: str, y: float, line: float) -> None:
    """Draw a group's row: dot and name, a tick at its median, the number; or why there is none."""
    theme = canvas.theme
    size = min(theme.label, line * 0.86)
    room = theme.plot - theme.left - size * 2
    identity.spot(canvas, reading, group, theme.left + size * 0.45, y, size * 0.8, layer="groups")
    lines, letters = fit(group.name, room, line + theme.small * 0.2, (size, min(size, theme.small)))
    canvas.text(theme.left + size * 1.3, y, lines, letters, layer="groups")
    median = reading.value("median", item, group.key)
    if median is None:
        words = reading.why_hidden(item, group.key) or reading.t("hidden")
        words = shorten(words, canvas.right - canvas.left, min(theme.small, size))
        canvas.text(canvas.left, y, words, min(theme.small, size), colour=theme.second, layer="groups")
        return
    canvas.line((canvas.left, y, canvas.right, y), theme.line, theme.thin * 0.7, layer="groups")
    x, half, high = canvas.at(median), theme.thick * 0.9, line * 0.4
    canvas.rect(
        (x - half, y - high, x + half, y + high), group.colour, theme.ink, theme.thin * 0.8, layer="groups"
    )
    canvas.text(theme.number, y, reading.number(median), size, bold=True, layer="groups")


def alt_text(reading: Reading, item: str) -> str:
    """Return each group's median in words."""
    parts = [sentence(reading.item(item).text)]
    for group in reading.voting:
        median = reading.value("median", item, group.key)
        shown = reading.t("not_shown") if median is None else reading.number(median)
        parts.append(f"{group.name}: {shown}.")
    return " ".join(parts)
