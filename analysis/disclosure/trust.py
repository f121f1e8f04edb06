"""What may be seen of trust between groups: rounded medians by cell, and what follows from them."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from analysis.disclosure import rules
from analysis.disclosure.rows import CELL, FEW_VALUES, NEARLY_ALL, Case, Kind, Rows
from analysis.measures import trust
from analysis.measures.scale import ends

HALF = 0.5


def full(case: Case, rows: Rows) -> None:
    """Release matrix and mean self gap; in a larger room arrows, effects and how many did not know too."""
    shown = _cells(case, rows)
    if not case.compares:
        rows.hide("dont_know", CELL)
        return
    ballots, keys = case.ballots, list(case.ballots.items)
    _arrows(case, rows, keys, shown)
    _effects(case, rows, keys)
    unknown = int((ballots.given & np.isnan(ballots.values)).sum())
    # Who knows his own answers, to as many questions as there are groups, must not be left with none.
    if unknown >= ballots.given.size - len(ballots.items):
        rows.hide("dont_know", NEARLY_ALL)
    else:
        rows.add("dont_know", unknown, n=case.n)


def small(case: Case, rows: Rows) -> None:
    """Release only what rests on groups large enough."""
    _cells(case, rows)


def _cells(case: Case, rows: Rows) -> np.ndarray:
    """Add the matrix and the mean self gap, which follows from it; return the cells shown."""
    shown = _matrix(case, rows)
    gaps = [gap for gap in trust.self_gaps(shown) if gap is not None]
    if gaps:
        rows.add("self_gap", float(np.mean(gaps)), n=case.n)
        rows.add("gap_groups", len(gaps), n=case.n)
    return shown


def _matrix(case: Case, rows: Rows) -> np.ndarray:
    low, high = ends(case.ballots.question)
    keys = case.ballots.items
    shown = np.full((len(keys), len(keys)), np.nan)
    for row, rater in enumerate(keys):
        reason = case.reason(rater)
        for column, rated in enumerate(keys):
            measure = "believed" if rated == rater else "median"
            values = trust.ratings(case.ballots, rater, rated)
            if reason or len(values) < case.policy.k_floor:
                rows.hide(measure, reason or FEW_VALUES, item=rated, group=rater)
                continue
            size = case.ballots.sizes[rater]
            shown[row, column] = rules.median_shown(float(np.median(values)), low, high, size)
            rows.add(measure, shown[row, column], item=rated, group=rater, n=size)
    return shown


def _arrows(case: Case, rows: Rows, keys: list[str], shown: np.ndarray) -> None:
    """Add the arrows: the difference is that of the medians on the wall, and must itself be large enough."""
    least, sizes = case.policy.asym_min(*ends(case.ballots.question)), case.ballots.sizes
    for one, other in combinations(range(len(keys)), 2):
        first, second = keys[one], keys[other]
        gap = shown[one, other] - shown[other, one]
        if np.isnan(gap) or abs(gap) < least:
            continue
        there, back = (trust.ratings(case.ballots, a, b) for a, b in ((first, second), (second, first)))
        if not trust.asymmetry(there, back, case.k, least)[1]:
            continue
        if gap < 0:
            first, second = second, first
        rows.add("asymmetry", abs(float(gap)), item=second, group=first, n=min(sizes[first], sizes[second]))


def _effects(case: Case, rows: Rows, keys: list[str]) -> None:
    """Add effects on cell means, to the nearest half step: finer ones would give the means away."""
    there = [key for key in keys if key in case.visible]
    cells = {(a, b): trust.ratings(case.ballots, a, b) for a in there for b in there if a != b}
    if any(len(values) < case.policy.k_floor for values in cells.values()):
        return
    matrix = np.full((len(there), len(there)), np.nan)
    for (rater, rated), values in cells.items():
        matrix[there.index(rater), there.index(rated)] = values.mean()
    found = trust.effects(matrix)
    if found.perceiver is None or found.target is None:
        return
    for key, gives, gets in zip(there, found.perceiver, found.target, strict=True):
        size = case.ballots.sizes[key]
        rows.add("perceiver", round(gives / HALF) * HALF, group=key, n=size)
        rows.add("target", round(gets / HALF) * HALF, item=key, n=case.n)
    for measure, value in (
        ("reciprocity", found.reciprocity),
        ("reciprocity_relationship", found.reciprocity_relationship),
    ):
        rows.add(measure, None if value is None else round(value, 1), n=case.n)


KIND = Kind(full=full, small=small, opened=None)
