"""Kind sort: a bar of equal length for each item, buckets at its ends, the unsure grey in the middle."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from analysis.figures import rows
from analysis.figures.canvas import Canvas, only_words
from analysis.figures.lettering import fit, width, wrap
from analysis.figures.sort_words import (
    UNSURE,
    alt_text,
    buckets,
    caption,
    count_of,
    in_short,
    instead,
    majority,
    nearly_all,
    nothing_shown,
    ordered,
    table,
)
from analysis.figures.theme import Theme, reads_on
from analysis.reading import Reading

__all__ = [
    "alt_text", "caption", "changes", "draw", "extras", "in_short", "nothing_shown", "parts", "stages",
    "table",
]  # fmt: skip
SHADES = {1: (1.0,), 2: (0.9, 0.0), 3: (0.95, 0.65, 0.0), 4: (1.0, 0.75, 0.42, 0.0)}  # of the ramp
SIDE = 0.17  # of the width: what stands at the right of a bar


@dataclass(frozen=True)
class Segment:
    """A part of a bar: its key and words, its fill, and whether it is hatched."""

    key: str
    words: str
    fill: str
    hatched: bool = False


def stages(reading: Reading) -> tuple[str, ...]:
    """Return the stages: the bars, then in how many groups the first bucket has more than half."""
    spread = reading.form == "full" and any(majority(reading, item) for item in ordered(reading))
    return ("whole", "spread") if spread else ("whole",)


# Rounds of this kind are not compared, and the report has no picture more.
changes = extras = rows.no_stages


def parts(reading: Reading) -> int:
    """Return how many sheets the items take on paper."""
    return rows.sheets([item.key for item in reading.question.items])


def draw(
    reading: Reading, theme: Theme, stage: str, highlight: tuple[str, ...] = (), part: int | None = None
) -> go.Figure:
    """Return the bars, or why there are none; on a screen the first eight items."""
    if reading.form == "turnout":
        return only_words(nothing_shown(reading), theme)
    shown = ("whole",) if stage == "whole" and len(stages(reading)) > 1 else ("whole", "spread")
    items = ordered(reading)
    kept = rows.kept(items, theme, part)
    top, left_out = theme.small * 2.6, 0 if theme.complete else len(items) - len(kept)
    small = reading.form == "small"
    foot = theme.small * (1.8 if left_out or small else 0.6)
    laid, height = rows.laid(reading, theme, kept, top, foot, theme.plot - theme.left - theme.small * 0.6)
    right = theme.edge - (theme.edge - theme.left) * SIDE
    canvas = Canvas(theme, height, shown, (0, 1), (theme.plot, right))
    segments = _segments(reading, theme)
    if reading.form == "full":
        rows.key(canvas, [(one.words, one.fill, one.hatched) for one in segments], theme.small * 1.2, right)
        _side_head(canvas, reading, items)
    for row in laid:
        rows.named(canvas, row, row.item in highlight)
        words = instead(reading, row.item)
        if words:
            level = nearly_all(reading, row.item)
            fill = next((one.fill for one in segments if one.key == level), "")
            _block(canvas, row, words, fill)
            continue
        _bar(canvas, reading, row, segments)
        _side(canvas, reading, row)
    notes = [reading.t("figure_few")] if small else []
    notes += [reading.t("figure_items_left_out", n=left_out)] if left_out else []
    rows.footed(canvas, " ".join(notes), laid[-1].bottom + theme.small * 0.3)
    return canvas.done(alt_text(reading))


def _segments(reading: Reading, theme: Theme) -> list[Segment]:
    """Return the parts of a bar from the left, the unsure in the middle."""
    found = buckets(reading)
    shades = SHADES.get(len(found), SHADES[4])
    made = [
        Segment(key, words, theme.ramp(shade)) for (key, words), shade in zip(found, shades, strict=False)
    ]
    middle = (len(made) + 1) // 2
    unsure = Segment(UNSURE, reading.t("figure_unsure"), theme.mark, True)
    return [*made[:middle], unsure, *made[middle:]]


def _bar(canvas: Canvas, reading: Reading, row: rows.Row, segments: list[Segment]) -> None:
    """Draw a bar with its counts; a count too wide for its part stands nowhere but in table and sentence."""
    theme = canvas.theme
    counts = [count_of(reading, row.item, one.key) or 0.0 for one in segments]
    n, x = sum(counts) or 1.0, canvas.left
    air = min(theme.label * 0.4, (row.bottom - row.top) * 0.14)
    size = min(theme.label, (row.bottom - row.top) * 0.5)
    for one, count in zip(segments, counts, strict=True):
        if not count:
            continue
        end = x + (canvas.right - canvas.left) * count / n
        box = (x, row.top + air, end, row.bottom - air)
        canvas.rect(box, one.fill, theme.ink, theme.thin * 0.6)
        words = reading.number(count)
        if one.hatched:
            canvas.hatch(box, theme.second, max(1.0, theme.thin * 0.4))
            half = width(words, size) / 2 + size * 0.15
            middle = (x + end) / 2
            if end - x > half * 2:
                canvas.rect(
                    (middle - half, row.middle - size * 0.6, middle + half, row.middle + size * 0.6), one.fill
                )
        if width(words, size) <= end - x:
            colour = theme.ink if one.hatched else reads_on(one.fill)
            canvas.text((x + end) / 2, row.middle, words, size, bold=True, colour=colour, anchor="center")
        x = end


def _block(canvas: Canvas, row: rows.Row, words: str, fill: str) -> None:
    """Write what stands for a bar; on the bucket's own ground where nearly all chose one."""
    theme = canvas.theme
    if not fill:
        rows.instead(canvas, row, canvas.left, words)
        return
    air = min(theme.label * 0.4, (row.bottom - row.top) * 0.14)
    canvas.rect(
        (canvas.left, row.top + air, canvas.right, row.bottom - air), fill, theme.ink, theme.thin * 0.6
    )
    room = canvas.right - canvas.left - theme.small
    lines, size = fit(words, room, row.bottom - row.top - air * 2, (theme.label, theme.small))
    colour = reads_on(fill)
    canvas.text(canvas.left + theme.small * 0.5, row.middle, lines, size, bold=True, colour=colour)


def _side_head(canvas: Canvas, reading: Reading, items: list[str]) -> None:
    """Write above the right column what its numbers are."""
    theme, words = canvas.theme, next((words for _, words in buckets(reading)), "")
    if not any(majority(reading, item) for item in items):
        return
    x = canvas.right + theme.small * 0.6
    head = reading.t("figure_sort_majority", bucket=words)
    lines = wrap(head, theme.edge - x, theme.small, 2)
    canvas.text(x, theme.small * 1.2, lines, theme.small, layer="spread")


def _side(canvas: Canvas, reading: Reading, row: rows.Row) -> None:
    """Write beside a bar in how many groups the first bucket has more than half of the answers."""
    theme, (first, _) = canvas.theme, next(iter(buckets(reading)), ("", ""))
    groups, of = reading.value("majority_groups", row.item, level=first), reading.value("groups_counted")
    hidden = reading.why_hidden(row.item, measure="majority_groups")
    if not of or (groups is None and not hidden):
        return
    x = canvas.right + theme.small * 0.6
    words = reading.t("hidden")
    if groups is not None:
        words = reading.t("figure_of_groups", n=round(groups), of=round(of))
    lines, size = fit(words, theme.edge - x, row.bottom - row.top, (theme.small,))
    canvas.text(x, row.middle, lines, size, layer="spread")
