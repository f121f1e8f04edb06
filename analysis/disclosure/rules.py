"""The disclosure rules as small pure functions, one for each rule of the gate.

Sources: Statistics Norway's rule of three with secondary cells; the SDC handbook, chapters 4 and 5.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import floor

import numpy as np

FULL, SMALL, TURNOUT = "full", "small", "turnout"


@dataclass(frozen=True)
class Suppression:
    """Groups hidden and shown (sorted), the people in the hidden ones pooled, and whether the pool is
    shown.
    """

    suppressed: tuple[str, ...]
    shown: tuple[str, ...]
    pooled_n: int
    others_shown: bool


def form(n: int, k: int, n_min_counts: int) -> str:
    """Return how much of a sealed question with n non-blank ballots may be shown (rule 0)."""
    if n < k:
        return TURNOUT
    return FULL if n >= n_min_counts else SMALL


def nearly_all(count: float, n: int) -> bool:
    """Say whether a count of ballots proves (nearly) everybody's answer: n - 2 or more (rules 0 and 9).

    Were it n - 1, the only one who answered otherwise would know what all the others answered.
    """
    return n > 0 and count >= n - 2


def majority(count: float, n: int) -> bool:
    """Say whether a count is more than half of n."""
    return 2 * count > n


def majority_tells_nobody(n: int) -> bool:
    """Say whether a group of n may be told to have a majority: from five on (rules 1 and 9).

    In one of three or four that may be all but one, and that one would know what the others answered.
    """
    return n // 2 + 1 <= n - 2


def inside(value: float, low: float, high: float, step: float = 0.5) -> float:
    """Return the value to the nearest half step, at most half a step inside the ends (rule 1)."""
    rounded = floor(value / step + 0.5) * step
    return min(max(rounded, low + step), high - step)


def median_shown(value: float, low: float, high: float, ballots: int) -> float:
    """Return a median as it is shown of so many ballots: `inside`, of three a whole step inside the ends.

    Of three, one at one end who saw the median at the other would know that both others stand there.
    """
    margin = 1 if ballots < 4 else 0.5
    return min(max(inside(value, low, high), low + margin), high - margin)


def suppression(sizes: Mapping[str, int], k: int) -> Suppression:
    """Return which groups to hide where figures add up over groups (rule 2)."""
    present = {key: size for key, size in sizes.items() if size > 0}
    hidden = {key for key, size in present.items() if size < k}
    rest = sorted((key for key in present if key not in hidden), key=lambda key: (present[key], key))
    if hidden:
        while rest and (len(hidden) < 2 or sum(present[key] for key in hidden) < k):
            hidden.add(rest.pop(0))
    pooled = sum(present[key] for key in hidden)
    shown = tuple(sorted(set(present) - hidden))
    return Suppression(tuple(sorted(hidden)), shown, pooled, bool(shown) and pooled >= k)


def apart(difference: int, k: int) -> bool:
    """Say whether two sets of people that differ by this many may both carry figures (rule 5)."""
    return difference == 0 or difference >= k


def may_publish(published: Iterable[Collection[int]], new: Collection[int], k: int) -> bool:
    """Say whether a figure on the set `new` may stand beside figures on earlier sets (rule 5)."""
    people = set(new)
    return len(people) >= k and all(apart(len(people ^ set(earlier)), k) for earlier in published)


def may_release_again(at_last: int, now: int, edited_since: bool, k: int) -> bool:
    """Say whether totals may be released again after `at_last` ballots (rules 4 and 5)."""
    return not edited_since and apart(abs(now - at_last), k)


def late_may_enter(late: int, k: int) -> bool:
    """Say whether this many late ballots may enter the figures at once (rule 5)."""
    return apart(late, k)


def cell_shown(ballots: Sequence[float] | np.ndarray, k: int, min_supporters: int, max_share: float) -> bool:
    """Say whether a cell group x option may be shown, from each ballot's dots on it (rule 7)."""
    dots = np.asarray(ballots, float)
    if len(dots) < k or np.count_nonzero(dots > 0) < max(1, min_supporters):
        return False
    return bool(dots.max() <= max_share * dots.sum())
