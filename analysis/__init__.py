"""The public face: read a meeting, see what was published, draw it, say what it shows, write the report."""

from __future__ import annotations

from analysis import package

# Loaded before the function of the same name: a module that is loaded later would take the function's place.
from analysis import report as _report  # noqa: F401
from analysis.colours import PALETTE
from analysis.disclosure import Policy, Published, merge, publish, published_from_dict
from analysis.responses import Group, Item, Meeting, Question, Responses, Round
from analysis.view import (
    MeetingView,
    QuestionView,
    Wording,
    all_votes_pb,
    as_json,
    csv_for_excel,
    drawing,
    figure,
    findings,
    parquet,
    read,
    report,
    report_policy,
    summary,
    votes_pb,
    wording,
    xlsx,
)

__all__ = [
    "Group",
    "Item",
    "Meeting",
    "MeetingView",
    "PALETTE",
    "Policy",
    "Published",
    "Question",
    "QuestionView",
    "Responses",
    "Round",
    "Wording",
    "all_votes_pb",
    "as_json",
    "csv_for_excel",
    "drawing",
    "figure",
    "findings",
    "merge",
    "package",
    "parquet",
    "publish",
    "published_from_dict",
    "read",
    "report",
    "report_policy",
    "summary",
    "votes_pb",
    "wording",
    "xlsx",
]
