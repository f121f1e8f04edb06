"""One question of the report: its rounds with charts, findings, what was said, tables and change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from analysis import figures
from analysis.appendix import columns
from analysis.beyond import BESIDE_THE_CHART
from analysis.disclosure.published import Published
from analysis.language import headed
from analysis.reading import Reading, reading
from analysis.reflection import Finding, findings
from analysis.responses import Question

PROMPTS = 3
ABOUT = 60  # letters of what a prompt is about
Table = tuple[list[str], list[list[str]]]
_NOT_WHY = ("", "undefined")


@dataclass(frozen=True)
class Chart:
    """A chart by its name in the page, and what it shows in sentences."""

    name: str
    figure: go.Figure
    alt: str

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height in CSS pixels."""
        return round(self.figure.layout.width), round(self.figure.layout.height)


def chapter(published: Published, question: Question, place: int) -> dict[str, Any]:
    """Return what the template shows of one question; rounds that nothing is published of are left out."""
    numbers = {int(number) for number in published.of(question.key)["round"].unique()}
    rounds = [
        _round(reading(published, question.key, one.number), f"{place}-{one.number}")
        for one in question.rounds
        if one.number in numbers
    ]
    standing = [one["reading"] for one in rounds if not one["annulled"]]
    return {
        "number": place,
        "question": question,
        "rounds": rounds,
        "several": len(rounds) > 1,
        "summary": _in_short(standing[-1], place) if standing else [],
    }


def charts(chapters: list[dict[str, Any]]) -> list[Chart]:
    """Return every chart of the report, in the order of the page."""
    rounds = [one for section in chapters for one in section["rounds"]]
    return [chart for one in rounds for chart in (*one["charts"], *one["extras"], *one["changes"])]


def _round(found: Reading, name: str) -> dict[str, Any]:
    published, question, number = found.published, found.question.key, found.round.number
    alt = figures.alt_text(published, question, number, found.language)
    continued = headed(found.question.title, found.t("chart_continued"), ",")
    whole = [
        Chart(
            f"chart-{name}-{part}",
            figures.figure(
                published, question, number, theme="report", language=found.language, part=part - 1
            ),
            alt if part == 1 else continued,
        )
        for part in range(1, figures.parts(published, question, number) + 1)
    ]
    changed = figures.changes(published, question, number, found.language)
    return {
        "reading": found,
        "number": number,
        "annulled": found.round.state == "annulled",
        "charts": whole,
        "caption": figures.caption(published, question, number, found.language),
        "extras": list(_staged(found, f"extra-{name}", figures.extras(published, question, number))),
        "changes": list(_staged(found, f"change-{name}", changed)),
        "change_tables": list(change_tables(found)),
        "tables": list(tables(found)),
        "beyond": list(BESIDE_THE_CHART.get(found.question.kind, lambda _: iter(()))(found)),
        "prompts": [(_about(found, one), one) for one in prompts(found)],
        "said": _notes(found, "said"),
        "missing": sorted(
            {found.reason(row["hidden"]) for row in found.rows.values() if row["hidden"] not in _NOT_WHY}
        ),
    }


def _staged(found: Reading, name: str, stages: tuple[str, ...]) -> Iterator[Chart]:
    """Yield the charts of stages that say themselves what they show."""
    published, question, number = found.published, found.question.key, found.round.number
    for place, stage in enumerate(stages, 1):
        drawn = figures.figure(published, question, number, stage, "report", found.language)
        yield Chart(f"{name}-{place}", drawn, drawn.layout.meta["description"])


def prompts(found: Reading) -> list[Finding]:
    """Return the findings with their prompts as the room saw them: edited as edited, without the skipped."""
    notes = found.published.notes
    mine = notes[(notes["question"] == found.question.key) & (notes["round"] == found.round.number)]
    changed = mine[mine["what"] == "edited"]
    edited = {str(name): str(text) for name, text in zip(changed["finding"], changed["text"], strict=True)}
    skipped = set(mine.loc[mine["what"] == "skipped", "finding"])
    kept = []
    for one in findings(found.published, found.question.key, found.round.number, found.language)[:PROMPTS]:
        if skipped & {one.name, one.key}:
            continue
        text = edited.get(one.name) or edited.get(one.key)
        kept.append(Finding(one.key, one.items, text, "", "", one.weight) if text else one)
    return kept


def _about(found: Reading, one: Finding) -> str:
    """Return the words of what a finding is about; on the screen that lies on yellow."""
    items = {item.key: item.text for item in found.question.items}
    return ", ".join(_begun(items[key]) for key in one.items if key in items)


def _begun(text: str) -> str:
    """Return the first words of a long text."""
    return text if len(text) <= ABOUT else text[:ABOUT].rsplit(" ", 1)[0].rstrip(",.;:") + "…"


def _notes(found: Reading, what: str) -> list[str]:
    notes = found.published.notes
    mine = (notes["question"] == found.question.key) & (notes["round"] == found.round.number)
    return [str(text) for text in notes[mine & (notes["what"] == what)].sort_values("order")["text"]]


def _in_short(found: Reading, place: int) -> list[tuple[int, str, str]]:
    """Return the summary's line: the question's number and title, and what its chart says in one sentence."""
    said = figures.KINDS[found.question.kind].in_short(found)
    return [(place, found.question.title, said)]


def tables(found: Reading) -> Iterator[Table]:
    """Yield the table behind the chart, groups apart and the change left to its own table.

    Groups of which hardly a number may be shown stand in the appendix alone, and so does a group that is
    everybody.
    """
    headers, rows = figures.table(found.published, found.question.key, found.round.number, found.language)
    moved = set(figures.change_heads(found))
    groups = {group.name for group in found.published.meeting.groups}
    whole = [at for at, head in enumerate(headers) if at and head not in moved and head not in groups]
    of_groups = [at for at, head in enumerate(headers) if at and head in groups]
    shown = [row[at] for row in rows for at in of_groups]
    if whole and (len(of_groups) < 2 or shown.count(found.t("not_shown")) * 2 > len(shown)):
        of_groups = []
    for kept in (whole, of_groups):
        if kept:
            yield from _pieces(
                [headers[0], *(headers[at] for at in kept)],
                [[row[0], *(row[at] for at in kept)] for row in rows],
            )


def change_tables(found: Reading) -> Iterator[Table]:
    """Yield the table of the change from an earlier round; none without one."""
    yield from _pieces(
        *figures.change_table(found.published, found.question.key, found.round.number, found.language)
    )


def _pieces(headers: list[str], rows: list[list[str]]) -> Iterator[Table]:
    """Yield a table in pieces that fit on paper; every piece has the first column."""
    start = 1
    for part in columns(headers[1:]):
        piece = slice(start, start + len(part))
        yield [headers[0], *headers[piece]], [[row[0], *row[piece]] for row in rows]
        start += len(part)
