"""Change a stored meeting's plan, as far as nothing that has happened rests on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, exists, func, insert, select, update

from survey.errors import NotAllowedNow
from survey.languages import N_, gettext
from survey.meetings import steps
from survey.meetings.plans import rows
from survey.meetings.plans.plan import Group, Plan, Question
from survey.storage import schema

_LOCKED = N_("A vote has been opened: groups can no longer be added, removed or reordered.")


def replace(connection: Connection, meeting_id: int, plan: Plan, version: int | None = None) -> None:
    """Let the meeting follow another plan. Groups and questions are recognised by their keys.

    A question that has been opened stays as it is, and so do the groups once anything has been opened;
    a group or a table that has cards stays. Raises NotAllowedNow for a change of those and for an erased
    meeting, StaleVersion when the meeting has moved on.
    """
    before = rows.load(connection, meeting_id)
    steps.refuse_if_erased(steps.move_on(connection, meeting_id, version))
    if plan.key != before.key and rows.free_key(connection, plan.key) != plan.key:
        raise NotAllowedNow("There is a meeting with the key %(key)s already.", key=plan.key)
    begun = has_begun(connection, meeting_id)
    if begun and [_identity(one) for one in plan.groups] != [_identity(one) for one in before.groups]:
        raise NotAllowedNow(_LOCKED)
    table = schema.meeting
    connection.execute(update(table).where(table.c.id == meeting_id).values(rows.head_values(plan)))
    _groups(connection, meeting_id, plan.groups)
    _tables(connection, meeting_id, plan.tables)
    _questions(connection, meeting_id, before, plan.questions)


def has_begun(connection: Connection, meeting_id: int) -> bool:
    """Say whether any question of the meeting has been opened."""
    return bool(begun_questions(connection, meeting_id))


def begun_questions(connection: Connection, meeting_id: int) -> set[str]:
    """Return the keys of the questions that have been opened: those stay as they are."""
    question, round_ = schema.question, schema.round_
    opened = select(question.c.key).join(round_).where(question.c.meeting_id == meeting_id)
    return set(connection.scalars(opened))


def why_locked(connection: Connection, meeting_id: int) -> str:
    """Return why groups can no longer be added or removed, or nothing when they can."""
    return gettext(_LOCKED) if has_begun(connection, meeting_id) else ""


def _identity(group: Group) -> tuple[str, bool]:
    return group.key, group.votes


def _groups(connection: Connection, meeting_id: int, wanted: Sequence[Group]) -> None:
    table = schema.group
    there = {
        row.key: row for row in connection.execute(select(table).where(table.c.meeting_id == meeting_id))
    }
    for key in there.keys() - {group.key for group in wanted}:
        _remove(connection, table, there[key], schema.card.c.group_id)
    for position, group in enumerate(wanted):
        values = {"meeting_id": meeting_id, "position": position, **group.model_dump()}
        if group.key in there:
            connection.execute(update(table).where(table.c.id == there[group.key].id).values(values))
        else:
            connection.execute(insert(table).values(values))


def _tables(connection: Connection, meeting_id: int, wanted: Sequence[str]) -> None:
    table = schema.table
    there = connection.execute(
        select(table).where(table.c.meeting_id == meeting_id).order_by(table.c.position)
    ).all()
    for surplus in there[len(wanted) :]:
        _remove(connection, table, surplus, schema.card.c.table_id)
    for position, name in enumerate(wanted):
        values = {"meeting_id": meeting_id, "position": position, "name": name}
        if position < len(there):
            connection.execute(update(table).where(table.c.id == there[position].id).values(values))
        else:
            connection.execute(insert(table).values(values))


def _remove(connection: Connection, table: Table, row: Row[Any], card_column: Any) -> None:
    cards = connection.scalar(select(func.count()).select_from(schema.card).where(card_column == row.id))
    if cards:
        raise NotAllowedNow("%(name)s has cards and can no longer be removed.", name=row.name)
    connection.execute(delete(table).where(table.c.id == row.id))


def _questions(connection: Connection, meeting_id: int, before: Plan, wanted: Sequence[Question]) -> None:
    table = schema.question
    opened = exists().where(schema.round_.c.question_id == table.c.id)
    there = {
        row.key: row
        for row in connection.execute(
            select(table.c.id, table.c.key, table.c.title, opened.label("opened")).where(
                table.c.meeting_id == meeting_id
            )
        )
    }
    old = {question.key: question for question in before.questions}
    for key in there.keys() - {question.key for question in wanted}:
        _refuse_if_opened(there[key])
        _delete_question(connection, there[key].id)
    for position, question in enumerate(wanted):
        row = there.get(question.key)
        if row is None:
            rows.insert_question(connection, meeting_id, position, question)
            continue
        if _asked(old[question.key]) != _asked(question):
            _refuse_if_opened(row)
        values = {**question.model_dump(exclude={"items"}), "position": position}
        connection.execute(update(table).where(table.c.id == row.id).values(values))
        if old[question.key].items != question.items:
            connection.execute(delete(schema.item).where(schema.item.c.question_id == row.id))
            rows.insert_items(connection, row.id, question)


def _asked(question: Question) -> dict[str, Any]:
    # What stands before a question and how often it is planned touches no ballot.
    return question.model_dump(exclude={"interlude", "rounds"})


def _refuse_if_opened(row: Row[Any]) -> None:
    if row.opened:
        raise NotAllowedNow("“%(title)s” has been opened and can no longer be changed.", title=row.title)


def _delete_question(connection: Connection, question_id: int) -> None:
    connection.execute(delete(schema.item).where(schema.item.c.question_id == question_id))
    connection.execute(delete(schema.question).where(schema.question.c.id == question_id))
