"""What may be seen of marks: how many of the others tick an item for a group, and whether most of its own do.

Rows carry the rated group. In a sealed round a group's own ballots tell only whether more than half of them
tick, as a rounded median would; with everybody's count they would give their number away, so only that of the
others is told.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.disclosure import rules
from analysis.disclosure.rows import DIFFERENCING, FEW_BALLOTS, NEARLY_ALL, Case, Kind, Rows
from analysis.measures.ballots import parts
from analysis.measures.marks import Cell, grid, groups_ticking


def opened(case: Case, rows: Rows) -> None:
    """Release everything, with the ticks of every rating group."""
    ballots = case.ballots
    ticks = _ticks(case)
    ticking = groups_ticking(ticks, ballots.groups)
    for place, key in enumerate(ballots.items):
        item, rated = parts(key)
        found, here = _cell(case, place, rated), {"item": item, "group": rated}
        for group, size in ballots.sizes.items():
            count = int(ticks[ballots.of(group), place].sum())
            rows.add("count", count, **here, level=group, n=size)
        majorities = []
        for whose, number, n in (("own", found.own, found.own_n), ("others", found.others, found.others_n)):
            rows.add(whose, number if n else None, **here, n=n)
            majorities.append(int(rules.majority(number, n)) if n else None)
            rows.add(f"{whose}_most", majorities[-1], **here, n=n)
        own, others = majorities
        rows.add("gap_sign", None if own is None or others is None else own - others, **here, n=case.n)
        rows.add("ticks", found.own + found.others, **here, n=case.n)
        for measure in ("own_share", "others_share", "gap"):
            rows.add(measure, getattr(found, measure), **here, n=case.n)
        rows.add("groups_ticking", int(ticking[place]), **here, n=case.n)


def full(case: Case, rows: Rows) -> None:
    """Release the others' counts, and whether most of the others and most of the group itself tick."""
    _release(case, rows, counts=True)


def small(case: Case, rows: Rows) -> None:
    """Release only whether most tick."""
    _release(case, rows, counts=False)


def _release(case: Case, rows: Rows, *, counts: bool) -> None:
    for place, key in enumerate(case.ballots.items):
        at, found = parts(key), _cell(case, place, parts(key)[1])
        reason = case.reason(at[1]) if found.own_n else ""
        if reason == DIFFERENCING:
            _hide(rows, at, ("others", "others_most", "own_most", "gap_sign"), DIFFERENCING)
            continue
        whole, number, n = _whole(case, found, reason)
        if counts:
            _count(case, rows, at, whole, number, n)
        most = _most(rows, at, f"{whole}_most", number, n)
        if not found.own_n:
            continue
        own = None
        if reason:
            _hide(rows, at, ("own_most",), reason)
        else:
            own = _most(rows, at, "own_most", found.own, found.own_n)
        if own is None or most is None:
            _hide(rows, at, ("gap_sign",), FEW_BALLOTS)
        else:
            rows.add("gap_sign", int(own) - int(most), item=at[0], group=at[1], n=case.n)


def _whole(case: Case, found: Cell, reason: str) -> tuple[str, int, int]:
    """Return whose ticks are counted, how many they are and of how many ballots.

    All but the few of a small group are too near the whole (rule 5): there all count together.
    """
    if reason:
        return "ticks", found.own + found.others, case.n
    return "others", found.others, found.others_n


def _count(case: Case, rows: Rows, at: tuple[str, str], measure: str, count: int, n: int) -> None:
    item, rated = at
    if n < case.policy.n_min_counts:
        rows.hide(measure, FEW_BALLOTS, item=item, group=rated)
    elif rules.nearly_all(count, n):
        rows.say("nearly_all", item=item, group=rated, n=n)
        rows.hide(measure, NEARLY_ALL, item=item, group=rated)
    else:
        rows.add(measure, count, item=item, group=rated, n=n)


def _most(rows: Rows, at: tuple[str, str], measure: str, count: int, n: int) -> bool | None:
    """Add whether more than half tick, and return it; nothing where that could tell on somebody."""
    item, rated = at
    if not rules.majority_tells_nobody(n):
        rows.hide(measure, FEW_BALLOTS, item=item, group=rated)
        return None
    found = rules.majority(count, n)
    rows.add(measure, found, item=item, group=rated, n=n)
    return found


def _hide(rows: Rows, at: tuple[str, str], measures: Sequence[str], reason: str) -> None:
    for measure in measures:
        rows.hide(measure, reason, item=at[0], group=at[1])


def _ticks(case: Case) -> np.ndarray:
    """Return the ticks, shape (ballots, cells); what was left empty is no tick."""
    found: np.ndarray = np.nan_to_num(case.ballots.values) > 0
    return found


def _cell(case: Case, place: int, rated: str) -> Cell:
    return grid(_ticks(case)[:, [place], None], case.ballots.groups, [rated])[rated][0]


KIND = Kind(full=full, small=small, opened=opened, by_ballot=False)
