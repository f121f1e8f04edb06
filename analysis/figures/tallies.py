"""One vote counted in several ways: which options are in the top under all, which depend on the rule."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from analysis import tallied
from analysis.figures import rows
from analysis.figures.canvas import Canvas
from analysis.figures.lettering import LEADING, fit, width, wrap
from analysis.figures.theme import Theme
from analysis.language import headed, sentence
from analysis.reading import Reading

STAGE = "tallies:"
ON_SCREEN = ("sum", "supporters", "equal_weight")
ALL = ("sum", "supporters", "sqrt", "equal_weight", "phragmen", "equal_shares")
LEAST = 3  # options; with fewer there is no order to speak of


def stages(reading: Reading) -> tuple[str, ...]:
    """Return the stage, or none where the rules' ranks are not out."""
    return (STAGE,) if len(ordered(reading)) >= LEAST and len(rules(reading, ON_SCREEN)) > 1 else ()


def ordered(reading: Reading) -> list[str]:
    """Return the options with a rank and a standing, in order of the sum, ties in ballot order."""
    ranks = {item.key: reading.value("tally", item.key, level="sum") for item in reading.question.items}
    known = {key: rank for key, rank in ranks.items() if rank is not None and reading.text("standing", key)}
    return sorted(known, key=lambda key: known[key])


def rules(reading: Reading, among: tuple[str, ...]) -> list[str]:
    """Return those of the rules that any option has a row of."""
    return [
        rule
        for rule in among
        if any(("tally", item.key, "", rule) in reading.rows for item in reading.question.items)
    ]


def draw(reading: Reading, theme: Theme, highlight: tuple[str, ...] = ()) -> go.Figure:
    """Return the ranks under every rule beside one another; one surely in the top has a filled square."""
    options, found = ordered(reading), tallied.ranks(reading)
    items = rows.kept(options, theme, 0)
    shown = rules(reading, ALL if theme.complete else ON_SCREEN)
    head = theme.label * 1.7
    deep = 3 if theme.complete else 2
    top = head + theme.small * (deep * LEADING + 0.4)
    foot = theme.small * 3
    word = (theme.edge - theme.left) * (0.21 if theme.complete else 0.24)
    first = theme.plot - (theme.label if theme.complete else 0)
    laid, height = rows.laid(reading, theme, items, top, foot, first - theme.left - theme.small * 0.6)
    canvas = Canvas(theme, height, ("whole", "spread"), (0, theme.width), (0, theme.width))
    rows.headed(canvas, reading.t("figure_tallies"))
    wide = (theme.edge - word - first) / max(1, len(shown))
    columns = {rule: first + wide * (place + 0.5) for place, rule in enumerate(shown)}
    for rule, x in columns.items():
        lines = wrap(reading.t(f"figure_rule_{rule}"), wide - theme.small * 0.3, theme.small, deep)
        canvas.text(x, top - theme.small * 0.3, lines, theme.small, anchor="center", stand="bottom")
    for row in laid:
        rows.named(canvas, row, row.item in highlight)
        for rule, x in columns.items():
            _rank(canvas, reading.count("tally_top"), found, row, rule, x)
        said = reading.t(f"figure_{reading.text('standing', row.item)}")
        lines, size = fit(said, word - theme.small * 0.6, row.bottom - row.top, (theme.small,))
        x = theme.edge - word + theme.small * 0.6
        stands = reading.text("standing", row.item) == "stands"
        canvas.text(x, row.middle, lines, size, bold=stands)
    left = len(options) - len(items)
    note = reading.t("figure_top_explained", n=reading.count("tally_top"))
    more = (
        reading.t("figure_in_table" if theme.complete else "options_left_out_hidden", n=left) if left else ""
    )
    rows.footed(canvas, f"{note} {more}".strip(), laid[-1].bottom + theme.small * 0.3)
    return canvas.done(alt_text(reading))


def _rank(canvas: Canvas, top: int, found: pd.DataFrame, row: rows.Row, rule: str, x: float) -> None:
    theme = canvas.theme
    span = tallied.span(found, rule, row.item)
    if span is None:
        canvas.text(x, row.middle, "–", theme.label, colour=theme.second, anchor="center")
        return
    inside = span[1] <= top
    words = tallied.place(found, rule, row.item)
    half = min(theme.label * 0.85, (row.bottom - row.top) * 0.42)
    if inside:
        wide = max(half * 1.2, width(words, theme.label) / 2 + half * 0.3)
        canvas.rect(
            (x - wide, row.middle - half, x + wide, row.middle + half),
            theme.mark,
            theme.ink,
            theme.thin * 0.7,
        )
    canvas.text(x, row.middle, words, theme.label, bold=inside, anchor="center")


def alt_text(reading: Reading) -> str:
    """Return every option's rank under every rule, and whether it stands, in sentences."""
    shown, found = rules(reading, ALL), tallied.ranks(reading)
    parts = [sentence(reading.t("figure_tallies"))]
    for item in ordered(reading):
        ranks = [
            f"{reading.t(f'figure_rule_{rule}')} {tallied.place(found, rule, item) or '–'}" for rule in shown
        ]
        said = reading.t(f"figure_{reading.text('standing', item)}")
        parts.append(headed(reading.item(item).text, f"{', '.join(ranks)}; {said}."))
    parts.append(reading.t("figure_top_explained", n=reading.count("tally_top")))
    return " ".join(parts)
