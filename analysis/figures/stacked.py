"""Many statements at a glance: bars of equal length from the lowest step to the highest, with the counts."""

from __future__ import annotations

import plotly.graph_objects as go

from analysis.figures import rows
from analysis.figures.canvas import Canvas
from analysis.figures.lettering import shorten, width
from analysis.figures.strips import ends
from analysis.figures.theme import Theme, reads_on
from analysis.language import headed, sentence
from analysis.reading import Reading

STAGE = "stacked:"
MANY = 5  # statements; fewer are seen as well in the strips


def stages(reading: Reading, ordered: list[str]) -> tuple[str, ...]:
    """Return one stage for each sheet of statements; none with few of them or without counts."""
    if len(ordered) < MANY or not any(_counts(reading, item) for item in ordered):
        return ()
    return tuple(f"{STAGE}{part}" for part in range(rows.sheets(ordered)))


def draw(reading: Reading, theme: Theme, stage: str, ordered: list[str]) -> go.Figure:
    """Return the bars of the sheet that the stage names."""
    part = int(stage.partition(":")[2] or 0)
    items = rows.kept(ordered, theme, part)
    head = theme.label * 1.7
    top, foot = head + theme.small * 2.2, theme.small * 0.6
    room = theme.plot - theme.left - theme.small * 0.6
    laid, height = rows.laid(reading, theme, items, top, foot, room)
    canvas = Canvas(theme, height, ("whole", "spread"), (0, 1), (theme.plot, theme.number))
    rows.headed(canvas, reading.t("figure_stacked"))
    _steps(canvas, reading, head + theme.small * 0.8)
    for row in laid:
        rows.named(canvas, row)
        counts = _counts(reading, row.item)
        if not counts:
            words = reading.why_hidden(row.item) or reading.t("no_answers")
            rows.instead(canvas, row, canvas.left, words)
            continue
        _bar(canvas, reading, row, counts)
    return canvas.done(alt_text(reading, items))


def _counts(reading: Reading, item: str) -> dict[str, float]:
    found = reading.levels("count", item)
    return found if sum(found.values()) else {}


def _steps(canvas: Canvas, reading: Reading, y: float) -> None:
    """Draw the steps in their fills with the words of the ends beside them."""
    theme, (low, high) = canvas.theme, ends(reading)
    side = theme.small * 1.5
    settings = reading.question.settings
    before, after = (str(settings.get(name, "")) for name in ("low", "high"))
    x = canvas.left
    room = canvas.left - theme.left - theme.small
    words = shorten(before, room, theme.small)
    canvas.text(x - theme.small * 0.4, y, words, theme.small, colour=theme.second, anchor="right")
    for step in range(low, high + 1):
        fill = theme.ramp((step - low) / (high - low))
        canvas.rect((x, y - side / 2, x + side, y + side / 2), fill, theme.ink, theme.thin * 0.4)
        canvas.text(
            x + side / 2, y, str(step), theme.small, bold=True, colour=reads_on(fill), anchor="center"
        )
        x += side
    words = shorten(after, theme.edge - x - theme.small, theme.small)
    canvas.text(x + theme.small * 0.4, y, words, theme.small, colour=theme.second)


def _bar(canvas: Canvas, reading: Reading, row: rows.Row, counts: dict[str, float]) -> None:
    theme, (low, high) = canvas.theme, ends(reading)
    n = sum(counts.values())
    wide = canvas.right - canvas.left
    air = min(theme.label * 0.45, (row.bottom - row.top) * 0.16)
    x = canvas.left
    for level, count in counts.items():
        if not count:
            continue
        first, _, last = level[1:].partition("-")  # a minus before the first is its own
        first = level[0] + first
        fill = theme.ramp(((int(first) + int(last or first)) / 2 - low) / (high - low))
        end = x + wide * count / n
        canvas.rect((x, row.top + air, end, row.bottom - air), fill, theme.ink, theme.thin * 0.4)
        words = reading.number(count)
        if width(words, theme.small) <= end - x - 2:
            middle = (x + end) / 2
            canvas.text(
                middle, row.middle, words, theme.small, bold=True, colour=reads_on(fill), anchor="center"
            )
        x = end
    canvas.text(theme.edge, row.middle, reading.t("figure_n", n=round(n)), theme.small, anchor="right")


def alt_text(reading: Reading, items: list[str]) -> str:
    """Return every bar's counts in sentences."""
    parts = [sentence(reading.t("figure_stacked"))]
    for item in items:
        steps = ", ".join(f"{level}: {reading.number(n)}" for level, n in _counts(reading, item).items() if n)
        words = steps or reading.why_hidden(item) or reading.t("no_answers")
        parts.append(headed(reading.item(item).text, sentence(words)))
    return " ".join(parts)
