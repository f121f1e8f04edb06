"""Rule 9 for sorting: each item by itself, as a table of groups by buckets, unsure and left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from analysis.disclosure.feasible import Program
from analysis.disclosure.rows import Case, Release
from analysis.disclosure.seen import Row, Sight, Withheld, keys_of, nothing, of_item, only, sight, with_column
from analysis.disclosure.sort import counted_groups
from analysis.disclosure.worlds import Attacker, Exposure, all_cleared, changes, exposures, swaps


def _majorities(row: Row) -> bool:
    return row["measure"] == "majority_groups"


def _everything(row: Row) -> bool:
    return True


STAGES = (nothing, _majorities, _everything)


def withheld(case: Case, release: Release, *, counts: bool) -> Iterator[Withheld]:
    """Yield what must go, for every item on which somebody would be determined.

    `counts` says that the counts of the whole are released; without them there is only what came first.
    """
    for item in case.ballots.items:
        sorted_ = Item.of(only(case, item), release, counts)
        stage = next(one for one in STAGES if not sorted_.determines(one))
        if stage is not nothing:
            yield of_item(item, stage)


@dataclass(frozen=True)
class Item:
    """One item: its table of people, by group and by bucket, unsure and left out."""

    case: Case
    release: Release
    counts: bool
    keys: list[str]
    people: np.ndarray

    @classmethod
    def of(cls, case: Case, release: Release, counts: bool) -> Item:
        """Return the item of a case with one item."""
        ballots = case.ballots
        keys, buckets = keys_of(ballots), len(ballots.question.levels)
        values, given = ballots.values[:, 0], ballots.given[:, 0]
        codes = np.where(np.isnan(values), buckets + ~given, np.nan_to_num(values)).astype(int)
        people = [np.bincount(codes[ballots.of(key)], minlength=buckets + 2) for key in keys]
        return cls(case, release, counts, keys, np.array(people).reshape(len(keys), buckets + 2))

    @property
    def answers(self) -> int:
        """Return how many protected answers there are: the buckets and being unsure."""
        return self.people.shape[1] - 1

    def determines(self, hidden: Withheld) -> bool:
        """Say whether somebody is determined when what `hidden` names is withheld.

        Without figures of groups any two people may have exchanged answers, and of the counts nearly all
        were said in words, so that at least three answered otherwise.
        """
        if hidden is _everything or (self.counts and hidden is _majorities):
            return False
        found = list(exposures(self.people, [(at,) for at in range(self.answers)], whole=not self.counts))
        if not found:
            return False
        before = sight(self.case, self.release, hidden)
        if ("nearly_all", self.case.ballots.items[0]) in {key[:2] for key in before}:
            return False
        consistent, moves = self._consistent(before, hidden), (swaps,) if self.counts else (changes, swaps)

        def solve(exposure: Exposure, attacker: Attacker) -> Iterator[np.ndarray]:
            return self._program().solve(exposure, attacker)

        return not all(
            all_cleared(one, chain.from_iterable(move(self.people, one) for move in moves), consistent, solve)
            for one in found
        )

    def _consistent(self, before: Sight, hidden: Withheld) -> Callable[[np.ndarray], bool]:
        return lambda world: sight(self._case_of(world), self.release, hidden) == before

    def _case_of(self, world: np.ndarray) -> Case:
        """Return a case whose ballots make this table."""
        buckets = np.array([[at, 1, 0] for at in range(self.answers - 1)] + [[np.nan, 1, 0], [np.nan, 0, 0]])
        people = [np.flatnonzero(self.case.ballots.of(key)) for key in self.keys]
        column = [np.repeat(buckets, row, axis=0) for row in world]
        return with_column(self.case, 0, np.concatenate(people), np.concatenate(column))

    def _program(self) -> Program:
        """Return worlds of the same counts and majorities of the same groups, or of the same first place."""
        program = Program(self.people)
        program.margins(columns=self.counts)
        groups, answers = range(len(self.keys)), range(self.answers)
        if not self.counts:
            totals = self.people[:, : self.answers].sum(axis=0)
            most = int(np.argmax(totals))
            program.hold(program.weights(groups, answers), self.case.policy.k_floor, np.inf)
            for answer in answers:
                lead = program.weights(groups, [most]) - program.weights(groups, [answer])
                tie = totals[answer] == totals[most]
                program.hold(lead, 0 if tie else 1, 0 if tie else np.inf)
            return program
        for row in (self.keys.index(key) for key in counted_groups(self.case)):
            for bucket in range(self.answers - 1):
                weights = 2 * program.weights([row], [bucket]) - program.weights([row], answers)
                has = (self.people * weights).sum() > 0
                program.hold(weights, 1 if has else -np.inf, np.inf if has else 0)
        return program
