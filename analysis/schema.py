"""The tables of a data package: their columns, types and meanings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Column:
    """One column: `type` is `string`, `integer` or `number`; `needed` cells are never empty."""

    name: str
    type: str
    description: str
    needed: bool = False

    def as_field(self) -> dict[str, Any]:
        """Return the column as a field of a Table Schema."""
        field: dict[str, Any] = {"name": self.name, "type": self.type, "description": self.description}
        return {**field, "constraints": {"required": True}} if self.needed else field


MEETING = Column("meeting", "string", "the meeting's key", needed=True)
QUESTION = Column("question", "string", "the question's key", needed=True)
KIND = Column("kind", "string", "the question's kind", needed=True)
ROUND = Column("round", "integer", "the round's number, from 1", needed=True)
ITEM = Column("item", "string", "the item's key; empty: the whole question")

TABLES: dict[str, tuple[Column, ...]] = {
    "published": (
        MEETING,
        QUESTION,
        KIND,
        ROUND,
        ITEM,
        Column("group", "string", "the group's key; empty: everybody"),
        Column("measure", "string", "what the value is", needed=True),
        Column("level", "string", "scale step, bucket, other group or running number"),
        Column("value", "number", "the figure; empty where hidden or said in text"),
        Column("text", "string", "a figure in words, or collected text"),
        Column("n", "integer", "ballots behind the figure"),
        Column("hidden", "string", "why a value is not there; empty where it is"),
    ),
    "notes": (
        QUESTION,
        ROUND,
        Column("order", "integer", "place in the talk, from 1", needed=True),
        Column("what", "string", "said, edited or skipped", needed=True),
        Column("finding", "string", "the finding whose prompt it is about"),
        Column("text", "string", "the words"),
    ),
    "responses": (
        MEETING,
        QUESTION,
        KIND,
        ROUND,
        Column(
            "ballot", "string", "random, the same in the rounds of one question, never in two", needed=True
        ),
        Column("group", "string", "the ballot's group; empty unless the question was declared open"),
        Column("item", "string", "the item's key; empty: a blank ballot"),
        Column("value", "number", "the answer as a number; empty: don't know, or said in text"),
        Column(
            "text",
            "string",
            "bucket, reason word for word, or rated group; against: a mark against the option",
        ),
    ),
}
