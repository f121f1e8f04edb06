"""Another world that publishes the same two rounds: the check that a view of change determines nobody.

People of one group who were there in the same rounds are a class: nothing that is published tells them
apart. A class whose members gave the same answer is safe only while there is a world, consistent with every
row about to be out, in which one of them gave another (rule 9). Such a world is made by swapping two people's
answers in one of the rounds or in both, and where that turns an up into a down, by a second swap inside some
group that turns it back. What is found is proof; where nothing is found the change is withheld, though a
world farther away might exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np

from analysis.disclosure.rows import Case, Release, Rows
from analysis.measures.ballots import Ballots

MOST_TRIES = 150  # worlds looked at for one class before it counts as determined
MOST_BACK = 6  # second swaps tried for one first swap
MOST_OF_GROUP = 20  # people of one group among whom second swaps are looked for
BOTH, FIRST, SECOND = (True, True), (True, False), (False, True)

Move = tuple[int, int, tuple[bool, bool]]  # two people, and in which rounds they swap
Write = Callable[[Case, Case, Rows], None]


@dataclass(frozen=True)
class Compared:
    """How the rounds of a kind are compared, item by item.

    `number` is each ballot's number for an item (NaN for none); `protected` the same where the answer is one
    to protect, NaN where not, infinity for "don't know"; `apart` says that an item's rows depend on no other.
    `adds_up`: totals are published, and with ups and downs of one step the one who left has what is missing.
    """

    number: Callable[[Ballots, str], np.ndarray]
    protected: Callable[[Ballots, str], np.ndarray]
    apart: bool
    adds_up: bool = False


@dataclass(frozen=True)
class World:
    """The two rounds of an item: `rows` are each person's places in them (-1: not there)."""

    before: Case
    after: Case
    item: str
    groups: np.ndarray
    rows: np.ndarray
    numbers: np.ndarray
    protected: np.ndarray

    @cached_property
    def there(self) -> np.ndarray:
        """In which rounds each person was."""
        found: np.ndarray = self.rows >= 0
        return found

    @cached_property
    def back(self) -> dict[tuple[int, ...], list[Move]]:
        """Swaps inside a group by what they do to the directions; they change no row of either round."""
        found: dict[tuple[int, ...], list[Move]] = {}
        for group in np.unique(self.groups.astype(str)):
            for move in (FIRST, SECOND):
                mine = np.flatnonzero((self.groups == group) & self.there[:, move.index(True)])
                for one, other in combinations(mine[:MOST_OF_GROUP].tolist(), 2):
                    effect = self.effect((one, other, move))
                    if any(effect):
                        found.setdefault(effect, []).append((one, other, move))
        return found

    def effect(self, swap: Move) -> tuple[int, ...]:
        """Return how many more went down, stayed, went up, and have no pair, after a swap."""
        one, other, move = swap
        old = self.numbers[[one, other]]
        new = old.copy()
        new[:, list(move)] = new[::-1][:, list(move)]
        return tuple(a - b for a, b in zip(_directions(new), _directions(old), strict=True))

    def swapped(self, swaps: tuple[Move, ...]) -> tuple[Case, Case]:
        """Return the rounds with people's answers to the item exchanged."""
        worlds = []
        for number, case in enumerate((self.before, self.after)):
            new = {name: getattr(case.ballots, name).copy() for name in ("values", "given", "against")}
            at = case.ballots.column(self.item)
            for one, other, move in swaps:
                rows = self.rows[[one, other], number]
                if move[number] and min(rows) >= 0:
                    for matrix in new.values():
                        matrix[rows, at] = matrix[rows[::-1], at]
            worlds.append(replace(case, ballots=replace(case.ballots, **new)))
        return worlds[0], worlds[1]


def nobody_determined(
    before: Case, after: Case, item: str, kind: Compared, publish: Release, write: Write
) -> bool:
    """Say whether the change of an item may stand beside both rounds without determining anybody.

    `publish` releases one round's rows, `write` those of the change.
    """
    world = _world(before, after, item, kind)
    return all(_safe(world, *alike, publish, write) for alike in _alike(world))


def _safe(
    world: World, members: np.ndarray, number: int, answer: float, publish: Release, write: Write
) -> bool:
    """Say whether every attacker, who knows his own answer, is left with a world that goes round him."""
    said = world.protected[members, number] == answer
    odd, held = members[~said].tolist(), members[said].tolist()
    rounds, change = _published(world, (), publish), _change(world, (), write)
    kept: set[int] | None = None  # those whom every world found so far needs
    for tried, swap in enumerate(_firsts(world, held, number, odd)):
        if tried >= MOST_TRIES:
            break
        if kept is not None and kept <= set(swap[:2]):
            continue
        one, other, _ = swap
        if world.groups[one] != world.groups[other] and _published(world, (swap,), publish) != rounds:
            continue
        for swaps in _balanced(world, swap, odd):
            if _change(world, swaps, write) != change:
                continue
            used = {person for each in swaps for person in each[:2]}
            kept = used if kept is None else kept & used
            break
        if kept is not None and (odd or not kept - (set(held) if len(held) == 1 else set())):
            return True
    return False


