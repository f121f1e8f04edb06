"""Who is determined by released rows: rule 9 decided without the gate.

Worlds are tables of people, groups by answers. The judge reads the rows by itself, starts at the true table
and looks at tables farther and farther away, all there are where they are few, for one that fits the rows and
in which an attacker is wrong. Whoever no table clears is determined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, combinations
from statistics import median
from typing import Any

import numpy as np
from scipy.stats import kruskal

from analysis import Policy, Responses
from analysis.measures import dots as dots_measures
from analysis.measures import trust as trust_measures
from analysis.measures.standing import standing

Table = tuple[tuple[int, ...], ...]
Fits = Callable[[Table], bool]
Near = Callable[[Table], list[Table]]
NEAR, FAR, WALK, DRAWS, TURNS = 3000, 3000, 2000, 4000, 6


@dataclass(frozen=True)
class Sight:
    """The visible rows of one round: by measure, item, group and level the value, or the text."""

    rows: dict[tuple[str, str, str, str], Any]

    @classmethod
    def of(cls, frame: Any) -> Sight:
        visible = frame[frame["hidden"] == ""]
        return cls(
            {
                (row.measure, row.item, row.group, str(row.level)): row.text or row.value
                for row in visible.itertuples()
            }
        )

    def get(self, measure: str, item: str = "", group: str = "", level: object = "") -> Any:
        return self.rows.get((measure, item, group, str(level)))


def determined(room: Responses, frame: Any, number: int) -> list[str]:
    """Return what is known for certain of whom: `item, group`, of one round of a meeting's one question."""
    question = room.meeting.questions[0]
    answers = room.frame[(room.frame["round"] == number) & (room.frame["item"] != "")]
    people: dict[str, list[dict[str, float]]] = {}
    for (group, _), rows in answers.groupby(["group", "ballot"], sort=True):
        people.setdefault(str(group), []).append(dict(zip(rows["item"], rows["value"], strict=True)))
    items = [item.key for item in question.items]
    settings = {**question.settings, "k": max(3, question.rounds[number - 1].sealed_k)}
    return list(JUDGES[question.kind](people, items, settings, Sight.of(frame)))


def uncleared(
    truth: Table,
    protected: Sequence[Sequence[int]],
    fits: Fits,
    near: Callable[[Table], list[Table]],
    whole: bool,
    sums: Sequence[Sequence[int]] = (),
) -> Iterator[str]:
    """Yield the rows of the table (`all`: the plenary) of which some attacker knows the others' answer."""
    attackers = [(g, a) for g, row in enumerate(truth) for a, count in enumerate(row) if count]
    sets = [(str(g), (g,)) for g in range(len(truth))] + (
        [("all", tuple(range(len(truth))))] if whole else []
    )
    for name, rows in sets:
        for answer in protected:
            left = {one for one in [None, *attackers] if not _wrong(truth, one, rows, answer)}
            left = {
                one for one in left if sum(sum(truth[g]) for g in rows) - (one is not None and one[0] in rows)
            }
            if left and not _cleared(truth, left, rows, answer, fits, near, sums):
                yield name


def _wrong(table: Table, attacker: Any, rows: Sequence[int], answer: Sequence[int]) -> bool:
    """Say whether the attacker is there, and somebody else in these rows answered otherwise."""
    if attacker is not None and table[attacker[0]][attacker[1]] < 1:
        return False
    other = sum(count for g in rows for a, count in enumerate(table[g]) if a not in answer)
    mine = attacker is not None and attacker[0] in rows and attacker[1] not in answer
    return other - mine > 0


def _cleared(truth: Table, left: set[Any], rows: Any, answer: Any, fits: Fits, near: Any, sums: Any) -> bool:
    walked = _worlds(truth, near, lambda world: _wrong(world, None, rows, answer))
    for table in chain(walked, _drawn(truth, rows, answer, sums)):
        gone = {one for one in left if _wrong(table, one, rows, answer)}
        if gone and fits(table):
            left = left - gone
            if not left:
                return True
    return False


