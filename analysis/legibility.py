"""How large letters must be to be read from the far end of a room."""

from __future__ import annotations

from math import radians, tan


def font_px(lines: float, distance: float, arcminutes: float, cap_height_ratio: float = 0.7) -> float:
    """Return the type size in pixels of a screen with so many lines, seen from `distance` image heights.

    A capital letter (`cap_height_ratio` of the type size) then spans `arcminutes` of the eye (ISO 9241-303).
    """
    return tan(radians(arcminutes / 60)) * distance * lines / cap_height_ratio
