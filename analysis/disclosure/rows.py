"""The rows of one question round on their way out, and what the rules need to know about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from analysis.disclosure import rules
from analysis.disclosure.policy import Policy
from analysis.measures.ballots import Ballots

# Reasons for the column `hidden`; the words are in texts.toml.
UNDEFINED, NEARLY_ALL, FEW_BALLOTS, FEW_VALUES = "undefined", "nearly_all", "few_ballots", "few_values"
DIFFERENCING, CELL, COMPLEMENTARY, FEW_FOR_WORD = "differencing", "cell", "complementary", "few_for_word"
FEW_PAIRS, AUDIT, NAMES_GROUP = "few_pairs", "audit", "names_group"
DECIMALS = 9


@dataclass(frozen=True)
class Case:
    """One round before the gate: its ballots, the policy, the smallest group shown."""

    ballots: Ballots
    policy: Policy
    k: int

    @property
    def n(self) -> int:
        """Return the non-blank counted ballots."""
        return self.ballots.n

    def reason(self, group: str) -> str:
        """Return why a group's figures may not be shown, empty when they may (rules 1 and 5)."""
        size = self.ballots.sizes.get(group, 0)
        if size < self.k:
            return FEW_BALLOTS
        return "" if rules.apart(self.n - size, self.k) else DIFFERENCING

    @property
    def compares(self) -> bool:
        """Whether the room is large enough for figures that compare its groups (rule 9).

        It hangs on sizes alone: were the answers asked, that a figure is not there would tell of them.
        """
        return self.is_large and len(self.visible) >= self.policy.groups_min_between

    @property
    def is_large(self) -> bool:
        """Whether there are ballots enough for ranks that hang on how answers lie over ballots (rule 9)."""
        return self.n >= self.policy.n_min_between

    @property
    def visible(self) -> list[str]:
        """Return the groups whose own figures may be shown."""
        return [key for key in self.ballots.sizes if not self.reason(key)]


@dataclass
class Rows:
    """A growing list of rows of one question round."""

    base: dict[str, Any]
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self,
        measure: str,
        value: float | None = None,
        *,
        item: str = "",
        group: str = "",
        level: object = "",
        text: str = "",
        n: int | None = None,
    ) -> None:
        """Add a figure; neither value nor text means that its formula is undefined here, and the row says
        so.
        """
        missing = value is None or bool(np.isnan(value))
        number = float("nan") if value is None else round(float(value), DECIMALS) + 0.0
        hidden = UNDEFINED if missing and not text else ""
        self._put(measure, item, group, level, value=number, text=text, n=n, hidden=hidden)

    def say(
        self, measure: str, *, item: str = "", group: str = "", level: object = "", n: int | None = None
    ) -> None:
        """Add a row that states something without a number."""
        self._put(measure, item, group, level, value=float("nan"), text="", n=n, hidden="")

    def hide(self, measure: str, reason: str, *, item: str = "", group: str = "", level: object = "") -> None:
        """Add a row that only says why the figure is not there."""
        self._put(measure, item, group, level, value=float("nan"), text="", n=None, hidden=reason)

    def _put(self, measure: str, item: str, group: str, level: object, **rest: Any) -> None:
        self.rows.append(
            {**self.base, "item": item, "group": group, "measure": measure, "level": str(level), **rest}
        )

    def frame(self) -> pd.DataFrame:
        """Return the rows as a frame."""
        return pd.DataFrame(self.rows)


Release = Callable[[Case, Rows], None]


@dataclass(frozen=True)
class Kind:
    """How a kind leaves the gate: with ten ballots or more, in a small plenary, and declared open.

    `by_ballot` says whether ballot rows of a sealed round may leave at all, `blank_counts` that the books do
    not tell blank ballots apart.
    """

    full: Release
    small: Release
    opened: Release | None
    by_ballot: bool = True
    blank_counts: bool = False
