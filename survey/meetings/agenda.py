"""The agenda's steps. Each names the version its sender saw, so that of two at once exactly one gets through.

All raise NotFound for what is not this meeting's, StaleVersion when somebody was first, NotAllowedNow when
the step does not fit; then nothing has changed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from survey.ballots import box, rounds
from survey.errors import NotAllowedNow, NotFound
from survey.meetings import publishing
from survey.meetings.next_step import Step, next_step
from survey.meetings.standing import MeetingState, QuestionState, RoundState, state, voting_cards
from survey.meetings.steps import move_on, refuse_if_ended
from survey.storage import schema
from survey.storage.keys import Keys

__all__ = ["MeetingState", "QuestionState", "RoundState", "Step", "next_step", "state"]

MOST_ROUNDS = 2
VIEWS = ("join", "turnout", "result", "talk")
_ROUND = schema.round_


def open_round(
    connection: Connection, keys: Keys, meeting_id: int, question_id: int, version: int | None
) -> int:
    """Open the question's next round, show it on the screen and return its id; also raises BrokenChain."""
    meeting = move_on(connection, meeting_id, version)
    refuse_if_ended(meeting)
    question = _question(connection, meeting_id, question_id)
    if question.finished_at is not None:
        raise NotAllowedNow("This question is finished: it cannot be put again.")
    if rounds.current(connection, meeting_id) is not None:
        raise NotAllowedNow("Another vote is open. Close it first.")
    standing = [one for one in _rounds(connection, question_id) if rounds.state(one) != "annulled"]
    if standing and rounds.state(standing[-1]) == "closed":
        raise NotAllowedNow(
            "The last vote on this question has not been shown yet. Show it or open it again."
        )
    if len(standing) >= MOST_ROUNDS:
        raise NotAllowedNow("This question has been put twice already.")
    if not voting_cards(connection, meeting_id):
        raise NotAllowedNow(
            "Nobody has a card yet. Make the cards first, or let people join by the room's QR."
        )
    round_id = box.open_round(connection, keys, question_id)
    _put_on_screen(connection, meeting, "turnout", round_id)
    return round_id


def close_round(connection: Connection, meeting_id: int, round_id: int, version: int | None) -> None:
    """Close the open round; nothing is shown yet. `publishing.publish_round` then makes what may be shown."""
    move_on(connection, meeting_id, version)
    _own(connection, meeting_id, round_id)
    box.close_round(connection, round_id)


def reopen_round(
    connection: Connection, keys: Keys, meeting_id: int, round_id: int, version: int | None
) -> None:
    """Open a closed round again, with the ballots that are in it; possible until it is shown."""
    meeting = move_on(connection, meeting_id, version)
    refuse_if_ended(meeting)
    _own(connection, meeting_id, round_id)
    if rounds.current(connection, meeting_id) is not None:
        raise NotAllowedNow("Another vote is open. Close it first.")
    box.reopen_round(connection, keys, round_id)
    _put_on_screen(connection, meeting, "turnout", round_id)


def reveal_round(connection: Connection, meeting_id: int, round_id: int, version: int | None) -> None:
    """Let the room see the closed round, from the chart's first stage; the prompt comes with the last one."""
    meeting = move_on(connection, meeting_id, version)
    published = _own(connection, meeting_id, round_id).published
    if published is None:
        raise NotAllowedNow("The result is being made ready. Try again in a moment.")
    box.reveal_round(connection, round_id)
    is_whole = len(published.get("stages", ())) < 2 and published.get("findings", 0) > 0
    _put_on_screen(connection, meeting, "result", round_id, finding=int(is_whole))


def annul_round(connection: Connection, meeting_id: int, round_id: int, version: int | None) -> None:
    """Put a round aside; it is marked so in the report if it was shown, and the question can be put again."""
    refuse_if_ended(move_on(connection, meeting_id, version))
    round_ = _own(connection, meeting_id, round_id)
    if round_.finished_at is not None:
        raise NotAllowedNow("This question is finished: nothing about it can be changed.")
    box.annul_round(connection, round_id)
    publishing.put_aside(connection, round_.question_id, round_.number)


def show(connection: Connection, meeting_id: int, version: int | None, **screen: Any) -> None:
    """Change what the room sees: any of `view`, `round`, `stage`, `finding` (0 to 99), `light` (on or off).

    A result can be shown only of a round that has been revealed.
    """
    meeting = move_on(connection, meeting_id, version)
    wanted = {**(meeting.screen or {"view": "join"}), **screen}
    if not _makes_sense(wanted):
        raise NotAllowedNow
    if wanted.get("round") is not None:
        shown = _own(connection, meeting_id, wanted["round"])
        if wanted["view"] == "result" and rounds.state(shown) != "revealed":
            raise NotAllowedNow("This result has not been shown yet.")
    _set_screen(connection, meeting_id, wanted)


def postpone(connection: Connection, meeting_id: int, ends_at: datetime | None, version: int | None) -> None:
    """Set when the meeting ends by itself; None leaves it to the facilitator."""
    refuse_if_ended(move_on(connection, meeting_id, version))
    table = schema.meeting
    connection.execute(update(table).where(table.c.id == meeting_id).values(ends_at=ends_at))


def _makes_sense(screen: dict[str, Any]) -> bool:
    places = [screen.get("stage") or 0, screen.get("finding") or 0]
    return (
        set(screen) <= {"view", "round", "stage", "finding", "light"}
        and screen.get("view") in VIEWS
        and screen.get("light", "on") in ("on", "off")
        and (screen["view"] != "result" or screen.get("round") is not None)
        and all(isinstance(place, int) and 0 <= place < 100 for place in places)
    )


def _put_on_screen(
    connection: Connection, meeting: Row[Any], view: str, round_id: int, finding: int = 0
) -> None:
    shown = {"view": view, "round": round_id, "stage": 0, "finding": finding}
    _set_screen(connection, meeting.id, {**(meeting.screen or {}), **shown})


def _set_screen(connection: Connection, meeting_id: int, screen: dict[str, Any]) -> None:
    table = schema.meeting
    connection.execute(update(table).where(table.c.id == meeting_id).values(screen=screen))


def _question(connection: Connection, meeting_id: int, question_id: int) -> Row[Any]:
    table = schema.question
    asked = select(table).where(table.c.id == question_id, table.c.meeting_id == meeting_id)
    found = connection.execute(asked).first()
    if found is None:
        raise NotFound
    return found


def _rounds(connection: Connection, question_id: int) -> list[Row[Any]]:
    asked = select(_ROUND).where(_ROUND.c.question_id == question_id).order_by(_ROUND.c.number)
    return list(connection.execute(asked))


def _own(connection: Connection, meeting_id: int, round_id: int) -> Row[Any]:
    found = rounds.the_round(connection, round_id)
    if found.meeting_id != meeting_id:
        raise NotFound
    return found