def _worlds(
    truth: Table, near: Callable[[Table], list[Table]], useful: Callable[[Table], bool]
) -> Iterator[Table]:
    """Yield tables one step away, then two, then what a random walk meets: all of them where they are few."""
    seen, ring = {truth}, [truth]
    for most in (NEAR, FAR, FAR):
        following: list[Table] = []
        for table in ring:
            following += [one for one in dict.fromkeys(near(table)) if one not in seen]
            seen.update(following[-5000:])
            if len(following) > most:
                break
        yield from following
        ring = [one for one in following if useful(one)] or following
    rng = np.random.default_rng(1)
    for _ in range(WALK // 20):
        table = truth
        for _ in range(20):
            options = near(table)
            if not options:
                return
            table = options[int(rng.integers(len(options)))]
            if table not in seen:
                seen.add(table)
                yield table


def _drawn(truth: Table, rows: Sequence[int], answer: Sequence[int], sums: Any) -> Iterator[Table]:
    """Yield tables far away: the group and two others, drawn by chance, answered quite otherwise.

    Groups keep their sizes and the whole its `sums` (weights of answers).
    """
    if len(rows) != 1 or len(truth) < 3 or not sums:
        return
    people, weights, rng = np.array(truth), np.array(sums).T, np.random.default_rng(2)
    size, answers = people.sum(axis=1), people.shape[1]
    rest = [row for row in range(len(people)) if row not in rows]
    for _ in range(DRAWS):
        one, other = rng.choice(rest, 2, replace=False)
        table = people.copy()
        for row in (rows[0], one):
            table[row] = rng.multinomial(size[row], rng.dirichlet(np.ones(answers)))
        table[other] = 0
        options = np.array(_shares(int(size[other]), answers))
        missing = people.sum(axis=0) @ weights - table.sum(axis=0) @ weights
        for found in options[(options @ weights == missing).all(axis=1)][:3]:
            table[other] = found
            yield tuple(map(tuple, table.tolist()))


@cache
def _shares(people: int, answers: int) -> list[tuple[int, ...]]:
    """Return all ways in which so many people can give so many answers."""
    if answers == 1:
        return [(people,)]
    return [(first, *more) for first in range(people + 1) for more in _shares(people - first, answers - 1)]


def _moved(table: Table, *moves: tuple[int, int, int]) -> Table | None:
    """Return the table with one person of a group moved from one answer to another, for each move."""
    rows = [list(row) for row in table]
    for group, before, after in moves:
        rows[group][before] -= 1
        rows[group][after] += 1
    return None if min(min(row) for row in rows) < 0 else tuple(map(tuple, rows))


def exchanges(table: Table) -> list[Table]:
    """Return the tables in which two people of different groups have exchanged answers."""
    found = []
    for one, other in combinations(range(len(table)), 2):
        for a, mine in enumerate(table[one]):
            for b, theirs in enumerate(table[other]):
                if mine and theirs and a != b:
                    found.append(_moved(table, (one, a, b), (other, b, a)))
    return [world for world in found if world]


def changes(table: Table) -> list[Table]:
    """Return the tables in which one person answered otherwise."""
    return [
        world
        for group, row in enumerate(table)
        for a, count in enumerate(row)
        for b in range(len(row))
        if count and a != b and (world := _moved(table, (group, a, b)))
    ]


def rounded(value: float, low: float, high: float, people: int = 4) -> float:
    inside = 0.5 if people > 3 else 1
    return min(max(np.floor(value * 2 + 0.5) / 2, low + inside), high - inside)


def _values(row: Sequence[int], low: int, high: int) -> list[int]:
    return [step for step in range(low, high + 1) for _ in range(row[step - low])]


def _scale(people: Any, items: Any, settings: Any, sight: Sight) -> Iterator[str]:
    low, high = settings["min"], settings["max"]
    keys, levels = list(people), [*map(str, range(low, high + 1)), "dont_know", "skipped"]

    def answer(ballot: dict[str, float], item: str) -> str:
        if item not in ballot:
            return "skipped"
        return "dont_know" if np.isnan(ballot[item]) else str(int(ballot[item]))

    for item in items:
        truth = tuple(
            tuple(sum(answer(one, item) == level for one in people[key]) for level in levels) for key in keys
        )
        fits = scale_fits(item, keys, low, high, sight)
        if not fits(truth):
            yield f"{item}, the rows are not those of the answers"
        near = exchanges if _counted(item, low, sight) else lambda table: changes(table) + exchanges(table)
        yield from (
            f"{item}, {name}"
            for name in uncleared(truth, [[at] for at in range(len(levels) - 1)], fits, near, whole=True)
        )


def _counted(item: str, low: int, sight: Sight) -> bool:
    return sight.get("count", item, "", low) is not None


def scale_fits(item: str, keys: Sequence[str], low: int, high: int, sight: Sight) -> Fits:
    """Return whether the rows of a round fit a table of groups by steps, "don't know" and left empty."""
    levels = [*map(str, range(low, high + 1)), "dont_know", "skipped"]
    counted = _counted(item, low, sight)

    def fits(table: Table) -> bool:
        totals = dict(zip(levels, map(sum, zip(*table, strict=True)), strict=True))
        values = [_values(row, low, high) for row in table]
        if counted:
            said = {level: sight.get("count", item, "", level) for level in levels[:-2]}
            said |= {name: sight.get(name, item) for name in levels[-2:]}
            if said != totals:
                return False
        elif (shown := sight.get("median", item)) is not None:
            together = sum(values, [])
            if len(together) < 3 or rounded(median(together), low, high, sum(totals.values())) != shown:
                return False
        for measure, where, _, level in sight.rows:
            if measure == "nearly_all" and where == item and totals[level] < sum(totals.values()) - 2:
                return False
        for key, mine, row in zip(keys, values, table, strict=True):
            shown, many = sight.get("median", item, key), sum(row)
            if shown is not None and (len(mine) < 3 or rounded(median(mine), low, high, many) != shown):
                return False
        return _between(values, item, sight, high - low)

    return fits


def _between(values: list[list[int]], item: str, sight: Sight, reach: int) -> bool:
    """Say whether the figures between groups fit."""
    same = [abs(a - b) for mine in values for a, b in combinations(mine, 2)]
    across = [abs(a - b) for one, two in combinations(values, 2) for a in one for b in two]
    for measure, gaps in (("within", same), ("between", across)):
        shown = sight.get(measure, item)
        if shown is not None and (not gaps or rounded(sum(gaps) / len(gaps), 0, reach) != shown):
            return False
    if (word := sight.get("reading", item)) is not None:
        inside, outside = sum(same) * len(across), sum(across) * len(same)
        said = (
            "inside"
            if outside <= 1.1 * inside + 1e-9
            else "between"
            if outside >= 1.5 * inside - 1e-9
            else ""
        )
        if said != word:
            return False
    if (shown := sight.get("epsilon2", item)) is not None:
        filled = [mine for mine in values if mine]
        if len(filled) < 2 or len(set(sum(filled, []))) < 2:
            return False
        return abs(min(round(kruskal(*filled)[0] / (sum(map(len, filled)) - 1), 1), 0.9) - shown) < 1e-6
    return True


def _dots(people: Any, items: Any, settings: Any, sight: Sight) -> Iterator[str]:
    cap = settings["cap"]
    for place, item in enumerate(items):
        truth = tuple(
            tuple(sum(one.get(item, 0) == number for one in ballots) for number in range(cap + 1))
            for ballots in people.values()
        )
        fits = dots_fits(place, people, items, settings["k"], sight)
        if not fits(truth):
            yield f"{item}, the rows are not those of the answers"
        counted = sight.get("dots", item) is not None
        sums = [range(cap + 1), [0] + [1] * cap]
        near = _dot_moves if counted else lambda table: changes(table) + _dot_moves(table)
        yield from (
            f"{item}, {name}"
            for name in uncleared(
                truth, [range(1, cap + 1)], fits, near, whole=True, sums=sums if counted else ()
            )
        )


def dots_fits(place: int, people: Any, items: Any, k: int, sight: Sight) -> Fits:
    """Return whether the rows of a round fit a table of groups by dots on the option at this place.

    All other options keep their dots.
    """
    keys, item = list(people), items[place]
    by_group = np.array([[sum(one.get(name, 0) for one in people[key]) for name in items] for key in keys])
    places = {name: sight.get("place", name) for name in items}

    def fits(table: Table) -> bool:
        sizes = [sum(row) for row in table]
        own = np.array([sum(number * count for number, count in enumerate(row)) for row in table])
        supporters = sum(sum(row[1:]) for row in table)
        if (places[item]) is not None:
            lower = {other for other in places.values() if other is not None and other > places[item]}
            return bool(own.sum() > len(lower))
        for measure, found in (("dots", own.sum()), ("supporters", supporters)):
            if sight.get(measure, item) not in (None, found):
                return False
        if sight.get("nearly_all", item) is not None and supporters < sum(sizes) - 2:
            return False
        for key, found, row in zip(keys, own, table, strict=True):
            if (shown := sight.get("dots", item, key)) is not None:
                most = max(number for number, count in enumerate(row) if count)
                if found != shown or sum(row[1:]) < 3 or most * 2 > found:
                    return False
        grid = by_group.copy()
        grid[:, place] = own
        return _derived(grid, sizes, keys, items, k, sight) and _tallied(table, place, people, items, sight)

    return fits


def _tallied(table: Table, place: int, people: Any, items: Any, sight: Sight) -> bool:
    """Say whether the other tallies fit some ballots that make up the table, few of them changed."""
    if (top := sight.get("tally_top")) is None:
        return True
    marks = {key: np.array([[one.get(name, 0) for name in items] for one in people[key]]) for key in people}
    return any(
        _same_tallies(_dealt(marks, table, place, turn), int(top), items, sight) for turn in range(TURNS)
    )


def _dealt(marks: Any, table: Table, place: int, turn: int) -> dict[str, Any]:
    """Return ballots by group of which as few as possible give the option other dots than in `marks`."""
    found = {}
    for (key, ballots), row in zip(marks.items(), table, strict=True):
        column = ballots[:, place].astype(int)
        own = np.bincount(column, minlength=len(row))
        surplus = [
            np.roll(np.flatnonzero(column == number), turn)[: own[number] - count]
            for number, count in enumerate(row)
            if own[number] > count
        ]
        found[key] = ballots.copy()
        if surplus:
            wanted = np.repeat(np.arange(len(row)), np.maximum(np.array(row) - own, 0))
            found[key][np.concatenate(surplus), place] = np.roll(wanted, turn)
    return found


def _same_tallies(ballots: Any, top: int, items: Any, sight: Sight) -> bool:
    found = standing(np.vstack(list(ballots.values())), ballots, top)
    figures = {("standing", item, ""): word for item, word in zip(items, found.words, strict=True)}
    figures |= {("tau_b", "", rule): tau and round(tau, 9) for rule, tau in found.tau_b.items()}
    for rule, order in found.orders.items():
        for at, item in enumerate(items):
            chosen = order.index(at) + 1 if at in order else "out"
            figures["tally", item, rule] = found.ranks[rule][at][0] if rule in found.ranks else chosen
    return not any(
        sight.get(measure, item, "", level) not in (None, value)
        for (measure, item, level), value in figures.items()
    )


def _dot_moves(table: Table) -> list[Table]:
    """Return exchanges, and what comes of one dot moved from one ballot to another."""
    found: list[Table | None] = list(exchanges(table))
    givers = [(g, a) for g, row in enumerate(table) for a, count in enumerate(row) if count]
    for g, a in givers:
        for h, b in givers:
            if a and b + 1 < len(table[0]) and ((g, a) != (h, b) or table[g][a] > 1):
                found.append(_moved(table, (g, a, a - 1), (h, b, b + 1)))
    return [world for world in found if world and world != table]


def _derived(grid: Any, sizes: list[int], keys: Any, items: Any, k: int, sight: Sight) -> bool:
    """Say whether whole numbers that rest on groups fit; groups too small to leave out stand together."""
    for item, rank in zip(items, dots_measures.ranks(grid.sum(axis=0)), strict=True):
        if sight.get("rank", item) not in (None, rank):
            return False
    n = sum(sizes)
    alone = [at for at, size in enumerate(sizes) if size >= k and (n == size or n - size >= k)]
    hidden = {at for at, size in enumerate(sizes) if size < k}
    rest = sorted((at for at in range(len(sizes)) if at not in hidden), key=lambda at: (sizes[at], keys[at]))
    while hidden and rest and (len(hidden) < 2 or sum(sizes[at] for at in hidden) < k):
        hidden.add(rest.pop(0))
    units = grid[[at for at in alone if at not in hidden]]
    if rest and hidden and sum(sizes[at] for at in hidden) >= k:
        units = np.vstack([units, grid[sorted(hidden)].sum(axis=0)])
    span = dots_measures.rank_range(units)
    tops = dots_measures.top_groups(grid[[at for at, size in enumerate(sizes) if size >= k]], Policy().top_k)
    for place, item in enumerate(items):
        reached = dots_measures.effective_groups(
            [row[place] / size for row, size in zip(grid, sizes, strict=True)]
        )
        figures = {
            "groups_reached": None if reached is None else int(reached + 0.5),
            "top_groups": tops[place],
            "rank_best": None if span is None else span[0][place],
            "rank_worst": None if span is None else span[1][place],
        }
        for measure, found in figures.items():
            if sight.get(measure, item) not in (None, found):
                return False
    return True


def _trust(people: Any, items: Any, settings: Any, sight: Sight) -> Iterator[str]:
    low, high = settings["min"], settings["max"]
    steps = high - low + 1

    def cell(group: str, item: str) -> tuple[int, ...]:
        row = [0] * (steps + 2)
        for one in people.get(group, []):
            said = one.get(item)
            row[steps + 1 if said is None else steps if np.isnan(said) else int(said) - low] += 1
        return tuple(row)

    cells = {(group, item): cell(group, item) for group in people for item in items}
    for at, row in cells.items():

        def fits(table: Table, at: tuple[str, str] = at) -> bool:
            return _trust_fits({**cells, at: table[0]}, at, cells, low, high, sight)

        for _ in uncleared((row,), [[a] for a in range(steps + 1)], fits, changes, whole=False):
            yield f"{at[1]}, {at[0]}"


def _trust_fits(world: Any, at: Any, truth: Any, low: int, high: int, sight: Sight) -> bool:
    def shown(group: str, item: str) -> Any:
        return sight.get("believed" if group == item else "median", item, group)

    def fits(group: str, item: str, row: Sequence[int]) -> bool:
        figure, values = shown(group, item), _values(row, low, high)
        return figure is None or (len(values) >= 3 and rounded(median(values), low, high, sum(row)) == figure)

    if not fits(*at, world[at]):
        return False
    gained = world[at][-2] - truth[at][-2]
    if sight.get("dont_know") is None or not gained:
        return _trust_whole(world, low, high, sight)
    for other, row in truth.items():  # somebody else must have known, or not known
        for column in range(len(row) - 2):
            moved = list(row)
            moved[column] += gained
            moved[-2] -= gained
            if other != at and min(moved) >= 0 and fits(*other, moved):
                if _trust_whole({**world, other: tuple(moved)}, low, high, sight):
                    return True
    return False


def _trust_whole(world: Any, low: int, high: int, sight: Sight) -> bool:
    """Say whether arrows, effects and reciprocity fit."""
    values = {at: np.array(_values(row, low, high), float) for at, row in world.items()}
    for measure, item, group, _ in sight.rows:
        if measure == "asymmetry" and not trust_measures.sign_holds(values[group, item], values[item, group]):
            return False
    named = {g for m, _, g, _ in sight.rows if m == "perceiver"}
    if named:
        groups = [g for g in dict.fromkeys(g for g, _ in world) if g in named]
        matrix = np.array([[values[a, b].mean() if a != b else np.nan for b in groups] for a in groups])
        found = trust_measures.effects(matrix)
        for number, g in enumerate(groups):
            for measure, effect, where in (
                ("perceiver", found.perceiver, ("", g)),
                ("target", found.target, (g, "")),
            ):
                if effect is None or sight.get(measure, *where) not in (None, round(effect[number] * 2) / 2):
                    return False
        for measure in ("reciprocity", "reciprocity_relationship"):
            value = getattr(found, measure)
            if sight.get(measure) not in (None, None if value is None else round(value, 1)):
                return False
    return True


JUDGES = {"scale": _scale, "dots": _dots, "trust": _trust}
