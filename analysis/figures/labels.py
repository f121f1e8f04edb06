"""Where labels beside points go: near their point and on nothing else."""

from __future__ import annotations

import math
from collections.abc import Sequence

from analysis.figures.matrix import Box

# Directions to try, the most readable first: right, left, below, above, and the corners between.
AROUND = (0, 180, 90, 270, 30, 330, 150, 210, 60, 300, 120, 240)
RINGS = 14


def placed(
    points: Sequence[tuple[float, float]],
    sizes: Sequence[tuple[float, float]],
    dot: float,
    bounds: Box,
    occupied: Sequence[Box] = (),
) -> list[Box | None]:
    """Return a box for each label (width, height) of the points, in their order; None where none is free.

    No box lies on another one or on what is `occupied` (the dots, of diameter `dot`, among it), and all
    lie inside `bounds`. All in pixels.
    """
    taken = list(occupied)
    found: list[Box | None] = []
    for point, size in zip(points, sizes, strict=True):
        box = _free(point, size, dot, bounds, taken)
        found.append(box)
        if box is not None:
            taken.append(box)
    return found


def nearest(box: Box, point: tuple[float, float]) -> tuple[float, float]:
    """Return the place on a box that is nearest to a point."""
    left, top, right, bottom = box
    return min(max(point[0], left), right), min(max(point[1], top), bottom)


def _free(
    point: tuple[float, float], size: tuple[float, float], dot: float, bounds: Box, taken: Sequence[Box]
) -> Box | None:
    for ring in range(RINGS):
        away = dot * (0.7 + ring * 0.9)
        for degrees in AROUND:
            box = _beside(point, size, away, degrees)
            if _inside(box, bounds) and not any(_overlap(box, other) for other in taken):
                return box
    return None


def _beside(point: tuple[float, float], size: tuple[float, float], away: float, degrees: float) -> Box:
    """Return the box whose nearest side is `away` pixels from the point in a direction (0 right, 90 down)."""
    (x, y), (wide, high) = point, size
    across, down = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    middle = x + across * (away + wide / 2), y + down * (away + high / 2)
    return (
        middle[0] - wide / 2,
        middle[1] - high / 2,
        middle[0] + wide / 2,
        middle[1] + high / 2,
    )


def _inside(box: Box, bounds: Box) -> bool:
    return box[0] >= bounds[0] and box[1] >= bounds[1] and box[2] <= bounds[2] and box[3] <= bounds[3]


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
