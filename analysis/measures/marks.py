"""Ticks in a grid of items and groups: who is good at what, we about ourselves beside others about us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Cell:
    """One item of one group. `own` of `own_n` ballots of the group itself ticked it, `others` of `others_n`.

    Shares are 0 to 1, undefined without ballots; `gap` is own minus others, -1 to 1.
    """

    own: int
    own_n: int
    others: int
    others_n: int

    @property
    def own_share(self) -> float | None:
        """Return the share of the group's own ballots with this tick."""
        return self.own / self.own_n if self.own_n else None

    @property
    def others_share(self) -> float | None:
        """Return the share of all other ballots with this tick."""
        return self.others / self.others_n if self.others_n else None

    @property
    def gap(self) -> float | None:
        """Return how much more often we tick it about ourselves than others do about us."""
        own, others = self.own_share, self.others_share
        return None if own is None or others is None else own - others


def grid(ticks: np.ndarray, raters: np.ndarray, rated: Sequence[str]) -> dict[str, tuple[Cell, ...]]:
    """Return the cells of each rated group, one per item.

    `ticks` is ballots x items x rated groups, true where ticked; `raters` has each ballot's group, which
    need not be among the rated. Raises ValueError when the shapes do not fit together.
    """
    if ticks.ndim != 3 or ticks.shape[0] != len(raters) or ticks.shape[2] != len(rated):
        raise ValueError(f"Expected ticks of ballots x items x {len(rated)} groups, not {ticks.shape}.")
    found = {}
    for at, group in enumerate(rated):
        inside = raters == group
        own, others = ticks[inside, :, at].sum(axis=0), ticks[~inside, :, at].sum(axis=0)
        sizes = int(inside.sum()), int((~inside).sum())
        found[group] = tuple(
            Cell(int(mine), sizes[0], int(theirs), sizes[1]) for mine, theirs in zip(own, others, strict=True)
        )
    return found


def groups_ticking(ticks: np.ndarray, raters: np.ndarray) -> np.ndarray:
    """Return in how many rating groups more than half of the ballots tick each item x group cell."""
    keys = dict.fromkeys(raters.tolist())
    shares = [ticks[raters == key].mean(axis=0) > 0.5 for key in keys]
    return np.sum(shares, axis=0) if shares else np.zeros(ticks.shape[1:], dtype=int)
