"""A grid with a column for each group: where its cells are, and the groups' names above it."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.figures import identity
from analysis.figures.canvas import Canvas
from analysis.figures.lettering import shorten, width
from analysis.figures.theme import Theme
from analysis.reading import Reading
from analysis.responses import Group

Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels


@dataclass(frozen=True)
class Grid:
    """The matrix in pixels: first column's left, first row's top, and the size of a cell with its gap."""

    left: float
    top: float
    wide: float
    high: float
    gap: float

    def box(self, row: float, column: int) -> Box:
        """Return a cell's rectangle; the row may lie apart (a fraction)."""
        x, y = self.left + column * self.wide, self.top + row * self.high
        return x, y, x + self.wide - self.gap, y + self.high - self.gap


def top(theme: Theme, wide: float, groups: list[Group]) -> float:
    """Return where the first row may begin under heads of columns `wide` pixels wide and their key."""
    grid = Grid(0, 0, wide, 0, max(2.0, theme.thin))
    key = identity.listed_height(theme, groups, True) + theme.small * 0.3
    return theme.label * 2.8 + (key if numbered(theme, grid, groups) else 0)


def key(canvas: Canvas, reading: Reading, grid: Grid, groups: list[Group]) -> None:
    """Write which group each number stands for, at the top, where the rows do not say it."""
    if numbered(canvas.theme, grid, groups):
        identity.listed(canvas, reading, groups, True)


def heads(canvas: Canvas, reading: Reading, grid: Grid, groups: list[Group]) -> None:
    """Write the columns' heads: dot and name, or where names do not fit the row's number."""
    theme = canvas.theme
    by_number = numbered(theme, grid, groups)
    room = grid.wide - grid.gap
    size = theme.label if all(width(g.name, theme.label) <= room for g in groups) else theme.small
    for column, group in enumerate(groups):
        x0, y0, x1, _ = grid.box(0, column)
        name = str(column + 1) if by_number else shorten(group.name, room * 1.04, size)
        identity.spot(canvas, reading, group, (x0 + x1) / 2, y0 - theme.label * 2.2, theme.label * 0.85)
        canvas.text((x0 + x1) / 2, y0 - theme.label * 0.95, name, size, bold=True, anchor="center")


def numbered(theme: Theme, grid: Grid, groups: list[Group]) -> bool:
    """Say whether names are too long for the columns, so that rows and columns carry numbers instead."""
    return any(width(g.name, theme.small) > (grid.wide - grid.gap) * 1.25 for g in groups)
