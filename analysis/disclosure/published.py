"""What may be seen: the only thing that figures, findings, reports and exports accept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass, field, replace
from typing import Any

import pandas as pd

from analysis.disclosure.policy import Policy
from analysis.responses import Meeting, Question

COLUMNS = (
    "meeting",
    "question",
    "kind",
    "round",
    "item",
    "group",
    "measure",
    "level",
    "value",
    "text",
    "n",
    "hidden",
)
NOTES = ("question", "round", "order", "what", "finding", "text")
TYPES = {"round": "int64", "value": "float64", "n": "Int64", "order": "int64"}

# Kinds whose items come from the answers.
ITEMS_ARE_ANSWERS = ("collect",)

_PASSED = object()


@dataclass(frozen=True)
class Published:
    """Released rows (`COLUMNS`) with their codebook, and what was said (`NOTES`).

    Only the gate and the reader of a data package can make one: `rows` are all there is to see. `value`
    is float (missing where hidden), `n` the number of ballots behind the figure (Int64, missing where
    hidden), `hidden` the reason why a value is not there (empty where it is): a key of
    `analysis/texts.toml`. In `notes`, `what` is `said`, `edited` or `skipped` (of a prompt; `finding`
    names it). `policy` has the thresholds in force.
    """

    meeting: Meeting
    rows: pd.DataFrame
    notes: pd.DataFrame
    passed: InitVar[object] = None  # not kept, so that `replace` cannot hand it on
    policy: Policy = field(default_factory=Policy)

    def __post_init__(self, passed: object) -> None:
        if passed is not _PASSED:
            raise TypeError(
                "Published is made by analysis.publish() or read from a data package, nowhere else."
            )

    def of(self, question: str, round_number: int | None = None) -> pd.DataFrame:
        """Return the rows of one question, of one round or of all."""
        rows = self.rows[self.rows["question"] == question]
        return rows if round_number is None else rows[rows["round"] == round_number]

    def with_notes(self, notes: pd.DataFrame) -> Published:
        """Return the same figures with these notes (columns `NOTES`)."""
        return replace(self, notes=typed(notes, NOTES), passed=_PASSED)

    def as_dict(self) -> dict[str, Any]:
        """Return codebook, policy, rows and notes as JSON-ready values, for storage beside the round."""
        return {
            "meeting": self.meeting.as_dict(),
            "policy": self.policy.as_dict(),
            "rows": _records(self.rows),
            "notes": _records(self.notes),
        }


def released(
    meeting: Meeting, rows: pd.DataFrame, notes: pd.DataFrame | None = None, policy: Policy | None = None
) -> Published:
    """Return Published of rows that passed the gate: for `publish` and `package.read` only."""
    said = pd.DataFrame(columns=list(NOTES)) if notes is None else notes
    return Published(
        _told(meeting, rows), typed(rows, COLUMNS), typed(said, NOTES), _PASSED, policy or Policy()
    )


def _told(meeting: Meeting, rows: pd.DataFrame) -> Meeting:
    """Return the codebook without the items that are answers and stand in no released row."""

    def told(question: Question) -> Question:
        if question.kind not in ITEMS_ARE_ANSWERS:
            return question
        out = set(rows.loc[rows["question"] == question.key, "item"])
        return replace(question, items=tuple(item for item in question.items if item.key in out))

    return replace(meeting, questions=tuple(map(told, meeting.questions)))


def published_from_dict(raw: Mapping[str, Any]) -> Published:
    """Return what `as_dict` stored; raises ValueError for anything else."""
    try:
        return released(
            Meeting.from_dict(raw["meeting"]),
            pd.DataFrame(raw["rows"], columns=list(COLUMNS)),
            pd.DataFrame(raw.get("notes", []), columns=list(NOTES)),
            Policy.from_dict(raw.get("policy", {})),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise ValueError(
            "This is not what Published.as_dict() stored: expected its meeting, rows, notes and policy."
        ) from None


def merge(parts: Sequence[Published], meeting: Meeting | None = None) -> Published:
    """Return several question rounds of one meeting as one; of the same round the last one given counts.

    The codebook is `meeting` if given (its order of questions then holds), otherwise that of the last
    part with the other parts' questions and rounds added. Raises ValueError without parts or for parts of
    different meetings.
    """
    if not parts:
        raise ValueError("Nothing to merge: no published round was given.")
    if len({part.meeting.key for part in parts}) > 1:
        raise ValueError("Only rounds of one and the same meeting can be merged.")
    book = meeting or _codebook(parts)
    latest: dict[tuple[str, int], pd.DataFrame] = {}
    for part in parts:
        for key, rows in part.rows.groupby(["question", "round"], sort=False):
            latest[key] = rows  # type: ignore[index]
    order = [question.key for question in book.questions]
    keys = sorted(latest, key=lambda key: (order.index(key[0]) if key[0] in order else len(order), key))
    rows = pd.concat([latest[key] for key in keys]) if keys else parts[0].rows
    said = [part.notes for part in parts if len(part.notes)]
    notes = pd.concat(said).drop_duplicates() if said else parts[0].notes
    return released(book, rows, notes, parts[-1].policy)


def _codebook(parts: Sequence[Published]) -> Meeting:
    questions: dict[str, Question] = {}
    for part in parts:
        for question in part.meeting.questions:
            known = questions.get(question.key)
            rounds = {one.number: one for one in known.rounds} if known else {}
            rounds |= {one.number: one for one in question.rounds}
            ordered = tuple(rounds[number] for number in sorted(rounds))
            items = {item.key: item for item in (*question.items, *(known.items if known else ()))}
            items |= {item.key: item for item in question.items}
            questions[question.key] = replace(question, items=tuple(items.values()), rounds=ordered)
    return replace(parts[-1].meeting, questions=tuple(questions.values()))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype("object")
    records: Any = plain.where(plain.notna(), None).to_dict("records")
    return list(records)


def typed(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the frame with these columns in their types: text never missing, `n` Int64, `value` float64."""
    found = frame.reindex(columns=list(columns)).reset_index(drop=True)
    for name in columns:
        dtype: Any = TYPES.get(name, "object")
        found[name] = (
            found[name].astype("object").fillna("") if dtype == "object" else found[name].astype(dtype)
        )
    return found
