"""A card's code: eleven random Crockford base32 symbols and a check symbol, and how typed ones are read."""

from __future__ import annotations

import re
import secrets

from survey.errors import UnknownCode

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM = 11
# Spaces of every kind, hyphens and dashes are how people group signs; they mean nothing.
_GROUPING = re.compile(r"[\s\-\u2010-\u2015\u2212\u00ad\u200b\ufeff]+")
_READ_AS = str.maketrans("OIL", "011")


def _powers() -> tuple[int, ...]:
    found, power = [], 1
    for _ in range(_RANDOM):
        power <<= 1
        # Multiplying by a root of x^5 + x^2 + 1 over GF(2): x^5 is x^2 + 1.
        power = power ^ 0b100101 if power & 0b100000 else power
        found.append(power)
    return tuple(found)


_POWERS = _powers()


def _times(left: int, right: int) -> int:
    product = 0
    for bit in range(5):
        if right >> bit & 1:
            product ^= left << bit
    for bit in range(8, 4, -1):
        if product >> bit & 1:
            product ^= 0b100101 << (bit - 5)
    return product


def check_symbol(symbols: str) -> str:
    """Return the check symbol of eleven symbols: the sum of a^i d_i over GF(32), i = 1 ... 11.

    It catches every single wrong symbol and every swap of two.
    """
    total = 0
    for power, symbol in zip(_POWERS, symbols, strict=True):
        total ^= _times(power, SYMBOLS.index(symbol))
    return SYMBOLS[total]


def new_code() -> str:
    """Return a new random code of twelve symbols, 55 bit."""
    symbols = "".join(secrets.choice(SYMBOLS) for _ in range(_RANDOM))
    return symbols + check_symbol(symbols)


def normalise(typed: str) -> str:
    """Return the twelve symbols of a typed code; raises UnknownCode for anything that is not a code.

    Case does not matter, O is 0, I and L are 1, spaces and dashes are dropped.
    """
    # Upper case only after the length is known: some letters grow when raised.
    symbols = _GROUPING.sub("", typed[:200])
    if len(symbols) != _RANDOM + 1 or not symbols.isascii():
        raise UnknownCode
    symbols = symbols.upper().translate(_READ_AS)
    if any(symbol not in SYMBOLS for symbol in symbols) or check_symbol(symbols[:-1]) != symbols[-1]:
        raise UnknownCode
    return symbols


def pretty(code: str) -> str:
    """Return a code as it is printed: `XXXX-XXXX-XXXX`."""
    return "-".join((code[:4], code[4:8], code[8:]))
