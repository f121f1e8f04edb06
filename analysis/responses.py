"""The codebook of a meeting and the tidy frame of its raw answers: what goes into the gate.

Nothing in this module may be drawn, tabulated or exported; `analysis.disclosure.publish` is the only way out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import pandas as pd

COLUMNS = ("meeting", "question", "kind", "round", "ballot", "group", "item", "value", "text")


@dataclass(frozen=True)
class Group:
    """Whom participants represent. `colour` is `#rrggbb`; `votes` is false for guests."""

    key: str
    name: str
    colour: str
    votes: bool = True


@dataclass(frozen=True)
class Item:
    """A statement, an option, or (kind `trust`) a group to rate; there `key` is the group's key."""

    key: str
    text: str


@dataclass(frozen=True)
class Round:
    """One opening of a question and its books.

    The books balance: issued = used + unused + void, used = counted + blank. `issued` counts the cards of
    voting groups, `paper` those of `used` that came on paper, `by_group` group key -> `issued` and `used`
    of that group. `state` is `closed`, `revealed` or `annulled`; `head` is the log's head at close (hex),
    empty when there is none. `sealed_k` is the smallest group shown, locked when the round opened. In the
    codebook of something published, `counted` and `blank` are missing where only turnout may be told.
    """

    number: int
    state: str = "closed"
    issued: int = 0
    used: int = 0
    unused: int = 0
    void: int = 0
    counted: int | None = 0
    blank: int | None = 0
    paper: int = 0
    by_group: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    head: str = ""
    sealed_k: int = 5

    @property
    def entitled(self) -> int:
        """How many cards could vote: what turnout is out of."""
        return self.issued - self.void


@dataclass(frozen=True)
class Question:
    """One thing asked. `secrecy` is `sealed` or `open`; `settings` are the kind's own.

    scale: `min`, `max` (ints), `low`, `high` (labels of the ends). trust: the same, and `wording` of the
    own-group question. dots: `dots` (budget), `cap` (most on one option), `against` (bool). sort: `buckets`,
    two to four of `key` and `text`. collect: `by`, `group` (the lists of one group count once) or `ballot`.
    marks: `rated`, the keys of the groups rated; those that vote where it is not given.
    """

    key: str
    kind: str
    title: str
    secrecy: str = "sealed"
    help: str = ""
    items: tuple[Item, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    rounds: tuple[Round, ...] = ()

    @property
    def levels(self) -> dict[str, str]:
        """Return the words of the buckets by key, in their order; none for kinds without."""
        return {str(one["key"]): str(one["text"]) for one in self.settings.get("buckets", ())}


@dataclass(frozen=True)
class Meeting:
    """The codebook: everything about the meeting except answers. `language` is `nn`, `nb` or `en`; `date`
    is ISO.
    """

    key: str
    title: str
    language: str = "nn"
    place: str = ""
    date: str = ""
    rehearsal: bool = False
    ballot_rows: bool = False
    head: str = ""
    groups: tuple[Group, ...] = ()
    questions: tuple[Question, ...] = ()

    def question(self, key: str) -> Question:
        """Return the question with this key; raises KeyError."""
        for question in self.questions:
            if question.key == key:
                return question
        raise KeyError(key)

    def as_dict(self) -> dict[str, Any]:
        """Return the codebook as plain JSON-ready dicts and lists."""
        return asdict(self)

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Meeting:
        """Return the codebook read back from `as_dict`; unknown keys are ignored, missing ones take
        defaults.
        """
        questions = tuple(
            _make(
                Question,
                question,
                items=tuple(_make(Item, item) for item in question.get("items", ())),
                rounds=tuple(_make(Round, one) for one in question.get("rounds", ())),
            )
            for question in raw.get("questions", ())
        )
        groups = tuple(_make(Group, group) for group in raw.get("groups", ()))
        meeting: Meeting = _make(cls, raw, groups=groups, questions=questions)
        return meeting


def _make(cls: Any, raw: Mapping[str, Any], **made: Any) -> Any:
    known = {name: raw[name] for name in cls.__dataclass_fields__ if name in raw}
    return cls(**{**known, **made})


@dataclass(frozen=True)
class Responses:
    """Raw answers: one row per ballot x item, with the codebook they belong to.

    `frame` has the columns of `COLUMNS`: `ballot` is an id that is the same in the rounds of one question
    and never in two questions; a blank ballot is one row with an empty item; "don't know" is a row whose
    value is missing; a dots ballot's marks against an option are rows with text `against`; `value` is
    float. In `text` stand also the bucket's key (sort; empty: unsure), the reason word for word (collect) and
    the rated group's key (marks, value 1: ticked).
    """

    meeting: Meeting
    frame: pd.DataFrame

    @classmethod
    def from_rows(cls, meeting: Meeting, rows: Iterable[Mapping[str, Any]]) -> Responses:
        """Return the responses of an iterable of row mappings (missing columns become empty)."""
        frame = pd.DataFrame(list(rows), columns=list(COLUMNS))
        texts = [name for name in COLUMNS if name not in ("round", "value")]
        frame[texts] = frame[texts].astype("object").fillna("").astype("object")
        frame["round"] = frame["round"].fillna(1).astype("int64")
        frame["value"] = pd.to_numeric(frame["value"]).astype("float64")
        return cls(meeting, frame)

    @classmethod
    def together(cls, parts: Sequence[Responses]) -> Responses:
        """Return the answers to several questions of one meeting as one; raises ValueError without parts."""
        if not parts:
            raise ValueError("There are no responses to put together.")
        questions = tuple(question for part in parts for question in part.meeting.questions)
        frame = pd.concat([part.frame for part in parts], ignore_index=True)
        return cls(replace(parts[-1].meeting, questions=questions), frame)
