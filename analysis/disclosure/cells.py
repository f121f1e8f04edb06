"""Group x option dots of a sealed vote: rule 7 for each cell, rule 2 over groups, and the margins closed."""

from __future__ import annotations

import numpy as np

from analysis.disclosure import rules
from analysis.disclosure.rows import CELL, COMPLEMENTARY, FEW_BALLOTS, NEARLY_ALL, Case, Rows


def release(case: Case, rows: Rows, marks: np.ndarray, hidden: set[int]) -> None:
    """Add a row for every cell: its dots, or why they are not there. `hidden` are options said as nearly
    all.
    """
    ballots = case.ballots
    groups = list(ballots.sizes)
    split = rules.suppression(ballots.sizes, case.k)
    given = [marks[ballots.of(group)] for group in groups]
    dots = np.array([mine.sum(axis=0) for mine in given]).reshape(len(groups), len(ballots.items))
    own = np.zeros(dots.shape, dtype=bool)
    for row, group in enumerate(groups):
        for place in range(len(ballots.items)):
            own[row, place] = rules.cell_shown(
                given[row][:, place],
                case.k,
                case.policy.cell_min_supporters,
                case.policy.cell_max_share,
            ) and not _proves_all(case, int(dots[row, place]), ballots.sizes[group])
    allowed = own.copy()
    allowed[[row for row, group in enumerate(groups) if group in split.suppressed]] = False
    allowed[:, sorted(hidden)] = False
    shown = close_margins(dots, allowed)
    for row, group in enumerate(groups):
        for place, item in enumerate(ballots.items):
            if shown[row, place]:
                rows.add("dots", dots[row, place], item=item, group=group, n=ballots.sizes[group])
                continue
            reason = COMPLEMENTARY if own[row, place] else CELL
            if place in hidden:
                reason = NEARLY_ALL
            elif case.reason(group) == FEW_BALLOTS:
                reason = FEW_BALLOTS
            rows.hide("dots", reason, item=item, group=group)


def _proves_all(case: Case, dots: int, size: int) -> bool:
    """Say whether so many dots cannot have come from fewer than (nearly) all of the group (rule 3)."""
    settings = case.ballots.question.settings
    cap = int(settings.get("cap") or settings.get("dots") or 0)
    return cap > 0 and -(-dots // cap) >= size - 1


def close_margins(dots: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Return the cells to show, so that no hidden one is alone in its row or column.

    An option's total is published and a group's total may be guessed (ballots x budget): one hidden cell
    alone would follow by subtraction, so the smallest shown one beside it goes too.
    """
    shown = allowed.copy()
    while True:
        lines = [*_lone(shown), *((place, row) for row, place in _lone(shown.T))]
        candidates = [(row, place) for row, place in lines if shown[row, place]]
        if not candidates:
            return shown
        row, place = min(candidates, key=lambda cell: (dots[cell], cell))
        shown[row, place] = False


def _lone(shown: np.ndarray) -> list[tuple[int, int]]:
    """Return the cells beside a hidden one that is alone in its row."""
    alone = [row for row, cells in enumerate(shown) if (~cells).sum() == 1]
    return [(row, place) for row in alone for place in range(shown.shape[1])]
