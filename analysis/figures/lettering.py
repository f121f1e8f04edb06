"""How wide words are, where they break, and how a participant's words are kept from being markup.

Plotly neither measures nor wraps: what does not fit is drawn over its neighbour. The widths are those of
Atkinson Hyperlegible Next bold, in thousandths of the type size, so that a stand-in font fits as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_WIDTHS = {
    200: "'",
    260: "j|’",
    290: ",.:;`i!·",
    320: "l ",
    350: "()[]ft",
    390: 'r-{}"_',
    430: "I1/\\",
    500: "*szšž–",
    530: "cvyŋč→←7x?~",
    570: "aekuFJL<>åéèêüä229hno^øôòóö",
    600: "35bdgpqEST$+đÉ468PZ=0",
    650: "BRVY«»CKADUXÅÄ",
    720: "HGN&",
    760: "wOØÖQ#@",
    880: "—M½mWæ",
    960: "%Æ",
}
_OF = {sign: width for width, signs in _WIDTHS.items() for sign in signs}
_ELSE = 700
LEADING = 1.3  # from line to line, in type sizes: plotly's own


def clean(text: str) -> str:
    """Return `text` on one line, without control signs or signs that turn the direction of writing."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def plain(text: str) -> str:
    """Return `text` so that plotly draws it sign by sign: its labels read pseudo-HTML."""
    return escape(text, quote=False)


def width(text: str, size: float) -> float:
    """Return the width of `text` in pixels at type size `size`, on the generous side."""
    return sum(_OF.get(sign, _ELSE) for sign in text) * size / 1000


def shorten(text: str, room: float, size: float) -> str:
    """Return `text`, or as much of it as `room` pixels hold and an ellipsis."""
    if width(text, size) <= room:
        return text
    while text and width(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip(" ,.;:-–") + "…"


def wrap(text: str, room: float, size: float, most: int = 99) -> list[str]:
    """Return `text` in at most `most` even lines of `room` pixels; the last is cut if there is more."""
    words = _words(clean(text), room, size)
    lines = _filled(words, room, size)
    if len(lines) > most:
        return [*lines[: most - 1], shorten(" ".join(lines[most - 1 :]), room, size)]
    narrow = room
    while narrow > size:
        narrow -= size / 2
        even = _filled(words, narrow, size)
        if len(even) > len(lines) or any(width(line, size) > room for line in even):
            break
        lines = even
    return lines


def _filled(words: list[str], room: float, size: float) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in words:
        longer = f"{line} {word}" if line else word
        if not line or width(longer, size) <= room:
            line = longer
            continue
        lines.append(line)
        line = word
    return [*lines, line]


def _words(text: str, room: float, size: float) -> list[str]:
    """Return the words of `text`; one that is wider than the room is cut in pieces with hyphens."""
    words: list[str] = []
    for word in text.split(" "):
        while width(word, size) > room and len(word) > 2:
            cut = len(word) - 1
            while cut > 1 and width(word[:cut] + "-", size) > room:
                cut -= 1
            words.append(word[:cut] + "-")
            word = word[cut:]
        words.append(word)
    return words


def alike(
    texts: Sequence[str], room: float, height: float, sizes: tuple[float, ...]
) -> tuple[list[list[str]], float]:
    """Return lines for each text and one type size: the largest of `sizes` (falling) that holds them all."""
    size = min((fit(text, room, height, sizes)[1] for text in texts), default=sizes[0])
    return [fit(text, room, height, (size,))[0] for text in texts], size


def fit(text: str, room: float, height: float, sizes: tuple[float, ...]) -> tuple[list[str], float]:
    """Return lines and type size: the largest of `sizes` (falling) that holds all the text."""
    for size in sizes:
        lines = wrap(text, room, size)
        if len(lines) * size * LEADING <= height:
            return lines, size
    size = sizes[-1]
    return wrap(text, room, size, max(1, int(height / (size * LEADING)))), size
