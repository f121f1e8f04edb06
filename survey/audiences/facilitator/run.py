"""Running a meeting: one page, and every step as a post that names the version it was made from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from sqlalchemy import select

from survey.audiences import access, pages
from survey.audiences.facilitator import cards as own_cards
from survey.audiences.facilitator import desk, prompts
from survey.ballots import seal
from survey.errors import NotAllowedNow, StaleVersion
from survey.meetings import agenda, backups, ending, publishing
from survey.storage import schema

blueprint = Blueprint("run", __name__)


@blueprint.get("/meetings/<key>")
def page(key: str) -> Any:
    """Show agenda, what the room sees, turnout, the next step and what is said."""
    laid = desk.lay(access.reading(), g.meeting, own_cards.address_today())
    return render_template(
        "facilitator/run.html",
        desk=laid,
        moved=own_cards.has_moved(),
        addresses=own_cards.addresses(),
        backups=backups.holding(access.reading(), g.meeting.id),
    )


@blueprint.post("/meetings/<key>/step")
def step(key: str) -> Any:
    """Take one step. When somebody else was first nothing happens, and the page shows how it stands now.

    As JSON (the screen's keys, drivers): `version` now, and `error` with status 409 where nothing was done.
    """
    version = request.form.get("version", type=int)
    refusal: NotAllowedNow | StaleVersion | None = None
    try:
        if version is None:
            raise StaleVersion
        _VERBS[_verb()](version)
    except (NotAllowedNow, StaleVersion) as found:
        refusal = found
    if request.accept_mimetypes.best == "application/json":
        said = {"error": pages.told(refusal)} if refusal else {}
        return {"version": access.meeting(key).version, **said}, refusal.status if refusal else 200
    if refusal:
        flash(pages.told(refusal))
    return redirect(url_for("facilitator.run.page", key=key), 303)


def _verb() -> str:
    verb = request.form.get("verb", "")
    if verb not in _VERBS:
        raise NotAllowedNow
    return verb


def _number(name: str) -> int:
    found = request.form.get(name, type=int)
    if found is None:
        raise NotAllowedNow
    return found


def _question() -> int:
    """Return the posted question's id; drivers, which know only the plan, post its key."""
    key = request.form.get("question_key")
    if key is None:
        return _number("question")
    table = schema.question
    asked = select(table.c.id).where(table.c.meeting_id == g.meeting.id, table.c.key == key)
    found: int | None = access.reading().execute(asked).scalar()
    if found is None:
        raise NotAllowedNow
    return found


def _open(version: int, question: int | None = None) -> None:
    question_id = question or _question()
    access.write(lambda c: agenda.open_round(c, access.keys(), g.meeting.id, question_id, version))


def _close(version: int, round_: int | None = None) -> None:
    round_id = round_ or _number("round")
    access.write(lambda c: agenda.close_round(c, g.meeting.id, round_id, version))
    publishing.publish_round(access.database(), access.keys(), round_id)
    # A question that was finished while this vote was open still has traces in the file.
    seal.wipe(access.database())


def _reveal(version: int, round_: int | None = None) -> None:
    round_id = round_ or _number("round")
    # After a crash between close and gate the round is still waiting.
    publishing.publish_waiting(access.database(), access.keys(), g.meeting.id)
    access.write(lambda c: agenda.reveal_round(c, g.meeting.id, round_id, version))


def _reopen(version: int) -> None:
    round_id = _number("round")
    access.write(lambda c: agenda.reopen_round(c, access.keys(), g.meeting.id, round_id, version))


def _annul(version: int) -> None:
    round_id = _number("round")
    access.write(lambda c: agenda.annul_round(c, g.meeting.id, round_id, version))


def _finish(version: int) -> None:
    question = _question()
    access.let_go()
    ending.finish_question(access.database(), access.keys(), g.meeting.id, question, version)


def _end(version: int) -> None:
    access.let_go()
    ending.end_meeting(access.database(), access.keys(), g.meeting.id, version)


def _show(version: int) -> None:
    wanted: dict[str, Any] = {name: request.form[name] for name in ("view", "light") if name in request.form}
    wanted |= {name: _number(name) for name in ("round", "stage", "finding") if name in request.form}
    if "round" in wanted:
        wanted = {"stage": 0, "finding": 0, **wanted}
    access.write(lambda c: agenda.show(c, g.meeting.id, version, **wanted))


def _turn(name: str, by: int) -> Callable[[int], None]:
    def turn(version: int) -> None:
        state = agenda.state(access.reading(), g.meeting.id)
        if state.screen.get("view") != "result":
            raise NotAllowedNow
        last = len(state.stages) - 1 if name == "stage" else _prompts(state)
        wanted = {name: int(state.screen.get(name) or 0) + by}
        if not 0 <= wanted[name] <= last:
            raise NotAllowedNow("There is nothing more that way.")
        if name == "stage" and by > 0 and wanted[name] == last and _prompts(state):
            # The picture is whole: now something to talk about lies beside it.
            wanted["finding"] = max(1, int(state.screen.get("finding") or 0))
        access.write(lambda c: agenda.show(c, g.meeting.id, version, **wanted))

    return turn


def _prompts(state: agenda.MeetingState) -> int:
    """Return how many prompts the chart on the screen has; the screen counts them from 1."""
    return prompts.number(access.reading(), int(state.screen["round"]), state.language)


def _next(version: int) -> None:
    """Take the agenda's next step, whatever it is, but for what must be confirmed."""
    coming = agenda.next_step(agenda.state(access.reading(), g.meeting.id))
    steps: dict[str, Callable[[], None]] = {
        "open": lambda: _open(version, coming.question_id),
        "close": lambda: _close(version, coming.round_id),
        "reveal": lambda: _reveal(version, coming.round_id),
        "stage": lambda: _turn("stage", 1)(version),
    }
    if coming.verb not in steps:
        raise NotAllowedNow("The next step is taken in the console.")
    steps[coming.verb]()


_VERBS: dict[str, Callable[[int], None]] = {
    "open": _open,
    "close": _close,
    "reveal": _reveal,
    "reopen": _reopen,
    "annul": _annul,
    "finish": _finish,
    "end": _end,
    "show": _show,
    "stage": _turn("stage", 1),
    "forward": _turn("stage", 1),
    "back": _turn("stage", -1),
    "finding_next": _turn("finding", 1),
    "finding_back": _turn("finding", -1),
    "next": _next,
}
