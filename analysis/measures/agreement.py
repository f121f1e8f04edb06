"""One statement: quartiles, mean pairwise difference, agreement, consensus and the shape word.

Everything is undefined (None) where its formula breaks down, never 0 and never NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from analysis.measures.counted import counted
from analysis.measures.settings import Settings

GATHERED, CAMPS, SPREAD = "gathered", "two camps", "spread"
# Last step of the low zone and of the middle zone, by the ends of the scale; other scales get no word.
ZONES = {(0, 10): (3, 6), (1, 5): (2, 3)}


@dataclass(frozen=True)
class Shape:
    """Counts in the three zones, the interquartile range (steps; none of nobody) and the word, if any."""

    low: int
    mid: int
    high: int
    iqr: float | None
    word: str | None


def quartiles(values: np.ndarray) -> tuple[float, float, float] | None:
    """Return q25, median and q75 in the values' unit, by linear interpolation at (n-1)p (R type 7)."""
    found = counted([values])
    return quartiles_of(found.values, found.total)


def quartiles_of(values: np.ndarray, counts: np.ndarray) -> tuple[float, float, float] | None:
    """Return the quartiles of values, rising, that were given so often each."""
    reached = counts.cumsum()
    if not reached.size or not reached[-1]:
        return None
    at = (reached[-1] - 1) * np.array([0.25, 0.5, 0.75])
    below = values[np.searchsorted(reached, np.floor(at), side="right")]
    above = values[np.searchsorted(reached, np.ceil(at), side="right")]
    low, mid, high = (below + (above - below) * (at % 1)).tolist()
    return low, mid, high


def median(values: np.ndarray) -> float | None:
    """Return the median, or nothing without values."""
    return float(np.median(values)) if len(values) else None


def pair_sum(values: np.ndarray, counts: np.ndarray) -> float:
    """Return the sum of |x - y| over all pairs of answers: values, rising, given so often each."""
    before = counts.cumsum() - counts
    return float(np.dot(counts * (2 * before + counts - counts.sum()), values))


def gmd(values: np.ndarray) -> float | None:
    """Return the mean difference between two different answers, in scale steps; undefined under two
    answers.
    """
    found = counted([values])
    return gmd_of(found.values, found.total)


def gmd_of(values: np.ndarray, counts: np.ndarray) -> float | None:
    """Return the mean difference of values, rising, that were given so often each."""
    n = int(counts.sum())
    return max(0.0, pair_sum(values, counts) / comb(n, 2)) if n > 1 else None


def expand(freq: Sequence[int], first: int = 0) -> np.ndarray:
    """Return the values behind a frequency vector whose first category is `first`."""
    return np.repeat(np.arange(first, first + len(freq), dtype=float), freq)


def van_der_eijk(freq: Sequence[int]) -> float | None:
    """Return van der Eijk's A, -1 (split between the ends) to 1 (van der Eijk 2001).

    Undefined with fewer than three categories or nobody.
    """
    left = np.asarray(freq, dtype=np.int64).copy()
    n, categories = int(left.sum()), len(left)
    if categories < 3 or n == 0:
        return None
    total = 0.0
    while left.any():
        filled = left > 0
        height = int(left[filled].min())
        total += int(filled.sum()) * height / n * _layer(filled)
        left[filled] -= height
    return min(1.0, max(-1.0, total))


def _layer(filled: np.ndarray) -> float:
    categories, count = len(filled), int(filled.sum())
    if count == 1:
        return 1.0
    before = np.concatenate(([0], np.cumsum(filled)[:-1]))
    after = count - before - filled
    # Triples i<j<l: 110 and 011 are unimodal, 101 is not.
    empty = ~filled
    ones = before * (before - 1) // 2 * empty + after * (after - 1) // 2 * empty
    unimodal, split = int(ones.sum()), int((before * after * empty).sum())
    if unimodal + split == 0:
        unimodality = 0.0
    else:
        unimodality = ((categories - 2) * unimodal - (categories - 1) * split) / (
            (categories - 2) * (unimodal + split)
        )
    return unimodality * (1 - (count - 1) / (categories - 1))


def consensus(freq: Sequence[int]) -> float | None:
    """Return Tastle and Wierman's Cns, 0 to 1, on equal steps; undefined with nobody or one category."""
    counts = np.asarray(freq, float)
    n, reach = counts.sum(), len(counts) - 1
    if n == 0 or reach == 0:
        return None
    steps = np.arange(len(counts))
    used = counts > 0
    share = counts[used] / n
    distance = np.abs(steps[used] - np.dot(counts, steps) / n)
    return min(1.0, max(0.0, float(1 + np.dot(share, np.log2(1 - distance / reach)))))


def shape(freq: Sequence[int], low: int, high: int, settings: Settings) -> Shape | None:
    """Return zones and shape word of counts by step; no word under `n_min_shape`, nothing on other scales."""
    zones = ZONES.get((low, high))
    if zones is None:
        return None
    counts = np.asarray(freq, dtype=np.int64)
    first, second = zones[0] - low + 1, zones[1] - low + 1
    parts = counts[:first], counts[first:second], counts[second:]
    bottom, middle, top = (int(part.sum()) for part in parts)
    n = bottom + middle + top
    found = quartiles_of(np.arange(low, high + 1), counts)
    if found is None:
        return Shape(0, 0, 0, None, None)
    iqr = found[2] - found[0]
    if n < settings.n_min_shape:
        return Shape(bottom, middle, top, iqr, None)
    limit = settings.camp_share * n
    lower_camp = min(bottom / len(parts[0]), top / len(parts[2]))
    valley = middle / len(parts[1]) <= settings.camp_valley * lower_camp + 1e-9
    if bottom >= limit and top >= limit and valley:
        return Shape(bottom, middle, top, iqr, CAMPS)
    word = GATHERED if iqr <= settings.gathered_iqr * (high - low) + 1e-9 else SPREAD
    return Shape(bottom, middle, top, iqr, word)
