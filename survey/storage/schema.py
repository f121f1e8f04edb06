"""The tables. Every column says what it means; states are derived from columns, never stored beside them."""

from __future__ import annotations

from survey.storage.ballot_tables import (
    card,
    cast_key,
    content,
    log,
    question_key,
    round_,
    secret_check,
    session,
)
from survey.storage.clock import now
from survey.storage.columns import Json, UTCTime, metadata
from survey.storage.meeting_tables import (
    backup,
    facilitator,
    group,
    invitation,
    item,
    meeting,
    membership,
    note,
    prompt,
    question,
    table,
)

__all__ = [
    "Json",
    "UTCTime",
    "backup",
    "card",
    "cast_key",
    "content",
    "facilitator",
    "group",
    "invitation",
    "item",
    "log",
    "meeting",
    "membership",
    "metadata",
    "note",
    "now",
    "prompt",
    "question",
    "question_key",
    "round_",
    "secret_check",
    "session",
    "table",
]
