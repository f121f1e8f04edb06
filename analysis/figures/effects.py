"""Trust given and received beyond the mean of all, as two marks a group, ordered by what is received."""

from __future__ import annotations

import plotly.graph_objects as go

from analysis.figures import identity, rows
from analysis.figures.canvas import Canvas
from analysis.figures.lettering import shorten
from analysis.figures.theme import Theme
from analysis.reading import Reading
from analysis.responses import Group

STAGE = "effects:"


def stages(reading: Reading) -> tuple[str, ...]:
    """Return the stage, or none where the effects are not there."""
    return (STAGE,) if ordered(reading) else ()


def ordered(reading: Reading) -> list[Group]:
    """Return the groups with both effects, the most trusted first, else in the meeting's own order."""
    groups = reading.published.meeting.groups
    both = [g for g in groups if _given(reading, g) is not None and _got(reading, g) is not None]
    return sorted(both, key=lambda group: -(_got(reading, group) or 0.0))


def draw(reading: Reading, theme: Theme) -> go.Figure:
    """Return the dot plot: filled is received, an open square is given, in steps from the mean of all."""
    groups = ordered(reading)
    values = [abs(v) for g in groups for v in (_given(reading, g), _got(reading, g)) if v is not None]
    reach = max(1.0, max(values, default=1.0)) + 0.25
    top, line = theme.label * 1.7 + theme.small * 3.6, theme.label * 1.75
    height = theme.height or top + line * len(groups) + theme.label * 1.6
    line = min(line, (height - top - theme.label * 1.6) / max(1, len(groups)))
    canvas = Canvas(theme, height, ("whole",), (-reach, reach), (theme.plot, theme.right))
    rows.headed(canvas, reading.t("figure_effects"))
    _columns(canvas, reading, top)
    foot = top + line * len(groups)
    for step in range(-int(reach), int(reach) + 1):
        x = canvas.at(step)
        canvas.line((x, top, x, foot), theme.rule if step else theme.ink, theme.thin * (0.5 if step else 1))
        words = _signed(reading, step)
        canvas.text(x, foot + theme.axis * 0.85, words, theme.axis, bold=True, anchor="center")
    for place, group in enumerate(groups):
        _row(canvas, reading, group, top + line * (place + 0.5))
    _marks(canvas, reading, groups, (top, line))
    return canvas.done(alt_text(reading))


def _columns(canvas: Canvas, reading: Reading, top: float) -> None:
    theme = canvas.theme
    size = theme.small
    lines = (("target", "circle", theme.ink), ("perceiver", "square", theme.paper))
    for place, (name, symbol, fill) in enumerate(lines):
        y = theme.label * 1.7 + size * (0.7 + place * 1.4)
        canvas.spot(theme.left + size * 0.5, y, size * 0.8, fill, symbol=symbol)
        canvas.text(theme.left + size * 1.4, y, reading.t(f"figure_{name}"), size)
        x = theme.number + (theme.edge - theme.number) * (0.45 if place == 0 else 1)
        canvas.spot(x - size * 0.4, top - size * 0.6, size * 0.7, fill, symbol=symbol)


def _row(canvas: Canvas, reading: Reading, group: Group, y: float) -> None:
    theme = canvas.theme
    size = theme.label
    identity.spot(canvas, reading, group, theme.left + size * 0.45, y, size * 0.8)
    room = theme.plot - theme.left - size * 2
    canvas.text(theme.left + size * 1.3, y, shorten(group.name, room, size), size, bold=True)
    given, got = _given(reading, group), _got(reading, group)
    canvas.line((canvas.left, y, canvas.right, y), theme.line, theme.thin * 0.5)
    if given is None or got is None:
        return
    canvas.line((canvas.at(min(given, got)), y, canvas.at(max(given, got)), y), theme.rule, theme.thin)
    for value, share in ((got, 0.45), (given, 1.0)):
        x = theme.number + (theme.edge - theme.number) * share
        canvas.text(x, y, _signed(reading, value), size, anchor="right", bold=share < 1)


def _marks(canvas: Canvas, reading: Reading, groups: list[Group], place: tuple[float, float]) -> None:
    theme, (top, line) = canvas.theme, place
    ys = [top + line * (row + 0.5) for row in range(len(groups))]
    size = theme.dot * 0.9
    for name, of, symbol, fill in (
        ("perceiver", _given, "square", theme.paper),
        ("target", _got, "circle", theme.ink),
    ):
        canvas.marks([of(reading, g) or 0.0 for g in groups], ys, size, name, fill, symbol=symbol)


def _given(reading: Reading, group: Group) -> float | None:
    return reading.value("perceiver", "", group.key)


def _got(reading: Reading, group: Group) -> float | None:
    return reading.value("target", group.key)


def _signed(reading: Reading, value: float) -> str:
    return ("+" if value > 0 else "") + reading.number(value)


def alt_text(reading: Reading) -> str:
    """Return both effects of every group in sentences."""
    parts = [reading.t("figure_effects") + "."]
    for group in ordered(reading):
        got, given = _got(reading, group) or 0.0, _given(reading, group) or 0.0
        words = {"got": _signed(reading, got), "given": _signed(reading, given)}
        parts.append(reading.t("alt_effects", name=group.name, **words))
    return " ".join(parts)
