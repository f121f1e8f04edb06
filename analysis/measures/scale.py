"""A scale: everything about one statement, from its raw answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.measures import agreement, difference
from analysis.measures.ballots import Ballots
from analysis.measures.counted import counted
from analysis.measures.settings import Settings
from analysis.responses import Question


@dataclass(frozen=True)
class Statement:
    """One statement's raw numbers: counts by step, don't-knows, skips, quartiles, spread, shape, groups."""

    values: np.ndarray
    by_group: Mapping[str, np.ndarray]
    steps: tuple[int, ...]
    counts: tuple[int, ...]
    dont_know: int
    skipped: int
    quartiles: tuple[float, float, float] | None
    gmd: float | None
    shape: agreement.Shape | None
    agreement: float | None
    consensus: float | None
    groups: difference.WithinBetween
    kruskal: difference.Kruskal


def ends(question: Question) -> tuple[int, int]:
    """Return the ends of the question's scale, 0 and 10 where none are set."""
    return int(question.settings.get("min", 0)), int(question.settings.get("max", 10))


def statement(ballots: Ballots, item: str, settings: Settings) -> Statement:
    """Measure one statement."""
    low, high = ends(ballots.question)
    place = ballots.column(item)
    column, given = ballots.values[:, place], ballots.given[:, place]
    answered = ~np.isnan(column)
    values = column[answered]
    groups = {key: column[answered & ballots.of(key)] for key in ballots.sizes}
    steps = tuple(range(low, high + 1))
    everybody, answers = counted([values]), counted(list(groups.values()))
    given_at = dict(zip(everybody.values.tolist(), everybody.total.tolist(), strict=True))
    counts = tuple(given_at.get(step, 0) for step in steps)
    enough = len(values) >= settings.n_min_agreement
    return Statement(
        values=values,
        by_group=groups,
        steps=steps,
        counts=counts,
        dont_know=int((given & ~answered).sum()),
        skipped=int((~given).sum()),
        quartiles=agreement.quartiles_of(everybody.values, everybody.total),
        gmd=agreement.gmd_of(everybody.values, everybody.total),
        shape=agreement.shape(counts, low, high, settings),
        agreement=agreement.van_der_eijk(counts) if enough else None,
        consensus=agreement.consensus(counts) if enough else None,
        groups=difference.within_between_of(answers, settings),
        kruskal=difference.kruskal_of(answers),
    )
