"""What lies on the facilitator's desk while a meeting runs. Nothing of answers that are not shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy import Connection, Row, select

from survey.audiences.facilitator import buttons, prompts, simulated
from survey.audiences.facilitator import cards as own_cards
from survey.ballots import cards
from survey.languages import gettext, ngettext
from survey.meetings import agenda, notes, preflight
from survey.meetings.agenda import MeetingState, QuestionState, RoundState
from survey.storage import schema

# Said beside the button: before the first vote all that can be mended, then only what hurts now.
_ALWAYS = frozenset({"unreachable", "disk", "cloud_folder"})
_BEFORE = _ALWAYS | {"hidden_group", "tight_group", "no_groups", "plain_http"}


@dataclass(frozen=True)
class Line:
    """A question in the agenda."""

    key: str
    title: str
    state: str
    interlude: str
    counted: bool
    current: bool


@dataclass(frozen=True)
class Room:
    """What the room sees: `view` is the screen's, `number` the turnout where it stands there."""

    view: str
    what: str
    title: str
    lines: tuple[str, ...] = ()
    number: int | None = None
    of: int = 0
    dark: bool = False
    round_id: int | None = None


@dataclass(frozen=True)
class Talk:
    """The round that is talked about."""

    round_id: int
    title: str


@dataclass(frozen=True)
class Warned:
    """A warning with its ways out as (label, address)."""

    text: str
    ways: list[tuple[str, str]]


@dataclass(frozen=True)
class Desk:
    """Everything the run page shows."""

    agenda: list[Line]
    room: Room
    next: buttons.Next | None
    after: list[buttons.Button]
    warnings: list[Warned]
    turnout: int | None
    expected: int
    is_open: bool
    talk: Talk | None
    prompts: list[prompts.Asked]
    notes: list[Row[Any]]
    groups: list[Row[Any]]
    out: int
    taken: int
    unfinished: int
    may_simulate: bool
    simulate_first: bool
    usual_simulated: int
    most_simulated: int = simulated.MOST


def lay(connection: Connection, meeting: Row[Any], address: str) -> Desk:
    """Return the desk of this meeting as it stands; `address` is what phones use."""
    state = agenda.state(connection, meeting.id)
    chosen = _chosen(state)
    talk, talked = _talk(state)
    asked = prompts.of_round(connection, talk.round_id, meeting.language) if talk else []
    put = prompts.number(connection, talk.round_id, meeting.language) if talk else 0
    shown = talked or state.open or (chosen.last if chosen else None)
    counts = cards.counts(connection, meeting.id).values()
    table = schema.group
    groups = list(
        connection.execute(select(table).where(table.c.meeting_id == meeting.id).order_by(table.c.position))
    )
    may_simulate = not state.ended and (state.rehearsal or not state.has_begun) and bool(groups)
    return Desk(
        agenda=[_line(one, chosen) for one in state.questions],
        room=_room(state, address),
        next=buttons.next_button(state, meeting.key),
        after=buttons.others(state, chosen, put),
        warnings=_warnings(connection, state, address),
        turnout=shown.turnout if shown else None,
        expected=shown.entitled if shown else state.expected,
        is_open=state.open is not None,
        talk=talk,
        prompts=asked,
        notes=_notes(connection, state, talk),
        groups=groups,
        out=sum(one.issued - one.void for one in counts),
        taken=sum(one.taken for one in counts),
        unfinished=len(state.unfinished) if state.ended or _all_done(state) else 0,
        may_simulate=may_simulate,
        simulate_first=may_simulate and state.demo and not state.rehearsal,
        usual_simulated=min(simulated.MOST, sum(one.cards for one in groups)) or 1,
    )


def _chosen(state: MeetingState) -> QuestionState | None:
    wanted = request.args.get("question")
    return next((one for one in state.questions if one.key == wanted), state.current)


def _all_done(state: MeetingState) -> bool:
    return state.open is None and all(question.rounds for question in state.questions)


def _line(question: QuestionState, chosen: QuestionState | None) -> Line:
    last = question.last
    words = [question.word]
    if question.finished and not question.scrubbed:
        words.append(gettext("erasure pending"))
    if last is not None and last.state in ("closed", "revealed"):
        words.append(ngettext("%(num)s ballot", "%(num)s ballots", last.turnout))
    elif last is None:
        words.append(gettext("open") if question.secrecy == "open" else gettext("sealed"))
    if len(question.standing) > 1:
        words.append(gettext("round %(number)s", number=len(question.standing)))
    elif question.planned > 1 and not question.finished:
        words.append(gettext("two rounds planned"))
    is_current = chosen is not None and chosen.id == question.id
    return Line(question.key, question.title, ", ".join(words), question.interlude, bool(last), is_current)


def _round(state: MeetingState, round_id: Any) -> tuple[QuestionState, RoundState] | None:
    for question in state.questions:
        for one in question.rounds:
            if one.id == round_id:
                return question, one
    return None


def _room(state: MeetingState, address: str) -> Room:
    dark = state.screen.get("light") == "off"
    found = _round(state, state.screen.get("round"))
    if state.screen.get("view", "join") == "join" or found is None:
        how = (
            gettext("How to come in: the room's QR code and the address to type."),
            address.split("://", 1)[-1],
        )
        return Room("join", gettext("The join page"), state.title, how, dark=dark)
    question, one = found
    what = gettext("Question %(number)s: %(word)s", number=question.number, word=question.word)
    if one.state == "annulled":
        aside = (gettext("This vote has been put aside. It does not count."),)
        return Room("said", what, question.title, aside, dark=dark)
    if one.state == "revealed":
        return Room("result", what, question.title, dark=dark, round_id=one.id)
    lines: tuple[str, ...] = (
        ()
        if question.secrecy == "sealed"
        else (gettext("Declared open: the wall shows each dot as it is cast."),)
    )
    return Room("turnout", what, question.title, lines, one.turnout, one.entitled, dark)


def _talk(state: MeetingState) -> tuple[Talk | None, RoundState | None]:
    found = _round(state, state.screen.get("round"))
    if found is None or found[1].state != "revealed" or state.screen.get("view") not in ("result", "talk"):
        return None, None
    question, one = found
    return Talk(one.id, question.title), one


def _notes(connection: Connection, state: MeetingState, talk: Talk | None) -> list[Row[Any]]:
    found = _round(state, talk.round_id) if talk else None
    return list(notes.of_question(connection, found[0].id, found[1].number)) if found else []


def _warnings(connection: Connection, state: MeetingState, address: str) -> list[Warned]:
    if state.ended:
        return []
    found = preflight.cautions(connection, state.id, address, own_cards.folder())
    wanted = _ALWAYS if state.has_begun else _BEFORE
    return [Warned(one.text, own_cards.ways(one)) for one in found if one.key in wanted]
