"""What may be seen of a dot vote."""

from __future__ import annotations

import numpy as np

from analysis.disclosure import cells, rules, standing
from analysis.disclosure.rows import CELL, NEARLY_ALL, Case, Kind, Rows
from analysis.measures import dots
from analysis.measures.ballots import Ballots

PER_OPTION = ("dots", "supporters", "dots_per_supporter", "breadth", "against")
PLACES = 3
# With one dot each at most, the first of three places has three supporters: nearly all of four ballots.
FEWEST_FOR_PLACES = 5


def opened(case: Case, rows: Rows) -> None:
    """Release everything, with dots and supporters by group."""
    ballots, marks = case.ballots, dots.marks(case.ballots)
    found = dots.table(marks, ballots.blank)
    groups = list(ballots.sizes)
    by_group = dots.by_groups(marks, ballots.groups, groups)
    _options(case, rows, found, set(), set())
    _margins(rows, ballots, found, set())
    _spread(case, rows, by_group, by_group, list(ballots.sizes.values()), set(), decimals=True)
    _total(rows, found, case.n)
    standing.release(case, rows, marks, unanimous=False)
    for place, item in enumerate(ballots.items):
        for row, group in enumerate(groups):
            own, size = marks[ballots.of(group), place], ballots.sizes[group]
            rows.add("dots", by_group[row, place], item=item, group=group, n=size)
            rows.add("supporters", int((own > 0).sum()), item=item, group=group, n=size)


def full(case: Case, rows: Rows) -> None:
    """Release totals by option, ranks with their range, and cells group x option that pass rules 2 and 7."""
    ballots, marks = case.ballots, dots.marks(case.ballots)
    found = dots.table(marks, ballots.blank)
    hidden, left = _unanimous(case, found), _left_over(case, found)
    _options(case, rows, found, hidden, left)
    _margins(rows, ballots, found, hidden | left)
    if case.compares:
        by_group = dots.by_groups(marks, ballots.groups, list(ballots.sizes))
        units = _pooled(case, marks)
        _spread(case, rows, by_group, units, list(ballots.sizes.values()), left, decimals=False)
    if hidden:
        for measure in ("total_dots", "supporter_marks", "dots_per_supporter", "eno", "gini"):
            rows.hide(measure, NEARLY_ALL)
    else:
        _total(rows, found, case.n)
    if case.is_large:
        standing.release(case, rows, marks, unanimous=bool(hidden | left))
    else:
        rows.hide("standing", CELL)
    if case.compares:
        cells.release(case, rows, marks, hidden | left)
    else:
        _too_few_to_compare(case, rows)


def _too_few_to_compare(case: Case, rows: Rows) -> None:
    for item in case.ballots.items:
        for measure in ("rank_best", "rank_worst"):
            rows.hide(measure, CELL, item=item)
        for group in case.ballots.sizes:
            rows.hide("dots", CELL, item=item, group=group)


def small(case: Case, rows: Rows) -> None:
    """Release the first three places, ties as ties, without counts."""
    if case.n < FEWEST_FOR_PLACES:
        for item in case.ballots.items:
            rows.hide("place", CELL, item=item)
        return
    found = dots.table(dots.marks(case.ballots))
    # Beside an option that nearly all support, what came next would tell whether all of them do.
    places = 1 if any(rules.nearly_all(int(count), case.n) for count in found.supporters) else PLACES
    for place, item in enumerate(case.ballots.items):
        if found.ranks[place] <= places and found.dots[place] > 0:
            rows.add("place", int(found.ranks[place]), item=item, n=case.n)


def _unanimous(case: Case, found: dots.Table) -> set[int]:
    """Return the options of which a count would prove what (nearly) everybody did."""
    against = case.ballots.against.sum(axis=0)
    counts = np.maximum(found.supporters, against)
    return {place for place, count in enumerate(counts) if rules.nearly_all(int(count), case.n)}


def _left_over(case: Case, found: dots.Table) -> set[int]:
    """Return the other options, where nearly all support one and what these got would tell whether all do.

    Whoever stands alone behind another would know that nobody else could have done otherwise: so they go with
    two people behind each of them already.
    """
    supporters = [int(count) for count in found.supporters]
    for place, count in enumerate(supporters):
        others = set(range(len(supporters))) - {place}
        if rules.nearly_all(count, case.n) and all(supporters[one] <= 2 for one in others):
            return others
    return set()


