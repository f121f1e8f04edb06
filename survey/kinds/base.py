"""What every kind of question knows, and the question as kinds see it."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict
from werkzeug.datastructures import MultiDict
from wtforms.fields.core import UnboundField

from survey.languages import gettext

_WHOLE = re.compile(r"-?[0-9]{1,9}")


@dataclass(frozen=True)
class Item:
    """A statement, an option, or (where items are groups) a group to rate; there `key` is the group's key."""

    key: str
    text: str


@dataclass(frozen=True)
class Group:
    """Whom a participant represents; `colour` is `#rrggbb`."""

    key: str
    name: str
    colour: str


@dataclass(frozen=True)
class Question:
    """One thing asked. `settings` are complete (`Kind.complete`); `groups` are those that vote, in order."""

    id: int
    meeting_id: int
    key: str
    kind: str
    title: str
    help: str
    secrecy: str
    settings: dict[str, Any]
    items: tuple[Item, ...]
    groups: tuple[Group, ...]

    def group(self, key: str) -> Group | None:
        """Return a voting group by key, or None."""
        return next((group for group in self.groups if group.key == key), None)


class KindSettings(BaseModel):
    """A kind's own settings: unknown names and wrong types are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, str_strip_whitespace=True)


class Kind(ABC):
    """One kind of question. An answer is plain JSON; blank is `{}` for every kind."""

    name: ClassVar[str]
    label: ClassVar[str]
    hint: ClassVar[str]
    Settings: ClassVar[type[KindSettings]]
    may_be_open: ClassVar[bool] = True
    guests_vote: ClassVar[bool] = False
    least_items: ClassVar[int] = 1
    most_items: ClassVar[int] = 300
    items_are_groups: ClassVar[bool] = False
    shuffles: ClassVar[bool] = False

    def complete(self, settings: Mapping[str, Any], items: Sequence[Item]) -> dict[str, Any]:
        """Return the settings with every default filled in; raises pydantic.ValidationError."""
        return self.Settings(**settings).model_dump()

    def plan_problems(self, settings: KindSettings, items: Sequence[Item]) -> list[str]:
        """Return what makes these settings and items impossible, beyond what `Settings` itself refuses."""
        problems = []
        if not self.least_items <= len(items) <= self.most_items:
            problems.append(
                gettext(
                    "There must be %(least)s to %(most)s of what is asked about.",
                    least=self.least_items,
                    most=self.most_items,
                )
            )
        return problems

    def advice(self, settings: KindSettings, items: Sequence[Item]) -> list[str]:
        """Return what is allowed but unwise about these settings and items."""
        return []

    def statement(self, question: Question, group_key: str, item: Item) -> str:
        """Return the item as the ballot of this group puts it."""
        return item.text

    def rule(self, question: Question) -> str:
        """Return how a ballot on paper is marked."""
        return gettext("One mark on each line. A line may be skipped.")

    def codebook(self, question: Question) -> dict[str, Any]:
        """Return the settings as the analysis knows them."""
        return dict(question.settings)

    @abstractmethod
    def fields(self, question: Question, group_key: str) -> dict[str, UnboundField[Any]]:
        """Return the ballot form's fields by name."""

    def answer(self, question: Question, group_key: str, posted: MultiDict[str, str]) -> dict[str, Any]:
        """Read form data into an answer; what cannot be read becomes something that `problems` objects to.

        `blank=1` is a blank ballot whatever else is posted; nothing chosen without it is not.
        """
        return {} if posted.get("blank") == "1" else self._read(question, group_key, posted)

    @abstractmethod
    def _read(self, question: Question, group_key: str, posted: MultiDict[str, str]) -> dict[str, Any]:
        """Read form data that is not a blank ballot."""

    @abstractmethod
    def posted(self, question: Question, answer: Mapping[str, Any]) -> dict[str, list[str]]:
        """Return the form data that this valid answer came from, to fill the form again."""

    def problems(self, question: Question, group_key: str, answer: Any) -> list[str]:
        """Return what is wrong with any JSON value as this group's answer; empty means valid. Never raises.

        The full check: it runs in the form and again in the ballot box. It never repeats what was sent.
        """
        if answer == {}:
            return []
        return self._problems(question, group_key, answer)

    @abstractmethod
    def _problems(self, question: Question, group_key: str, answer: Any) -> list[str]:
        """Check an answer that is not blank."""

    def rows(self, question: Question, group_key: str, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return a valid answer as rows `item`, `value` (or None), `text`; blank is one without an item."""
        return self._rows(answer) if answer else [{"item": "", "value": None, "text": ""}]

    @abstractmethod
    def _rows(self, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the rows of an answer that is not blank."""


def whole(text: str) -> int | str:
    """Return the whole number written in `text` (at most nine plain digits), or the text as it is."""
    stripped = text.strip()
    return int(stripped) if _WHOLE.fullmatch(stripped) else text


def is_whole(value: Any, least: int, most: int) -> bool:
    """Say whether a JSON value is a whole number in a range; true and 3.0 are not."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def unreadable() -> str:
    """Return the sentence for an answer that has not even the right form."""
    return gettext("The answer could not be read. Load the page again and answer once more.")


def nothing_chosen() -> str:
    """Return the sentence for an answer with nothing in it."""
    return gettext("Nothing is chosen yet. To hand in a blank ballot, use the button for that.")
