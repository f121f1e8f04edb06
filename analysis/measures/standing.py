"""Which options stay in the top however one counts, and which depend on the rule.

Score rules are compared exactly (whole numbers, fractions; square roots rounded to 9 decimals). An option
tied over the last place is in the top of a rule only perhaps: that never makes it stand.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from analysis.measures import tallies

SUM, SUPPORTERS, SQRT = "sum", "supporters", "sqrt"
EQUAL_WEIGHT, PHRAGMEN, EQUAL_SHARES = "equal_weight", "phragmen", "equal_shares"
# Rules that give every option a score; the others choose a set.
SCORES = (SUM, SUPPORTERS, SQRT, EQUAL_WEIGHT)
STANDS, DEPENDS, OUT = "stands", "depends", "out"


@dataclass(frozen=True)
class Standing:
    """The tallies side by side; options are places in the ballot's order.

    `orders`: rule -> the top `k` in order (fewer where a rule chooses fewer). `ranks`: score rule ->
    (best, worst) rank of every option, different only where tied. `tau_b`: score rule -> agreement with the
    sum, -1 to 1. `words`: per option `stands`, `depends` or `out`. `places`: per place from the first, the
    option that alone holds it under every rule but equal shares, which does not rank, or None.
    """

    k: int
    orders: Mapping[str, tuple[int, ...]]
    ranks: Mapping[str, tuple[tuple[int, int], ...]]
    tau_b: Mapping[str, float | None]
    words: tuple[str, ...]
    places: tuple[int | None, ...]


def standing(
    dots: np.ndarray,
    by_group: Mapping[str, np.ndarray],
    k: int,
    costs: Sequence[Fraction] | None = None,
    budget: Fraction | None = None,
) -> Standing:
    """Compare all rules on ballots x options of whole dots; equal shares only where options have costs.

    Groups count equally only where there are two or more with ballots.
    """
    keys: dict[str, list[Any]] = {
        SUM: [int(total) for total in tallies.sums(dots)],
        SUPPORTERS: [int(count) for count in tallies.supporters(dots)],
        SQRT: [float(root) for root in np.round(tallies.square_roots(dots), tallies.DECIMALS)],
    }
    if sum(1 for one in by_group.values() if len(one)) > 1:
        keys[EQUAL_WEIGHT] = tallies.equal_weight_scaled(by_group)
    ranks = {rule: _ranks(scores) for rule, scores in keys.items()}
    orders = {rule: _order(scores)[:k] for rule, scores in keys.items()}
    orders[PHRAGMEN] = tuple(tallies.phragmen(dots > 0, k))
    if costs is not None and budget is not None:
        worth = dots.astype(int).astype(object)
        orders[EQUAL_SHARES] = tuple(tallies.equal_shares(costs, budget, worth))
    # What equal shares buys first is cheap for those who want it, not first in a ranking.
    ranked = {rule: chosen for rule, chosen in orders.items() if rule != EQUAL_SHARES}
    return Standing(
        k=k,
        orders=orders,
        ranks=ranks,
        # Only the order counts, so that places serve as well as scores and large whole numbers stay exact.
        tau_b={
            rule: tallies.tau_b(*([-best for best, _ in ranks[one]] for one in (rule, SUM))) for rule in keys
        },
        words=tuple(_word(option, k, keys, orders, ranks) for option in range(dots.shape[1])),
        places=tuple(_holder(place, ranked, ranks) for place in range(min(k, dots.shape[1]))),
    )


def _ranks(scores: Sequence[Any]) -> tuple[tuple[int, int], ...]:
    rising, n = sorted(scores), len(scores)
    return tuple((1 + n - bisect_right(rising, mine), n - bisect_left(rising, mine)) for mine in scores)


def _order(scores: Sequence[Any]) -> tuple[int, ...]:
    return tuple(sorted(range(len(scores)), key=lambda option: -scores[option]))


def _word(
    option: int,
    k: int,
    keys: Mapping[str, Sequence[Any]],
    orders: Mapping[str, Sequence[int]],
    ranks: Mapping[str, Sequence[tuple[int, int]]],
) -> str:
    """Say whether an option is in the top of all rules, of some, or of none; without dots it is in none."""
    surely, perhaps = [], []
    for rule, chosen in orders.items():
        if rule in ranks:
            best, worst = ranks[rule][option]
            supported = keys[rule][option] > 0
            surely.append(supported and worst <= k)
            perhaps.append(supported and best <= k)
        else:
            surely.append(option in chosen)
            perhaps.append(option in chosen)
    if all(surely):
        return STANDS
    return DEPENDS if any(perhaps) else OUT


def _holder(
    place: int, orders: Mapping[str, Sequence[int]], ranks: Mapping[str, Sequence[tuple[int, int]]]
) -> int | None:
    """Return the option that every rule puts at this place (from 0), untied; rules that choose sets too."""
    holders = {chosen[place] if place < len(chosen) else None for chosen in orders.values()}
    if len(holders) != 1:
        return None
    option = holders.pop()
    if option is None or any(found[option][0] != found[option][1] for found in ranks.values()):
        return None
    return option
