"""Answers as counts: what was answered, and how often by each group.

The measures of a scale are made from these, so that a million answers, once counted, cost what a hundred do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Whole numbers closer together than this are counted in place, others are sorted first.
WIDEST = 1000


@dataclass(frozen=True)
class Counted:
    """`values` are the answers there could be or were, rising; `by_group` is groups x values, how many."""

    values: np.ndarray
    by_group: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """Return how many gave each value, groups together."""
        found: np.ndarray = self.by_group.sum(axis=0)
        return found


def counted(groups: Sequence[np.ndarray]) -> Counted:
    """Count the answers of some groups; there may be groups without any, and none at all."""
    answers = np.concatenate([np.asarray(values, float) for values in groups]) if groups else np.empty(0)
    values, places = _places(answers)
    owners = np.repeat(np.arange(len(groups)), [len(one) for one in groups])
    cells = np.bincount(owners * len(values) + places, minlength=len(groups) * len(values))
    return Counted(values, cells.reshape(len(groups), len(values)))


def _places(answers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the values there could be, rising, and each answer's place among them."""
    if len(answers) and np.ptp(answers) < WIDEST:
        low = answers.min()
        places = (answers - low).astype(np.int64)
        values = low + np.arange(places.max() + 1)
        if (values[places] == answers).all():
            return values, places
    found, inverse = np.unique(answers, return_inverse=True)
    return found, inverse
