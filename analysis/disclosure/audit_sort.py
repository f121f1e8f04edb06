"""Rule 9 for sorting in small rooms: each item by itself, a table of groups by buckets, unsure and left out.

In larger ones counts and sizes decide what is told (`majorities`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from analysis.disclosure.feasible import Program
from analysis.disclosure.rows import Case, Release
from analysis.disclosure.seen import Row, Sight, Withheld, keys_of, nothing, of_item, only, sight, with_column
from analysis.disclosure.worlds import Attacker, Exposure, all_cleared, changes, exposures, swaps


def _everything(row: Row) -> bool:
    return True


def withheld(case: Case, release: Release, *, counts: bool) -> Iterator[Withheld]:
    """Yield what must go, for every item on which what came first would determine somebody.

    `counts` says that the counts of the whole are released: any two people may have exchanged answers.
    """
    for item in case.ballots.items if not counts else ():
        if Item.of(only(case, item), release).determines():
            yield of_item(item, _everything)


@dataclass(frozen=True)
class Item:
    """One item: its table of people, by group and by bucket, unsure and left out."""

    case: Case
    release: Release
    keys: list[str]
    people: np.ndarray

    @classmethod
    def of(cls, case: Case, release: Release) -> Item:
        """Return the item of a case with one item."""
        ballots = case.ballots
        keys, buckets = keys_of(ballots), len(ballots.question.levels)
        values, given = ballots.values[:, 0], ballots.given[:, 0]
        codes = np.where(np.isnan(values), buckets + ~given, np.nan_to_num(values)).astype(int)
        people = [np.bincount(codes[ballots.of(key)], minlength=buckets + 2) for key in keys]
        return cls(case, release, keys, np.array(people).reshape(len(keys), buckets + 2))

    @property
    def answers(self) -> int:
        """Return how many protected answers there are: the buckets and being unsure."""
        return self.people.shape[1] - 1

    def determines(self) -> bool:
        """Say whether somebody is determined by what came first."""
        found = list(exposures(self.people, [(at,) for at in range(self.answers)], whole=True))
        if not found:
            return False
        consistent = self._consistent(sight(self.case, self.release, nothing))

        def solve(exposure: Exposure, attacker: Attacker) -> Iterator[np.ndarray]:
            return self._program().solve(exposure, attacker)

        return not all(
            all_cleared(one, chain(changes(self.people, one), swaps(self.people, one)), consistent, solve)
            for one in found
        )

    def _consistent(self, before: Sight) -> Callable[[np.ndarray], bool]:
        return lambda world: sight(self._case_of(world), self.release, nothing) == before

    def _case_of(self, world: np.ndarray) -> Case:
        """Return a case whose ballots make this table."""
        buckets = np.array([[at, 1, 0] for at in range(self.answers - 1)] + [[np.nan, 1, 0], [np.nan, 0, 0]])
        people = [np.flatnonzero(self.case.ballots.of(key)) for key in self.keys]
        column = [np.repeat(buckets, row, axis=0) for row in world]
        return with_column(self.case, 0, np.concatenate(people), np.concatenate(column))

    def _program(self) -> Program:
        """Return the worlds in which the same came first."""
        program = Program(self.people)
        program.margins(columns=False)
        groups, answers = range(len(self.keys)), range(self.answers)
        totals = self.people[:, : self.answers].sum(axis=0)
        most = int(np.argmax(totals))
        program.hold(program.weights(groups, answers), self.case.policy.k_floor, np.inf)
        for answer in answers:
            lead = program.weights(groups, [most]) - program.weights(groups, [answer])
            tie = totals[answer] == totals[most]
            program.hold(lead, 0 if tie else 1, 0 if tie else np.inf)
        return program
