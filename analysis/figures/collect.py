"""Kind collect: a grid of marks, a row for each point and a column for each list that mentions it."""

from __future__ import annotations

import plotly.graph_objects as go

from analysis.figures import identity, matrix, reasons, rows
from analysis.figures.canvas import Canvas, only_words
from analysis.figures.lettering import width
from analysis.figures.stacks import bar, row_packing, stands_for
from analysis.figures.theme import Theme
from analysis.language import headed, sentence
from analysis.reading import Reading
from analysis.responses import Group

SLOTS = 12  # lists with a place of their own; more stand as a bar of dots


def stages(reading: Reading) -> tuple[str, ...]:
    """Return the stages: the points, then why the first of them are on the lists."""
    return ("whole", *reasons.stages(reading, ordered(reading)))


# Rounds of this kind are not compared, and the report has no picture more.
changes = extras = rows.no_stages


def parts(reading: Reading) -> int:
    """Return how many sheets the points take on paper."""
    return rows.sheets(ordered(reading))


def lists(reading: Reading) -> int:
    """Return how many lists there are; 0 where that is not out."""
    return reading.count("lists")


def ordered(reading: Reading) -> list[str]:
    """Return the points that somebody mentions, most lists first; what nearly all mention before those."""
    found = {}
    for item in reading.question.items:
        mentions = reading.value("mentions", item.key)
        if ("nearly_all", item.key, "", "") in reading.rows:
            found[item.key] = float("inf")
        elif mentions is not None:
            found[item.key] = mentions
        elif reading.value("named", item.key) or reading.why_hidden(item.key, measure="mentions"):
            found[item.key] = 0.0
    return sorted(found, key=lambda key: -found[key])


def draw(
    reading: Reading, theme: Theme, stage: str, highlight: tuple[str, ...] = (), part: int | None = None
) -> go.Figure:
    """Return the grid, or why there is none; on a screen the first eight points."""
    if stage.startswith(reasons.STAGE):
        return reasons.draw(reading, theme, stage.partition(":")[2])
    items = ordered(reading)
    if not items:
        return only_words(nothing_shown(reading), theme)
    kept = rows.kept(items, theme, part)
    groups = columns(reading)
    left_out = 0 if theme.complete else len(items) - len(kept)
    unit = stands_for(lists(reading))
    foot = theme.small * (1.8 if left_out or unit > 1 or reading.form == "small" else 0.6)
    left = theme.left + (theme.plot - theme.left) * (0.95 if groups else 1)
    tail = max(width(_of(reading, item), theme.small) for item in kept) + theme.small
    right = theme.edge - max(tail, theme.label * 3)
    cell = (right - left) / max(1, len(groups) or lists(reading))
    top = matrix.top(theme, cell, groups) if groups else theme.small * 0.4
    laid, height = rows.laid(reading, theme, kept, top, foot, left - theme.left - theme.small * 0.6)
    canvas = Canvas(theme, height, ("whole", "spread"), (0, theme.width), (0, theme.width))
    if groups:
        grid = matrix.Grid(left, top, cell, laid[0].bottom - laid[0].top, max(2.0, theme.thin))
        matrix.heads(canvas, reading, grid, groups)
        matrix.key(canvas, reading, grid, groups)
    high = min(row.bottom - row.top for row in laid)  # the same dots in every row
    for row in laid:
        rows.named(canvas, row, row.item in highlight)
        if groups:
            _by_group(canvas, reading, row, groups, (left, cell))
        else:
            _counted(canvas, reading, row, (left, right, high), unit)
        canvas.text(theme.edge, row.middle, _of(reading, row.item), theme.small, anchor="right")
    notes = [reading.t("dot_stands_for", n=unit) + "."] if unit > 1 else []
    notes += [reading.t("figure_points_left_out", n=left_out)] if left_out else []
    notes += [reading.t("figure_collect_small")] if reading.form == "small" else []
    rows.footed(canvas, " ".join(notes), laid[-1].bottom + theme.small * 0.3)
    return canvas.done(alt_text(reading))


def columns(reading: Reading) -> list[Group]:
    """Return the groups of an open question whose lists are told apart; none otherwise."""
    groups = {str(row["group"]) for row in reading.each("mentioned")}
    return [group for group in reading.published.meeting.groups if group.votes] if groups else []


