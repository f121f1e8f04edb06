"""Rule 9 for what is ticked or not: marks cell by cell, and lists point by point (a list is a ballot there).

A tick is protected, having left it out is not. Counts are over groups other than the rated one, or over all,
so that an exchange between two groups or a change in one reaches every kind of world: no solver is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from analysis.disclosure.rows import Case, Release
from analysis.disclosure.seen import Row, Withheld, keys_of, nothing, only, sight, with_column
from analysis.disclosure.worlds import all_cleared, changes, exposures, swaps
from analysis.measures.ballots import parts

OWN = ("own_most", "gap_sign")
ANSWERS = np.array([[np.nan, 0, 0], [1, 1, 0]])


def withheld_lists(case: Case, release: Release, *, counts: bool) -> Iterator[Withheld]:
    """Yield what must go, for every point of which a list would be known to have it."""
    for item in case.ballots.items:

        def everything(row: Row, item: str = item) -> bool:
            return row["item"] == item

        if Ticks.of(only(case, item), release).determines(nothing):
            yield everything


def withheld_marks(case: Case, release: Release, *, counts: bool) -> Iterator[Withheld]:
    """Yield what must go, for every cell in which somebody would be known to have ticked.

    First goes whether most of the group's own tick, for every rated group alike: the gap must not tell.
    """
    for key in case.ballots.items:
        item, rated = parts(key)

        def own(row: Row, item: str = item) -> bool:
            return row["item"] == item and row["measure"] in OWN

        def everything(row: Row, item: str = item, rated: str = rated) -> bool:
            return own(row) or (row["item"] == item and row["group"] == rated)

        cell = Ticks.of(only(case, key), release)
        stage = next(
            one for one in (nothing, own, everything) if one is everything or not cell.determines(one)
        )
        if stage is not nothing:
            yield stage


@dataclass(frozen=True)
class Ticks:
    """One column: its table of ballots, by group, without and with the tick."""

    case: Case
    release: Release
    keys: list[str]
    people: np.ndarray

    @classmethod
    def of(cls, case: Case, release: Release) -> Ticks:
        """Return the only column of a case."""
        ticked, keys = np.nan_to_num(case.ballots.values[:, 0]) > 0, keys_of(case.ballots)
        people = [np.bincount(ticked[case.ballots.of(key)], minlength=2) for key in keys]
        return cls(case, release, keys, np.array(people).reshape(len(keys), 2))

    def determines(self, hidden: Withheld) -> bool:
        """Say whether somebody is determined when what `hidden` names is withheld."""
        found = list(exposures(self.people, [(1,)], whole=True))
        if not found:
            return False
        before = sight(self.case, self.release, hidden)

        def consistent(world: np.ndarray) -> bool:
            return sight(self._case_of(world), self.release, hidden) == before

        return not all(
            all_cleared(one, chain(changes(self.people, one), swaps(self.people, one)), consistent)
            for one in found
        )

    def _case_of(self, world: np.ndarray) -> Case:
        """Return a case whose ballots make this table."""
        people = [np.flatnonzero(self.case.ballots.of(key)) for key in self.keys]
        column = [np.repeat(ANSWERS, row, axis=0) for row in world]
        return with_column(self.case, 0, np.concatenate(people), np.concatenate(column))
