"""Kind dots: ranked bars of dots that can be counted, people beside dots, and what is too close to call."""

from __future__ import annotations

import plotly.graph_objects as go

from analysis import ranking
from analysis.figures import change, change_dots, identity
from analysis.figures.canvas import Canvas, only_words
from analysis.figures.lettering import LEADING, fit, shorten, width, wrap
from analysis.figures.stacks import Packing, bar, by_hand, row_packing, spread_out, stands_for
from analysis.figures.theme import Theme
from analysis.ranking import Place, places
from analysis.reading import Reading

OPTIONS = 8  # on one screen
ON_PAPER = 15  # on one sheet
LINES = 3  # of an option on paper; the table has it in full
MEASURES = (
    "dots",
    "supporters",
    "dots_per_supporter",
    "breadth",
    "against",
    "swap_margin",
    "groups_reached",
)


def stages(reading: Reading) -> tuple[str, ...]:
    """Return the stages: the bars, then the ranks and what is too close to call."""
    return (
        ("whole", "spread", *changes(reading)) if reading.form == "full" and places(reading) else ("whole",)
    )


def changes(reading: Reading) -> tuple[str, ...]:
    """Return the stage that shows the change from an earlier round, about no option alone; or none."""
    return (change.STAGE,) if change_dots.items(reading) else ()


