"""A grid with a column for each group: where its cells are, and the groups' names above it."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.figures import identity
from analysis.figures.canvas import Canvas
from analysis.figures.lettering import width
from analysis.figures.theme import Theme
from analysis.reading import Reading
from analysis.responses import Group

WIDER = 1.7  # than its column may a name be before columns carry numbers: two levels, by turns
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
    # Names a little wider than their columns stand on two levels by turns.
    by_turns = not by_number and any(width(g.name, size) > room for g in groups)
    for column, group in enumerate(groups):
        x0, y0, x1, _ = grid.box(0, column)
        name = str(column + 1) if by_number else group.name
        up = (1.45 if column % 2 else 0.55) if by_turns else 0.95
        x = min((x0 + x1) / 2, theme.width - width(name, size) / 2)
        spot_up = 2.42 if by_turns else 2.2
        identity.spot(canvas, reading, group, (x0 + x1) / 2, y0 - theme.label * spot_up, theme.label * 0.75)
        canvas.text(x, y0 - theme.label * up, name, size, bold=True, anchor="center")


def numbered(theme: Theme, grid: Grid, groups: list[Group]) -> bool:
    """Say whether names are too long for the columns, so that rows and columns carry numbers instead."""
    return any(width(g.name, theme.small) > (grid.wide - grid.gap) * WIDER for g in groups)