def _balanced(world: World, swap: Move, odd: list[int]) -> Iterator[tuple[Move, ...]]:
    """Yield the swap alone where the directions stay as they were, else with one that turns them back."""
    effect = world.effect(swap)
    if not any(effect):
        yield (swap,)
        return
    untouched = {*swap[:2], *odd}
    back = world.back.get(tuple(-one for one in effect), [])
    disjoint = (second for second in back if not untouched & set(second[:2]))
    for _, second in zip(range(MOST_BACK), disjoint, strict=False):
        yield swap, second


def _firsts(world: World, held: list[int], number: int, odd: list[int]) -> Iterator[Move]:
    """Yield whom to swap with whom, in which rounds: own group first, each sort of person twice."""
    answer = world.protected[held[0], number]
    own = world.groups[held[0]]
    others = np.flatnonzero(world.there[:, number] & (world.protected[:, number] != answer)).tolist()
    order = sorted(others, key=lambda one: (world.groups[one] != own, one))
    for one in held[:2]:
        seen: dict[tuple[str, ...], int] = {}
        for other in order:
            sort = (str(world.groups[other]), *map(str, world.protected[other]))
            seen[sort] = seen.get(sort, 0) + 1
            if other in odd or seen[sort] > 2:
                continue
            together = [BOTH] if (world.there[one] == world.there[other]).all() else []
            for move in (*together, (number == 0, number == 1)):
                yield one, other, move


def _alike(world: World) -> Iterator[tuple[np.ndarray, int, float]]:
    """Yield members, round and answer of every class of which all but one at most said the same."""
    names = [f"{group}\0{there}" for group, there in zip(world.groups, world.there, strict=True)]
    _, codes = np.unique(np.array(names, dtype=str), return_inverse=True)
    for code in range(codes.max(initial=-1) + 1):
        members = np.flatnonzero(codes == code)
        for number in np.flatnonzero(world.there[members[0]]):
            answers = world.protected[members, number]
            values, counts = np.unique(answers[~np.isnan(answers)], return_counts=True)
            for value, count in zip(values, counts, strict=True):
                if count >= max(1, len(members) - 1):
                    yield members, int(number), float(value)


def _world(before: Case, after: Case, item: str, kind: Compared) -> World:
    places = [{key: at for at, key in enumerate(one.ballots.ids.tolist())} for one in (before, after)]
    ids = list(dict.fromkeys([*places[0], *places[1]]))
    rows = np.array([[place.get(key, -1) for place in places] for key in ids], int).reshape(-1, 2)
    numbers, protected = np.full(rows.shape, np.nan), np.full(rows.shape, np.nan)
    groups = np.full(len(ids), "", dtype=object)
    for number, one in enumerate((before.ballots, after.ballots)):
        there = rows[:, number] >= 0
        numbers[there, number] = kind.number(one, item)[rows[there, number]]
        protected[there, number] = kind.protected(one, item)[rows[there, number]]
        groups[there] = one.groups[rows[there, number]]
    # In an order that does not hang on that of the ballots, so that neither does what is found.
    keys = [np.nan_to_num(one, nan=-1.0, posinf=-2.0).T for one in (numbers, protected)]
    order = np.lexsort([*np.vstack(keys), *(rows >= 0).T, groups.astype(str)])
    rows, numbers, protected = rows[order], numbers[order], protected[order]
    return World(before, after, item, groups[order], rows, numbers, protected)


def _directions(numbers: np.ndarray) -> tuple[int, ...]:
    steps = np.sign(numbers[:, 1] - numbers[:, 0])
    return tuple(int((steps == way).sum()) for way in (-1, 0, 1)) + (int(np.isnan(steps).sum()),)


def _published(world: World, swaps: tuple[Move, ...], publish: Release) -> str:
    """Return what would be out of both rounds, as text to compare."""
    rows = Rows({})
    for case in world.swapped(swaps):
        publish(case, rows)
    return repr(rows.rows)


def _change(world: World, swaps: tuple[Move, ...], write: Write) -> str:
    rows = Rows({})
    write(*world.swapped(swaps), rows)
    return repr(rows.rows)
