"""The colours of groups, in the order they are given out."""

from __future__ import annotations

# The six, the seventh, the eighth that can be told apart; from there on symbols and labels must help.
PALETTE = (
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


def colour(place: int) -> str:
    """Return the colour of the group at this place, from 0; they come again after ten."""
    return PALETTE[place % len(PALETTE)]
