"""A card's colour as a stylesheet of its own: a style attribute would break the content policy."""

from __future__ import annotations

from flask import Response

from survey.audiences.participant.blueprint import blueprint
from survey.errors import NotFound

_DIGITS = frozenset("0123456789abcdefABCDEF")


@blueprint.get("/colour/<hexadecimal>.css")
def colour(hexadecimal: str) -> Response:
    """Return `--mine` and a text colour that can be read on it; the address says all, so it may be kept."""
    if len(hexadecimal) != 6 or not _DIGITS.issuperset(hexadecimal):
        raise NotFound
    text = "#1C1A17" if _luminance(hexadecimal) > 0.2 else "#FFF"
    response = Response(f":root{{--mine:#{hexadecimal};--on-mine:{text}}}", mimetype="text/css")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _luminance(hexadecimal: str) -> float:
    """Return the relative luminance of WCAG 2.2, 0 to 1."""
    parts = [int(hexadecimal[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
