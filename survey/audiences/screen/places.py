"""Where dots lie in a row of rings, and QR codes as paths."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_Q

from survey.printing import qr

_LEAST = 9.0


@dataclass(frozen=True)
class Dots:
    """Circles in a box of `width` x `height` (px at 1080 lines): centres in reading order, one `radius`."""

    width: float
    height: float
    radius: float
    places: tuple[tuple[float, float], ...]


def rings(count: int, width: float, height: float, largest: float) -> Dots | None:
    """Return `count` places as large as the box allows, or None where they would be too small to be counted.

    Each strays up to 4 % of its diameter, by a fixed seed: placed by a hand, and never from ballot order.
    """
    if count < 1:
        return None
    step, rows = max(
        (min(width / math.ceil(count / rows), height / rows, largest), -rows) for rows in range(1, 40)
    )
    rows = -rows
    across = math.ceil(count / rows)
    size = step * 0.9
    if size / 2 < _LEAST:
        return None
    hand = random.Random(1)
    # With more than one row the dots fill the width; a single row of few stands close at the left.
    wide = width / across if rows > 1 else step
    places = tuple(
        (
            round((n % across + 0.5) * wide + hand.uniform(-0.04, 0.04) * size, 1),
            round((n // across + 0.5) * step + hand.uniform(-0.04, 0.04) * size, 1),
        )
        for n in range(count)
    )
    return Dots(width, round(rows * step, 1), round(size / 2 - 2, 1), places)


@dataclass(frozen=True)
class Code:
    """A QR code as the path of its dark modules in a square of `side` units, quiet zone included."""

    side: int
    path: str


def code(text: str, small: bool = False) -> Code:
    """Return the QR code of `text`; a small one does with less repair, so that its modules are larger."""
    square = qr.modules(text, quiet=4, level=ERROR_CORRECT_L if small else ERROR_CORRECT_Q)
    return Code(len(square), qr.path(square))


def wifi(name: str, password: str) -> str:
    """Return what a phone reads as "join this network": the WIFI: form, its own signs escaped."""
    kind = "WPA" if password else "nopass"
    secret = f"P:{_escaped(password)};" if password else ""
    return f"WIFI:T:{kind};S:{_escaped(name)};{secret};"


def _escaped(text: str) -> str:
    return "".join(f"\\{sign}" if sign in '\\;,":' else sign for sign in text)
