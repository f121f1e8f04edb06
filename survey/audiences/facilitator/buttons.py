"""The black button, and the links below it: what can be done now, each as what it posts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import url_for

from survey.languages import gettext
from survey.meetings import agenda
from survey.meetings.agenda import MeetingState, QuestionState


@dataclass(frozen=True)
class Next:
    """The next step: `verb` and `values` are posted; or `href` where another page comes next."""

    verb: str
    label: str
    detail: str
    values: dict[str, Any] = field(default_factory=dict)
    href: str = ""


@dataclass(frozen=True)
class Button:
    """A link that posts `values`; with `confirm` it opens first and `yes` does it."""

    label: str
    values: dict[str, Any]
    confirm: str = ""
    yes: str = ""


def next_button(state: MeetingState, key: str) -> Next | None:
    """Return the next step of the agenda, or None when the meeting is over."""
    step = agenda.next_step(state)
    question = state.question(step.question_id) if step.question_id else None
    title = question.title if question else ""
    elsewhere = {
        "plan": (url_for("facilitator.questions.new", key=key), gettext("There is nothing to open yet.")),
        "cards": (url_for("facilitator.cards.page", key=key), gettext("Nobody can vote without one.")),
        "end": (
            url_for("facilitator.run.page", key=key) + "#end",
            gettext("Everything in the agenda is done. You confirm it below."),
        ),
    }
    if step.verb == "over":
        return None
    if step.verb in elsewhere:
        href, detail = elsewhere[step.verb]
        return Next(step.verb, step.label, detail, href=href)
    detail = {
        "open": lambda: f"{title if title.endswith(('?', '!', '.')) else title + '.'} {_secrecy(question)}",
        "close": lambda: gettext("Nobody can vote after that. The room sees the result when you show it."),
        "reveal": lambda: title,
        "stage": lambda: gettext(
            "Picture %(number)s of %(all)s: %(title)s",
            number=(step.stage or 0) + 1,
            all=len(state.stages),
            title=title,
        ),
    }[step.verb]()
    values = {"question": step.question_id, "round": step.round_id, "stage": step.stage}
    return Next(step.verb, step.label, detail, {name: one for name, one in values.items() if one is not None})


def _secrecy(question: QuestionState | None) -> str:
    if question is not None and question.secrecy == "open":
        return gettext("Open: the wall shows every dot as it is cast.")
    return gettext("Sealed until you close.")


def others(state: MeetingState, question: QuestionState | None, findings: int) -> list[Button]:
    """Return what else can be done: about the chosen question, then about the screen.

    `findings` is how many prompts the screen can put; it shows none at 0.
    """
    if state.ended:
        return []
    found = _about(state, question) if question else []
    found += _pictures(state, findings)
    return [
        Button(one.label, {**one.values, "version": state.version}, one.confirm, one.yes)
        for one in found + _screen(state)
    ]


def _about(state: MeetingState, question: QuestionState) -> list[Button]:
    number, last, found = question.number, question.last, []
    coming = agenda.next_step(state)
    is_next = coming.verb == "open" and coming.question_id == question.id
    idle = state.open is None
    if idle and not question.finished and not is_next and len(question.standing) < agenda.MOST_ROUNDS:
        if not question.rounds:
            found.append(_open(gettext("Open question %(number)s now", number=number), question))
        elif not question.standing or question.standing[-1].state == "revealed":
            found.append(_open(gettext("Put question %(number)s again", number=number), question))
    if last is not None and last.state == "closed":
        if idle and not question.finished:
            found.append(Button(gettext("Open the vote again"), {"verb": "reopen", "round": last.id}))
        if coming.verb != "reveal" or coming.round_id != last.id:
            found.append(Button(gettext("Show the result"), {"verb": "reveal", "round": last.id}))
    if last is not None and last.state == "revealed" and state.screen.get("round") != last.id:
        values = {"verb": "show", "view": "result", "round": last.id}
        found.append(Button(gettext("Show the result of question %(number)s again", number=number), values))
    if last is not None and last.state in ("revealed", "closed") and not question.finished:
        found.append(_annul(last.id, number))
    if idle and question.rounds and not question.finished:
        found.append(_finish(question))
    return found


def _open(label: str, question: QuestionState) -> Button:
    return Button(label, {"verb": "open", "question": question.id})


def _annul(round_id: int, number: int) -> Button:
    return Button(
        gettext("Put this vote aside"),
        {"verb": "annul", "round": round_id},
        gettext(
            "The vote on question %(number)s does not count any more. If it was shown, the report says so.",
            number=number,
        ),
        gettext("Yes, put it aside"),
    )


def _finish(question: QuestionState) -> Button:
    return Button(
        gettext("Finish question %(number)s", number=question.number),
        {"verb": "finish", "question": question.id},
        gettext(
            "The links between cards and ballots are destroyed. It cannot be put again or put aside then."
        ),
        gettext("Yes, finish it for good"),
    )


def _pictures(state: MeetingState, findings: int) -> list[Button]:
    if state.screen.get("view") != "result" or not state.stages:
        return []
    stage, finding, found = int(state.screen.get("stage") or 0), int(state.screen.get("finding") or 0), []
    if stage > 0:
        found.append(Button(gettext("Previous picture"), {"verb": "back"}))
    if stage + 1 < len(state.stages) and agenda.next_step(state).verb != "stage":
        found.append(Button(gettext("Next picture"), {"verb": "forward"}))
    if finding < findings:
        label = gettext("Next prompt") if finding else gettext("Show a prompt")
        found.append(Button(label, {"verb": "finding_next"}))
    if finding > 0:
        label = gettext("Previous prompt") if finding > 1 else gettext("Hide the prompt")
        found.append(Button(label, {"verb": "finding_back"}))
    return found


def _screen(state: MeetingState) -> list[Button]:
    view, found = state.screen.get("view", "join"), []
    if view == "result":
        found.append(Button(gettext("Hide the result"), {"verb": "show", "view": "join"}))
    elif view != "join":
        found.append(Button(gettext("Show the join page"), {"verb": "show", "view": "join"}))
    if state.open is not None and view != "turnout":
        values = {"verb": "show", "view": "turnout", "round": state.open.id}
        found.append(Button(gettext("Show turnout"), values))
    lamps = state.screen.get("light", "on")
    label = gettext("Dark screen, for a dark room") if lamps == "on" else gettext("Light screen")
    found.append(Button(label, {"verb": "show", "light": "off" if lamps == "on" else "on"}))
    return found
