"""The groups' colours where a plan gives none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any

# The six, the seventh, the eighth that can be told apart; from there on symbols and labels must help.
_PALETTE = (
    "#332288",
    "#CC6677",
    "#88CCEE",
    "#DDCC77",
    "#117733",
    "#999933",
    "#661100",
    "#44AA99",
    "#882255",
    "#AA4499",
)
GUESTS = "#BBBBBB"


def next_colours(given: Sequence[Any]) -> Iterator[str]:
    """Return the palette's colours without end, those not `given` already first."""
    taken = {colour.upper() for colour in given if isinstance(colour, str)}
    yield from (colour for colour in _PALETTE if colour not in taken)
    yield from cycle(_PALETTE)
