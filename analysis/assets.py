"""What a page that opens from disk brings along: the fonts and plotly.js."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path

import plotly.offline
from markupsafe import Markup

_STATIC = Path(__file__).parent.parent / "static"
_FONTS = ("atkinson-hyperlegible-next-latin-wght-normal", "atkinson-hyperlegible-next-latin-ext-wght-normal")


@cache
def bundle() -> str:
    """Return plotly.js: the one that came with the checkout, or the one in the plotly package."""
    found = sorted((_STATIC / "vendor").glob("plotly-cartesian-*.min.js"))
    return found[-1].read_text(encoding="utf-8") if found else str(plotly.offline.get_plotlyjs())


@cache
def fonts() -> list[tuple[str, Markup]]:
    """Return the fonts that are there as (unicode range, base64)."""
    ranges = (
        "U+0000-00FF,U+2000-206F,U+20AC,U+2122,U+2190-2193,U+2212",
        "U+0100-02AF,U+1E00-1E9F,U+2C60-2C7F",
    )
    found = [(span, _STATIC / "fonts" / f"{name}.woff2") for name, span in zip(_FONTS, ranges, strict=True)]
    return [
        (span, Markup(base64.b64encode(file.read_bytes()).decode())) for span, file in found if file.is_file()
    ]
