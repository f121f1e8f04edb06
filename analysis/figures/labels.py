"""Where labels beside points go: near their point and on nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from analysis.figures.matrix import Box

# Directions to try, the most readable first: right, left, below, above, and the corners between.
AROUND = (0, 180, 90, 270, 30, 330, 150, 210, 60, 300, 120, 240)
RINGS = 14
Point = tuple[float, float]


def placed(
    points: Sequence[tuple[float, float]],
    sizes: Sequence[tuple[float, float]],
    dot: float,
    bounds: Box,
    occupied: Sequence[Box] = (),
) -> list[Box | None]:
    """Return a box for each label (width, height) of the points, in their order; None where none is free.

    No box lies on another one, on the line that leads from a point to its label, or on what is `occupied`
    (the dots, of diameter `dot`, among it), and all lie inside `bounds`. All in pixels.
    """
    written: list[tuple[Point, Box]] = []
    found: list[Box | None] = []
    for point, size in zip(points, sizes, strict=True):
        rooms = (box for box in _around(point, size, dot) if _inside(box, bounds))
        box = next((one for one in rooms if _is_free(point, one, occupied, written)), None)
        found.append(box)
        if box is not None:
            written.append((point, box))
    return found


def nearest(box: Box, point: tuple[float, float]) -> tuple[float, float]:
    """Return the place on a box that is nearest to a point."""
    left, top, right, bottom = box
    return min(max(point[0], left), right), min(max(point[1], top), bottom)


def _around(point: Point, size: tuple[float, float], dot: float) -> Iterator[Box]:
    """Yield the boxes beside a point, the nearest first."""
    for ring in range(RINGS):
        for degrees in AROUND:
            yield _beside(point, size, dot * (0.7 + ring * 0.9), degrees)


def _is_free(point: Point, box: Box, occupied: Sequence[Box], written: Sequence[tuple[Point, Box]]) -> bool:
    return not (
        any(_overlap(box, other) for other in occupied)
        or any(_overlap(box, other) for _, other in written)
        or any(_leads_over(whose, other, box) or _leads_over(point, box, other) for whose, other in written)
    )


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


def _leads_over(point: Point, box: Box, other: Box) -> bool:
    """Say whether the line from a point to its box passes another box (clipped as Liang and Barsky do)."""
    end = nearest(box, point)
    enters, leaves = 0.0, 1.0
    for axis in (0, 1):
        begin, way, low, high = point[axis], end[axis] - point[axis], other[axis], other[axis + 2]
        if way == 0:
            if not low < begin < high:
                return False
            continue
        first, last = sorted(((low - begin) / way, (high - begin) / way))
        enters, leaves = max(enters, first), min(leaves, last)
    return enters < leaves
