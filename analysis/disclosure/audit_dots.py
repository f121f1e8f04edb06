"""Rule 9 for dots: each option by itself, as a table of groups by dots; what is protected is support."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from analysis.disclosure.cells import close_margins
from analysis.disclosure.feasible import Program
from analysis.disclosure.rows import Case, Release, Rows
from analysis.disclosure.seen import Row, Sight, Withheld, keys_of, nothing, sight, with_column
from analysis.disclosure.standing import MEASURES, goes_with_groups
from analysis.disclosure.worlds import Attacker, Exposure, all_cleared, changes, exposures, swaps

# Figures of an option that depend on how its dots lie over groups.
TURNS = 6  # ways tried to share a world out among the ballots of a group
DERIVED = ("rank_best", "rank_worst", "groups_reached", "top_groups")


def _groups(row: Row) -> bool:
    return row["measure"] in DERIVED or bool(row["group"]) or goes_with_groups(row)


def withheld(case: Case, release: Release, *, counts: bool) -> Iterator[Withheld]:
    """Yield what must go, for every option on which somebody would be determined.

    Without `counts`, or in a small room, nothing rests on groups or ballots: any two people may have
    exchanged their dots, and what nearly all support has no count.
    """
    if not (counts and case.is_large):
        return
    goes: list[Withheld] = []
    for place, item in enumerate(case.ballots.items):

        def column(row: Row, item: str = item) -> bool:
            return bool(row["group"]) and row["item"] == item

        def counted(row: Row, column: Withheld = column) -> bool:
            return column(row) or goes_with_groups(row)

        def derived(row: Row, item: str = item) -> bool:
            return goes_with_groups(row) or (row["measure"] in DERIVED and row["item"] == item)

        def both(row: Row, column: Withheld = column, derived: Withheld = derived) -> bool:
            return column(row) or derived(row)

        option = Option.of(case, release, place)
        stages: tuple[Withheld, ...] = (
            nothing, column, goes_with_groups, counted, derived, both, _groups,
        )  # fmt: skip
        stage = next(one for one in stages if one is _groups or not option.determines(one))
        if stage is not nothing:
            goes.append(stage)
    yield from goes
    if goes:
        yield _closed(case, release, goes)


def _closed(case: Case, release: Release, goes: Sequence[Withheld]) -> Withheld:
    """Return what must go with the cells withheld, so that none is alone in its row or column."""
    rows = Rows({})
    release(case, rows)
    cells = [row for row in rows.rows if row["measure"] == "dots" and row["group"]]
    keys, items = list(case.ballots.sizes), list(case.ballots.items)
    numbers, shown = np.zeros((len(keys), len(items))), np.zeros((len(keys), len(items)), dtype=bool)
    for row in cells:
        at = keys.index(row["group"]), items.index(row["item"])
        shown[at] = not row["hidden"] and not any(one(row) for one in goes)
        numbers[at] = 0 if row["hidden"] else row["value"]
    left = close_margins(numbers, shown)
    gone = {(keys[row], items[column]) for row, column in np.argwhere(~left)}
    return lambda row: row["measure"] == "dots" and (row["group"], row["item"]) in gone


@dataclass(frozen=True)
class Option:
    """One option: its table of people, by group and by dots (0 to the most there may be), and against.

    `codes` has each ballot's column of the table.
    """

    case: Case
    release: Release
    place: int
    keys: list[str]
    people: np.ndarray
    codes: np.ndarray

    @classmethod
    def of(cls, case: Case, release: Release, place: int) -> Option:
        """Return the option at this place of the ballot."""
        ballots = case.ballots
        marks = np.nan_to_num(ballots.values[:, place], nan=0.0).astype(int)
        settings = ballots.question.settings
        most = max(int(settings.get("cap", 0)), int(marks.max(initial=0)), 1)
        codes = np.where(ballots.against[:, place], most + 1, marks)
        keys = keys_of(ballots)
        owners, places = ballots.codes
        cells = np.bincount(owners * (most + 2) + codes, minlength=len(places) * (most + 2))
        nobody = np.zeros((1, most + 2), dtype=cells.dtype)
        counts = np.vstack([cells.reshape(len(places), most + 2), nobody])
        people = counts[[places.get(key, -1) for key in keys]].reshape(len(keys), most + 2)
        return cls(case, release, place, keys, people, codes)

    @property
    def most(self) -> int:
        """Return the most dots of one ballot."""
        return self.people.shape[1] - 2

    @property
    def protected(self) -> list[tuple[int, ...]]:
        """Return the protected answers: to support, to be against."""
        return [tuple(range(1, self.most + 1)), (self.most + 1,)]

    def determines(self, hidden: Withheld) -> bool:
        """Say whether somebody is determined when what `hidden` names is withheld."""
        found = list(exposures(self.people, self.protected, whole=True))
        if not found:
            return False
        before = sight(self.case, self.release, hidden)
        consistent = self._consistent(before, hidden)

        shown = self._shown(before)

        def solve(exposure: Exposure, attacker: Attacker) -> Iterator[np.ndarray]:
            for kept in (range(len(self.keys)), shown):
                yield from self._program(kept).solve(exposure, attacker)

        moves = (swaps, changes)
        return not all(
            all_cleared(one, chain.from_iterable(move(self.people, one) for move in moves), consistent, solve)
            for one in found
        )

    def _consistent(self, before: Sight, hidden: Withheld) -> Callable[[np.ndarray], bool]:
        item, rows = self.case.ballots.items[self.place], self._shown(before)
        numbers = np.arange(self.most + 2)
        numbers[-1] = 0
        supporters, total = self.people[:, 1:-1].sum(), (self.people @ numbers).sum()
        nearly = ("nearly_all", item, "", "") in before

        def consistent(world: np.ndarray) -> bool:
            if ((world - self.people) @ numbers)[rows].any():
                return False
            if not nearly and (world[:, 1:-1].sum() != supporters or (world @ numbers).sum() != total):
                return False
            return self._same(world, before, hidden)

        return consistent

    def _shown(self, before: Sight) -> list[int]:
        """Return the groups (rows) of which the option's dots are shown."""
        item = self.case.ballots.items[self.place]
        cells = [before.get(("dots", item, key, "")) for key in self.keys]
        return [row for row, cell in enumerate(cells) if self.keys[row] and cell and not cell[-1]]

    def _same(self, world: np.ndarray, before: Sight, hidden: Withheld) -> bool:
        """Say whether some ballots that make up the world publish the same.

        Who of a group changed is free where only the tallies can tell: they see what a ballot supports
        together.
        """
        for turn in range(TURNS):
            now = sight(self._case_of(world, turn), self.release, hidden)
            if now == before:
                return True
            if any(now.get(key) != before.get(key) for key in {*now, *before} if key[0] not in MEASURES):
                return False
        return False

    def _case_of(self, world: np.ndarray, turn: int = 0) -> Case:
        """Return the case in which as few ballots as possible changed to make up the world."""
        codes, members = self.codes.copy(), {key: self.case.ballots.of(key) for key in self.keys}
        for row, key in enumerate(self.keys):
            moved = world[row] - self.people[row]
            leaving = [
                np.roll(np.flatnonzero(members[key] & (self.codes == code)), -turn)[: -int(moved[code])]
                for code in np.flatnonzero(moved < 0)
            ]
            if leaving:
                codes[np.concatenate(leaving)] = np.repeat(np.arange(len(moved)), np.maximum(moved, 0))
        changed = np.flatnonzero(codes != self.codes)
        answers = np.array([[number, 1, 0] for number in range(self.most + 1)] + [[np.nan, 0, 1]])
        return with_column(self.case, self.place, changed, answers[codes[changed]])

    def _program(self, kept: Sequence[int]) -> Program:
        """Return the worlds in which the groups in `kept` keep their dots, and the whole its figures.

        Where all groups keep their dots no figure between groups can move.
        """
        program = Program(self.people)
        program.margins(columns=False)
        numbers = np.arange(self.most + 2.0)
        numbers[-1] = 0
        rows = range(len(self.keys))
        for members in [*([row] for row in kept), list(rows)]:
            weights = np.zeros(self.people.shape)
            weights[members] = numbers
            total = float((self.people[members] @ numbers).sum())
            program.hold(weights, total, total)
        for answer in self.protected:
            count = float(self.people[:, list(answer)].sum())
            program.hold(program.weights(rows, answer), count, count)
        return program
