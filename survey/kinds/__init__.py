"""The kinds of question, in one dict; and a question read from the tables as kinds see it."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, select

from survey.errors import NotFound
from survey.kinds.base import Group, Item, Kind, Question
from survey.kinds.dots import Dots
from survey.kinds.scale import Scale
from survey.kinds.trust import Trust
from survey.storage import schema

KINDS: dict[str, Kind] = {kind.name: kind for kind in (Scale(), Trust(), Dots())}

__all__ = ["KINDS", "Group", "Item", "Kind", "Question", "kind_of", "load"]

# Statements on a ballot's way are built once.
_QUESTION = select(schema.question).where(schema.question.c.id == bindparam("question"))
_VOTING = (
    select(schema.group.c.key, schema.group.c.name, schema.group.c.colour)
    .where(schema.group.c.meeting_id == bindparam("meeting"), schema.group.c.votes)
    .order_by(schema.group.c.position)
)
_ITEMS = (
    select(schema.item.c.key, schema.item.c.text)
    .where(schema.item.c.question_id == bindparam("question"))
    .order_by(schema.item.c.position)
)


class HasKind(Protocol):
    """Anything with a kind's name: a Question, a row of the table, a plan's question."""

    @property
    def kind(self) -> Any:
        """The kind's name."""


def kind_of(question: HasKind) -> Kind:
    """Return the kind of a question; raises KeyError for one that does not exist."""
    return KINDS[question.kind]


def load(connection: Connection, question_id: int) -> Question:
    """Return the question with its items and its meeting's voting groups; raises NotFound."""
    row = connection.execute(_QUESTION, {"question": question_id}).first()
    if row is None:
        raise NotFound
    groups = tuple(Group(*found) for found in connection.execute(_VOTING, {"meeting": row.meeting_id}))
    kind = kind_of(row)
    if kind.items_are_groups:
        items = tuple(Item(group.key, group.name) for group in groups)
    else:
        items = tuple(Item(*found) for found in connection.execute(_ITEMS, {"question": question_id}))
    return Question(
        id=row.id,
        meeting_id=row.meeting_id,
        key=row.key,
        kind=row.kind,
        title=row.title,
        help=row.help,
        secrecy=row.secrecy,
        settings=kind.complete(row.settings, items),
        items=items,
        groups=groups,
    )
