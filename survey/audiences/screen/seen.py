"""What the room sees now, made from where the meeting stands. Nothing here is secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from sqlalchemy import Connection, Row, select

from survey.audiences import headers, live
from survey.audiences.screen import places
from survey.ballots import cards, count, rounds
from survey.languages import gettext
from survey.storage import schema


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What every view has; `light` is `on` or `off` (the lamps), `round_id` None where no round is meant."""

    view: ClassVar[str]
    title: str
    light: str = "on"
    round_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Join(Seen):
    """How to come in: the room's QR, the address to type, the Wi-Fi's QR, and how many cards are taken."""

    view: ClassVar[str] = "join"
    address: str
    code: places.Code
    wifi: places.Code | None
    taken: int
    expected: int
    dots: places.Dots | None


@dataclass(frozen=True, kw_only=True)
class Turnout(Seen):
    """A sealed question that is open: how many have answered, nothing else."""

    view: ClassVar[str] = "turnout"
    again: str
    turnout: int
    expected: int
    dots: places.Dots | None


@dataclass(frozen=True, kw_only=True)
class Closed(Turnout):
    """A round that is closed and not revealed."""

    view: ClassVar[str] = "closed"


@dataclass(frozen=True, kw_only=True)
class Wall(Seen):
    """A question declared open, while it is open: every dot in its group's colour."""

    view: ClassVar[str] = "wall"
    turnout: int
    expected: int
    groups: list[Row[Any]]
    rows: list[Row[Any]]
    ends: str
    plan: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Said(Seen):
    """Words only: a round put aside, or the end."""

    view: ClassVar[str] = "said"
    lines: list[str]


def look(connection: Connection, meeting: Row[Any]) -> Seen | Row[Any]:
    """Return what the room sees, or a revealed round's row, for result.look to draw."""
    wanted = meeting.screen or {}
    light = wanted.get("light", "on")
    if meeting.ended_at is not None and wanted.get("view", "join") == "join":
        return Said(title=gettext("Thank you for today"), light=light, lines=[meeting.title])
    row = the_round(connection, meeting.id, wanted.get("round"))
    if wanted.get("view", "join") == "join" or row is None:
        return _join(connection, meeting, light)
    if rounds.state(row) == "annulled":
        lines = [gettext("This vote has been put aside. It does not count.")]
        return Said(title=row.title, light=light, round_id=row.id, lines=lines)
    if rounds.state(row) == "revealed":
        return row
    if row.secrecy == "open" and rounds.state(row) == "open":
        return _wall(connection, meeting, row, light)
    return _turnout(connection, row, light)


def the_round(connection: Connection, meeting_id: int, round_id: Any) -> Row[Any] | None:
    """Return a round of this meeting together with its question's facts, or None."""
    if not isinstance(round_id, int):
        return None
    asked, opened = schema.question, schema.round_
    facts = (asked.c.key, asked.c.kind, asked.c.title, asked.c.secrecy, asked.c.settings)
    wanted = (
        select(opened, *facts)
        .join(asked, asked.c.id == opened.c.question_id)
        .where(asked.c.meeting_id == meeting_id, opened.c.id == round_id)
    )
    return connection.execute(wanted).first()


def voting_groups(connection: Connection, question_id: int) -> list[Row[Any]]:
    """Return the groups that vote on a question, in the meeting's own order."""
    group, asked = schema.group, schema.question
    wanted = (
        select(group)
        .join(asked, asked.c.meeting_id == group.c.meeting_id)
        .where(asked.c.id == question_id, group.c.votes)
        .order_by(group.c.position)
    )
    return list(connection.execute(wanted))


def answered(connection: Connection, row: Row[Any]) -> tuple[int, int]:
    """Return how many cards have a ballot in a round, and how many may have one."""
    return count.turnout(connection, row.id), count.entitled(connection, row.id)


def again(row: Row[Any]) -> str:
    """Return which round this is, where it is not the first."""
    return gettext("Round %(number)s", number=row.number) if row.number > 1 else ""


def _join(connection: Connection, meeting: Row[Any], light: str) -> Join:
    group = schema.group
    wanted = select(group.c.cards).where(group.c.meeting_id == meeting.id)
    taken = sum(one.taken for one in cards.counts(connection, meeting.id).values())
    expected = max(taken, sum(connection.scalars(wanted)))
    base = headers.base_url()
    wifi = meeting.wifi_name and places.code(places.wifi(meeting.wifi_name, meeting.wifi_password))
    return Join(
        title=meeting.title,
        light=light,
        address=base.split("://", 1)[-1],
        code=places.code(f"{base}/join/{meeting.key}"),
        wifi=wifi or None,
        taken=taken,
        expected=expected,
        dots=places.rings(expected, 1300, 42 if expected <= 44 else 84, 42),
    )


def _turnout(connection: Connection, row: Row[Any], light: str) -> Turnout:
    view = Turnout if rounds.state(row) == "open" else Closed
    turnout, expected = answered(connection, row)
    return view(
        title=row.title,
        light=light,
        round_id=row.id,
        again=again(row),
        turnout=turnout,
        expected=expected,
        dots=places.rings(expected, 1776, 230, 94),
    )


def _wall(connection: Connection, meeting: Row[Any], row: Row[Any], light: str) -> Wall:
    turnout, expected = answered(connection, row)
    groups = voting_groups(connection, row.question_id)
    item = schema.item
    rows = list(
        connection.execute(
            select(item).where(item.c.question_id == row.question_id).order_by(item.c.position)
        )
    )
    low, high = row.settings.get("min"), row.settings.get("max")
    axis = list(range(low, high + 1)) if low is not None and high is not None else []
    ends = ", ".join(
        f"{end} {row.settings[name]}"
        for end, name in ((low, "low"), (high, "high"))
        if row.settings.get(name)
    )
    return Wall(
        title=row.title,
        light=light,
        round_id=row.id,
        turnout=turnout,
        expected=expected,
        groups=groups,
        rows=rows,
        ends=ends if axis else "",
        plan={
            "axis": axis,
            "groups": [{"key": one.key, "colour": one.colour} for one in groups],
            "counts": live.state(meeting).get("wall", []),
        },
    )
