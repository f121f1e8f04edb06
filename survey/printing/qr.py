"""QR codes: as a path for paper and pages, and as signs for a terminal. Level Q: a quarter may be damaged."""

from __future__ import annotations

from itertools import groupby

from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_Q

_QUIET = 4


def modules(text: str, quiet: int = 0, level: int = ERROR_CORRECT_Q) -> list[list[bool]]:
    """Return the code's square of modules, true is dark, with `quiet` light modules around it.

    The mask is fixed: what a card's code spells is as good as random, so no mask makes better pictures than
    another, and trying all eight is most of the work.
    """
    code = QRCode(error_correction=level, border=quiet, mask_pattern=3)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    matrix: list[list[bool]] = code.get_matrix()
    return matrix


def path(square: list[list[bool]]) -> str:
    """Return the dark modules as SVG path data, one module to a unit."""
    parts = []
    for y, row in enumerate(square):
        x = 0
        for dark, run in groupby(row):
            width = len(list(run))
            if dark:
                parts.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width
    return "".join(parts)


def svg(text: str, quiet: int = _QUIET) -> str:
    """Return the code as an SVG picture that scales to its place, black on white."""
    square = modules(text, quiet)
    size = len(square)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}h-{size}z"/><path fill="#000" d="{path(square)}"/></svg>'
    )


def terminal(text: str) -> str:
    """Return the code as lines for a terminal, two modules above each other to a sign."""
    square = modules(text, quiet=2, level=ERROR_CORRECT_L)
    if len(square) % 2:
        square.append([False] * len(square[0]))
    signs = {(False, False): "█", (True, False): "▄", (False, True): "▀", (True, True): " "}
    lines = (
        "".join(signs[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(square[::2], square[1::2], strict=True)
    )
    # White on black in so many words, because a terminal with a light ground would turn the code inside out.
    return "\n".join(f"\033[97;40m{line}\033[0m" for line in lines)
