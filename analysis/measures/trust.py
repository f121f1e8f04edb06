"""Trust between groups: the matrix, effects, reciprocity, asymmetry and the self gap.

A matrix has rows that rate and columns that are rated; its diagonal is what a group believes the others
think.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.measures.agreement import median
from analysis.measures.ballots import Ballots


@dataclass(frozen=True)
class Effects:
    """Group-level social relations: effects in scale steps, one per group; each set sums to 0."""

    grand: float | None
    perceiver: tuple[float, ...] | None
    target: tuple[float, ...] | None
    reciprocity: float | None
    reciprocity_relationship: float | None
    mean_abs_asymmetry: float | None


UNDEFINED = Effects(None, None, None, None, None, None)


def ratings(ballots: Ballots, rater: str, rated: str) -> np.ndarray:
    """Return one group's single ratings of another (or, of itself, what it believes), don't-knows left
    out.
    """
    values = ballots.values[ballots.of(rater), ballots.column(rated)]
    return values[~np.isnan(values)]


def raters(matrix: np.ndarray) -> list[int]:
    """Return the places of the groups that rate anybody: others are left out as rater and as rated."""
    rows = range(len(matrix))
    return [row for row in rows if not all(np.isnan(matrix[row, at]) for at in rows if at != row)]


def effects(matrix: np.ndarray) -> Effects:
    """Return perceiver and target effects and reciprocity of a square matrix of cell means (Kenny 1994,
    app. B).

    The diagonal is ignored. Under three groups, or with an empty cell off the diagonal: undefined; leave
    groups without a row out first (`raters`).
    """
    n = len(matrix)
    off = ~np.eye(n, dtype=bool)
    if n < 3 or np.isnan(matrix[off]).any():
        return UNDEFINED
    cells = np.where(off, matrix, 0.0)
    rows, columns = cells.sum(axis=1) / (n - 1), cells.sum(axis=0) / (n - 1)
    grand = float(cells.sum() / (n * (n - 1)))
    own, other, mean = (n - 1) ** 2 / (n * (n - 2)), (n - 1) / (n * (n - 2)), (n - 1) / (n - 2)
    perceiver = own * rows + other * columns - mean * grand
    target = own * columns + other * rows - mean * grand
    relationship = matrix - grand - perceiver[:, None] - target[None, :]
    return Effects(
        grand,
        tuple(float(value) for value in perceiver),
        tuple(float(value) for value in target),
        _mirror_correlation(matrix, off),
        _mirror_correlation(relationship, off),
        float(np.abs(matrix - matrix.T)[off].mean()),
    )


def _mirror_correlation(matrix: np.ndarray, off: np.ndarray) -> float | None:
    there, back = matrix[off], matrix.T[off]
    if np.ptp(there) < 1e-9:
        return None
    return float(np.corrcoef(there, back)[0, 1])


def self_gaps(matrix: np.ndarray) -> list[float | None]:
    """Return for each group what it believes minus the mean of what the others answered; missing cells
    left out.
    """
    gaps: list[float | None] = []
    for place in range(len(matrix)):
        others = np.delete(matrix[:, place], place)
        others = others[~np.isnan(others)]
        own = matrix[place, place]
        gaps.append(None if np.isnan(own) or len(others) == 0 else float(own - others.mean()))
    return gaps


def sign_holds(there: np.ndarray, back: np.ndarray) -> bool:
    """Say whether the sign of the difference of medians (not 0) survives leaving out any one respondent."""
    first, second = median(there), median(back)
    if first is None or second is None or first == second or min(len(there), len(back)) < 2:
        return False
    sign = np.sign(first - second)
    without = [(np.median(np.delete(there, place)), second) for place in range(len(there))]
    without += [(first, np.median(np.delete(back, place))) for place in range(len(back))]
    return all(np.sign(one - other) == sign for one, other in without)


def asymmetry(there: np.ndarray, back: np.ndarray, k: int, least: float) -> tuple[float | None, bool]:
    """Return the difference of medians (steps) and whether it earns an arrow; undefined under k on either
    side.
    """
    if min(len(there), len(back)) < max(k, 1):
        return None, False
    difference = float(np.median(there) - np.median(back))
    return difference, abs(difference) >= least and sign_holds(there, back)