def _by_group(
    canvas: Canvas, reading: Reading, row: rows.Row, groups: list[Group], place: tuple[float, float]
) -> None:
    """Draw a mark under every group that mentions the point, a faint ring under the others."""
    theme, (left, cell) = canvas.theme, place
    size = min(theme.dot * 1.1, (row.bottom - row.top) * 0.62, cell * 0.7)
    for column, group in enumerate(groups):
        x = left + cell * (column + 0.5)
        if reading.value("mentioned", row.item, group.key):
            symbol = identity.symbol(reading, group.key)
            canvas.marks([x], [row.middle], size, group.name, group.colour, symbol=symbol)
        else:
            _ring(canvas, x, row.middle, size * 0.5)


def _counted(
    canvas: Canvas, reading: Reading, row: rows.Row, place: tuple[float, float, float], unit: int
) -> None:
    """Draw how many lists mention the point: filled dots first, rings for the rest; nobody's colour."""
    theme, (left, right, high) = canvas.theme, place
    mentions, of = reading.value("mentions", row.item), lists(reading)
    if mentions is None or not of:
        return
    packing = row_packing(of, right - left, high * 0.8, min(theme.dot * 1.3, high * 0.62), unit)
    spots = bar(of, packing)
    filled = len(bar(mentions, packing))
    name = reading.item(row.item).text
    canvas.marks(
        list(left + spots[:filled, 0]), list(row.middle + spots[:filled, 1]), packing.size * 0.92, name
    )
    if of <= SLOTS * 3:
        for x, y in spots[filled:]:
            _ring(canvas, left + x, row.middle + y, packing.size * 0.5)


def _ring(canvas: Canvas, x: float, y: float, size: float) -> None:
    canvas.spot(x, y, size, canvas.theme.paper)


def _of(reading: Reading, item: str) -> str:
    """Return how many lists mention a point, in words."""
    of, mentions = lists(reading), reading.value("mentions", item)
    by = "tables" if reading.question.settings.get("by") == "ballot" else "groups"
    if ("nearly_all", item, "", "") in reading.rows:
        return reading.t("nearly_all")
    if reading.value("named", item):
        return reading.t("figure_named")
    if mentions is None:
        return reading.t("hidden")
    return reading.t(f"figure_of_{by}", n=round(mentions), of=of)


def nothing_shown(reading: Reading) -> str:
    """Return why there is no grid to see."""
    if reading.form == "turnout" and reading.round.used:
        return reading.t("figure_collect_turnout", k=reading.k)
    return reading.t("figure_no_points" if reading.round.used else "no_answers")


def caption(reading: Reading) -> str:
    """Return what a mark is, in a sentence."""
    if not ordered(reading) or reading.form != "full":
        return ""
    by = "table" if reading.question.settings.get("by") == "ballot" else "group"
    return reading.t(f"figure_collect_caption_{by}")


def alt_text(reading: Reading) -> str:
    """Return the points in sentences, with how many lists mention each, and by whom where that is open."""
    items = ordered(reading)
    if not items:
        return nothing_shown(reading)
    parts = [sentence(reading.question.title)]
    for item in items:
        named = [g.name for g in columns(reading) if reading.value("mentioned", item, g.key)]
        by = f" ({', '.join(named)})" if named else ""
        parts.append(headed(reading.item(item).text, f"{_of(reading, item)}{by}."))
    return " ".join(parts)


def in_short(reading: Reading) -> str:
    """Return the points in one sentence: the first three."""
    items = ordered(reading)
    if not items:
        return nothing_shown(reading)
    if reading.form == "small":  # nothing says which are on most lists
        named = sorted((reading.item(item).text for item in items), key=str.casefold)
        said = [reading.t("figure_collect_short_small", items="; ".join(named[:3]))]
        said += [reading.t("figure_in_table", n=len(named) - 3)] if len(named) > 3 else []
        return " ".join(said)
    counted = (f"{reading.item(item).text} ({_of(reading, item)})" for item in items[:3])
    return reading.t("figure_collect_short", items="; ".join(counted))


def table(reading: Reading) -> tuple[list[str], list[list[str]]]:
    """Return headers and rows: the point, how many mention it, and every reason word for word."""
    t = reading.t
    heads = [t("figure_point"), t("figure_mentions"), t("figure_reasons")]
    found = []
    for item in ordered(reading):
        why = " · ".join(reasons.told(reading, item))
        found.append([reading.item(item).text, _of(reading, item), why])
    return heads, found
