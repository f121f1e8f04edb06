"""Dot votes: totals, supporters, ranks, rank range, swap margin, concentration, groups reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.measures.ballots import Ballots


@dataclass(frozen=True)
class Table:
    """Per option (in ballot order): dots, supporters, rank. `voters` are all ballots, blank ones included."""

    voters: int
    dots: np.ndarray
    supporters: np.ndarray
    ranks: np.ndarray

    @property
    def total(self) -> int:
        """Return all dots."""
        return int(self.dots.sum())

    def dots_per_supporter(self, place: int) -> float | None:
        """Return one option's dots per supporter; undefined with no supporters."""
        count = int(self.supporters[place])
        return float(self.dots[place]) / count if count else None

    def breadth(self, place: int) -> float | None:
        """Return supporters as a share of voters, 0 to 1."""
        return int(self.supporters[place]) / self.voters if self.voters else None


def marks(ballots: Ballots) -> np.ndarray:
    """Return the dots as a matrix ballots x options, whole numbers, 0 where none were given."""
    return np.where(np.isnan(ballots.values), 0.0, ballots.values)


def table(dots: np.ndarray, blank: int = 0) -> Table:
    """Return the table of a matrix ballots x options; an explicit 0 is not support."""
    totals = dots.sum(axis=0)
    return Table(len(dots) + blank, totals, (dots > 0).sum(axis=0), ranks(totals))


def ranks(totals: np.ndarray) -> np.ndarray:
    """Return 1 + the number of options with strictly more; ties share the best rank."""
    ordered = np.sort(totals)
    return 1 + len(totals) - np.searchsorted(ordered, totals, side="right")


def rank_range(by_group: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return best and worst rank over everybody, and everybody but each group; undefined with one group.

    `by_group` is groups x options; groups too small to be left out alone must already be pooled.
    """
    if len(by_group) < 2:
        return None
    total = by_group.sum(axis=0)
    seen = np.array([ranks(total), *(ranks(total - row) for row in by_group)])
    return seen.min(axis=0), seen.max(axis=0)


def top_groups(by_group: np.ndarray, top_k: int) -> np.ndarray:
    """Return for each option in how many groups its rank inside the group is at most `top_k`."""
    return sum((ranks(row) <= top_k for row in by_group), np.zeros(by_group.shape[1], dtype=int))


def swap_margin(ahead: float, behind: float) -> int | None:
    """Return how many dots must move before the one behind is strictly ahead; undefined when both have
    none.
    """
    if ahead == 0 and behind == 0:
        return None
    return 0 if behind > ahead else int((ahead - behind + 2) // 2)


def effective_groups(per_head: Sequence[float]) -> float | None:
    """Return 1 / sum of squared shares of dots per ballot: 1 to the number of groups; undefined without
    dots.
    """
    heads = np.asarray(per_head, float)
    total = heads.sum()
    return min(max(float(1 / ((heads / total) ** 2).sum()), 1.0), float(len(heads))) if total > 0 else None


def concentration(dots: Sequence[float]) -> Mapping[str, float | None]:
    """Return `gini` (0 to 1), `hhi`, `eno` (effective number of options) and `exp_shannon`; undefined
    without dots.

    ENO: Laakso and Taagepera 1979.
    """
    counts = np.sort(np.asarray(dots, float))
    total, n = counts.sum(), len(counts)
    if total <= 0:
        return {"gini": None, "hhi": None, "eno": None, "exp_shannon": None}
    share = counts / total
    used = share[share > 0]
    hhi = float((share**2).sum())
    gini = float(np.dot(2 * np.arange(1, n + 1) - n - 1, counts) / (n * total))
    return {
        "gini": gini,
        "hhi": hhi,
        "eno": min(max(1 / hhi, 1.0), float(n)),
        "exp_shannon": min(max(float(np.exp(-(used * np.log(used)).sum())), 1.0), float(n)),
    }


def by_groups(dots: np.ndarray, groups: np.ndarray, keys: Sequence[str]) -> np.ndarray:
    """Return dots per group x option, in the order of `keys`."""
    if not keys:
        return np.zeros((0, dots.shape[1]))
    codes, present = pd.factorize(groups)
    sums = {key: np.zeros(dots.shape[1]) for key in keys}
    sums |= dict(zip(present.tolist(), np.eye(len(present))[:, codes] @ dots, strict=True))
    return np.array([sums[key] for key in keys])
