"""Rule 9 for a scale: each statement by itself, as a table of groups by answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from analysis.disclosure import rules
from analysis.disclosure.feasible import Program, median_options
from analysis.disclosure.rows import Case, Release
from analysis.disclosure.seen import Row, Withheld, keys_of, nothing, only, sight, with_column
from analysis.disclosure.worlds import Attacker, Exposure, all_cleared, changes, exposures, swaps
from analysis.measures.agreement import median
from analysis.measures.scale import ends

BETWEEN = ("within", "between", "reading", "epsilon2")


def _epsilon(row: Row) -> bool:
    return row["measure"] == "epsilon2"


def _between(row: Row) -> bool:
    return row["measure"] in BETWEEN


def _groups(row: Row) -> bool:
    return _between(row) or bool(row["group"])


def _everything(row: Row) -> bool:
    return True


STAGES = (nothing, _epsilon, _between, _groups, _everything)


def withheld(case: Case, release: Release, *, counts: bool) -> Iterator[Withheld]:
    """Yield what must go, for every statement on which somebody would be determined.

    `counts` says that the counts of the whole are released.
    """
    for item in case.ballots.items:
        statement = Statement.of(only(case, item), release, counts)
        stage = next(one for one in STAGES if not statement.determines(one))
        if stage is not nothing:
            yield _of(item, stage)


def _of(item: str, stage: Withheld) -> Withheld:
    return lambda row: row["item"] == item and stage(row)


@dataclass(frozen=True)
class Statement:
    """One statement: its table of people, by group and by step, "don't know" and left empty."""

    case: Case
    release: Release
    counts: bool
    keys: list[str]
    steps: tuple[int, ...]
    people: np.ndarray

    @classmethod
    def of(cls, case: Case, release: Release, counts: bool) -> Statement:
        """Return the statement of a case with one item."""
        ballots = case.ballots
        low, high = ends(ballots.question)
        keys, steps = keys_of(ballots), tuple(range(low, high + 1))
        values, given = ballots.values[:, 0], ballots.given[:, 0]
        codes = np.where(np.isnan(values), len(steps) + ~given, np.nan_to_num(values) - low).astype(int)
        people = np.zeros((len(keys), len(steps) + 2), dtype=np.int64)
        for row, key in enumerate(keys):
            people[row] = np.bincount(codes[ballots.of(key)], minlength=people.shape[1])
        return cls(case, release, counts, keys, steps, people)

    def determines(self, hidden: Withheld) -> bool:
        """Say whether somebody is determined when what `hidden` names is withheld."""
        if hidden is _everything or (self.counts and hidden is _groups):
            return False
        answers = [(column,) for column in range(len(self.steps) + 1)]
        found = list(exposures(self.people, answers, whole=not self.counts))
        if not found:
            return False
        before = sight(self.case, self.release, hidden)
        if ("nearly_all", self.case.ballots.items[0]) in {key[:2] for key in before}:
            return False
        consistent = self._consistent(before, hidden)
        moves = (swaps,) if self.counts else (changes, swaps)

        def solve(exposure: Exposure, attacker: Attacker) -> Iterator[np.ndarray]:
            return self._program(hidden).solve(exposure, attacker)

        return not all(
            all_cleared(one, chain.from_iterable(move(self.people, one) for move in moves), consistent, solve)
            for one in found
        )

    def _consistent(self, before: object, hidden: Withheld) -> Callable[[np.ndarray], bool]:
        def consistent(world: np.ndarray) -> bool:
            moved = np.flatnonzero((world != self.people).any(axis=1))
            if hidden is not _groups and any(
                self._median(world[row], key) != self._median(self.people[row], key)
                for row, key in ((row, self.keys[row]) for row in moved)
            ):
                return False
            return sight(self._case_of(world), self.release, hidden) == before

        return consistent

    def _median(self, counts: np.ndarray, key: str) -> float | None:
        """Return the median as it would be shown, nothing where none would be."""
        values = np.repeat(self.steps, counts[: len(self.steps)])
        if self.case.reason(key) or len(values) < self.case.policy.k_floor:
            return None
        return rules.inside(float(median(values) or 0), *ends(self.case.ballots.question))

    def _case_of(self, world: np.ndarray) -> Case:
        """Return a case whose ballots make this table."""
        people, column = [], []
        answers = np.array([[step, 1, 0] for step in self.steps] + [[np.nan, 1, 0], [np.nan, 0, 0]])
        for row, key in enumerate(self.keys):
            people.append(np.flatnonzero(self.case.ballots.of(key)))
            column.append(np.repeat(answers, world[row], axis=0))
        return with_column(self.case, 0, np.concatenate(people), np.concatenate(column))

    def _program(self, hidden: Withheld) -> Program:
        program = Program(self.people)
        program.margins(columns=self.counts)
        rows = [(row,) for row, key in enumerate(self.keys) if key and not self.case.reason(key)]
        sets = [] if hidden is _groups else rows
        for members in sets if self.counts else [*sets, tuple(range(len(self.keys)))]:
            self._hold_median(program, members)
        return program

    def _hold_median(self, program: Program, rows: tuple[int, ...]) -> None:
        steps, floor = len(self.steps), self.case.policy.k_floor
        counts = self.people[list(rows), :steps].sum(axis=0)
        if counts.sum() < floor:
            program.hold(program.weights(rows, range(steps)), 0, floor - 1)
            return
        low, high = self.steps[0], self.steps[-1]
        shown = rules.inside(float(np.median(np.repeat(self.steps, counts))), low, high)
        twice = [at for at in range(2 * steps - 1) if rules.inside(low + at / 2, low, high) == shown]
        program.either(median_options(program, rows, steps, twice, floor))
