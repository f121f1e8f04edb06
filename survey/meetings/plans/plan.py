"""The plan of a meeting as pydantic models: each field's type and bounds, nothing that spans fields."""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from survey.languages import N_
from survey.meetings import labels

MOST_GROUPS, MOST_TABLES, MOST_QUESTIONS, MOST_ITEMS, MOST_CARDS = 60, 60, 40, 500, 20_000
K_FLOOR, K_DEFAULT = 3, 5
# Words that stand where a meeting's key stands in addresses.
TAKEN_WORDS = frozenset({"new", "import", "ready"})


def _cleaned(value: Any) -> Any:
    return labels.clean(value) if isinstance(value, str) else value


def _key(value: str) -> str:
    if not labels.KEY_PATTERN.fullmatch(value):
        raise PydanticCustomError("prikk", N_("A key has letters a to z, digits and dashes, at most 60."))
    return value


def _meeting_key(value: str) -> str:
    if not re.fullmatch("[a-z0-9][a-z0-9-]{0,59}", value) or value.isdecimal() or value in TAKEN_WORDS:
        raise PydanticCustomError(
            "prikk",
            N_("A meeting's key has small letters, digits and dashes, and is not a number."),
        )
    return value


def _date(value: Any) -> Any:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value.isoformat()
    if value == "":
        return value
    try:
        return datetime.date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise PydanticCustomError("prikk", N_("A date is written as in 2026-11-03.")) from None


def _time(value: Any) -> Any:
    if isinstance(value, datetime.time):
        return value.strftime("%H:%M")
    if value == "":
        return value
    try:
        return datetime.datetime.strptime(value, "%H:%M").strftime("%H:%M")
    except (TypeError, ValueError):
        raise PydanticCustomError("prikk", N_('A time is written as in "15:30".')) from None


def _colour(value: str) -> str:
    if not re.fullmatch("#[0-9a-fA-F]{6}", value):
        raise PydanticCustomError("prikk", N_('A colour is written as in "#332288".'))
    return value.upper()


_CLEANED = BeforeValidator(_cleaned)
Key = Annotated[str, AfterValidator(_key)]
MeetingKey = Annotated[str, AfterValidator(_meeting_key)]
Colour = Annotated[str, AfterValidator(_colour)]
TableName = Annotated[str, _CLEANED, Field(min_length=1, max_length=40)]


class Part(BaseModel):
    """A part of a plan: frozen, no coercion (`"6"` is no number), unknown names refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Wifi(Part):
    """The network shown on the join page; an empty name shows none."""

    name: Annotated[str, _CLEANED, Field(max_length=60)] = ""
    password: Annotated[str, _CLEANED, Field(max_length=100)] = ""


class Group(Part):
    """Whom participants represent. `cards` is how many people are expected; `votes` is false for guests."""

    key: Key
    name: Annotated[str, _CLEANED, Field(min_length=1, max_length=80)]
    cards: Annotated[int, Field(ge=1, le=MOST_CARDS)]
    colour: Colour
    votes: bool = True


class Item(Part):
    """A statement or an option."""

    key: Key
    text: Annotated[str, _CLEANED, Field(min_length=1, max_length=300)]


class Question(Part):
    """One thing asked; `settings` are checked by its kind, `items` are empty where the groups are rated."""

    key: Key
    kind: str
    title: Annotated[str, _CLEANED, Field(min_length=1, max_length=300)]
    help: Annotated[str, _CLEANED, Field(max_length=500)] = ""
    interlude: Annotated[str, _CLEANED, Field(max_length=200)] = ""
    secrecy: Literal["sealed", "open"] = "sealed"
    rounds: Annotated[int, Field(ge=1, le=2)] = 1
    items: tuple[Item, ...] = ()
    settings: dict[str, Any] = {}


class Head(Part):
    """What a plan says of the meeting itself. `ends` (local time, `HH:MM`) needs a date.

    From the day `erase_on` texts and votes are erased by themselves; empty: only by hand.
    """

    key: MeetingKey
    title: Annotated[str, _CLEANED, Field(min_length=1, max_length=200)]
    place: Annotated[str, _CLEANED, Field(max_length=200)] = ""
    date: Annotated[str, BeforeValidator(_date)] = ""
    ends: Annotated[str, BeforeValidator(_time)] = ""
    erase_on: Annotated[str, BeforeValidator(_date)] = ""
    language: Literal["nn", "nb", "en"] = "nn"
    k: Annotated[int, Field(ge=K_FLOOR, le=100)] = K_DEFAULT
    spares: Annotated[int, Field(ge=0, le=50)] = 1
    ballot_rows: bool = False
    wifi: Wifi = Wifi()


class Plan(Head):
    """A whole plan, as it is stored and exported."""

    groups: tuple[Group, ...]
    tables: tuple[TableName, ...] = ()
    questions: tuple[Question, ...]
