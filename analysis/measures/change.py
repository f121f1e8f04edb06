"""Before and after: complete pairs of one question's two rounds, up, same and down, and two paired tests.

Pairs are made by the ballot's random id, which is the same in the rounds of one question.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import bdtr, ndtr

from analysis.measures.agreement import gmd, median
from analysis.measures.ballots import Ballots
from analysis.measures.settings import Settings

# Differences closer than this are ties: 0.3 - 0.1 and 0.2 differ by noise only.
DECIMALS = 9


@dataclass(frozen=True)
class Change:
    """What complete pairs say; `missing` are those with an answer in one round only (or in none).

    `Tplus` and `Tminus` are rank sums, `r_rb` is -1 to 1, medians and mean pairwise differences are in scale
    steps. `wilcoxon_exact` is false where p is the normal approximation, None where there is no p.
    """

    n_pairs: int
    missing: int
    up: int
    down: int
    same: int
    median_before: float | None
    median_after: float | None
    gmd_before: float | None
    gmd_after: float | None
    Tplus: float
    Tminus: float
    r_rb: float | None
    sign_p: float | None
    wilcoxon_p: float | None
    wilcoxon_exact: bool | None


def paired(before: Ballots, after: Ballots, item: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return ids, values before and values after of everybody who gave the item a value in either round.

    Values are NaN where that round has none. Ids stand in the order of the first round, newcomers last.
    """
    sides = []
    for ballots in (before, after):
        column = ballots.values[:, ballots.column(item)]
        given = ~np.isnan(column)
        sides.append((ballots.ids[given], column[given]))
    ids = pd.Index(pd.unique(np.concatenate([own for own, _ in sides])), dtype="object")
    rounds = np.full((2, len(ids)), np.nan)
    for values, (own, column) in zip(rounds, sides, strict=True):
        values[ids.get_indexer(pd.Index(own, dtype="object"))] = column
    return ids.to_numpy(), rounds[0], rounds[1]


def change(before: np.ndarray, after: np.ndarray, settings: Settings) -> Change:
    """Measure two arrays of equal length, NaN for missing; only complete pairs enter.

    Raises ValueError when the lengths differ. Nobody changed: r_rb is 0 and Wilcoxon's p undefined; no
    pairs: everything but the counts is undefined.
    """
    then, now = np.asarray(before, float), np.asarray(after, float)
    if len(then) != len(now):
        raise ValueError(f"Pairs need as many values before as after, not {len(then)} and {len(now)}.")
    complete = ~(np.isnan(then) | np.isnan(now))
    then, now = then[complete], now[complete]
    steps = np.round(now - then, DECIMALS)
    up, down = int((steps > 0).sum()), int((steps < 0).sum())
    changed = steps[steps != 0]
    ranks = mid_ranks(np.abs(changed))
    plus, minus = float(ranks[changed > 0].sum()), float(ranks[changed < 0].sum())
    p, exact = wilcoxon(ranks, plus, settings.wilcoxon_exact_max)
    return Change(
        n_pairs=len(steps),
        missing=int((~complete).sum()),
        up=up,
        down=down,
        same=len(steps) - up - down,
        median_before=median(then),
        median_after=median(now),
        gmd_before=gmd(then),
        gmd_after=gmd(now),
        Tplus=plus,
        Tminus=minus,
        r_rb=rank_biserial(plus, minus) if len(steps) else None,
        sign_p=sign_test(up, down) if len(steps) else None,
        wilcoxon_p=p,
        wilcoxon_exact=exact,
    )


def mid_ranks(values: np.ndarray) -> np.ndarray:
    """Return ranks from 1, ties sharing their mean rank."""
    if len(values) == 0:
        return np.empty(0)
    _, place, ties = np.unique(values, return_inverse=True, return_counts=True)
    ranks: np.ndarray = (np.cumsum(ties) - (ties - 1) / 2)[place]
    return ranks


def rank_biserial(plus: float, minus: float) -> float:
    """Return the matched-pairs rank-biserial correlation, -1 to 1 (Kerby 2014); 0 when nobody changed."""
    total = plus + minus
    return (plus - minus) / total if total else 0.0


def sign_test(up: int, down: int) -> float:
    """Return the exact two-sided binomial p over those who changed; 1 when nobody did."""
    return min(1.0, 2 * float(bdtr(min(up, down), up + down, 0.5)))


def wilcoxon(ranks: np.ndarray, plus: float, exact_max: int) -> tuple[float | None, bool | None]:
    """Return the two-sided p of the signed-rank test given the ties, and whether it is exact.

    `ranks` are the mid-ranks of the changed pairs, zeros dropped, and `plus` the sum of the positive ones.
    Up to `exact_max` pairs all signs are counted; above, the normal approximation (ties corrected, no
    continuity correction). Undefined when nobody changed.
    """
    if len(ranks) == 0:
        return None, None
    if len(ranks) > exact_max:
        spread = np.sqrt((ranks**2).sum() / 4)
        return float(2 * ndtr(-abs(plus - ranks.sum() / 2) / spread)), False
    # Mid-ranks are halves at worst: doubled, they index the number of sign patterns per rank sum.
    doubled = np.round(2 * ranks).astype(int)
    ways = np.zeros(int(doubled.sum()) + 1)
    ways[0] = 1
    for rank in doubled:
        ways[rank:] = ways[rank:] + ways[: len(ways) - rank]
    middle = doubled.sum() / 2
    as_far = np.abs(np.arange(len(ways)) - middle) >= abs(2 * plus - middle) - 1e-9
    return float(ways[as_far].sum() / ways.sum()), True
