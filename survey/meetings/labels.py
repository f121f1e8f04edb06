"""Labels that people write: cleaned for storing, folded for comparing, shortened to keys."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

KEY_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_JOINER = "\u200d"
# Cyrillic and Greek letters that look like Latin ones.
_LOOK_ALIKE = str.maketrans("авекмнорстухіјѕԁһԛԝαβεικνορτυχ", "abekmhopctyxijsdhqwabeikvoptux")
_OWN_LETTERS = str.maketrans(
    {"æ": "ae", "ø": "o", "đ": "d", "ð": "d", "ŋ": "n", "ŧ": "t", "þ": "th", "œ": "oe"}
)


def clean(text: str) -> str:
    """Return the label as it is stored: NFC, no control or format characters, white space as single spaces.

    The zero-width joiner stays inside emoji, where it is what makes one picture of two.
    """
    spaced = "".join(" " if _is_space(sign) else sign for sign in unicodedata.normalize("NFC", text))
    kept = [sign for place, sign in enumerate(spaced) if _is_kept(spaced, place)]
    return " ".join("".join(kept).split())


def fold(text: str) -> str:
    """Return what two labels are compared by: cleaned, case folded, look-alikes as Latin letters."""
    folded = unicodedata.normalize("NFKC", clean(text)).casefold()
    return unicodedata.normalize("NFC", folded).translate(_LOOK_ALIKE)


def slug(text: str, fallback: str = "x") -> str:
    """Return a key of a label: `a-z`, `0-9`, dashes, at most 40 signs; `fallback` where nothing is left."""
    plain = unicodedata.normalize("NFKD", clean(text).casefold().translate(_OWN_LETTERS))
    words = re.findall("[a-z0-9]+", "".join(sign for sign in plain if not unicodedata.combining(sign)))
    short = "-".join(words)[:41]
    if len(short) == 41:
        short = short.rpartition("-")[0] or short[:40]
    return short.strip("-") or fallback


def keys_of(labels: Iterable[str], given: Iterable[str] = (), fallback: str = "x") -> list[str]:
    """Return a key for each label, none twice and none of those `given`: the second `hol` is `hol-2`."""
    used, made = {key.casefold() for key in given}, []
    for label in labels:
        stem = slug(label, fallback)
        key, number = stem, 1
        while key.casefold() in used:
            number += 1
            key = f"{stem}-{number}"
        used.add(key.casefold())
        made.append(key)
    return made


def _is_space(sign: str) -> bool:
    return sign in "\t\n\r\x0b\x0c\x85" or unicodedata.category(sign) in ("Zs", "Zl", "Zp")


def _is_kept(text: str, place: int) -> bool:
    sign = text[place]
    if sign == _JOINER:
        return 0 < place < len(text) - 1 and _is_picture(text[place - 1]) and _is_picture(text[place + 1])
    return unicodedata.category(sign) not in ("Cc", "Cf", "Cs")


def _is_picture(sign: str) -> bool:
    return unicodedata.category(sign) in ("So", "Sk") or sign == "\ufe0f"
