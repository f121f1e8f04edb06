"""Rule 9 for trust: each cell of the matrix, a group's ratings of one group, by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from analysis.disclosure import rules
from analysis.disclosure.rows import Case, Release
from analysis.disclosure.seen import Row, Sight, Withheld, nothing, sight, with_column
from analysis.disclosure.worlds import all_cleared, changes, exposures
from analysis.measures.scale import ends

EFFECTS = ("perceiver", "target", "reciprocity", "reciprocity_relationship")
UNKNOWN = "dont_know"
ON_SHOWN = ("self_gap", "gap_groups", "asymmetry")
MOST_TRIES = 60


def _effects(row: Row) -> bool:
    return row["measure"] in EFFECTS


def _unknown(row: Row) -> bool:
    return _effects(row) or row["measure"] == UNKNOWN


def _arrows(row: Row) -> bool:
    return _unknown(row) or row["measure"] in ON_SHOWN


def withheld(case: Case, release: Release, *, counts: bool) -> Iterator[Withheld]:
    """Yield what must go, for every rated group on which somebody would be determined."""
    found = list(_exposed(case)) if counts and case.compares else []  # otherwise a cell stands by itself
    if not found:
        return
    stages = (nothing, _effects, _unknown, _arrows)
    sights = {stage: sight(case, release, stage) for stage in stages}
    for item in case.ballots.items:

        def column(row: Row, item: str = item) -> bool:
            return _arrows(row) or (row["item"] == item and bool(row["group"]))

        cells = [cell for cell in found if cell.item == item]
        stage = next(
            (one for one in stages if not any(cell.determines(release, one, sights[one]) for cell in cells)),
            column,
        )
        if stage is not nothing:
            yield stage


@dataclass(frozen=True)
class Cell:
    """One group's ratings of one group: a table of one row, by step, "don't know" and left empty."""

    case: Case
    item: str
    group: str
    people: np.ndarray

    @property
    def answers(self) -> list[tuple[int, ...]]:
        """Return the protected answers: every step, and not to know."""
        return [(column,) for column in range(self.people.shape[1] - 1)]

    def determines(self, release: Release, hidden: Withheld, before: Sight) -> bool:
        """Say whether somebody is determined when what `hidden` names is withheld."""
        consistent = self._consistent(release, hidden, before)
        return not all(
            all_cleared(one, chain(changes(self.people, one), self._apart()), consistent)
            for one in exposures(self.people, self.answers)
        )

    def _apart(self) -> Iterator[np.ndarray]:
        """Yield the worlds in which two members who gave the same went apart, one up and one down."""
        answers = np.flatnonzero(self.people[0, :-1])
        for column in answers:
            for up in range(column + 1, self.people.shape[1] - 2):
                for down in range(column - 1, -1, -1):
                    if self.people[0, column] >= 2:
                        world = self.people.copy()
                        world[0, column] -= 2
                        world[0, up] += 1
                        world[0, down] += 1
                        yield world

    def _consistent(self, release: Release, hidden: Withheld, before: Sight) -> Callable[[np.ndarray], bool]:
        tries = 0

        def consistent(world: np.ndarray) -> bool:
            nonlocal tries
            if self._shown(world) != self._shown(self.people):
                return False
            tries += 1
            return tries <= MOST_TRIES and any(
                sight(made, release, hidden) == before for made in self._cases(world, hidden)
            )

        return consistent

    def _shown(self, world: np.ndarray) -> float | None:
        low, high = ends(self.case.ballots.question)
        values = np.repeat(np.arange(low, high + 1), world[0, :-2])
        if self.case.reason(self.group) or len(values) < self.case.policy.k_floor:
            return None
        return rules.median_shown(float(np.median(values)), low, high, int(world.sum()))

    def _cases(self, world: np.ndarray, hidden: Withheld) -> Iterator[Case]:
        """Yield cases with this table; don't-knows gained or lost are made up for in another cell."""
        made = self._rewritten(self.case, world)
        more = int(world[0, -2] - self.people[0, -2])
        if not more or hidden in (_unknown, _arrows):
            yield made
            return
        for other in _cells(self.case):
            if (other.group, other.item) == (self.group, self.item):
                continue
            for column in range(self.people.shape[1] - 2):
                moved = other.people.copy()
                moved[0, column] += more
                moved[0, -2] -= more
                if moved.min() >= 0 and other._shown(moved) == other._shown(other.people):
                    yield other._rewritten(made, moved)

    def _rewritten(self, case: Case, world: np.ndarray) -> Case:
        """Return the case with the ratings of this cell as the table has them."""
        low, high = ends(case.ballots.question)
        answers = np.array([[step, 1, 0] for step in range(low, high + 1)] + [[np.nan, 1, 0], [np.nan, 0, 0]])
        people = np.flatnonzero(case.ballots.of(self.group))
        column = np.repeat(answers, world[0], axis=0)
        return with_column(case, case.ballots.column(self.item), people, column)


def _cells(case: Case) -> Iterator[Cell]:
    low, high = ends(case.ballots.question)
    steps = high - low + 1
    for group in case.ballots.sizes:
        mine = case.ballots.of(group)
        values, given = case.ballots.values[mine], case.ballots.given[mine]
        codes = np.where(np.isnan(values), steps + ~given, np.nan_to_num(values) - low).astype(int)
        for place, item in enumerate(case.ballots.items):
            yield Cell(case, item, group, np.bincount(codes[:, place], minlength=steps + 2)[None, :])


def _exposed(case: Case) -> Iterator[Cell]:
    """Yield the cells of which all but one at most are alike."""
    for cell in _cells(case):
        if next(exposures(cell.people, cell.answers), None) is not None:
            yield cell
