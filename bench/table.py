"""Medians with their spread, as lines of one table."""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Sequence

# What is measured, what should come of it, what did.
HEADING = ["", "goal", "measured"]
# Names the file in which every command keeps its lines.
KEPT = "PRIKK_BENCH_KEPT"


def spread(values: Sequence[float], decimals: int = 0) -> str:
    """Return `median (least to most)`."""
    middle, least, most = (f"{one(values):,.{decimals}f}" for one in (statistics.median, min, max))
    return f"{middle} ({least} to {most})"


def told(rows: Sequence[Sequence[str]]) -> str:
    """Return what was measured as a table, and keep it for the one at the end of `make bench`."""
    if os.environ.get(KEPT):
        with open(os.environ[KEPT], "a", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    return lines([HEADING, *rows])


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Return ours by theirs, run by run: runs side by side met the same neighbours."""
    return [one / other for one, other in zip(ours, theirs, strict=True)]


def lines(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of cells in columns, the first row a heading; first column left, the others right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    written = [
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([written[0], "-" * sum(widths, 2 * len(widths) - 2), *written[1:]])
