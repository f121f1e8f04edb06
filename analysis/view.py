"""A meeting in the hand: `analysis.read(path)["question"].figure()`.

Drawing is imported when it is asked for, so that programs that only publish start fast.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import sources
from analysis.disclosure import Published
from analysis.responses import Meeting, Question, Responses

SUMMARY = ("round", "item", "group", "measure", "level", "value", "text", "n", "hidden")


@dataclass(frozen=True)
class QuestionView:
    """One question of a published meeting."""

    published: Published
    question: Question

    def summary(self, round: int | None = None) -> pd.DataFrame:
        """Return the released rows, one figure per row."""
        return summary(self.published, self.question.key, round)

    def figure(
        self,
        round: int | None = None,
        stage: str | None = None,
        theme: str = "screen",
        language: str | None = None,
    ) -> Any:
        """Return the chart as a plotly figure; see `figure`."""
        return figure(self.published, self.question.key, round, stage, theme, language)

    def findings(self, language: str | None = None, round: int | None = None) -> Any:
        """Return what the numbers show, with a prompt each; see `findings`."""
        return findings(self.published, self.question.key, round, language)


@dataclass(frozen=True)
class MeetingView:
    """A published meeting; questions by key. `remarks` say what was repaired or assumed in reading it."""

    published: Published
    remarks: tuple[str, ...] = ()

    def __getitem__(self, key: str) -> QuestionView:
        """Return a question; raises KeyError with the keys there are."""
        keys = [question.key for question in self.published.meeting.questions]
        if key not in keys:
            raise KeyError(f"No question {key!r}; there are: {', '.join(keys)}.")
        return QuestionView(self.published, self.published.meeting.question(key))

    def __iter__(self) -> Iterator[QuestionView]:
        """Yield the questions in the meeting's order."""
        return (QuestionView(self.published, question) for question in self.published.meeting.questions)

    def __len__(self) -> int:
        return len(self.published.meeting.questions)


def read(
    source: str | Path | pd.DataFrame, group: str | None = None, meeting: Meeting | None = None
) -> MeetingView:
    """Return the meeting in a data package, a file of Pabulib (.pb) or PrefLib (.cat), a Polis export folder
    or a table of answers.

    A table is a frame or a CSV file with the columns of `responses.csv`, which `meeting` gives a codebook.
    `group` names the column of a Pabulib file that holds each voter's group. Raises a ValueError with one
    sentence: the file, the place and what was expected.
    """
    return MeetingView(*sources.opened(source, group, meeting))


def _published(source: Published | MeetingView | QuestionView) -> Published:
    return source if isinstance(source, Published) else source.published


def summary(
    source: Published | MeetingView, question: str | None = None, round_number: int | None = None
) -> pd.DataFrame:
    """Return the released rows, of one question and round or of all, as a frame."""
    published = _published(source)
    if question is None:
        return published.rows[["question", *SUMMARY]].reset_index(drop=True)
    return published.of(question, round_number)[list(SUMMARY)].reset_index(drop=True)


def figure(
    source: Published | MeetingView,
    question: str,
    round_number: int | None = None,
    stage: str | None = None,
    theme: str = "screen",
    language: str | None = None,
    highlight: tuple[str, ...] = (),
) -> Any:
    """Return the plotly figure of a question's round (the last one) at a stage (the last one).

    Items in `highlight` lie on yellow: what the prompt beside the chart is about.
    """
    from analysis.figures import figure as draw

    return draw(
        _published(source), question, round_number, stage or "all", theme, language, highlight=highlight
    )


def drawing(
    source: Published | MeetingView,
    question: str,
    round_number: int | None = None,
    stage: str | None = None,
    theme: str = "screen",
    language: str | None = None,
    highlight: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return the figure as plotly's `data`, `layout` and `config`, ready for JSON; see `figure`."""
    from analysis.figures import CONFIG

    drawn = figure(source, question, round_number, stage, theme, language, highlight)
    drawn.layout.template = None
    return {**json.loads(drawn.to_json()), "config": CONFIG}


@dataclass(frozen=True)
class Wording:
    """What stands around a chart: what a mark is, with or without turnout, its sentences, table and
    stages.
    """

    mark: str
    caption: str
    alt_text: str
    table: tuple[list[str], list[list[str]]]
    stages: tuple[str, ...]


def wording(
    source: Published | MeetingView,
    question: str,
    round_number: int | None = None,
    language: str | None = None,
) -> Wording:
    """Return the words around the chart of a question's round (the last one); raises KeyError."""
    from analysis import figures

    asked = (_published(source), question, round_number)
    return Wording(
        figures.mark(*asked, language),
        figures.caption(*asked, language),
        figures.alt_text(*asked, language),
        figures.table(*asked, language),
        figures.stages(*asked),
    )


def findings(
    source: Published | MeetingView,
    question: str,
    round_number: int | None = None,
    language: str | None = None,
) -> Any:
    """Return the findings of a question's round with their prompts."""
    from analysis.reflection import findings as find

    return find(_published(source), question, round_number, language)


def report(source: Published | MeetingView, path: str | Path | None = None) -> str:
    """Return the report, one self-contained HTML page, and write it to `path` if one is given."""
    from analysis.report import report as write

    return write(_published(source), path)


def report_policy(html: str) -> str:
    """Return the content security policy to serve a report with."""
    from analysis.report import content_security_policy

    return content_security_policy(html)


def csv_for_excel(source: Published | MeetingView, language: str) -> bytes:
    """Return the released rows as CSV that a spreadsheet of this language opens right."""
    from analysis.sheets import csv_for_excel as write

    return write(_published(source), language)


def xlsx(source: Published | MeetingView, language: str) -> bytes:
    """Return the released rows as a workbook."""
    from analysis.sheets import xlsx as write

    return write(_published(source), language)


def as_json(source: Published | MeetingView) -> str:
    """Return codebook, policy, released rows and notes as JSON."""
    from analysis.interchange import as_json as write

    return write(_published(source))


def parquet(source: Published | MeetingView) -> bytes:
    """Return the released rows as Parquet; raises ValueError with a sentence where pyarrow is missing."""
    from analysis.interchange import parquet as write

    return write(_published(source))


def votes_pb(
    source: Published | MeetingView, responses: Responses, question: str, round_number: int | None = None
) -> bytes:
    """Return a dots question's ballots as a Pabulib file, where the plan allows ballot rows; see
    `pabulib_out`.
    """
    from analysis.pabulib_out import votes_pb as write

    return write(_published(source), responses, question, round_number)


def all_votes_pb(source: Published | MeetingView, responses: Responses) -> dict[str, bytes]:
    """Return the Pabulib file of every dots question whose ballots may leave, by the question's key."""
    from analysis.pabulib_out import all_votes as write

    return write(_published(source), responses)