def parts(reading: Reading) -> int:
    """Return how many sheets the options take on paper."""
    return max(1, -(-len(places(reading)) // ON_PAPER))


def draw(
    reading: Reading, theme: Theme, stage: str, highlight: tuple[str, ...] = (), part: int | None = None
) -> go.Figure:
    """Return the ranked bars; on a screen the first eight, the rest summed in a line."""
    if stage.startswith(change.STAGE):
        return change_dots.draw(reading, theme, highlight)
    shown = ("whole",) if stage == "whole" else ("whole", "spread")
    ranked = places(reading)
    if not ranked:
        return only_words(nothing_shown(reading), theme)
    sheet = ranked if part is None else ranked[part * ON_PAPER : (part + 1) * ON_PAPER]
    kept = sheet if theme.complete or len(ranked) <= OPTIONS else ranked[: OPTIONS - 1]
    aligned = ranked if theme.complete else kept
    rows, height = _rows(reading, theme, kept, aligned, len(sheet) - len(kept))
    left = theme.plot + theme.label * 0.6
    longest = max((width(ranking.people(reading, place), theme.small) for place in kept), default=0)
    right = theme.edge - theme.label * 1.5 - min(longest, theme.edge * 0.2)
    unit = stands_for(max((place.dots or 0 for place in ranked), default=0), 200)
    most = max((place.dots or 0 for place in ranked), default=1)
    room = min((bottom - top for top, bottom, _, _ in rows), default=theme.row) - theme.thin * 4
    packing = row_packing(most, right - left, room, theme.dot * 0.94, unit)
    canvas = Canvas(theme, height, shown, (0.5, (right - left) / (packing.size * 1.1) + 0.5), (left, right))
    identity.legend(canvas, reading)
    for order, (place, row) in enumerate(zip(kept, rows, strict=True)):
        _row(canvas, reading, place, row, _words_left(theme, aligned), place.item in highlight)
        _dots(canvas, reading, place, sum(row[:2]) / 2, packing, order)
    _brackets(canvas, kept, rows)
    _foot(canvas, reading, sheet[len(kept) :], kept, rows[-1][1], unit)
    return canvas.done(alt_text(reading))


Row = tuple[float, float, list[str], float]  # top, bottom, lines of the words, their size


def _rows(
    reading: Reading, theme: Theme, kept: list[Place], ranked: list[Place], left_out: int
) -> tuple[list[Row], float]:
    foot = theme.small * (3.1 if left_out else 1.7)
    room = theme.plot - _words_left(theme, ranked) - theme.small * 0.3
    y = identity.legend_height(reading, theme)
    even = (theme.height - foot - y) / max(1, len(kept)) if theme.height else 0
    rows: list[Row] = []
    for place in kept:
        words = reading.item(place.item).text
        if theme.height:
            high = min(theme.row * 0.7, even)
            # The last line needs no space below it: three lines of a long option stand in a row for two.
            tall = high - 4 + theme.small * (LEADING - 1)
            lines, size = fit(words, room, tall, (theme.label, 32, theme.small))
        else:
            lines, size = wrap(words, room, theme.label, LINES), theme.label
            high = max(theme.label * 3.1, len(lines) * size * LEADING + 8)
        rows.append((y, y + high, lines, size))
        y += high
    return rows, theme.height or y + foot


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


def _brackets(canvas: Canvas, kept: list[Place], rows: list[Row]) -> None:
    """Draw a bracket at the right of every run of options too close to call."""
    theme = canvas.theme
    x, arm = theme.edge - theme.thin, theme.label * 0.35
    for run in sorted({place.run for place in kept}):
        members = [row for place, row in zip(kept, rows, strict=True) if place.run == run]
        if len(members) < 2:
            continue
        top, bottom = members[0][0] + theme.label * 0.5, members[-1][1] - theme.label * 0.5
        for box in ((x, top, x, bottom), (x - arm, top, x, top), (x - arm, bottom, x, bottom)):
            canvas.line(box, theme.ink, theme.thin * 1.2, layer="spread")


def _foot(
    canvas: Canvas, reading: Reading, rest: list[Place], kept: list[Place], base: float, unit: int
) -> None:
    theme, y = canvas.theme, base + canvas.theme.small * 0.3
    parts = []
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


def nothing_shown(reading: Reading) -> str:
    """Return why there are no bars to see."""
    if reading.form == "turnout" and reading.round.used:
        return reading.t("only_turnout", k=reading.k)
    return reading.t("no_answers")


def caption(reading: Reading) -> str:
    """Return how many dots each had, in a sentence."""
    settings = reading.question.settings
    budget, cap = int(settings.get("dots", 0)), int(settings.get("cap", 0))
    if not budget:
        return ""
    return reading.t("dots_caption" if cap and cap < budget else "dots_caption_free", n=budget, cap=cap)


def alt_text(reading: Reading) -> str:
    """Return the bars in sentences, in rank order."""
    ranked = places(reading)
    if not ranked:
        return nothing_shown(reading)
    parts = [reading.t("alt_dots", title=reading.question.title)]
    for place in ranked:
        name = reading.item(place.item).text
        if place.dots is None:
            parts.append(f"{place.rank} {name}. {ranking.instead(reading, place)}.")
            continue
        parts.append(
            f"{place.rank} {name}: {reading.t('dots_count', n=place.dots)} {ranking.people(reading, place)}."
        )
        if change.has_change(reading, place.item):
            parts.append(change_dots.in_short(reading, place.item))
    return " ".join(parts)


def in_short(reading: Reading) -> str:
    """Return the bars in one sentence: the first three places and what is too close to call with them."""
    ranked = places(reading)
    if not ranked:
        return nothing_shown(reading)
    runs = {place.run for place in ranked[:3]}
    first = [place for place in ranked if place.run in runs][:8]
    named = (f"{place.rank} {reading.item(place.item).text}" for place in first)
    return reading.t("summary_dots", items="; ".join(named))


def table(reading: Reading) -> tuple[list[str], list[list[str]]]:
    """Return headers and rows: rank, dots, people and measures per option; cells that may be shown."""
    t = reading.t
    shown = [m for m in MEASURES if any(not row["hidden"] for row in reading.each(m))]
    ranges = [t("head_rank_range")] if any(reading.each("rank_best")) else []
    keys = [item.key for item in reading.question.items]
    groups = [g for g in reading.voting if any(reading.value("dots", key, g.key) is not None for key in keys)]
    heads = [
        t("option"),
        t("rank"),
        *(t(f"head_{m}") for m in shown),
        *ranges,
        *change.heads(reading),
        *(g.name for g in groups),
    ]
    rows = []
    for place in places(reading):
        row = [reading.item(place.item).text, place.rank, *(_cell(reading, m, place.item) for m in shown)]
        if ranges:
            row.append(f"{place.best}–{place.worst}" if place.best else t("not_shown"))
        row += change.cells(reading, place.item)
        rows.append(row + [_cell(reading, "dots", place.item, group.key) for group in groups])
    return heads, rows


def _cell(reading: Reading, measure: str, item: str, group: str = "") -> str:
    value = reading.value(measure, item, group)
    return reading.t("not_shown") if value is None else reading.number(value)
