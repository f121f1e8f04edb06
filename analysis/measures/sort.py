"""Sorting: every item into one of two to four buckets, or unsure; unsure is always told beside the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.measures.ballots import Ballots

UNSURE = ""


@dataclass(frozen=True)
class Sorting:
    """One item's answers. `counts` by bucket in the question's order; shares are 0 to 1, `margin` -1 to 1.

    `decided_share` is the first bucket's share of those who decided; `margin` is first minus second as a
    share of all answers, undefined unless there are two buckets (together, alone).
    """

    counts: tuple[int, ...]
    unsure: int
    decided_share: float | None
    margin: float | None
    unsure_share: float | None

    @property
    def n(self) -> int:
        """Return all answers, unsure ones included."""
        return sum(self.counts) + self.unsure

    @property
    def first(self) -> tuple[int, ...]:
        """Return the places of the buckets with most answers: several when tied, none without answers."""
        most = max(self.counts, default=0)
        return tuple(at for at, count in enumerate(self.counts) if count == most) if most else ()


def counted(answers: Iterable[str], buckets: Sequence[str]) -> tuple[tuple[int, ...], int]:
    """Return answers per bucket and how many are unsure (`UNSURE`); raises ValueError for another bucket."""
    counts = dict.fromkeys((*buckets, UNSURE), 0)
    for answer in answers:
        if answer not in counts:
            raise ValueError(f"There is no bucket {answer!r}; there are: {', '.join(buckets)}.")
        counts[answer] += 1
    return tuple(counts[bucket] for bucket in buckets), counts[UNSURE]


def answers(ballots: Ballots, item: str, group: str | None = None) -> tuple[tuple[int, ...], int]:
    """Return answers per bucket and how many are unsure, of all ballots or of one group's."""
    mine = slice(None) if group is None else ballots.of(group)
    values = ballots.values[mine, ballots.column(item)]
    given = ballots.given[mine, ballots.column(item)]
    unsure = int((given & np.isnan(values)).sum())
    return tuple(int((values == at).sum()) for at in range(len(ballots.question.levels))), unsure


def sorting(counts: Sequence[int], unsure: int) -> Sorting:
    """Measure one item from its counts; nobody decided: no decided share, no answers: nothing defined."""
    decided = sum(counts)
    n = decided + unsure
    return Sorting(
        counts=tuple(counts),
        unsure=unsure,
        decided_share=counts[0] / decided if decided else None,
        margin=(counts[0] - counts[1]) / n if n and len(counts) == 2 else None,
        unsure_share=unsure / n if n else None,
    )


def majorities(groups: Mapping[str, tuple[Sequence[int], int]], bucket: int = 0) -> int:
    """Return in how many groups a bucket has more than half of all answers, unsure ones included.

    `groups` has each group's counts by bucket and its unsure answers.
    """
    return sum(1 for counts, unsure in groups.values() if 2 * counts[bucket] > sum(counts) + unsure)
