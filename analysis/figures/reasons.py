"""Why a point stands on the lists: its reasons word for word, on slips of the yellow that talk lies on."""

from __future__ import annotations

import plotly.graph_objects as go

from analysis.figures.canvas import Canvas
from analysis.figures.lettering import LEADING, fit, wrap
from analysis.figures.theme import Theme
from analysis.language import sentence
from analysis.reading import Reading

STAGE = "reasons:"
POINTS = 3  # have a picture of their own; the report has all
LINES = 3  # of a reason

Slip = tuple[list[str], float]  # lines, height


def stages(reading: Reading, items: list[str]) -> tuple[str, ...]:
    """Return a stage for each of the first points that somebody gave a reason for."""
    return tuple(f"{STAGE}{item}" for item in items if told(reading, item))[:POINTS]


def told(reading: Reading, item: str) -> list[str]:
    """Return a point's reasons, with the group where that is open."""
    found = reading.texts("reason", item)
    return [f"{reading.group(group).name}: {text}" if group else text for group, text in found]


def draw(reading: Reading, theme: Theme, item: str) -> go.Figure:
    """Return the point and its reasons, as many as there is room for, and how many more there are."""
    found = told(reading, item)
    words, big = fit(
        reading.item(item).text, theme.edge - theme.left, theme.label * 3.2, (theme.label * 1.2, theme.small)
    )
    top, foot = len(words) * big * LEADING + theme.label * 0.6, theme.small * 1.8
    room = theme.height - top - foot if theme.height else float("inf")
    sizes = (theme.label, 32, theme.small) if theme.height else (theme.label,)
    for size in sizes:
        slips = [_slip(text, theme, size) for text in found]
        if sum(high for _, high in slips) <= room:
            break
    while len(slips) > 1 and sum(high for _, high in slips) > room:
        slips.pop()
    height = theme.height or top + sum(high for _, high in slips) + foot
    canvas = Canvas(theme, height, ("whole",), (0, 1))
    canvas.text(theme.left, 0, words, big, bold=True, stand="top")
    y = top
    for lines, high in slips:
        canvas.rect((theme.left, y, theme.edge, y + high - size * 0.3), theme.talk)
        canvas.text(theme.left + size * 0.6, y + (high - size * 0.3) / 2, lines, size)
        y += high
    left = len(found) - len(slips)
    more = reading.t("figure_items_left_out", n=left) if left else ""
    canvas.text(theme.left, y + theme.small * 0.2, more, theme.small, colour=theme.second, stand="top")
    return canvas.done(alt_text(reading, item))


def _slip(text: str, theme: Theme, size: float) -> Slip:
    lines = wrap(text, theme.edge - theme.left - size * 1.2, size, LINES)
    return lines, len(lines) * size * LEADING + size * 0.9


def alt_text(reading: Reading, item: str) -> str:
    """Return the point and every reason, word for word."""
    return " ".join([sentence(reading.item(item).text), *told(reading, item)])
