"""The policy of the gate: the smallest group shown and the thresholds of the measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from analysis.measures.settings import Settings


@dataclass(frozen=True)
class Policy(Settings):
    """Settings with `k`, the smallest group shown (ballots), which is never under `k_floor`.

    Figures that compare groups need `n_min_between` ballots in all and `groups_min_between` groups shown;
    a group's median beside counts, in a plenary smaller than that, needs `k_beside_counts` ballots.
    """

    k: int = 5
    k_floor: int = 3
    n_min_between: int = 20
    groups_min_between: int = 3
    k_beside_counts: int = 5

    def smallest(self, sealed_k: int | None = None) -> int:
        """Return the k in force for a round that locked `sealed_k` when it opened."""
        return max(self.k_floor, self.k if sealed_k is None else sealed_k)

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Policy:
        """Return the policy read back; unknown keys are ignored, missing ones take defaults."""
        return cls(**{field.name: raw[field.name] for field in fields(cls) if field.name in raw})
