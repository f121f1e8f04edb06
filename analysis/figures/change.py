"""Change between two rounds: dots before and after back to back as published, and three numbers beside.

Nothing joins a dot before with a dot after: such lines would be the ballots themselves.
"""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from analysis.figures.canvas import Canvas
from analysis.figures.lettering import LEADING, fit, width, wrap
from analysis.figures.stacks import Packing, bar, by_hand, row_packing, stands_for
from analysis.figures.strips import ends, middle_of
from analysis.figures.theme import Theme
from analysis.language import sentence
from analysis.reading import Reading

STAGE = "change:"
DIRECTIONS = {"up": "↑", "same": "→", "down": "↓"}
NUMBERS_FROM = 0.69  # of the width: where the three numbers stand
BIG = 4.7  # type size of a number, in labels
ON_PAPER = 12.5  # height of the three numbers on paper, in labels


def items(reading: Reading) -> list[str]:
    """Return the items whose change is out, in ballot order."""
    return [item.key for item in reading.question.items if has_change(reading, item.key)]


def has_change(reading: Reading, item: str) -> bool:
    """Say whether there is anything to see of an item's change."""
    if reading.compared is None:
        return False
    return reading.value("same", item) is not None or nearly_all(reading, item) != ""


def nearly_all(reading: Reading, item: str) -> str:
    """Return the way that nearly all went, or nothing."""
    return next((str(row["level"]) for row in reading.each("nearly_all_moved") if row["item"] == item), "")


def draw(reading: Reading, theme: Theme, item: str) -> go.Figure:
    """Return one statement's answers before and after, and how many went up, stayed and went down."""
    then = reading.compared
    if then is None:
        raise KeyError(f"{reading.question.key}: there is no earlier round to compare with")
    low, high = ends(reading)
    steps = high - low + 1
    words, size = fit(
        reading.item(item).text, theme.edge - theme.left, theme.label * 2.7, (theme.label * 1.1, theme.small)
    )
    top = len(words) * size * LEADING + theme.small * 2.1
    foot = theme.label * 1.8 + (theme.small * 1.4 if _unit(reading, then) > 1 else 0)
    height = theme.height or max(top + steps * theme.dot * 1.3 + foot, top + theme.label * ON_PAPER)
    row = (height - top - foot) / steps
    canvas = Canvas(theme, height, ("whole",), (0, theme.width), (0, theme.width))
    canvas.text(theme.left, 0, words, size, bold=True, stand="top")
    under = len(words) * size * LEADING + theme.small * 0.2
    canvas.text(theme.left, under, pairs(reading, item), theme.small, colour=theme.second, stand="top")
    _sides(canvas, reading, then, item, (top, row))
    _numbers(canvas, reading, item, (top, height - foot))
    return canvas.done(alt_text(reading, item))


def _unit(reading: Reading, then: Reading) -> int:
    return stands_for(max(reading.n, then.n))


def _sides(canvas: Canvas, reading: Reading, then: Reading, item: str, place: tuple[float, float]) -> None:
    """Draw the steps in the middle, the dots before at their left and those after at their right."""
    theme, (top, row) = canvas.theme, place
    low, high = ends(reading)
    half = max(width(str(high), theme.axis), theme.axis) * 0.5 + theme.axis * 0.5
    right = theme.width * NUMBERS_FROM - theme.label * 1.4
    middle = (theme.left + right) / 2
    counts = [count for one in (then, reading) for count in one.levels("count", item).values()]
    unit = _unit(reading, then)
    room = middle - half - theme.left
    packing = row_packing(round(max(counts, default=1)), room, row * 0.92, theme.dot * 1.25, unit)
    foot = top + row * (high - low + 1)
    for step in range(low, high + 1):
        y = top + (high - step + 0.5) * row
        canvas.text(middle, y, str(step), min(theme.axis, row * 0.8), bold=True, anchor="center")
    for sign, one, said in ((-1, then, "change_before"), (1, reading, "change_after")):
        edge = middle + sign * half
        canvas.line((edge, top, edge, foot), theme.rule, theme.thin * 0.7)
        _dots(canvas, one, item, (edge, top, row), packing, sign)
        median = one.value("median", item)
        words = reading.t(said) if median is None else reading.t(f"{said}_median", median=median)
        _under(canvas, words, edge, foot, room, sign)
    if unit > 1:
        words = reading.t("dot_stands_for", n=unit) + "."
        canvas.text(
            theme.left, foot + theme.label * 2.1, words, theme.small, colour=theme.second, stand="middle"
        )


def _under(canvas: Canvas, words: str, edge: float, foot: float, room: float, sign: int) -> None:
    lines, size = fit(words, room, canvas.theme.label * 1.4, (canvas.theme.label, canvas.theme.small))
    anchor = "left" if sign > 0 else "right"
    canvas.text(edge, foot + canvas.theme.label * 0.4, lines, size, bold=True, anchor=anchor, stand="top")


