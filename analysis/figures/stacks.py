"""Where dots lie: in stacks on a scale's steps, and in rows behind one another, each placed by a hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

GAP = 1.1  # from dot to dot, in diameters
SWAY = 0.04  # how far a dot strays, in diameters
MANY = 1000  # from here a dot stands for several


@dataclass(frozen=True)
class Packing:
    """Diameter of a dot in pixels, dots side by side (or rows), and the number one dot stands for."""

    size: float
    abreast: int
    unit: int


def stands_for(voters: int, most: int = 300, number: int = 0) -> int:
    """Return how many a dot stands for: 1 below 1,000 voters, then a round number.

    It is the one that leaves about `most` dots of `number`, of the voters where none is given.
    """
    if voters < MANY:
        return 1
    unit = 1
    for step in (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000):
        unit = step
        if (number or voters) / step <= most:
            break
    return unit


def pack(most: int, wide: float, high: float, largest: float, least: float, unit: int = 1) -> Packing:
    """Return the packing of `most` in stacks of `wide` x `high` pixels.

    Two abreast while the dots are at least `least` pixels; after that as many abreast as make them largest.
    """
    dots = max(1, math.ceil(most / unit))

    def size(abreast: int) -> float:
        return min(largest, 0.9 * wide / (abreast * GAP), high / (math.ceil(dots / abreast) * GAP))

    abreast = 2 if size(2) >= least else max(range(2, 41, 2), key=size)
    return Packing(size(abreast), abreast, unit)


def stack(count: float, packing: Packing) -> np.ndarray:
    """Return places of one stack in pixels from its foot's middle (x right, y up), shape (dots, 2).

    The last, uneven row lies centred on top.
    """
    dots = _dots(count, packing.unit)
    pitch = packing.size * GAP
    places = []
    for row in range(math.ceil(dots / packing.abreast)):
        here = min(packing.abreast, dots - row * packing.abreast)
        places += [
            ((place - (here - 1) / 2) * pitch, row * pitch + packing.size / 2) for place in range(here)
        ]
    return np.array(places, dtype=float).reshape(-1, 2)


def row_packing(most: int, wide: float, high: float, largest: float, unit: int = 1) -> Packing:
    """Return the packing of bars of `wide` x `high` pixels: one row where dots stay of a size to count."""
    dots = max(1, math.ceil(most / unit))

    def size(rows: int) -> float:
        return min(largest, wide / (math.ceil(dots / rows) * GAP), high / (rows * GAP))

    rows = 1 if size(1) >= largest * 0.6 else max(range(1, 31), key=lambda many: (size(many), -many))
    return Packing(size(rows), rows, unit)


def bar(count: float, packing: Packing) -> np.ndarray:
    """Return places of one bar in pixels from its start (x right, y from the middle), shape (dots, 2)."""
    dots = _dots(count, packing.unit)
    pitch, rows = packing.size * GAP, packing.abreast
    return np.array(
        [((dot // rows + 0.5) * pitch, (dot % rows - (rows - 1) / 2) * pitch) for dot in range(dots)],
        dtype=float,
    ).reshape(-1, 2)


def by_hand(places: np.ndarray, size: float, seed: int) -> np.ndarray:
    """Return the places, each strayed by up to 4 % of the diameter; the seed is the row, not the ballots."""
    return places + np.random.default_rng(seed).uniform(-SWAY, SWAY, places.shape) * size


def spread_out(counts: Mapping[str, float], unit: int) -> list[str]:
    """Return one key per dot: whose dot each is, `counts` of each key over `unit`."""
    return [key for key, count in counts.items() for _ in range(_dots(count, unit))]


def _dots(count: float, unit: int) -> int:
    return 0 if count <= 0 else max(1, round(count / unit))
