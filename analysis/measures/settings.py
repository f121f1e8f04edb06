"""The thresholds of the measures; those without an outside source are meant to be adjusted."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor


@dataclass(frozen=True)
class Settings:
    """Thresholds with their defaults; shares are 0 to 1, `n_min_*` are ballots, the rest as named."""

    n_min_shape: int = 12
    n_min_agreement: int = 20
    n_min_percent: int = 20
    n_min_lines: int = 12
    n_min_counts: int = 10
    camp_share: float = 0.25
    camp_valley: float = 0.5
    gathered_iqr: float = 0.3
    ratio_inside: float = 1.1
    ratio_between: float = 1.5
    asym_share: float = 0.2
    asym_max_arrows: int = 3
    top_k: int = 6
    close_swap: int = 2
    broad_share: float = 0.5
    narrow_share: float = 0.25
    intense_factor: float = 1.25
    unsure_share: float = 0.25
    turnout_min: float = 0.8
    cell_min_supporters: int = 3
    cell_max_share: float = 0.5
    dots_cap: int = 2
    options_warn: int = 12
    options_strong: int = 20
    wilcoxon_exact_max: int = 20
    statements_per_screen: int = 8

    def asym_min(self, low: float, high: float) -> int:
        """Return the least difference (steps) for an asymmetry arrow: 2 on 0-10, 1 on 1-5."""
        return max(1, ceil(self.asym_share * (high - low) - 1e-9))

    def selfgap_min(self, low: float, high: float) -> float:
        """Return the least mean self gap (steps) worth a prompt: 1 on 0-10, 0.5 on 1-5."""
        return self.asym_min(low, high) / 2

    def dots_per_voter(self, options: int) -> int:
        """Return the default budget of dots: a quarter of the options, rounded half up, never under 3."""
        return max(3, floor(options / 4 + 0.5))

    def options_warning(self, options: int) -> str | None:
        """Return `warn`, `strong` or nothing for this many options."""
        if options > self.options_strong:
            return "strong"
        return "warn" if options > self.options_warn else None
