"""What the room sees of a round, in a form to compare: the same sight, a consistent world."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from analysis.disclosure.rows import CELL, COMPLEMENTARY, Case, Release, Rows
from analysis.measures.ballots import Ballots

Row = Mapping[str, Any]
# Says of a row whether it is withheld.
Withheld = Callable[[Row], bool]
Sight = dict[tuple[str, str, str, str], tuple[str, ...]]


def nothing(row: Row) -> bool:
    """Withhold no row."""
    return False


def of_item(item: str, stage: Withheld) -> Withheld:
    """Withhold of one item what the stage withholds."""
    return lambda row: row["item"] == item and stage(row)


def sight(case: Case, release: Release, withheld: Withheld) -> Sight:
    """Return what the gate would show of a round, by measure, item, group and level."""
    rows = Rows({})
    release(case, rows)
    return sight_of(rows.rows, withheld)


def sight_of(rows: Sequence[Row], withheld: Withheld) -> Sight:
    """Return rows as they are seen; which of the rules for cells hid a cell tells nothing."""
    return {
        (row["measure"], row["item"], row["group"], row["level"]): (
            repr(row["value"]),
            row["text"],
            str(row["n"]),
            CELL if row["hidden"] == COMPLEMENTARY else row["hidden"],
        )
        for row in rows
        if not withheld(row)
    }


def only(case: Case, item: str) -> Case:
    """Return the case with one item alone."""
    ballots = case.ballots
    at = [ballots.column(item)]
    parts = {name: getattr(ballots, name)[:, at] for name in ("values", "given", "against")}
    return replace(case, ballots=replace(ballots, items=(item,), **parts))


def with_column(case: Case, place: int, people: np.ndarray, column: np.ndarray) -> Case:
    """Return the case in which these ballots (places) answered the item at `place` otherwise.

    `column` has the ballots' new rows: value, given, against.
    """
    ballots = case.ballots
    values, given, against = (getattr(ballots, name).copy() for name in ("values", "given", "against"))
    values[people, place] = column[:, 0]
    given[people, place] = column[:, 1] > 0
    against[people, place] = column[:, 2] > 0
    return replace(case, ballots=replace(ballots, values=values, given=given, against=against))


def keys_of(ballots: Ballots) -> list[str]:
    """Return the groups present, and the empty key if somebody stands outside all groups."""
    return [*ballots.sizes, *sorted(set(ballots.codes[1]) - set(ballots.sizes))]
