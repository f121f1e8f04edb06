"""Kind dots: ranked bars of dots that can be counted, people beside dots, and what is too close to call."""

from __future__ import annotations

import plotly.graph_objects as go

from analysis import ranking
from analysis.figures import breadth, change, change_dots, dots_groups, identity, rows, tallies
from analysis.figures.canvas import Canvas, only_words
from analysis.figures.dots_words import alt_text, caption, in_short, nothing_shown, table
from analysis.figures.lettering import LEADING, alike, shorten, width, wrap
from analysis.figures.stacks import Packing, bar, by_hand, row_packing, spread_out, stands_for
from analysis.figures.theme import Theme
from analysis.ranking import Place, places
from analysis.reading import Reading

__all__ = [
    "alt_text", "caption", "changes", "draw", "extras", "in_short", "nothing_shown", "parts", "stages",
    "table",
]  # fmt: skip
OPTIONS = 8  # on one screen
LINES = 3  # of an option on paper; the table has it in full
PAPER_ROW = 2.5  # height of an option on paper, in letters
FURTHER = {one.STAGE: one for one in (dots_groups, breadth, tallies)}  # charts of all options at once


def stages(reading: Reading) -> tuple[str, ...]:
    """Return the stages: the bars, the ranks and what is too close to call, and what more can be asked."""
    if reading.form != "full" or not places(reading):
        return ("whole",)
    further = (name for one in FURTHER.values() for name in one.stages(reading))
    return ("whole", "spread", *changes(reading), *further)


def changes(reading: Reading) -> tuple[str, ...]:
    """Return the stage that shows the change from an earlier round, about no option alone; or none."""
    return (change.STAGE,) if change_dots.items(reading) else ()


def extras(reading: Reading) -> tuple[str, ...]:
    """Return the stages that the report draws as well; the other ways to count have a table there."""
    return tuple(name for one in FURTHER.values() if one is not tallies for name in one.stages(reading))


def parts(reading: Reading) -> int:
    """Return how many sheets the options take on paper."""
    return rows.pieces(len(places(reading)))


def draw(
    reading: Reading, theme: Theme, stage: str, highlight: tuple[str, ...] = (), part: int | None = None
) -> go.Figure:
    """Return the ranked bars; on a screen the first eight, the rest summed in a line."""
    if stage.startswith(change.STAGE):
        return change_dots.draw(reading, theme, highlight)
    if stage in FURTHER:
        return FURTHER[stage].draw(reading, theme, highlight)
    # A small plenary has no bars: its places are all there is to see.
    shown = ("whole",) if stage == "whole" and reading.form == "full" else ("whole", "spread")
    ranked = places(reading)
    if not ranked:
        return only_words(nothing_shown(reading), theme)
    sheet = ranked if part is None else rows.sheet(ranked, part)
    kept = sheet if theme.complete or len(ranked) <= OPTIONS else ranked[: OPTIONS - 1]
    aligned = ranked if theme.complete else kept
    laid, height = _rows(reading, theme, kept, aligned, len(sheet) - len(kept))
    left = theme.plot + theme.label * 0.6
    longest = max((width(ranking.people(reading, place), theme.small) for place in kept), default=0)
    right = theme.edge - theme.label * 1.5 - min(longest, theme.edge * 0.2)
    unit = stands_for(reading.n, 200, max((place.dots or 0 for place in ranked), default=0))
    most = max((place.dots or 0 for place in ranked), default=1)
    room = min((bottom - top for top, bottom, _, _ in laid), default=theme.row) - theme.thin * 4
    packing = row_packing(most, right - left, room, theme.dot * 0.94, unit)
    canvas = Canvas(theme, height, shown, (0.5, (right - left) / (packing.size * 1.1) + 0.5), (left, right))
    identity.legend(canvas, reading)
    for order, (place, row) in enumerate(zip(kept, laid, strict=True)):
        _row(canvas, reading, place, row, _words_left(theme, aligned), place.item in highlight)
        _dots(canvas, reading, place, sum(row[:2]) / 2, packing, order)
    _brackets(canvas, kept, laid)
    _foot(canvas, reading, sheet[len(kept) :], kept, laid[-1][1], unit)
    return canvas.done(alt_text(reading))


Row = tuple[float, float, list[str], float]  # top, bottom, lines of the words, their size


def _rows(
    reading: Reading, theme: Theme, kept: list[Place], ranked: list[Place], left_out: int
) -> tuple[list[Row], float]:
    foot = theme.small * (3.1 if left_out or stands_for(reading.n) > 1 else 1.7)
    room = theme.plot - _words_left(theme, ranked) - theme.small * 0.3
    y = identity.legend_height(reading, theme)
    even = (theme.height - foot - y) / max(1, len(kept)) if theme.height else 0
    words = [reading.item(place.item).text for place in kept]
    high = min(theme.row * 0.7, even) if theme.height else theme.label * PAPER_ROW
    # The last line needs no space below it: three lines of a long option stand in a row for two.
    tall = high - 4 + theme.small * (LEADING - 1)
    texts, size = (
        alike(words, room, tall, (theme.label, 32, theme.small))
        if theme.height
        else ([wrap(one, room, theme.label, LINES) for one in words], theme.label)
    )
    laid: list[Row] = []
    for lines in texts:
        high = high if theme.height else max(theme.label * PAPER_ROW, len(lines) * size * LEADING + 8)
        laid.append((y, y + high, lines, size))
        y += high
    return laid, theme.height or y + foot


