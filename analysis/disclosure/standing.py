"""The other ways to count a dot vote, on their way out: only ranks and words leave, never scores (rule 9).

Ranks under square roots say how dots lie on ballots, those under equal weight how they lie over groups, and
Phragmén's order who supports what together. None of them is a count, but together they narrow down which
rooms are possible: the audit compares them in every world it looks at, and they go together or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from analysis.disclosure.rows import NEARLY_ALL, Case, Rows
from analysis.measures import standing as tallies

MEASURES = ("tally", "standing", "tally_top", "tau_b")
# Ranks under these follow from totals that are released themselves.
PLAIN = (tallies.SUM, tallies.SUPPORTERS)
# Equal shares keeps a purse of fractions for every ballot.
MOST_PURSES = 3000


def release(case: Case, rows: Rows, marks: np.ndarray, unanimous: bool) -> None:
    """Add each option's rank under every rule and whether it stands; none where a count had to be hidden.

    Ranks have no gaps: where one option's place must not be told, the others' places would tell it.
    """
    if unanimous:
        rows.hide("standing", NEARLY_ALL)
        return
    ballots = case.ballots
    if not marks.any():
        return
    by_group = {key: marks[ballots.of(key)] for key in ballots.sizes}
    top = _top(len(ballots.items), case.policy.top_k)
    found = tallies.standing(marks, by_group, top, *_money(case, len(marks)))
    rows.add("tally_top", top, n=case.n)
    for rule, agreement in found.tau_b.items():
        if rule != tallies.SUM:
            rows.add("tau_b", agreement, level=rule, n=case.n)
    for place, item in enumerate(ballots.items):
        rows.add("standing", item=item, text=found.words[place], n=case.n)
        for rule, ranks in found.ranks.items():
            rows.add("tally", ranks[place][0], item=item, level=rule, n=case.n)
        for rule in (rule for rule in found.orders if rule not in found.ranks):
            _chosen(rows, rule, found.orders[rule], place, item, case.n)


def goes_with_groups(row: Mapping[str, Any]) -> bool:
    """Say whether a row rests on more than the totals of the options."""
    return row["measure"] in ("standing", "tau_b") or (
        row["measure"] == "tally" and row["level"] not in PLAIN
    )


def _chosen(rows: Rows, rule: str, order: Sequence[int], place: int, item: str, n: int) -> None:
    if place in order:
        rows.add("tally", order.index(place) + 1, item=item, level=rule, n=n)
    else:
        rows.add("tally", item=item, level=rule, text=tallies.OUT, n=n)


def _top(options: int, top_k: int) -> int:
    """Return how many places count as the top: `top_k`, or half where there are no more options than that."""
    return top_k if options > top_k else max(1, options // 2)


def _money(case: Case, ballots: int) -> tuple[Sequence[Fraction] | None, Fraction | None]:
    """Return costs and budget, where every option has a cost."""
    settings = case.ballots.question.settings
    costs, budget = settings.get("costs", {}), settings.get("budget")
    if budget is None or ballots > MOST_PURSES or not set(case.ballots.items) <= set(costs):
        return None, None
    return [Fraction(str(costs[item])) for item in case.ballots.items], Fraction(str(budget))
