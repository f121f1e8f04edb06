"""Integer feasibility on counts of people, group by answer: a world in which an attacker is wrong, if any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from analysis.disclosure.worlds import Attacker, Exposure

SECONDS = 2.0
VALUES_APART = 2  # how far from the true number of values a median's alternatives are looked for


@dataclass
class Program:
    """Linear conditions on a table groups x answers of the same shape as the true one.

    The nearest table to the true one is sought, so that figures that are not linear in counts (checked
    afterwards) have the best chance to be the same.
    """

    people: np.ndarray
    conditions: list[tuple[np.ndarray, float, float]] = field(default_factory=list)
    options: list[list[list[tuple[np.ndarray, float, float]]]] = field(default_factory=list)

    def hold(self, weights: np.ndarray, least: float, most: float) -> None:
        """Ask that the weighted sum of the table lies between these."""
        self.conditions.append((weights.astype(float), least, most))

    def either(self, options: list[list[tuple[np.ndarray, float, float]]]) -> None:
        """Ask that all conditions of at least one option hold."""
        self.options.append(options)

    def weights(self, rows: Sequence[int], columns: Sequence[int]) -> np.ndarray:
        """Return 1 for these cells and 0 elsewhere."""
        found = np.zeros(self.people.shape)
        found[np.ix_(list(rows), list(columns))] = 1
        return found

    def margins(self, *, columns: bool) -> None:
        """Keep the size of every group and, with `columns`, how many gave every answer."""
        groups, answers = self.people.shape
        for row in range(groups):
            size = float(self.people[row].sum())
            self.hold(self.weights([row], range(answers)), size, size)
        for column in range(answers) if columns else ():
            count = float(self.people[:, column].sum())
            self.hold(self.weights(range(groups), [column]), count, count)

    def solve(self, exposure: Exposure, attacker: Attacker) -> Iterator[np.ndarray]:
        """Yield the nearest table in which the attacker lives and is wrong about the exposed, if any."""
        conditions = list(self.conditions)
        total, _ = exposure.others(self.people, attacker)
        own = attacker is not None and attacker[0] in exposure.rows and attacker[1] in exposure.columns
        same = self.weights(exposure.rows, exposure.columns)
        conditions.append((same, 0, total - 1 + own))
        if attacker is not None:
            conditions.append((self.weights([attacker[0]], [attacker[1]]), 1, np.inf))
        found = self._nearest(conditions)
        if found is not None:
            yield found

    def _nearest(self, conditions: list[tuple[np.ndarray, float, float]]) -> np.ndarray | None:
        cells, choices = self.people.size, sum(len(options) for options in self.options)
        width = 2 * cells + choices  # the table, its distance from the true one, the choice of options
        wide = [np.pad(weights.ravel(), (0, cells + choices)) for weights, _, _ in conditions]
        lows, highs = [low for _, low, _ in conditions], [high for _, _, high in conditions]
        at = 2 * cells
        for options in self.options:
            chosen = np.zeros(width)
            chosen[at : at + len(options)] = 1
            wide.append(chosen)
            lows.append(1)
            highs.append(1)
            for place, option in enumerate(options):
                for weights, low, high in option:
                    for bound, side in ((low, 1), (high, -1)):
                        self._when(wide, lows, highs, weights * side, bound * side, at + place, width)
            at += len(options)
        eye, none = np.eye(cells), np.zeros((cells, choices))
        wide_matrix = np.vstack(
            [
                *wide,
                np.hstack([eye, -eye, none]),
                np.hstack([-eye, -eye, none]),
            ]  # |table - people| <= distance
        )
        true = self.people.ravel().astype(float)
        found = milp(
            c=np.concatenate([np.zeros(cells), np.ones(cells), np.zeros(choices)]),
            constraints=LinearConstraint(
                wide_matrix,
                np.concatenate([lows, np.full(2 * cells, -np.inf)]),
                np.concatenate([highs, true, -true]),
            ),
            integrality=np.concatenate([np.ones(cells), np.zeros(cells), np.ones(choices)]),
            bounds=Bounds(0, np.concatenate([np.full(2 * cells, np.inf), np.ones(choices)])),
            options={"time_limit": SECONDS},
        )
        if found.x is None:
            return None
        return np.rint(found.x[:cells]).astype(np.int64).reshape(self.people.shape)

    def _when(
        self,
        wide: list[np.ndarray],
        lows: list[float],
        highs: list[float],
        weights: np.ndarray,
        least: float,
        choice: int,
        width: int,
    ) -> None:
        """Add weights >= least, in force when the choice is 1."""
        if not np.isfinite(least):
            return
        slack = float(self.people.sum()) * float(np.abs(weights).max()) + abs(least)
        row = np.zeros(width)
        row[: self.people.size] = weights.ravel()
        row[choice] = -slack
        wide.append(row)
        lows.append(least - slack)
        highs.append(np.inf)


def median_options(
    program: Program, rows: Sequence[int], steps: int, middles: Sequence[int], at_least: int
) -> list[list[tuple[np.ndarray, float, float]]]:
    """Return the ways in which the median of some groups' values can be one of `middles`.

    `middles` are doubled places on the scale: the sum of the two middle values of an even number. `steps`
    are the first columns, the values; the others are no values. Each way fixes how many values there are
    and which the middle ones are, as conditions on how many lie at or below a step.
    """
    members = program.people[list(rows)]
    true, most = int(members[:, :steps].sum()), int(members.sum())
    options = []
    for values in range(max(at_least, true - VALUES_APART), min(most, true + VALUES_APART) + 1):
        for twice in middles:
            for low in range(max(0, twice - steps + 1), twice // 2 + 1):
                high = twice - low
                if values % 2 and low != high:
                    continue
                options.append(_median_is(program, rows, steps, values, low, high))
    return options


def _median_is(
    program: Program, rows: Sequence[int], steps: int, values: int, low: int, high: int
) -> list[tuple[np.ndarray, float, float]]:
    first, second = (values + 1) // 2, values // 2 + 1  # the middle values' places, counted from 1
    return [
        (program.weights(rows, range(steps)), values, values),
        (program.weights(rows, range(low + 1)), first, np.inf),
        (program.weights(rows, range(low)), -np.inf, first - 1),
        (program.weights(rows, range(high + 1)), second, np.inf),
        (program.weights(rows, range(high)), -np.inf, second - 1),
    ]
