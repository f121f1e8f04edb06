"""Change between two rounds of a dot vote: dots before and after, and how many gave more or fewer."""

from __future__ import annotations

import plotly.graph_objects as go

from analysis import ranking
from analysis.figures.canvas import Canvas
from analysis.figures.change import DIRECTIONS, has_change, nearly_all
from analysis.figures.lettering import alike, fit, shorten, width
from analysis.figures.stacks import Packing, bar, by_hand, row_packing, stands_for
from analysis.figures.theme import Theme
from analysis.language import headed
from analysis.reading import Reading

OPTIONS = 8  # on one screen
ON_PAPER = 24  # more would not fit on a page; the table has all
MIDDLE = 0.53  # of the width: dots before end here, dots after begin
COLUMNS = (0.83, 0.895, 0.96)  # of the width: more, the same, fewer


def items(reading: Reading) -> list[str]:
    """Return the options whose change is out, in rank order of the later round."""
    return [place.item for place in ranking.places(reading) if has_change(reading, place.item)]


def draw(reading: Reading, theme: Theme, highlight: tuple[str, ...] = ()) -> go.Figure:
    """Return the options that stand highest, with their dots before and after."""
    then = reading.compared
    if then is None:
        raise KeyError(f"{reading.question.key}: there is no earlier round to compare with")
    found = items(reading)
    kept = found[: ON_PAPER if theme.complete else OPTIONS]
    top, foot = theme.label * 2.9, theme.small * 1.9
    row = theme.label * 2.5
    if theme.height:
        row = min((theme.height - top - foot) / max(1, len(kept)), theme.label * 3)
    height = theme.height or top + foot + row * len(kept)
    canvas = Canvas(theme, height, ("whole",), (0, theme.width), (0, theme.width))
    numbers = [_dots_of(one, item) for one in (then, reading) for item in kept]
    widest = max((width(words, theme.label) for words in numbers), default=0)
    half = max(theme.label * 1.8, widest + theme.label * 0.7)
    middle, right = theme.width * MIDDLE, theme.width * COLUMNS[0] - theme.label * 1.5
    room = right - middle - half
    counts = [reading_.count("dots", item) for reading_ in (then, reading) for item in kept]
    unit = stands_for(max(reading.n, then.n), 200, max(counts, default=0))
    packing = row_packing(max(counts, default=1), room, row * 0.8, theme.dot, unit)
    _heads(canvas, reading, middle, top)
    words = middle - half - room - theme.left - theme.small * 0.5
    sizes = (theme.label, min(32, theme.label), theme.small)
    texts, size = alike([reading.item(item).text for item in kept], words, row * 0.96, sizes)
    for order, item in enumerate(kept):
        y = top + row * (order + 0.5)
        if item in highlight:
            canvas.rect((0, y - row / 2, theme.width, y + row / 2), theme.talk)
        canvas.line((theme.left, y - row / 2, theme.edge, y - row / 2), theme.line, theme.thin * 0.6)
        canvas.text(theme.left, y, texts[order], size, bold=True)
        for sign, one in ((-1, then), (1, reading)):
            _side(canvas, one, item, (middle, half, y), packing, sign)
        _moved(canvas, reading, item, y)
    _foot(canvas, reading, len(found) - len(kept), unit, top + row * len(kept))
    return canvas.done(alt_text(reading))


def _heads(canvas: Canvas, reading: Reading, middle: float, top: float) -> None:
    theme = canvas.theme
    y = top - theme.label * 0.8
    for said, x, anchor in (
        ("change_before", middle - theme.label * 0.2, "right"),
        ("change_after", middle + theme.label * 0.2, "left"),
    ):
        canvas.text(x, y, reading.t(said), theme.label, bold=True, anchor=anchor)
    for (name, arrow), column in zip(DIRECTIONS.items(), COLUMNS, strict=True):
        x = theme.width * column
        canvas.text(x, y, arrow, theme.label * 1.2, bold=True, anchor="center")
        words = reading.t(f"dots_{name}")
        if width(words, theme.small) < theme.width * (COLUMNS[1] - COLUMNS[0]):
            canvas.text(x, y - theme.label * 1.3, words, theme.small, anchor="center")


def _side(
    canvas: Canvas, one: Reading, item: str, place: tuple[float, float, float], packing: Packing, sign: int
) -> None:
    """Draw one round's dots on an option, away from the middle, and their number beside it."""
    theme, (middle, half, y) = canvas.theme, place
    count = one.value("dots", item)
    anchor = "left" if sign > 0 else "right"
    canvas.text(
        middle + sign * theme.label * 0.2, y, _dots_of(one, item), theme.label, bold=True, anchor=anchor
    )
    if count:
        spots = by_hand(bar(count, packing), packing.size, 600 * (sign + 2) + round(y))
        xs = middle + sign * half + sign * spots[:, 0]
        canvas.marks(list(xs), list(y + spots[:, 1]), packing.size, one.item(item).text)


def _dots_of(one: Reading, item: str) -> str:
    count = one.value("dots", item)
    return one.t("not_shown") if count is None else one.number(count)


def _moved(canvas: Canvas, reading: Reading, item: str, y: float) -> None:
    theme, alike = canvas.theme, nearly_all(reading, item)
    for name, column in zip(DIRECTIONS, COLUMNS, strict=True):
        count = reading.value(name, item)
        x = theme.width * column
        if count is not None:
            canvas.text(x, y, reading.number(count), theme.label * 1.1, bold=True, anchor="center")
        elif name == alike:
            words, size = fit(
                reading.t("nearly_all"),
                theme.width * (COLUMNS[1] - COLUMNS[0]) * 1.2,
                theme.label * 2.4,
                (theme.small,),
            )
            canvas.text(x, y, words, size, bold=True, anchor="center")


def _foot(canvas: Canvas, reading: Reading, left_out: int, unit: int, y: float) -> None:
    theme = canvas.theme
    parts = [pairs(reading)]
    parts += [reading.t("dot_stands_for_dots", n=unit)] if unit > 1 else []
    where = "figure_in_table" if theme.complete else "options_left_out_hidden"
    parts += [reading.t(where, n=left_out)] if left_out else []
    words = shorten(" ".join(parts), theme.edge - theme.left, theme.small)
    canvas.text(theme.left, y + theme.small * 0.3, words, theme.small, colour=theme.second, stand="top")


def pairs(reading: Reading) -> str:
    """Return how many are compared, in a sentence; the same for every option."""
    found = items(reading)
    n = reading.count("pairs", found[0]) if found else 0
    missing = reading.count("missing", found[0]) if found else 0
    return reading.t("change_pairs", answered=n, of=n + missing)


def in_short(reading: Reading, item: str) -> str:
    """Return how many gave an option more, as many and fewer dots, in a sentence."""
    alike = nearly_all(reading, item)
    if alike:
        return reading.t(f"dots_moved_{alike}_nearly_all")
    counts = {name: reading.count(name, item) for name in DIRECTIONS}
    return reading.t("dots_moved_counts", **counts)


def alt_text(reading: Reading) -> str:
    """Return the change of every option in sentences."""
    then, parts = reading.compared, [pairs(reading)]
    for item in items(reading):
        known = [_dots_of(one, item) for one in (then, reading) if one is not None]
        parts.append(headed(reading.item(item).text, f"{' → '.join(known)}. {in_short(reading, item)}"))
    return " ".join(parts)
