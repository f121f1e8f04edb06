"""What may be seen: the only thing that figures, findings, reports and exports accept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from analysis.responses import Meeting

COLUMNS = ("meeting", "question", "kind", "round", "item", "group", "measure", "level", "value", "text", "n", "hidden")
NOTES = ("question", "round", "order", "what", "finding", "text")

_PASSED = object()


@dataclass(frozen=True)
class Published:
    """Released rows (`COLUMNS`) with their codebook, and what was said (`NOTES`).

    Only the gate and the reader of a data package can make one: `rows` are all there is to see. `value` is float
    (missing where hidden), `n` the number of ballots behind the figure, `hidden` the reason why a value is not there
    (empty where it is): a key of `analysis/texts.toml`. In `notes`, `what` is `said`, `edited` or `skipped` (of a
    prompt; `finding` names it).
    """

    meeting: Meeting
    rows: pd.DataFrame
    notes: pd.DataFrame
    passed: object = None

    def __post_init__(self) -> None:
        if self.passed is not _PASSED:
            raise TypeError("Published is made by analysis.publish() or read from a data package, nowhere else.")

    def of(self, question: str, round_number: int | None = None) -> pd.DataFrame:
        """Return the rows of one question, of one round or of all."""
        rows = self.rows[self.rows["question"] == question]
        return rows if round_number is None else rows[rows["round"] == round_number]

    def with_notes(self, notes: pd.DataFrame) -> Published:
        """Return the same figures with these notes (columns `NOTES`)."""
        return replace(self, notes=notes[list(NOTES)].reset_index(drop=True))

    def as_dict(self) -> dict[str, Any]:
        """Return codebook and rows as JSON-ready values, for storage beside the round."""
        rows = self.rows.astype("object").where(self.rows.notna(), None)
        return {"meeting": self.meeting.as_dict(), "rows": rows.to_dict("records")}


def released(meeting: Meeting, rows: pd.DataFrame, notes: pd.DataFrame | None = None) -> Published:
    """Return Published of rows that passed the gate: for `publish` and `package.read` only."""
    frame = rows.reindex(columns=list(COLUMNS)).reset_index(drop=True)
    empty = pd.DataFrame(columns=list(NOTES))
    return Published(meeting, frame, empty if notes is None else notes.reindex(columns=list(NOTES)), _PASSED)
