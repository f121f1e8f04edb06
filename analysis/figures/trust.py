"""Kind trust: who trusts whom as a matrix with a number in every cell; what we think we get apart."""

from __future__ import annotations

import plotly.graph_objects as go

from analysis.figures import arrows, effects, identity, matrix
from analysis.figures.canvas import Canvas, only_words
from analysis.figures.lettering import fit, shorten, wrap
from analysis.figures.matrix import Grid
from analysis.figures.theme import Theme, reads_on
from analysis.language import headed
from analysis.reading import Reading
from analysis.responses import Group


def stages(reading: Reading) -> tuple[str, ...]:
    """Return the stages: the matrix, what we think we get, and arrows where there are any."""
    if not _anything(reading):
        return ("matrix",)
    believed = ("believed",) if any(_believed(reading, g) is not None for g in rated(reading)) else ()
    return ("matrix", *believed, *(("arrows",) if arrows.pairs(reading) else ()))


def changes(reading: Reading) -> tuple[str, ...]:
    """Return no stage: a matrix of medians has no pairs to compare."""
    return ()


def extras(reading: Reading) -> tuple[str, ...]:
    """Return the stage for the report alone: who gives and gets more than the mean."""
    return effects.stages(reading)


def parts(reading: Reading) -> int:
    """Return how many sheets the matrix takes on paper."""
    return 1


def draw(
    reading: Reading, theme: Theme, stage: str, highlight: tuple[str, ...] = (), part: int | None = None
) -> go.Figure:
    """Return the matrix, or for the stage `arrows` the pairs that trust each other unequally."""
    if stage == "arrows":
        return arrows.draw(reading, theme)
    if stage == effects.STAGE:
        return effects.draw(reading, theme)
    groups = rated(reading)
    if not _anything(reading):
        return only_words(nothing_shown(reading), theme)
    grid, height = _grid(theme, len(groups))
    canvas = Canvas(
        theme,
        height,
        ("whole",) if stage == "matrix" else ("whole", "believed"),
        (-0.5, len(groups) - 0.5),
        (grid.left, grid.left + grid.wide * len(groups) - grid.gap),
    )
    matrix.heads(canvas, reading, grid, groups)
    for row, group in enumerate(groups):
        _row(canvas, reading, grid, row, group, groups)
    _apart(canvas, reading, grid, groups)
    _numbers(canvas, reading, grid, groups)
    return canvas.done(alt_text(reading))


def rated(reading: Reading) -> list[Group]:
    """Return the groups of the question in the meeting's own order."""
    keys = {item.key for item in reading.question.items}
    return [g for g in reading.published.meeting.groups if g.key in keys] or list(reading.voting)


def _grid(theme: Theme, many: int) -> tuple[Grid, float]:
    gap = max(2.0, theme.thin * 1.6)
    top = theme.label * 2.8
    left = theme.left + (theme.plot - theme.left) * 0.78
    wide = min((theme.edge - left) / max(1, many), theme.label * 6)
    foot = theme.small * 1.6
    high = (
        min(theme.label * 2.45, (theme.height - top - foot) / (many + 1.35))
        if theme.height
        else theme.label * 2.3
    )
    return Grid(left, top, wide, high, gap), theme.height or top + high * (many + 1.35) + foot


def _row(canvas: Canvas, reading: Reading, grid: Grid, row: int, group: Group, groups: list[Group]) -> None:
    """Draw a row's name and the grounds of its cells; a row that is hidden whole says why."""
    theme = canvas.theme
    _, y0, _, y1 = grid.box(row, 0)
    y, size = (y0 + y1) / 2, min(theme.label, grid.high * 0.8)
    name = f"{row + 1} {group.name}" if matrix.numbered(theme, grid, groups) else group.name
    identity.spot(canvas, reading, group, theme.left + size * 0.45, y, size * 0.85)
    room = grid.left - theme.left - size * 1.5
    lines, letters = fit(name, room, grid.high, (size, min(size, theme.small)))
    canvas.text(theme.left + size * 1.25, y, lines, letters, bold=True)
    others = [g for g in groups if g.key != group.key]
    hidden = bool(others) and all(reading.value("median", g.key, group.key) is None for g in others)
    if hidden:
        end = grid.box(row, len(groups) - 1)[2]
        canvas.rect((grid.left, y0, end, y1), "", theme.line, 1)
        words = reading.why_hidden(others[0].key, group.key) or reading.t("no_answers")
        canvas.text(
            grid.left + size / 2,
            y,
            shorten(words, end - grid.left - size, theme.small),
            theme.small,
            colour=theme.second,
        )
        return
    for column, target in enumerate(groups):
        if target.key == group.key:
            canvas.hatch(grid.box(row, column), theme.rule, max(1.0, theme.thin * 0.6))
        elif (value := reading.value("median", target.key, group.key)) is not None:
            canvas.rect(grid.box(row, column), ground(reading, theme, value))
        else:
            canvas.rect(grid.box(row, column), "", theme.line, 1)


