"""The public face: read a meeting, see what was published, draw it, say what it shows, write the report."""

from __future__ import annotations

from analysis import package
from analysis.disclosure import Policy, Published, merge, publish, published_from_dict
from analysis.responses import Group, Item, Meeting, Question, Responses, Round
from analysis.view import (
    MeetingView,
    QuestionView,
    Wording,
    csv_for_excel,
    drawing,
    figure,
    findings,
    read,
    report,
    report_policy,
    summary,
    wording,
    xlsx,
)

__all__ = [
    "Group",
    "Item",
    "Meeting",
    "MeetingView",
    "Policy",
    "Published",
    "Question",
    "QuestionView",
    "Responses",
    "Round",
    "Wording",
    "csv_for_excel",
    "drawing",
    "figure",
    "findings",
    "merge",
    "package",
    "publish",
    "published_from_dict",
    "read",
    "report",
    "report_policy",
    "summary",
    "wording",
    "xlsx",
]
