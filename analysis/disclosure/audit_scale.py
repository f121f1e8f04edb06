"""Rule 9 for a scale: each statement by itself, as a table of groups by answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from analysis.disclosure import rules
from analysis.disclosure.feasible import Program, median_options
from analysis.disclosure.rows import Case, Release
from analysis.disclosure.scale import median_reason
from analysis.disclosure.seen import Row, Sight, Withheld, keys_of, nothing, of_item, only, sight, with_column
from analysis.disclosure.worlds import Attacker, Exposure, all_cleared, exposures, swaps
from analysis.measures.agreement import median
from analysis.measures.scale import ends

BETWEEN = ("within", "between", "reading", "epsilon2")


def _between(row: Row) -> bool:
    return row["measure"] in BETWEEN


def _groups(row: Row) -> bool:
    return _between(row) or bool(row["group"])


STAGES = (nothing, _between, _groups)


def withheld(case: Case, release: Release, *, counts: bool) -> Iterator[Withheld]:
    """Yield what must go, for every statement on which somebody would be determined.

    `counts` says that the counts of the whole are released. Without them there is but one median, which
    leaves several answers to everybody.
    """
    for item in case.ballots.items if counts else ():
        statement = Statement.of(only(case, item), release)
        stage = next(one for one in STAGES if not statement.determines(one))
        if stage is not nothing:
            yield of_item(item, stage)


@dataclass(frozen=True)
class Statement:
    """One statement: its table of people, by group and by step, "don't know" and left empty."""

    case: Case
    release: Release
    keys: list[str]
    steps: tuple[int, ...]
    people: np.ndarray

    @classmethod
    def of(cls, case: Case, release: Release) -> Statement:
        """Return the statement of a case with one item."""
        ballots = case.ballots
        low, high = ends(ballots.question)
        keys, steps = keys_of(ballots), tuple(range(low, high + 1))
        values, given = ballots.values[:, 0], ballots.given[:, 0]
        codes = np.where(np.isnan(values), len(steps) + ~given, np.nan_to_num(values) - low).astype(int)
        people = np.zeros((len(keys), len(steps) + 2), dtype=np.int64)
        for row, key in enumerate(keys):
            people[row] = np.bincount(codes[ballots.of(key)], minlength=people.shape[1])
        return cls(case, release, keys, steps, people)

    def determines(self, hidden: Withheld) -> bool:
        """Say whether somebody is determined when what `hidden` names is withheld.

        Without figures of groups any two people may have exchanged answers, and of the counts nearly all
        were said in words, so that at least three answered otherwise.
        """
        if hidden is _groups:
            return False
        before = sight(self.case, self.release, hidden)
        if ("nearly_all", self.case.ballots.items[0]) in {key[:2] for key in before}:
            return False
        if self._crowded() or self._of_one_mind(before):
            return True
        answers = [(column,) for column in range(len(self.steps) + 1)]
        consistent = self._consistent(before, hidden)

        def solve(exposure: Exposure, attacker: Attacker) -> Iterator[np.ndarray]:
            return self._program().solve(exposure, attacker)

        found = exposures(self.people, answers)
        return not all(all_cleared(one, swaps(self.people, one), consistent, solve) for one in found)

    def _of_one_mind(self, before: Sight) -> bool:
        """Say whether the difference within groups is about to be shown as the least it can be.

        Where one alone in a group of one mind sees through the others, figures between groups are withheld.
        That they are there would tell that there is nobody such.
        """
        shown = before.get(("within", self.case.ballots.items[0], "", ""))
        return shown is not None and shown[0] == repr(rules.inside(0, 0, self.steps[-1] - self.steps[0]))

    def _crowded(self) -> bool:
        """Say whether the medians leave an answer too few places but in the groups that may be all on it.

        A group whose median is another answer has room for less than half of its people on this one; one
        with a median has room for few without a value. Where a count fills (nearly) all places, the groups
        that may be of one mind are known to be. All that is asked here is about to be out. In a small room so
        many places must be left that one exchange of answers more or less is withheld alike: otherwise that
        something is withheld would tell who.
        """
        sizes, shown = self.people.sum(axis=1), [self._shown(row) for row in range(len(self.keys))]
        free = np.array([bool(median_reason(self.case, key)) for key in self.keys])
        if len(sizes) < 2 or free.all():
            return False
        few, unsaid = np.array([middle is None for middle in shown]), self.people[:, len(self.steps) :].sum()
        low, high = self.steps[0], self.steps[-1]
        rooms = [(unsaid, few, np.maximum(sizes - self.case.policy.k_floor - 1, 0))]
        for column, step in enumerate(self.steps):
            stands = np.array([
                one is not None and rules.median_shown(step, low, high, int(size)) == one
                for one, size in zip(shown, sizes, strict=True)
            ])  # fmt: skip
            rooms.append((self.people[:, column].sum() + unsaid, few | stands, (sizes - 1) // 2))
        for count, on, room in rooms:
            if on.any() and count >= sizes[on].min() - 1:
                left = np.where(on, sizes, room).sum() - count
                more = 0 if self.case.compares else sorted((sizes - room)[~free])[:2][-1]
                if left <= 1 + more:
                    return True
        return False

    def _shown(self, row: int) -> float | None:
        """Return the median as it would be shown, nothing where none would be."""
        return self._median(self.people[row], self.keys[row])

    def _consistent(self, before: object, hidden: Withheld) -> Callable[[np.ndarray], bool]:
        def consistent(world: np.ndarray) -> bool:
            moved = np.flatnonzero((world != self.people).any(axis=1))
            if any(self._median(world[row], self.keys[row]) != self._shown(int(row)) for row in moved):
                return False
            return sight(self._case_of(world), self.release, hidden) == before

        return consistent

    def _median(self, counts: np.ndarray, key: str) -> float | None:
        values = np.repeat(self.steps, counts[: len(self.steps)])
        if median_reason(self.case, key) or len(values) < self.case.policy.k_floor:
            return None
        low, high = ends(self.case.ballots.question)
        return rules.median_shown(float(median(values) or 0), low, high, int(counts.sum()))

    def _case_of(self, world: np.ndarray) -> Case:
        """Return a case whose ballots make this table."""
        people, column = [], []
        answers = np.array([[step, 1, 0] for step in self.steps] + [[np.nan, 1, 0], [np.nan, 0, 0]])
        for row, key in enumerate(self.keys):
            people.append(np.flatnonzero(self.case.ballots.of(key)))
            column.append(np.repeat(answers, world[row], axis=0))
        return with_column(self.case, 0, np.concatenate(people), np.concatenate(column))

    def _program(self) -> Program:
        program = Program(self.people)
        program.margins(columns=True)
        for row, key in enumerate(self.keys):
            if key and not median_reason(self.case, key):
                self._hold_median(program, row)
        return program

    def _hold_median(self, program: Program, row: int) -> None:
        steps, floor = len(self.steps), self.case.policy.k_floor
        if (shown := self._shown(row)) is None:
            program.hold(program.weights([row], range(steps)), 0, floor - 1)
            return
        low, high, size = self.steps[0], self.steps[-1], int(self.people[row].sum())
        middles = [
            at for at in range(2 * steps - 1) if rules.median_shown(low + at / 2, low, high, size) == shown
        ]
        program.either(median_options(program, (row,), steps, middles, floor))