def _apart(canvas: Canvas, reading: Reading, grid: Grid, groups: list[Group]) -> None:
    """Draw the row of what we think we get: outlined, apart below the matrix."""
    theme, row = canvas.theme, len(groups) + 0.3
    _, y0, _, y1 = grid.box(row, 0)
    lines = wrap(reading.t("believed"), grid.left - theme.left - theme.small / 2, theme.label, 2)
    size = theme.label if len(lines) * theme.label * 1.2 <= grid.high else theme.small
    canvas.text(theme.left, (y0 + y1) / 2, lines, size, layer="believed")
    for column in range(len(groups)):
        canvas.rect(grid.box(row, column), theme.sheet, theme.ink, theme.thin, layer="believed")
    missing = [
        g
        for g in groups
        if _believed(reading, g) is None
        or any(_cell(reading, g, h) is None for h in groups if h.key != g.key)
    ]
    if missing:
        words = reading.t("dash_hidden", k=reading.k)
        canvas.text(theme.left, canvas.height - theme.small * 0.7, words, theme.small, colour=theme.second)


def _numbers(canvas: Canvas, reading: Reading, grid: Grid, groups: list[Group]) -> None:
    """Write the numbers as marks of text: x the group that receives, y the row of the group that gives."""
    for layer, cells in (
        (
            "whole",
            [(r, c, g, h) for r, g in enumerate(groups) for c, h in enumerate(groups) if g.key != h.key],
        ),
        ("believed", [(len(groups) + 0.3, c, g, g) for c, g in enumerate(groups)]),
    ):
        if layer not in canvas.shown:
            continue
        shown = [cell for cell in cells if layer == "believed" or _row_shown(reading, cell[2], groups)]
        values = [_cell(reading, giver, taker) for _, _, giver, taker in shown]
        size = min(canvas.theme.label * 1.1, grid.high * 0.62)
        colours = [
            canvas.theme.ink
            if v is None or layer == "believed"
            else reads_on(ground(reading, canvas.theme, v))
            for v in values
        ]
        canvas.figure.add_scatter(
            x=[column for _, column, _, _ in shown],
            y=[sum(grid.box(row, column)[1::2]) / 2 for row, column, _, _ in shown],
            text=["–" if v is None else reading.number(v) for v in values],
            mode="text",
            name=layer,
            cliponaxis=False,
            textfont={"size": size, "weight": 700, "color": colours},
        )


def ground(reading: Reading, theme: Theme, value: float) -> str:
    """Return a cell's colour: the value's share of the scale on the ramp."""
    settings = reading.question.settings
    low, high = float(settings.get("min", 0)), float(settings.get("max", 10))
    return theme.ramp((value - low) / (high - low))


def _cell(reading: Reading, giver: Group, taker: Group) -> float | None:
    return (
        _believed(reading, giver) if giver.key == taker.key else reading.value("median", taker.key, giver.key)
    )


def _believed(reading: Reading, group: Group) -> float | None:
    return reading.value("believed", group.key, group.key)


def _row_shown(reading: Reading, giver: Group, groups: list[Group]) -> bool:
    return any(_cell(reading, giver, taker) is not None for taker in groups if taker.key != giver.key)


def _anything(reading: Reading) -> bool:
    groups = rated(reading)
    if len(groups) < 2:
        return False
    return any(_cell(reading, giver, taker) is not None for giver in groups for taker in groups)


def nothing_shown(reading: Reading) -> str:
    """Return why there is no matrix to see."""
    if len(rated(reading)) < 2:
        return reading.t("trust_one_group")
    if reading.form == "turnout" and reading.round.used:
        return reading.t("only_turnout", k=reading.k)
    return reading.t("no_group_shown" if reading.n else "no_answers", k=reading.k)


def caption(reading: Reading) -> str:
    """Return how the matrix is read, in a sentence."""
    settings = reading.question.settings
    return reading.t("matrix_caption", low=str(settings.get("min", 0)), high=str(settings.get("max", 10)))


def alt_text(reading: Reading) -> str:
    """Return the matrix in sentences, a row at a time."""
    if not _anything(reading):
        return nothing_shown(reading)
    groups = rated(reading)
    parts = [headed(reading.question.title, reading.t("alt_trust"))]
    for giver in groups:
        cells = ", ".join(
            f"{taker.name} {_shown(reading, giver, taker)}" for taker in groups if taker.key != giver.key
        )
        parts.append(f"{giver.name}: {cells}; {reading.t('believed')} {_shown(reading, giver, giver)}.")
    return " ".join(parts)


def in_short(reading: Reading) -> str:
    """Return the matrix in one sentence: between which values the medians lie, without naming a group."""
    values = [row["value"] for row in reading.each("median") if not row["hidden"]]
    if not values:
        return nothing_shown(reading)
    settings = reading.question.settings
    ends = str(settings.get("min", 0)), str(settings.get("max", 10))
    return reading.t("summary_trust", low=min(values), high=max(values), min=ends[0], max=ends[1])


def table(reading: Reading) -> tuple[list[str], list[list[str]]]:
    """Return headers and rows: rows give, columns receive, the last row is what each thinks it gets."""
    groups = rated(reading)
    heads = [reading.t("giver"), *(group.name for group in groups)]
    rows = [
        [giver.name, *("" if g.key == giver.key else _shown(reading, giver, g) for g in groups)]
        for giver in groups
    ]
    return heads, [*rows, [reading.t("believed"), *(_shown(reading, group, group) for group in groups)]]


def _shown(reading: Reading, giver: Group, taker: Group) -> str:
    value = _cell(reading, giver, taker)
    return reading.t("not_shown") if value is None else reading.number(value)
