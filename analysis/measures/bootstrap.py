"""What might have come out if similar people had met: resampling from counts, not from rows.

Answers to one item on a discrete scale are drawn anew as multinomial counts, which is the bootstrap of
independent answers (Efron 1979) at a cost that does not grow with the number of ballots. A meeting is a
census: this is a thought experiment for the report, never a test.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

REPLICATES = 2000
LOW, HIGH = 0.05, 0.95
SEED = 20271103


def median_interval(
    steps: Sequence[float], counts: Sequence[int], replicates: int = REPLICATES
) -> tuple[float, float] | None:
    """Return between which values nine in ten of the redrawn medians lie, in scale steps.

    `counts` are answers per step, steps rising. The same counts give the same interval. Undefined with
    fewer than two answers.
    """
    answers = np.asarray(counts, dtype=np.int64)
    total = int(answers.sum())
    if total < 2:
        return None
    drawn = np.random.default_rng(SEED).multinomial(total, answers / total, size=replicates)
    medians = medians_of(np.asarray(steps, float), drawn)
    low, high = np.quantile(medians, (LOW, HIGH), method="inverted_cdf")
    return float(low), float(high)


def medians_of(steps: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the median of each row of counts (rows x steps), halfway between two middle answers."""
    reached = counts.cumsum(axis=1)
    total = reached[:, -1:]
    lower = (reached >= (total + 1) // 2).argmax(axis=1)
    upper = (reached >= total // 2 + 1).argmax(axis=1)
    return np.asarray((steps[lower] + steps[upper]) / 2)
