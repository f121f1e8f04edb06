"""Typesetting: a typst template and its data become a PDF. Data goes in as JSON and is text, never markup."""

from __future__ import annotations

import json
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import typst
from babel.dates import format_date

from survey.languages import current

_HOUSE = Path(__file__).parent.parent.parent
_LONGEST_WORD = 28
_MAY_BREAK = "\u200b"


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[str(_HOUSE / "static" / "fonts")])


def pdf(template: str, data: dict[str, Any]) -> bytes:
    """Return the template of this folder, filled with `data`, as a tagged PDF that reads aloud (PDF/UA-1)."""
    return _compile(template, data, format="pdf", pdf_standards=["ua-1"])


def _compile(template: str, data: dict[str, Any], **options: Any) -> bytes:
    made = typst.compile(
        str(Path(__file__).parent / template),
        root=str(_HOUSE),
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        **options,
    )
    return bytes(made)


def breakable(text: str) -> str:
    """Return the text with places to break in words that no column could hold."""

    return re.sub(rf"\S{{{_LONGEST_WORD + 1},}}", lambda word: _MAY_BREAK.join(word[0]), text)


def shortened(text: str, most: int) -> str:
    """Return the text, cut to `most` signs with an ellipsis where it is longer."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def day(iso: str) -> str:
    """Return an ISO date in words in the current language; anything else as it stands."""
    try:
        return format_date(date.fromisoformat(iso), format="long", locale=current())
    except ValueError:
        return iso
