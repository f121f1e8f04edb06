"""Who is determined by a change between two rounds beside both rounds: rule 9 as an integer program.

A world is a number of people for every class (a group's people who came to both rounds, who left, who came
late) and every way to answer twice. The program seeks one near the true one in which both rounds' counts and
the directions are as released, an attacker lives, and somebody of the class answered otherwise. What is not
linear is read in the world found: medians of groups, figures between them, rank sums. `again` publishes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from statistics import median
from typing import Any

import numpy as np
from judge import Fits, Sight, dots_fits, rounded, scale_fits
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import block_array, csr_array, eye_array
from scipy.stats import rankdata

from analysis import Responses

TRIES, SECONDS = 1000, 1.0
ABSENT = -1
Path = tuple[int, int]  # columns of the answers in both rounds, ABSENT where not there
Cell = tuple[str, tuple[bool, bool], Path]


@dataclass(frozen=True)
class Told:
    """An item of two rounds: what the rows say, and how they read an answer (a column of a round's table).

    `numbers` are the columns' numbers (NaN for none), `protected` sets of columns; `medians` has by round and
    group the steps at which one would be shown like the one that is (none where it lies between two).
    """

    item: str
    keys: list[str]
    sight: Sight
    rounds: tuple[Fits, Fits]
    numbers: np.ndarray
    protected: list[Sequence[int]]
    medians: dict[tuple[int, str], list[int]]

    def step(self, path: Path) -> float:
        """Return which way somebody went: -1, 0, 1, NaN without a pair."""
        return float(np.sign(self.moved(path)))

    def moved(self, path: Path) -> float:
        """Return how many steps somebody went, NaN without a pair."""
        return float("nan") if ABSENT in path else float(self.numbers[path[1]] - self.numbers[path[0]])

    @property
    def finer(self) -> bool:
        return self.sight.get("median_before", self.item) is not None

    def fits(self, world: Counter[Cell]) -> bool:
        """Say whether both rounds' rows and those of the change are those of this world."""
        columns = len(self.numbers)
        for number, fits in enumerate(self.rounds):
            table = [[0] * columns for _ in self.keys]
            for (group, there, path), count in world.items():
                if there[number]:
                    table[self.keys.index(group)][path[number]] += count
            if not fits(tuple(map(tuple, table))):
                return False
        return self._change_fits(world)

    def _change_fits(self, world: Counter[Cell]) -> bool:
        paths = [path for (_, _, path), count in world.items() for _ in range(count)]
        steps = np.array([self.step(path) for path in paths])
        found: dict[str, float] = {
            name: float((steps == way).sum()) for name, way in (("down", -1), ("same", 0), ("up", 1))
        }
        paired = ~np.isnan(steps)
        found["pairs"] = float(paired.sum())
        found["missing"] = sum(
            (path[0] != ABSENT and not np.isnan(self.numbers[path[0]]))
            != (path[1] != ABSENT and not np.isnan(self.numbers[path[1]]))
            for path in paths
        )
        for measure, item, _, level in self.sight.rows:
            if (measure, item) == ("nearly_all_moved", self.item) and found[level] < found["pairs"] - 2:
                return False
        if self.finer:
            found |= _finer(self.numbers[np.array(paths)[paired].T])
        return not any(
            self.sight.get(measure, self.item) not in (None, value) for measure, value in found.items()
        )


def _finer(pairs: np.ndarray) -> dict[str, float]:
    moved = pairs[1] - pairs[0]
    ranks = rankdata(abs(moved[moved != 0]))
    share = 0.0 if not len(ranks) else float((np.sign(moved[moved != 0]) * ranks).sum() / ranks.sum())
    return {
        "median_before": float(median(pairs[0])),
        "median_after": float(median(pairs[1])),
        "r_rb": round(share, 1) + 0.0,
    }


def determined(room: Responses, frames: dict[int, Any], again: Any = None) -> Iterator[str]:
    """Yield what is known for certain, `item, class, round`, of two rounds of a meeting's one question.

    `frames` are the released rows by round; `again` publishes a room, in a world that counts just these.
    """
    question = room.meeting.questions[0]
    sights = [Sight.of(frames[number]) for number in (1, 2)]
    answers = room.frame[room.frame["item"] != ""]
    people: list[dict[str, list[dict[str, float]]]] = [{}, {}]
    paths: dict[str, dict[str, Any]] = {}
    for (number, group, ballot), rows in answers.groupby(["round", "group", "ballot"], sort=True):
        given = dict(zip(rows["item"], rows["value"], strict=True))
        people[number - 1].setdefault(group, []).append(given)
        paths.setdefault(ballot, {"group": group})[number] = given
    keys = sorted({*people[0], *people[1]})
    people = [{key: one.get(key, []) for key in keys} for one in people]
    items = [item.key for item in question.items]
    for item in items:
        if not any(sights[1].get(measure, item) is not None for measure in ("up", "pairs")):
            continue
        told = READ[question.kind](question, items, item, keys, people, sights)
        truth = Counter(_cell(told, one, question.kind) for one in paths.values())
        if not told.fits(truth):
            yield f"{item}, the rows are not those of the answers"
            continue

        def same(world: Counter[Cell], item: str = item, told: Told = told) -> bool:
            if again is None:
                return True
            other = _rewritten(room, item, told, world, paths, question.kind)
            return other is not None and again(other)

        yield from (f"{item}, {who}" for who in _uncleared(told, truth, same))


def _cell(told: Told, one: dict[str, Any], kind: str) -> Cell:
    path = tuple(_column(told, one.get(number), kind) for number in (1, 2))
    return one["group"], (path[0] != ABSENT, path[1] != ABSENT), (path[0], path[1])


def _column(told: Told, given: dict[str, float] | None, kind: str) -> int:
    if given is None:
        return ABSENT
    if kind == "dots":
        return int(given.get(told.item, 0))
    steps = len(told.numbers) - 2
    if told.item not in given:
        return steps + 1
    return steps if np.isnan(given[told.item]) else int(given[told.item] - told.numbers[0])


def _scale(question: Any, items: Any, item: str, keys: Any, people: Any, sights: Any) -> Told:
    low, high = question.settings["min"], question.settings["max"]
    rounds = tuple(scale_fits(item, keys, low, high, sight) for sight in sights)
    numbers = np.array([*range(low, high + 1), np.nan, np.nan])
    medians = {
        (number, key): [
            step for step in range(low, high + 1) if rounded(step, low, high, len(ballots)) == shown
        ]
        for number, (one, sight) in enumerate(zip(people, sights, strict=True))
        for key, ballots in one.items()
        if (shown := sight.get("median", item, key)) is not None
    }
    return Told(item, keys, sights[1], rounds, numbers, [[at] for at in range(len(numbers) - 1)], medians)


def _dots(question: Any, items: Any, item: str, keys: Any, people: Any, sights: Any) -> Told:
    cap, place = question.settings["cap"], items.index(item)
    rounds = tuple(
        dots_fits(place, one, items, max(3, book.sealed_k), sight)
        for one, book, sight in zip(people, question.rounds, sights, strict=True)
    )
    return Told(item, keys, sights[1], rounds, np.arange(cap + 1.0), [range(1, cap + 1)], {})


READ = {"scale": _scale, "dots": _dots}


def _uncleared(told: Told, truth: Counter[Cell], same: Any) -> Iterator[str]:
    """Yield classes of which some attacker knows the others' answer in a round."""
    program = Program(told, truth)
    attackers = [None, *truth]
    for group, there in sorted({cell[:2] for cell in truth}):
        for number, answer in product((0, 1), told.protected):
            if not there[number]:
                continue

            known = Known((group, there), number, tuple(answer))
            members = sum(count for cell, count in truth.items() if cell[:2] == known.who)
            left = [one for one in attackers if not known.wrong(truth, one)]
            left = [one for one in left if members > (one is not None and one[:2] == known.who)]
            while left:
                worlds = (one for one in program.worlds(left[0], known) if known.wrong(one, left[0]))
                world = next((one for one in worlds if told.fits(one) and same(one)), None)
                if world is None:
                    yield f"{group} {there}, round {number + 1}"
                    break
                left = [one for one in left if not known.wrong(world, one)]


@dataclass(frozen=True)
class Known:
    """What is asked: whether all of a class gave one answer (a set of columns) in a round."""

    who: tuple[str, tuple[bool, bool]]
    number: int
    answer: tuple[int, ...]

    def otherwise(self, cell: Cell) -> bool:
        """Say whether people of a cell are of the class and answered otherwise."""
        return cell[:2] == self.who and cell[2][self.number] not in self.answer

    def wrong(self, world: Counter[Cell], attacker: Cell | None) -> bool:
        """Say whether the attacker lives in a world in which somebody else of the class did."""
        if attacker is not None and world[attacker] < 1:
            return False
        other = sum(count for cell, count in world.items() if self.otherwise(cell))
        return other - (attacker is not None and self.otherwise(attacker)) > 0


def _middle(told: Told, truth: Counter[Cell], number: int, group: str) -> tuple[float, float]:
    """Return the two values in the middle of a group's."""
    given = sorted(
        told.numbers[cell[2][number]]
        for cell, count in truth.items()
        for _ in range(count)
        if cell[0] == group and cell[1][number] and not np.isnan(told.numbers[cell[2][number]])
    )
    return (given[(len(given) - 1) // 2], given[len(given) // 2]) if given else (0.0, 0.0)


def _zone(told: Told, middle: tuple[float, float], column: int) -> tuple[bool, ...]:
    """Return where an answer lies beside those: as many in each zone, and the median is the same."""
    value = told.numbers[column]
    return tuple(bool(one) for edge in middle for one in (value < edge, value == edge))


class Program:
    """Worlds of the same counts, class sizes and directions, as near to the true one as possible."""

    def __init__(self, told: Told, truth: Counter[Cell]) -> None:
        self.truth = truth
        given = [sorted({cell[2][number] for cell in truth} - {ABSENT}) for number in (0, 1)]
        self.cells: list[Cell] = [
            (group, there, (one, other))
            for group, there in sorted({cell[:2] for cell in truth})
            for one in (given[0] if there[0] else [ABSENT])
            for other in (given[1] if there[1] else [ABSENT])
        ]
        self.people = np.array([truth[cell] for cell in self.cells], float)
        self.rng = np.random.default_rng(3)
        self.groups = sorted({cell[0] for cell in truth})
        self.always = [lambda cell: cell[:2], lambda cell: self._way(told, cell)]
        self.always += [lambda cell, number=number: (number, cell[2][number]) for number in (0, 1)]
        if told.finer:
            self.always += [lambda cell: told.moved(cell[2])]
        self.kept = [
            self._of_round(number, group, lambda column: column)
            for number, group in product((0, 1), sorted({cell[0] for cell in truth}))
        ]
        self.same = [
            self._of_round(*at, lambda column, middle=_middle(told, truth, *at): _zone(told, middle, column))
            for at, steps in told.medians.items()
            if not steps
        ]
        self.below = [
            np.array([float(self._side(told, cell, *at, side)) for cell in self.cells])
            for at, steps in told.medians.items()
            if steps
            for side in ((min(steps), -1), (max(steps), 1))
        ]

    @staticmethod
    def _of_round(number: int, group: str, sort: Any) -> Any:
        return lambda cell: cell[0] == group and cell[1][number] and sort(cell[2][number])

    @staticmethod
    def _side(told: Told, cell: Cell, number: int, group: str, side: tuple[int, int]) -> int:
        """Return 1 for a value beyond a step, -1 for others: under 0 in all, the median is not beyond."""
        value = told.numbers[cell[2][number]]
        if cell[0] != group or not cell[1][number] or np.isnan(value):
            return 0
        return 1 if (value - side[0]) * side[1] > 0 else -1

    @staticmethod
    def _way(told: Told, cell: Cell) -> tuple[float, bool, bool]:
        way = told.step(cell[2])
        sides = [at != ABSENT and not np.isnan(told.numbers[at]) for at in cell[2]]
        return (9.0 if np.isnan(way) else way, sides[0], sides[1])

    def worlds(self, attacker: Cell | None, known: Known) -> Iterator[Counter[Cell]]:
        """Yield worlds in which he lives and is wrong: every group's answers kept, its median, or nothing."""
        for turn in range(TRIES):
            held, below = ((self.kept, []), (self.same, self.below), ([], []))[turn % 3]
            found = self._nearest(self.always + held, below, turn, attacker, known)
            if found is not None:
                yield found

    def _nearest(
        self, sums: Any, below: Any, turn: int, attacker: Cell | None, known: Known
    ) -> Counter[Cell] | None:
        cells, rows, lows = len(self.cells), [], []
        for name in sums:
            names = np.array([repr(name(cell)) for cell in self.cells])
            for one in np.unique(names):
                rows.append((names == one).astype(float))
                lows.append(float(rows[-1] @ self.people))
        highs = list(lows)
        rows += below
        lows += [-np.inf] * len(below)
        highs += [-1.0] * len(below)
        rows.append(np.array([float(known.otherwise(cell)) for cell in self.cells]))
        lows.append(1.0 + (attacker is not None and known.otherwise(attacker)))
        highs.append(np.inf)
        if attacker is not None:
            rows.append(np.array([float(cell == attacker) for cell in self.cells]))
            lows.append(1.0)
            highs.append(np.inf)
        # Going away from the true number costs, by chance more here than there.
        eye = eye_array(cells)
        matrix = block_array([[csr_array(np.array(rows)), None], [eye, -eye], [-eye, -eye]])
        found = milp(
            c=np.concatenate([np.zeros(cells), self.rng.random(cells) + (turn < 3) * 5]),
            constraints=LinearConstraint(
                matrix.tocsr(),
                np.concatenate([lows, np.full(2 * cells, -np.inf)]),
                np.concatenate([highs, self.people, -self.people]),
            ),
            integrality=np.concatenate([np.ones(cells), np.zeros(cells)]),
            bounds=Bounds(0, np.inf),
            options={"time_limit": SECONDS, "mip_rel_gap": 0.5},
        )
        if found.x is None:
            return None
        numbers = np.rint(found.x[:cells]).astype(int).tolist()
        return Counter({cell: count for cell, count in zip(self.cells, numbers, strict=True) if count})


def _rewritten(
    room: Responses, item: str, told: Told, world: Counter[Cell], paths: Any, kind: str
) -> Responses | None:
    """Return the room in which as few as possible answered otherwise, if no ballot becomes blank."""
    left, moving = Counter(world), []
    for ballot, one in paths.items():
        cell = _cell(told, one, kind)
        if left[cell]:
            left[cell] -= 1
        else:
            moving.append((ballot, cell))
    frame = room.frame
    rows = frame.to_dict("records")
    for ballot, cell in moving:
        to = next(one for one, count in left.items() if count and one[:2] == cell[:2])
        left[to] -= 1
        for number in (0, 1):
            if to[2][number] != cell[2][number]:
                rows = _answered(rows, ballot, number + 1, item, to[2][number], told, kind)
                if not any(row["ballot"] == ballot and row["round"] == number + 1 for row in rows):
                    return None
    return replace(room, frame=Responses.from_rows(room.meeting, rows).frame)


def _answered(rows: Any, ballot: str, number: int, item: str, column: int, told: Told, kind: str) -> Any:
    mine = [row for row in rows if row["ballot"] == ballot and row["round"] == number]
    rest = [row for row in rows if row not in mine or row["item"] != item]
    if kind == "scale" and column == len(told.numbers) - 1:
        return rest
    value = None if np.isnan(told.numbers[column]) else float(told.numbers[column])
    return [*rest, {**mine[0], "item": item, "value": value}]
