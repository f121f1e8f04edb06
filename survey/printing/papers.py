"""Paper ballots: a sheet for each question and group, to copy and to type in at the console."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from survey import kinds
from survey.kinds.base import Group, Question
from survey.languages import current, gettext, speaking
from survey.printing import setting


def paper_ballots(meeting: Row[Any], questions: Sequence[Question], language: str | None = None) -> bytes:
    """Return the ballots of these questions as a tagged PDF, A4, a sheet for each group that votes.

    `meeting` has `title`, `date` and `language`.
    """
    with speaking(language or meeting.language):
        sheets = [_sheet(question, group) for question in questions for group in question.groups]
        heading = ", ".join(part for part in (meeting.title, setting.day(meeting.date)) if part)
        words = {
            "title": gettext("Paper ballots: %(meeting)s", meeting=meeting.title),
            "heading": heading,
            "code": gettext("The code on your card"),
            "secret": gettext(
                "Whoever types this sheet in sees what is on it; nothing but the marks is kept. "
                "The answers are advice to the meeting, not a formal vote."
            ),
            "blank": gettext("Nothing marked is a blank ballot."),
            "dont_know": gettext("Don't know"),
            "against": gettext("Against"),
        }
        return setting.pdf("papers.typ", {"language": current(), "words": words, "sheets": sheets})


def _sheet(question: Question, group: Group) -> dict[str, Any]:
    kind = kinds.kind_of(question)
    return {
        "kind": kind.name,
        "title": setting.breakable(question.title),
        "help": setting.breakable(question.help),
        "group": setting.breakable(group.name),
        "colour": group.colour,
        "settings": question.settings,
        "statements": [
            setting.breakable(kind.statement(question, group.key, item)) for item in question.items
        ],
        "rule": kind.rule(question),
    }