def _words_left(theme: Theme, ranked: list[Place]) -> float:
    """Return where the words start: after the widest rank of the chart."""
    widest = max((width(place.rank, theme.label) for place in ranked), default=0)
    return theme.left + max(theme.label * 2.45, widest + theme.label * 0.7)


def _row(canvas: Canvas, reading: Reading, place: Place, row: Row, words_left: float, talked: bool) -> None:
    """Draw a row's ground, rank, words and figures."""
    theme, (top, bottom, lines, size) = canvas.theme, row
    middle = (top + bottom) / 2
    if talked:
        canvas.rect((0, top, theme.width, bottom), theme.talk, layer="spread")
    canvas.line(
        (0 if theme.height else theme.left, bottom, theme.width, bottom), theme.line, theme.thin * 0.6
    )
    span = ranking.outer(place)
    lift = theme.small * 0.55 if span else 0
    canvas.text(theme.left, middle - lift, place.rank, theme.label, bold=True, layer="spread")
    if span:
        _range(canvas, span, middle + theme.label * 0.75, width(place.rank, theme.label))
    canvas.text(words_left, middle, lines, size, bold=True)
    if reading.form == "small":
        return
    if place.dots is None:
        words = ranking.instead(reading, place)
        left, small = canvas.left, theme.small
        if ranking.nearly_all(reading, place.item) == "":  # a block: nobody can count who is not in it
            end = left + (canvas.right - left) * 0.45
            canvas.rect(
                (left, middle - theme.dot / 2, end, middle + theme.dot / 2),
                theme.mark,
                theme.ink,
                theme.thin * 0.8,
            )
            left = end + small / 2
        canvas.text(left, middle, shorten(words, theme.edge - left, small), small, colour=theme.second)
        return
    right = theme.edge - theme.label * 0.9
    below = ranking.people(reading, place)
    offset = theme.small * 0.62 if below else 0
    number = reading.number(place.dots)
    canvas.text(right, middle - offset, number, theme.label * 1.1, bold=True, anchor="right")
    below = shorten(below, theme.edge * 0.2, theme.small)
    canvas.text(right, middle + theme.label * 0.62, below, theme.small, anchor="right")


def _range(canvas: Canvas, span: str, y: float, room: float) -> None:
    """Draw the thin line of the places an option would have without one of the groups, with its ends."""
    theme = canvas.theme
    canvas.line(
        (
            theme.left,
            y - theme.small * 0.6,
            theme.left + max(room, width(span, theme.small)),
            y - theme.small * 0.6,
        ),
        theme.rule,
        theme.thin * 0.7,
        layer="spread",
    )
    canvas.text(theme.left, y, span, theme.small, colour=theme.second, layer="spread")


def _dots(canvas: Canvas, reading: Reading, place: Place, y: float, packing: Packing, seed: int) -> None:
    """Draw an option's dots: grey, or in the groups' colours where the question was open."""
    if place.dots is None:
        return
    spots = by_hand(bar(place.dots, packing), packing.size, 7000 + seed)
    groups = {g.key: reading.value("dots", place.item, g.key) or 0 for g in reading.published.meeting.groups}
    own = spread_out(groups, packing.unit) if identity.coloured(reading) else []
    colours, symbols = identity.dealt(reading, own, len(spots), canvas.theme.mark)
    xs = spots[:, 0] / (packing.size * 1.1) + 0.5
    words = reading.item(place.item).text
    canvas.marks(list(xs), list(y + spots[:, 1]), packing.size, words, colours, symbol=symbols)


def _brackets(canvas: Canvas, kept: list[Place], laid: list[Row]) -> None:
    """Draw a bracket at the right of every run of options too close to call."""
    theme = canvas.theme
    x, arm = theme.edge - theme.thin, theme.label * 0.35
    for run in sorted({place.run for place in kept}):
        members = [row for place, row in zip(kept, laid, strict=True) if place.run == run]
        if len(members) < 2:
            continue
        top, bottom = members[0][0] + theme.label * 0.5, members[-1][1] - theme.label * 0.5
        for box in ((x, top, x, bottom), (x - arm, top, x, top), (x - arm, bottom, x, bottom)):
            canvas.line(box, theme.ink, theme.thin * 1.2, layer="spread")


def _foot(
    canvas: Canvas, reading: Reading, rest: list[Place], kept: list[Place], base: float, unit: int
) -> None:
    theme, y = canvas.theme, base + canvas.theme.small * 0.3
    parts = [reading.t("figure_few")] if reading.form == "small" else []
    if rest:
        dots = sum(place.dots or 0 for place in rest)
        known = all(place.dots is not None for place in rest)
        parts.append(
            reading.t("options_left_out" if known else "options_left_out_hidden", n=len(rest), dots=dots)
        )
    if unit > 1:
        parts.append(reading.t("dot_stands_for_dots", n=unit))
    room = theme.edge - theme.left
    canvas.text(
        theme.left,
        y,
        wrap(" ".join(parts), room, theme.small, 2),
        theme.small,
        colour=theme.second,
        stand="top",
    )
    if any(ranking.outer(place) for place in kept):
        y += theme.small * 1.25 * (len(wrap(" ".join(parts), room, theme.small, 2)) if parts else 0)
        words = shorten(reading.t("range_explained"), room, theme.small)
        canvas.text(theme.left, y, words, theme.small, colour=theme.second, stand="top", layer="spread")
