"""Cells of tables that go to spreadsheets: text that a spreadsheet would run as a formula is made inert."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

# What a spreadsheet takes for the start of a formula, or skips before one.
RISKY = ("=", "+", "-", "@", "\t", "\r", "\0")


def guard(text: str) -> str:
    """Return text with a leading apostrophe where a spreadsheet would run it."""
    return f"'{text}" if text.startswith(RISKY) else text


def guard_both_ways(text: str) -> str:
    """Return guarded text that `unguard` takes back exactly: a text's own leading apostrophe is doubled."""
    return f"'{text}" if text.startswith((*RISKY, "'")) else text


def unguard(text: str) -> str:
    """Return the text that `guard_both_ways` was given."""
    return text[1:] if text.startswith("'") else text


def table(rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    """Return rows of cells as CSV with CRLF line ends (RFC 4180)."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def plain(value: float) -> str:
    """Return a number without an empty decimal part and without exponent of a whole number."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))
