"""Plans in the tables: store one as a meeting, read a meeting back as its plan."""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from survey.errors import NotAllowedNow, NotFound
from survey.kinds import KINDS
from survey.meetings.plans.plan import Group, Item, Plan, Question, Wifi
from survey.meetings.plans.writing import write
from survey.storage import schema


def store(
    connection: Connection,
    plan: Plan,
    facilitator_id: int | None = None,
    *,
    demo: bool = False,
    new_key: bool = False,
) -> int:
    """Make a meeting of the plan and return its id; the facilitator may run it.

    A key that is taken raises NotAllowedNow; with `new_key` the meeting gets the next free one (`board-2`).
    """
    key = free_key(connection, plan.key)
    if key != plan.key and not new_key:
        raise NotAllowedNow("There is a meeting with the key %(key)s already.", key=plan.key)
    values = {**head_values(plan), "key": key, "demo": demo, "screen": {"view": "join"}}
    made = insert(schema.meeting).values(values).returning(schema.meeting.c.id)
    meeting_id: int = connection.execute(made).scalar_one()
    if facilitator_id is not None:
        members = {"facilitator_id": facilitator_id, "meeting_id": meeting_id}
        connection.execute(insert(schema.membership).values(members))
    for position, group in enumerate(plan.groups):
        values = {"meeting_id": meeting_id, "position": position, **group.model_dump()}
        connection.execute(insert(schema.group).values(values))
    for position, name in enumerate(plan.tables):
        values = {"meeting_id": meeting_id, "position": position, "name": name}
        connection.execute(insert(schema.table).values(values))
    for position, question in enumerate(plan.questions):
        insert_question(connection, meeting_id, position, question)
    return meeting_id


def insert_question(connection: Connection, meeting_id: int, position: int, question: Question) -> int:
    """Insert one question with its items and return its id."""
    values = question.model_dump(exclude={"items"}) | {"meeting_id": meeting_id, "position": position}
    made = insert(schema.question).values(values).returning(schema.question.c.id)
    question_id: int = connection.execute(made).scalar_one()
    insert_items(connection, question_id, question)
    return question_id


def insert_items(connection: Connection, question_id: int, question: Question) -> None:
    """Insert a question's items in their order."""
    for place, item in enumerate(question.items):
        values = {"question_id": question_id, "position": place, "key": item.key, "text": item.text}
        connection.execute(insert(schema.item).values(values))


def load(connection: Connection, meeting_id: int) -> Plan:
    """Return the plan of a stored meeting; raises NotFound."""
    meeting = connection.execute(select(schema.meeting).where(schema.meeting.c.id == meeting_id)).first()
    if meeting is None:
        raise NotFound
    group, table, question = schema.group, schema.table, schema.question
    groups = connection.execute(
        select(group).where(group.c.meeting_id == meeting_id).order_by(group.c.position)
    )
    tables = connection.scalars(
        select(table.c.name).where(table.c.meeting_id == meeting_id).order_by(table.c.position)
    )
    questions = connection.execute(
        select(question).where(question.c.meeting_id == meeting_id).order_by(question.c.position)
    )
    local = meeting.ends_at.astimezone() if meeting.ends_at else None
    return Plan(
        **{name: getattr(meeting, name) for name in _SAME},
        ends=local.strftime("%H:%M") if local else "",
        wifi=Wifi(name=meeting.wifi_name, password=meeting.wifi_password),
        groups=tuple(Group(**{name: getattr(row, name) for name in Group.model_fields}) for row in groups),
        tables=tuple(tables),
        questions=tuple(_question(connection, row) for row in questions.all()),
    )


def export(connection: Connection, meeting_id: int) -> str:
    """Return the meeting's plan as TOML; raises NotFound."""
    return write(load(connection, meeting_id))


def head_values(plan: Plan) -> dict[str, Any]:
    """Return the meeting's columns that come from the plan. `ends` is in the clock of this machine."""
    values = {name: getattr(plan, name) for name in _SAME}
    ends_at = None
    if plan.ends:
        ends_at = datetime.datetime.fromisoformat(f"{plan.date}T{plan.ends}").astimezone(datetime.UTC)
    return {**values, "ends_at": ends_at, "wifi_name": plan.wifi.name, "wifi_password": plan.wifi.password}


def free_key(connection: Connection, key: str) -> str:
    """Return the key, or the first of `key-2`, `key-3`, ... that no meeting has."""
    number, free = 1, key
    while connection.execute(select(schema.meeting.c.id).where(schema.meeting.c.key == free)).first():
        number += 1
        free = f"{key[:55]}-{number}"
    return free


_SAME = ("key", "title", "place", "date", "erase_on", "language", "k", "spares", "ballot_rows")


def _question(connection: Connection, row: Row[Any]) -> Question:
    item = schema.item
    items: tuple[Item, ...] = ()
    if not KINDS[row.kind].items_are_groups:
        found = connection.execute(select(item).where(item.c.question_id == row.id).order_by(item.c.position))
        items = tuple(Item(key=one.key, text=one.text) for one in found)
    settings = KINDS[row.kind].Settings(**row.settings).model_dump(exclude_none=True)
    same = set(Question.model_fields) - {"items", "settings"}
    return Question(**{name: getattr(row, name) for name in same}, items=items, settings=settings)