def _options(case: Case, rows: Rows, found: dots.Table, hidden: set[int], left: set[int]) -> None:
    against = case.ballots.against.sum(axis=0)
    asked = bool(case.ballots.question.settings.get("against"))
    measures = PER_OPTION if asked else PER_OPTION[:-1]
    for place, item in enumerate(case.ballots.items):
        if place in left:
            for measure in ("rank", *measures):
                rows.hide(measure, NEARLY_ALL, item=item)
            continue
        if place in hidden and len(hidden) > 1:  # their order could tell that all support the first
            rows.hide("rank", NEARLY_ALL, item=item)
        else:
            rows.add("rank", int(found.ranks[place]), item=item, n=case.n)
        if place in hidden:
            level = "" if rules.nearly_all(int(found.supporters[place]), case.n) else "against"
            rows.say("nearly_all", item=item, level=level, n=case.n)
            for measure in measures:
                rows.hide(measure, NEARLY_ALL, item=item)
            continue
        rows.add("dots", found.dots[place], item=item, n=case.n)
        rows.add("supporters", int(found.supporters[place]), item=item, n=case.n)
        rows.add("dots_per_supporter", found.dots_per_supporter(place), item=item, n=case.n)
        rows.add("breadth", found.breadth(place), item=item, n=found.voters)
        if asked:
            rows.add("against", int(against[place]), item=item, n=case.n)


def _margins(rows: Rows, ballots: Ballots, found: dots.Table, hidden: set[int]) -> None:
    """Add the swap margin of each option to the next below it in rank; the last one has none.

    Rows stand in the order of the ballot, so that where they stand tells no rank.
    """
    order = [int(place) for place in np.argsort(found.ranks, kind="stable")]
    below = dict(zip(order, order[1:], strict=False))
    for above, item in enumerate(ballots.items):
        if above in hidden or below.get(above) in hidden:
            rows.hide("swap_margin", NEARLY_ALL, item=item)
        elif above in below:
            margin = dots.swap_margin(found.dots[above], found.dots[below[above]])
            rows.add("swap_margin", margin, item=item, n=ballots.n)


def _spread(
    case: Case,
    rows: Rows,
    by_group: np.ndarray,
    units: np.ndarray,
    sizes: list[int],
    left: set[int],
    *,
    decimals: bool,
) -> None:
    """Add rank range, groups reached and top places by group; whole numbers only, unless open (rule 9)."""
    span = dots.rank_range(units)
    tops = dots.top_groups(by_group[_tall(case, sizes)], case.policy.top_k)
    for place, item in enumerate(case.ballots.items):
        if place in left:
            continue
        if span is not None:
            rows.add("rank_best", int(span[0][place]), item=item, n=case.n)
            rows.add("rank_worst", int(span[1][place]), item=item, n=case.n)
        reached = dots.effective_groups(
            [row[place] / size for row, size in zip(by_group, sizes, strict=True)]
        )
        if reached is not None and not decimals:
            reached = int(reached + 0.5)
        rows.add("groups_reached", reached, item=item, n=case.n)
        rows.add("top_groups", int(tops[place]), item=item, n=case.n)


def _tall(case: Case, sizes: list[int]) -> list[int]:
    least = 1 if case.ballots.question.secrecy == "open" else case.k
    return [place for place, size in enumerate(sizes) if size >= least]


def _pooled(case: Case, marks: np.ndarray) -> np.ndarray:
    """Return dots of the groups that may be left out alone, and of the small ones pooled."""
    ballots = case.ballots
    split = rules.suppression(ballots.sizes, case.k)
    alone = [key for key in split.shown if not case.reason(key)]
    units = dots.by_groups(marks, ballots.groups, alone)
    if split.others_shown:
        pool = marks[np.isin(ballots.groups.astype(str), split.suppressed)].sum(axis=0)
        units = np.vstack([units, pool[None, :]])
    return units


def _total(rows: Rows, found: dots.Table, n: int) -> None:
    supporter_marks = int(found.supporters.sum())
    rows.add("total_dots", found.total, n=n)
    rows.add("supporter_marks", supporter_marks, n=n)
    rows.add("dots_per_supporter", found.total / supporter_marks if supporter_marks else None, n=n)
    spread = dots.concentration(found.dots.tolist())
    rows.add("eno", spread["eno"], n=n)
    rows.add("gini", spread["gini"], n=n)


KIND = Kind(full=full, small=small, opened=opened)
