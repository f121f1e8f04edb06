"""Figures of what is published: one module per kind, the same functions for screen, report and notebook."""

from __future__ import annotations

import plotly.graph_objects as go

from analysis.disclosure.published import Published
from analysis.figures import change, collect, dots, marks, scale, sort, trust
from analysis.figures.lettering import plain, wrap
from analysis.figures.theme import CONFIG, THEMES
from analysis.reading import Reading, reading

KINDS = {"scale": scale, "trust": trust, "dots": dots, "sort": sort, "collect": collect, "marks": marks}

__all__ = [
    "CONFIG", "KINDS", "THEMES", "alt_text", "caption", "change_heads", "change_table", "changes", "extras",
    "figure", "mark", "parts", "stages", "table",
]  # fmt: skip


def stages(published: Published, question: str, round_number: int | None = None) -> tuple[str, ...]:
    """Return the names of the stages drawn one after the other at the reveal; raises KeyError."""
    found = reading(published, question, round_number)
    return KINDS[found.question.kind].stages(found)


def parts(published: Published, question: str, round_number: int | None = None) -> int:
    """Return how many sheets of paper a question's chart takes; raises KeyError."""
    found = reading(published, question, round_number)
    return KINDS[found.question.kind].parts(found)


def changes(
    published: Published, question: str, round_number: int | None = None, language: str | None = None
) -> tuple[str, ...]:
    """Return the stages that show the change from an earlier round; none without one. Raises KeyError."""
    found = reading(published, question, round_number, language)
    return KINDS[found.question.kind].changes(found)


def extras(published: Published, question: str, round_number: int | None = None) -> tuple[str, ...]:
    """Return the stages that are for the report alone; raises KeyError."""
    found = reading(published, question, round_number)
    return KINDS[found.question.kind].extras(found)


def figure(
    published: Published,
    question: str,
    round_number: int | None = None,
    stage: str | None = "all",
    theme: str = "screen",
    language: str | None = None,
    title: bool = False,
    highlight: tuple[str, ...] = (),
    part: int | None = None,
) -> go.Figure:
    """Return the chart of a question's round (the last that stands when none is named).

    `stage` is one of `stages(...)` or `all` (None is the same); axes and places are the same in all of
    them, except those that name one item. `theme` is a key of `THEMES`. Items in `highlight` lie on yellow:
    what the prompt beside it is about. `title` writes the question and the caption above. `part`
    is the sheet, from 0, of a chart too long for paper (see `parts`). Raises KeyError for an unknown
    question, round or theme.
    """
    look, found = THEMES[theme], reading(published, question, round_number, language)
    drawn = KINDS[found.question.kind].draw(found, look, stage or "all", tuple(highlight), part)
    return (
        _titled(drawn, look.title, found.question.title, caption(published, question, round_number, language))
        if title
        else drawn
    )


def caption(
    published: Published, question: str, round_number: int | None = None, language: str | None = None
) -> str:
    """Return the line under the title: what a mark is, and how many have answered."""
    found = reading(published, question, round_number, language)
    # Of a round that tells turnout alone nobody knows how many of the ballots are blank.
    handed_in = "handed_in_of" if found.form == "turnout" else "answered_of"
    answered = found.t(handed_in, used=found.round.used, issued=found.round.entitled)
    return " ".join(part for part in (KINDS[found.question.kind].caption(found), answered) if part)


def mark(
    published: Published, question: str, round_number: int | None = None, language: str | None = None
) -> str:
    """Return what a mark is, in a sentence (nothing where none is needed)."""
    found = reading(published, question, round_number, language)
    return KINDS[found.question.kind].caption(found)


def alt_text(
    published: Published, question: str, round_number: int | None = None, language: str | None = None
) -> str:
    """Return the chart in sentences, with every number that stands in it."""
    found = reading(published, question, round_number, language)
    return KINDS[found.question.kind].alt_text(found)


def table(
    published: Published, question: str, round_number: int | None = None, language: str | None = None
) -> tuple[list[str], list[list[str]]]:
    """Return headers and rows, written out in the language, of the table behind the chart."""
    found = reading(published, question, round_number, language)
    return KINDS[found.question.kind].table(found)


def change_table(
    published: Published, question: str, round_number: int | None = None, language: str | None = None
) -> tuple[list[str], list[list[str]]]:
    """Return headers and rows of the change from an earlier round; no rows without one. Raises KeyError."""
    return change.table(reading(published, question, round_number, language))


def change_heads(found: Reading) -> list[str]:
    """Return the heads of the columns in a question's table that tell of the change from an earlier round."""
    return change.heads(found)


def _titled(drawn: go.Figure, size: float, title: str, line: str) -> go.Figure:
    """Add a band above the chart with its title and caption."""
    lines = wrap(title, drawn.layout.width - size * 2, size, 2)
    small = size * 0.6
    band = size * (1.2 * len(lines) + 0.5) + small * 1.9
    high = drawn.layout.height
    drawn.update_layout(height=high + band, yaxis={"range": [high, -band]})
    for y, words, size_, weight in (
        (-band + size * 0.3, "<br>".join(map(plain, lines)), size, 800),
        (-small * 2.1, plain(line), small, 400),
    ):
        drawn.add_annotation(
            x=0.02,
            y=y,
            xref="paper",
            yref="y",
            text=words,
            showarrow=False,
            xanchor="left",
            yanchor="top",
            align="left",
            font={"size": size_, "weight": weight},
        )
    return drawn
