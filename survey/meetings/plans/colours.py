"""The groups' colours where a plan gives none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any

import analysis

GUESTS = "#BBBBBB"


def next_colours(given: Sequence[Any]) -> Iterator[str]:
    """Return the palette's colours without end, those not `given` already first."""
    taken = {colour.upper() for colour in given if isinstance(colour, str)}
    yield from (colour for colour in analysis.PALETTE if colour not in taken)
    yield from cycle(analysis.PALETTE)
