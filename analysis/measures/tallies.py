"""Other ways to count the same dots: supporters, square roots, equal weight per group, sequential Phragmén.

Ties stand in ballot order everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm

import numpy as np

DECIMALS = 9
ZERO = Fraction(0)
Scores = Sequence[float] | np.ndarray


def order(scores: Scores) -> list[int]:
    """Return the places of the options, highest score first; rounded first, or noise would break ties."""
    rounded = np.round(np.asarray(scores, float), DECIMALS)
    return [int(place) for place in np.argsort(-rounded, kind="stable")]


def sums(dots: np.ndarray) -> np.ndarray:
    """Return the dots of each option (columns) over ballots (rows)."""
    return dots.sum(axis=0)


def supporters(dots: np.ndarray) -> np.ndarray:
    """Return how many ballots give each option at least one dot."""
    return (dots > 0).sum(axis=0)


def square_roots(dots: np.ndarray) -> np.ndarray:
    """Return the sum of square roots of dots: a quadratic reading of the ballots (Quarfoot et al. 2017)."""
    rows, options = np.nonzero(dots)  # most ballots leave most options out
    return np.bincount(options, np.sqrt(dots[rows, options].astype(float)), dots.shape[1])


def equal_weight(by_group: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """Return the mean over groups of the mean dots per ballot; groups without ballots are skipped."""
    means = [dots.mean(axis=0) for dots in by_group.values() if len(dots)]
    return np.mean(means, axis=0) if means else None


def equal_weight_exact(by_group: Mapping[str, np.ndarray]) -> list[Fraction] | None:
    """Return `equal_weight` of whole dots as fractions, so that ties are ties."""
    filled = [dots for dots in by_group.values() if len(dots)]
    if not filled:
        return None
    parts = [[Fraction(int(total), len(dots)) for total in dots.sum(axis=0)] for dots in filled]
    return [sum(option, Fraction(0)) / len(filled) for option in zip(*parts, strict=True)]


def equal_weight_scaled(by_group: Mapping[str, np.ndarray]) -> list[int]:
    """Return `equal_weight` of whole dots times the groups and what all their sizes divide: whole numbers."""
    filled = [dots for dots in by_group.values() if len(dots)]
    whole = lcm(*(len(dots) for dots in filled))
    parts = [[int(total) * (whole // len(dots)) for total in dots.sum(axis=0)] for dots in filled]
    return [sum(option) for option in zip(*parts, strict=True)]


def phragmen(supports: np.ndarray, k: int) -> list[int]:
    """Return up to k options by Phragmén's sequential rule, in order (Lackner and Skowron 2023, ch. 2).

    `supports` is ballots x options, true where supported. Loads are exact fractions; a ballot carries the
    load of the last option taken that it supports, so that many ballots have few different loads. Options
    without supporters are never taken.
    """
    behind = np.asfortranarray(supports, dtype=bool)  # options are looked at one by one
    sizes = behind.sum(axis=0)
    left = [option for option in range(behind.shape[1]) if sizes[option]]
    loads, last = [Fraction(0)], np.zeros(len(behind), dtype=int)
    chosen: list[int] = []
    while left and len(chosen) < k:
        cost = {}
        for option in left:
            carried = np.bincount(last[behind[:, option]], minlength=1)
            load = sum((int(n) * loads[at] for at, n in enumerate(carried) if n and at), ZERO)
            cost[option] = (1 + load) / int(sizes[option])
        best = min(left, key=lambda option: cost[option])
        last[behind[:, best]] = len(loads)
        loads.append(cost[best])
        chosen.append(best)
        left.remove(best)
    return chosen


def tau_b(x: Scores, y: Scores) -> float | None:
    """Return Kendall's tau-b of two score lists, -1 to 1; undefined when either is all ties."""
    first, second = (np.round(np.asarray(scores, float), DECIMALS) for scores in (x, y))
    upper = np.triu_indices(len(first), 1)
    one = np.sign(first[:, None] - first[None, :])[upper]
    other = np.sign(second[:, None] - second[None, :])[upper]
    scale = np.sqrt(np.count_nonzero(one) * np.count_nonzero(other))
    return float((one * other).sum() / scale) if scale else None


def equal_shares(costs: Sequence[Fraction], budget: Fraction, utility: np.ndarray) -> list[int]:
    """Return what the method of equal shares buys, in order (Peters and Skowron; equalshares.net).

    The budget is split equally; the option whose supporters can pay at the smallest rho is bought, each
    paying min(own remainder, rho x utility). `utility` is ballots x options, 0 where not supported. Exact
    fractions.
    """
    n = len(utility)
    purses = [budget / n] * n if n else []
    left = list(range(utility.shape[1]))
    bought: list[int] = []
    while left:
        offers = [
            (rho, option) for option in left if (rho := _rho(option, purses, costs, utility)) is not None
        ]
        if not offers:
            return bought
        rho, option = min(offers)
        for voter in range(n):
            worth = Fraction(utility[voter, option])
            purses[voter] -= min(purses[voter], rho * worth)
        bought.append(option)
        left.remove(option)
    return bought


def _rho(
    option: int, purses: list[Fraction], costs: Sequence[Fraction], utility: np.ndarray
) -> Fraction | None:
    worth = {at: Fraction(utility[at, option]) for at in range(len(purses)) if utility[at, option] > 0}
    if sum((purses[at] for at in worth), Fraction(0)) < costs[option]:
        return None
    # Poorest for their utility pay all they have; the rest share what is left.
    paid, weight = Fraction(0), sum(worth.values(), Fraction(0))
    for at in sorted(worth, key=lambda at: purses[at] / worth[at]):
        rho = (costs[option] - paid) / weight
        if purses[at] >= rho * worth[at]:
            return rho
        paid += purses[at]
        weight -= worth[at]
    return None
