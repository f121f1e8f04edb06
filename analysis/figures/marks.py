"""Kind marks: what is said of each group, others' ticks as a number and our own beside it."""

from __future__ import annotations

import plotly.graph_objects as go

from analysis.figures import matrix, rows
from analysis.figures.canvas import Canvas, only_words
from analysis.figures.lettering import fit
from analysis.figures.theme import Theme, reads_on
from analysis.language import headed, sentence
from analysis.reading import Reading
from analysis.responses import Group

SMALLER = 0.84  # than small type is a word in a cell on paper, where it does not fit


def stages(reading: Reading) -> tuple[str, ...]:
    """Return the stages: what others say, then what the groups say themselves."""
    both = any(
        _own(reading, item.key, g) is not None for item in reading.question.items for g in rated(reading)
    )
    return ("others", "own") if _anything(reading) and both else ("others",)


# Rounds of this kind are not compared, and the report has no picture more.
changes = extras = rows.no_stages


def parts(reading: Reading) -> int:
    """Return how many sheets the items take on paper."""
    return rows.sheets([item.key for item in reading.question.items])


def rated(reading: Reading) -> list[Group]:
    """Return the groups that are rated, in the meeting's own order."""
    keys = {key[2] for key in reading.rows if key[1] and key[2]}
    return [group for group in reading.published.meeting.groups if group.key in keys]


def draw(
    reading: Reading, theme: Theme, stage: str, highlight: tuple[str, ...] = (), part: int | None = None
) -> go.Figure:
    """Return the grid, or why there is none; on a screen the first eight items, in the ballot's order."""
    if not _anything(reading):
        return only_words(nothing_shown(reading), theme)
    groups, items = rated(reading), [item.key for item in reading.question.items]
    kept = rows.kept(items, theme, part)
    left_out = 0 if theme.complete else len(items) - len(kept)
    dashes = any(_others(reading, item, group) == "–" for item in kept for group in groups)
    left = theme.left + (theme.plot - theme.left) * 0.95
    wide = min((theme.edge - left) / len(groups), theme.label * 7)
    top, foot = matrix.top(theme, wide, groups), theme.small * (1.8 if left_out or dashes else 0.6)
    laid, height = rows.laid(reading, theme, kept, top, foot, left - theme.left - theme.small * 0.6)
    shown = ("whole",) if stage == "others" else ("whole", "spread")
    canvas = Canvas(theme, height, shown, (0, theme.width), (0, theme.width))
    grid = matrix.Grid(left, top, wide, laid[0].bottom - laid[0].top, max(2.0, theme.thin * 1.6))
    matrix.heads(canvas, reading, grid, groups)
    matrix.key(canvas, reading, grid, groups)
    for row in laid:
        rows.named(canvas, row, row.item in highlight)
        for column, group in enumerate(groups):
            x = left + wide * column
            box = (x, row.top + grid.gap / 2, x + wide - grid.gap, row.bottom - grid.gap / 2)
            _cell(canvas, reading, row.item, group, box)
    notes = [reading.t("figure_items_left_out", n=left_out)] if left_out else []
    notes += [reading.t("figure_marks_dash")] if dashes else []
    rows.footed(canvas, " ".join(notes), laid[-1].bottom + theme.small * 0.3)
    return canvas.done(alt_text(reading))


def _cell(canvas: Canvas, reading: Reading, item: str, group: Group, box: matrix.Box) -> None:
    """Draw a cell: the ground is the others' share, the mark at the left what the group says itself."""
    theme, (x0, y0, x1, y1) = canvas.theme, box
    share = _share(reading, item, group)
    ground = theme.paper if share is None else theme.ramp(share)
    canvas.rect(box, ground, theme.line, 1)
    own = _own(reading, item, group)
    words = _others(reading, item, group)
    colour = theme.second if share is None else reads_on(ground)
    size = min(theme.label, (y1 - y0) * 0.55)
    mark = min(size * 0.66, (x1 - x0) * 0.2)
    middle, y = (x0 + x1) / 2 + (mark * 0.75 if own is not None else 0), (y0 + y1) / 2
    room = x1 - x0 - mark * (2.1 if own is not None else 0.4)
    digits = words[:1].isdigit()
    smaller = theme.small * (SMALLER if theme.complete else 1)
    letters = (size, min(size, 32), theme.small) if digits else (theme.small, smaller)
    lines, size = fit(words, room, y1 - y0, letters)
    canvas.text(middle, y, lines, size, bold=True, colour=colour, anchor="center")
    if own is not None:
        fill = theme.ink if own else theme.paper
        canvas.rect(
            (x0 + mark * 0.3, y - mark * 0.7, x0 + mark * 1.7, y + mark * 0.7), theme.paper, layer="spread"
        )
        canvas.spot(x0 + mark, y, mark, fill, layer="spread")