def _dots(
    canvas: Canvas, one: Reading, item: str, place: tuple[float, float, float], packing: Packing, sign: int
) -> None:
    """Draw one round's dots as they were published, away from the middle."""
    edge, top, row = place
    _, high = ends(one)
    found = [np.empty((0, 2))]
    for level, count in one.levels("count", item).items():
        step = middle_of(level)
        spots = by_hand(bar(count, packing), packing.size, 500 * (sign + 2) + round(step * 2))
        y = top + (high - step + 0.5) * row
        found.append(spots * (sign, 1) + (edge + sign * canvas.theme.thin, y))
    spots = np.vstack(found)
    canvas.marks(list(spots[:, 0]), list(spots[:, 1]), packing.size, one.t("round_n", n=one.round.number))


def _numbers(canvas: Canvas, reading: Reading, item: str, place: tuple[float, float]) -> None:
    """Write how many went up, stayed and went down, one under the other, as large as they fit."""
    theme, (top, foot) = canvas.theme, place
    left, high = theme.width * NUMBERS_FROM, (foot - top) / 3
    size = min(theme.label * BIG, high * 0.62)
    alike = nearly_all(reading, item)
    for order, (name, arrow) in enumerate(DIRECTIONS.items()):
        y = top + order * high
        count = reading.value(name, item)
        if order and not alike:
            canvas.line((left, y, theme.edge, y), theme.line, theme.thin * 0.6)
        if count is None and name != alike:
            continue
        at = left + size * 0.62
        canvas.text(left, y + high * 0.42, arrow, size * 0.5, bold=True)
        if count is None:
            words = wrap(reading.t("nearly_all"), theme.edge - at, theme.label * 1.4, 2)
            canvas.text(at, y + high * 0.42, words, theme.label * 1.4, bold=True)
        else:
            canvas.text(at, y + high * 0.42, reading.number(count), size, bold=True)
        canvas.text(at, y + high * 0.84, reading.t(f"moved_{name}"), theme.label, bold=True)


def pairs(reading: Reading, item: str) -> str:
    """Return how many are compared, in a sentence."""
    n, missing = reading.count("pairs", item), reading.count("missing", item)
    return reading.t("change_pairs", answered=n, of=n + missing)


def alt_text(reading: Reading, item: str) -> str:
    """Return the change of one item in sentences, with every number that stands in it."""
    t, then = reading.t, reading.compared
    parts = [sentence(reading.item(item).text), pairs(reading, item)]
    for one, said in ((then, "change_before"), (reading, "change_after")):
        if one is None:
            continue
        median = one.value("median", item)
        parts.append(f"{t(said)}." if median is None else f"{t(f'{said}_median', median=median)}.")
        steps = (f"{level}: {one.number(n)}" for level, n in one.levels("count", item).items() if n)
        parts.append(", ".join(steps) + ".")
    return " ".join([*parts, in_short(reading, item)])


def in_short(reading: Reading, item: str) -> str:
    """Return how many went which way, in a sentence."""
    alike = nearly_all(reading, item)
    if alike:
        return reading.t(f"moved_{alike}_nearly_all")
    counts = {name: reading.count(name, item) for name in DIRECTIONS}
    return reading.t("moved_counts", **counts)


def heads(reading: Reading) -> list[str]:
    """Return the heads of the change's columns in the table behind the round's chart; none without one."""
    return [reading.t(f"head_{name}") for name in DIRECTIONS] if items(reading) else []


def cells(reading: Reading, item: str) -> list[str]:
    """Return an item's cells under `heads`."""
    if not items(reading):
        return []
    alike = nearly_all(reading, item)
    counts = {name: reading.value(name, item) for name in DIRECTIONS}
    return [
        reading.t("nearly_all" if name == alike else "not_shown") if count is None else reading.number(count)
        for name, count in counts.items()
    ]


def table(reading: Reading) -> tuple[list[str], list[list[str]]]:
    """Return headers and rows of the change alone: spread before and after beside the medians.

    What is tested stands in the appendix alone.
    """
    t, then = reading.t, reading.compared
    both = [name for name in ("median", "gmd") if any(reading.each(name))]
    sides = [(name, one, said) for name in both for one, said in ((then, "before"), (reading, "after"))]
    effect = ["r_rb"] if any(not row["hidden"] for row in reading.each("r_rb")) else []
    first = t("statement" if both else "option")
    named = [t(f"change_{said}_of", what=t(f"head_{name}")) for name, _, said in sides]
    rows = []
    for item in items(reading):
        row = [reading.item(item).text]
        row += [_written(reading, one.value(name, item) if one else None) for name, one, _ in sides]
        row += [_written(reading, reading.value("pairs", item)), *cells(reading, item)]
        rows.append(row + [_written(reading, reading.value(name, item)) for name in effect])
    return [first, *named, t("head_pairs"), *heads(reading), *(t(f"head_{name}") for name in effect)], rows


def _written(reading: Reading, value: float | None) -> str:
    return reading.t("not_shown") if value is None else reading.number(value)
