"""Differences between groups: within and between, Kruskal-Wallis, Cliff's delta."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from scipy.special import chdtrc

from analysis.measures.agreement import pair_sum
from analysis.measures.counted import Counted, counted
from analysis.measures.settings import Settings

INSIDE, BETWEEN = "inside", "between"
NOISE = 1e-12


@dataclass(frozen=True)
class WithinBetween:
    """Mean |x - y| over pairs in the same group and in different groups (steps), their ratio, the reading."""

    within: float | None
    between: float | None
    ratio: float | None
    reading: str | None


@dataclass(frozen=True)
class Kruskal:
    """H corrected for ties, its degrees of freedom, epsilon squared (0 to 1), the asymptotic p."""

    n: int
    H: float | None
    df: int
    epsilon2: float | None
    p: float | None


def within_between(groups: Mapping[str, np.ndarray], settings: Settings) -> WithinBetween:
    """Compare pairs in the same group with pairs from different groups; a mean without pairs is undefined."""
    return within_between_of(counted(list(groups.values())), settings)


def within_between_of(answers: Counted, settings: Settings) -> WithinBetween:
    """Compare the pairs of counted answers; see `within_between`."""
    same = sum(comb(int(size), 2) for size in answers.by_group.sum(axis=1))
    different = comb(int(answers.total.sum()), 2) - same
    inside = sum(pair_sum(answers.values, counts) for counts in answers.by_group)
    within = max(0.0, inside / same) if same else None
    everybody = pair_sum(answers.values, answers.total)
    between = max(0.0, (everybody - inside) / different) if different else None
    if within is None or between is None:
        return WithinBetween(within, between, None, None)
    if within < NOISE:
        return WithinBetween(0.0, between, None, BETWEEN if between > NOISE else INSIDE)
    ratio = between / within
    reading = None
    if ratio <= settings.ratio_inside + 1e-9:
        reading = INSIDE
    elif ratio >= settings.ratio_between - 1e-9:
        reading = BETWEEN
    return WithinBetween(within, between, ratio, reading)


def kruskal(groups: Sequence[np.ndarray]) -> Kruskal:
    """Return Kruskal-Wallis H with epsilon squared = H/(n-1); undefined when every value is tied."""
    return kruskal_of(counted(groups))


def kruskal_of(answers: Counted) -> Kruskal:
    """Return the same of counted answers."""
    filled = answers.by_group[answers.by_group.any(axis=1)]
    ties = filled.sum(axis=0)
    n, df = int(ties.sum()), len(filled) - 1
    if n < 2 or df < 1 or np.count_nonzero(ties) == 1:
        return Kruskal(n, None, max(df, 0), None, None)
    ranks = ties.cumsum() - (ties - 1) / 2
    sums, sizes = filled @ ranks, filled.sum(axis=1)
    raw = 12 / (n * (n + 1)) * (sums**2 / sizes).sum() - 3 * (n + 1)
    corrected = float(raw / (1 - float(((ties.astype(float)) ** 3 - ties).sum()) / (n**3 - n)))
    corrected = min(max(corrected, 0.0), n - 1.0)  # rounding noise must not lead past the ends
    return Kruskal(n, corrected, df, corrected / (n - 1), float(chdtrc(df, corrected)))


def cliff(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float] | None:
    """Return U (of x), Cliff's delta (-1 to 1) and Vargha and Delaney's A (0 to 1); undefined for an
    empty side.
    """
    if len(x) == 0 or len(y) == 0:
        return None
    ordered = np.sort(np.asarray(y, float))
    below = np.searchsorted(ordered, x, side="left").sum()
    at_most = np.searchsorted(ordered, x, side="right").sum()
    pairs = len(x) * len(y)
    won = float(below + at_most) / 2
    return won, 2 * won / pairs - 1, won / pairs


def cliff_of_counts(x: Sequence[float], y: Sequence[float]) -> float | None:
    """Return Cliff's delta of two lists of answers per step (the same steps, rising); undefined for an
    empty side.
    """
    one, other = np.asarray(x, float), np.asarray(y, float)
    pairs = one.sum() * other.sum()
    if not pairs:
        return None
    below = np.concatenate([[0.0], other.cumsum()[:-1]])
    above = other.sum() - other.cumsum()
    return float((one * (below - above)).sum() / pairs)