def _value(reading: Reading, item: str, group: Group) -> tuple[float | None, int]:
    """Return the ticks that may be told of a cell, others' or else everybody's, and of how many."""
    for measure in ("others", "ticks"):
        row = reading.rows.get((measure, item, group.key, ""))
        value = reading.value(measure, item, group.key)
        if row is not None and value is not None:
            return value, int(row["n"])
    return None, 0


def _share(reading: Reading, item: str, group: Group) -> float | None:
    value, n = _value(reading, item, group)
    if value is not None and n:
        return value / n
    if _nearly(reading, item, group):
        return 1.0
    most = _most(reading, item, group)
    return None if most is None else 0.6 * most


def _nearly(reading: Reading, item: str, group: Group) -> bool:
    return ("nearly_all", item, group.key, "") in reading.rows


def _most(reading: Reading, item: str, group: Group) -> float | None:
    """Return whether more than half of the others, or of all where others cannot be told, tick a cell."""
    for measure in ("others_most", "ticks_most"):
        value = reading.value(measure, item, group.key)
        if value is not None:
            return value
    return None


def _others(reading: Reading, item: str, group: Group) -> str:
    """Return what stands in a cell about the group."""
    value, _ = _value(reading, item, group)
    if value is not None:
        return reading.number(value)
    if _nearly(reading, item, group):
        return reading.t("figure_nearly")
    most = _most(reading, item, group)
    return "–" if most is None else reading.t("figure_yes" if most else "figure_no")


def _own(reading: Reading, item: str, group: Group) -> bool | None:
    value = reading.value("own_most", item, group.key)
    return None if value is None else value > 0


def _anything(reading: Reading) -> bool:
    return any(
        _others(reading, item.key, group) != "–" or _own(reading, item.key, group) is not None
        for item in reading.question.items
        for group in rated(reading)
    )


def nothing_shown(reading: Reading) -> str:
    """Return why there is no grid to see."""
    if reading.form == "turnout" and reading.round.used:
        return reading.t("only_turnout", k=reading.k)
    return reading.t("no_group_shown" if reading.n else "no_answers", k=reading.k)


def caption(reading: Reading) -> str:
    """Return how a cell is read, in a sentence."""
    if not _anything(reading):
        return ""
    counted = any(_value(reading, item.key, g)[1] for item in reading.question.items for g in rated(reading))
    nearly = any(True for _ in reading.each("nearly_all"))
    return reading.t("figure_marks_caption" if counted or nearly else "figure_marks_caption_small")


def _said(reading: Reading, item: str, group: Group) -> str:
    """Return a cell in words: others' ticks of how many, and what the group says itself."""
    value, n = _value(reading, item, group)
    words = _others(reading, item, group)
    if value is not None:
        words = reading.t("figure_of", n=round(value), of=n)
    own = _own(reading, item, group)
    if own is None:
        return words
    return f"{words}; {reading.t('figure_own_most' if own else 'figure_own_few')}"


def alt_text(reading: Reading) -> str:
    """Return the grid in sentences, a row at a time."""
    if not _anything(reading):
        return nothing_shown(reading)
    parts = [sentence(reading.question.title)]
    for item in reading.question.items:
        cells = ". ".join(f"{group.name} {_said(reading, item.key, group)}" for group in rated(reading))
        parts.append(headed(item.text, f"{cells}."))
    return " ".join(parts)


def in_short(reading: Reading) -> str:
    """Return the grid in one sentence, without naming a group: where others and groups see it unlike."""
    if not _anything(reading):
        return nothing_shown(reading)
    signs = [row for row in reading.each("gap_sign") if not row["hidden"]]
    unlike = sum(1 for row in signs if row["value"])
    if not signs:
        return reading.t("figure_marks_short_none")
    return reading.t("figure_marks_short", n=unlike, of=len(signs))


def table(reading: Reading) -> tuple[list[str], list[list[str]]]:
    """Return headers and rows: an item a row, a rated group a column, others' ticks and our own in each."""
    groups = rated(reading)
    heads = [reading.t("figure_item"), *(group.name for group in groups)]
    found = [
        [item.text, *(_said(reading, item.key, group) for group in groups)] for item in reading.question.items
    ]
    return heads, found
