"""Worlds as tables of people, groups by answers, and who would be determined if a table were known (rule 9).

A person is determined when, in every world consistent with the published rows, all members of her group other
than the attacker gave the same protected answer. The true table is one of those worlds: only where it is
(nearly) of one answer can anybody be determined, and one consistent world of another kind clears an attacker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

# An attacker by group and answer (row and column of the table); None is somebody without an answer.
Attacker = tuple[int, int] | None


@dataclass(frozen=True)
class Exposure:
    """Groups (`rows`) whose members gave the same answer (one of `columns`) as these attackers see them."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    attackers: tuple[Attacker, ...]

    def others(self, people: np.ndarray, attacker: Attacker) -> tuple[int, int]:
        """Return the members other than the attacker, and how many of them gave the answer."""
        members = people[list(self.rows)]
        total, same = int(members.sum()), int(members[:, list(self.columns)].sum())
        if attacker is not None and attacker[0] in self.rows:
            return total - 1, same - (attacker[1] in self.columns)
        return total, same

    def cleared(self, people: np.ndarray, attacker: Attacker) -> bool:
        """Say whether the attacker may live in this world, and does not see all others of one answer."""
        if attacker is not None and people[attacker] < 1:
            return False
        total, same = self.others(people, attacker)
        return same < total


def exposures(
    people: np.ndarray, answers: Sequence[tuple[int, ...]], *, whole: bool = False
) -> Iterator[Exposure]:
    """Yield whom somebody would see through, did he know the table `people` (groups x answers).

    `answers` are the protected ones, each a set of columns. With `whole` the plenary is looked at too.
    """
    present = [(int(row), int(column)) for row, column in np.argwhere(people > 0)]
    sets = [(row,) for row in range(len(people))] + ([tuple(range(len(people)))] if whole else [])
    for rows in sets:
        total = people[list(rows)].sum()
        for columns in answers:
            same = people[list(rows)][:, list(columns)].sum()
            if not total or same < max(1, total - 1):
                continue
            found = Exposure(rows, columns, ())
            seeing = [attacker for attacker in (None, *present) if _sees(found, people, attacker)]
            if seeing:
                yield Exposure(rows, columns, tuple(seeing))


def _sees(exposure: Exposure, people: np.ndarray, attacker: Attacker) -> bool:
    total, same = exposure.others(people, attacker)
    return total > 0 and same == total


def swaps(people: np.ndarray, exposure: Exposure) -> Iterator[np.ndarray]:
    """Yield the worlds in which a member and somebody of another group have exchanged answers."""
    for row in exposure.rows:
        for column in (at for at in exposure.columns if people[row, at]):
            for other, answer in np.argwhere(people > 0):
                if other not in exposure.rows and answer not in exposure.columns:
                    world = people.copy()
                    world[row, column] -= 1
                    world[other, answer] -= 1
                    world[row, answer] += 1
                    world[other, column] += 1
                    yield world


def changes(people: np.ndarray, exposure: Exposure) -> Iterator[np.ndarray]:
    """Yield the worlds in which one member gave another answer."""
    for row in exposure.rows:
        for column in (at for at in exposure.columns if people[row, at]):
            for answer in range(people.shape[1]):
                if answer not in exposure.columns:
                    world = people.copy()
                    world[row, column] -= 1
                    world[row, answer] += 1
                    yield world


Solve = Callable[[Exposure, Attacker], Iterable[np.ndarray]]


def all_cleared(
    exposure: Exposure,
    worlds: Iterable[np.ndarray],
    consistent: Callable[[np.ndarray], bool],
    solve: Solve | None = None,
) -> bool:
    """Say whether consistent worlds clear every attacker: of `worlds`, or of those `solve` gives."""
    left = set(exposure.attackers)
    for world in worlds:
        cleared = {attacker for attacker in left if exposure.cleared(world, attacker)}
        if cleared and consistent(world):
            left -= cleared
            if not left:
                return True
    while left and solve is not None:
        attacker = next(iter(left))
        worlds = (world for world in solve(exposure, attacker) if exposure.cleared(world, attacker))
        found = next((world for world in worlds if consistent(world)), None)
        if found is None:
            return False
        left -= {one for one in left if exposure.cleared(found, one)}
    return not left
