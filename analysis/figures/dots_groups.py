"""An open dot vote with many groups: a small panel for each option and group, since colours would run out."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from analysis import ranking
from analysis.figures import identity, matrix, rows
from analysis.figures.canvas import Canvas
from analysis.figures.stacks import bar, row_packing
from analysis.figures.theme import Theme
from analysis.language import headed
from analysis.reading import Reading

STAGE = "panels:"


def stages(reading: Reading) -> tuple[str, ...]:
    """Return the stage where dots no longer carry their group's colour though they may; else none."""
    many = reading.open and len(reading.voting) >= identity.PANELS_FROM
    return (STAGE,) if many and ranking.places(reading) else ()


def draw(reading: Reading, theme: Theme, highlight: tuple[str, ...] = ()) -> go.Figure:
    """Return dots by option and group, options in order of rank, groups in the meeting's own order."""
    groups = list(reading.voting)
    ranked = [place.item for place in ranking.places(reading)]
    items = ranked if theme.complete else rows.kept(ranked, theme)
    left = theme.left + (theme.plot - theme.left) * 0.78
    wide = (theme.edge - left) / len(groups)
    top, foot = matrix.top(theme, wide, groups), theme.small * 1.9
    laid, height = rows.laid(reading, theme, items, top, foot, left - theme.left - theme.small * 0.6)
    canvas = Canvas(theme, height, ("whole", "spread"), (0, theme.width), (0, theme.width))
    grid = matrix.Grid(left, top, wide, laid[0].bottom - laid[0].top, max(2.0, theme.thin))
    matrix.heads(canvas, reading, grid, groups)
    matrix.key(canvas, reading, grid, groups)
    counts = {(item, g.key): reading.count("dots", item, g.key) for item in items for g in groups}
    room = laid[0].bottom - laid[0].top - theme.small * 1.3
    packing = row_packing(max(*counts.values(), 1), wide * 0.86, room, theme.dot * 0.8)
    for row in laid:
        rows.named(canvas, row, row.item in highlight)
        for column, group in enumerate(groups):
            count = counts[row.item, group.key]
            middle = left + wide * (column + 0.5)
            canvas.text(
                middle, row.bottom - theme.small * 0.75, str(count), theme.small, bold=True, anchor="center"
            )
            if count:
                spots = bar(count, packing)
                spots -= np.array([spots[:, 0].mean(), 0])
                y = row.top + theme.small * 0.1 + room / 2
                canvas.marks(
                    list(middle + spots[:, 0]), list(y + spots[:, 1]), packing.size, group.name, group.colour
                )
    left_out = len(ranked) - len(items)
    words = reading.t("options_left_out_hidden", n=left_out) if left_out else ""
    rows.footed(canvas, words, laid[-1].bottom + theme.small * 0.3)
    return canvas.done(alt_text(reading))


def alt_text(reading: Reading) -> str:
    """Return every option's dots by group in sentences."""
    parts = []
    for place in ranking.places(reading):
        own = ", ".join(f"{g.name} {reading.count('dots', place.item, g.key)}" for g in reading.voting)
        parts.append(headed(reading.item(place.item).text, f"{own}."))
    return " ".join(parts)
