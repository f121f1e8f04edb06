"""The one big button: what the agenda has next, whatever has been done by hand before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from survey.languages import N_, gettext
from survey.meetings.standing import MeetingState, QuestionState


@dataclass(frozen=True)
class Step:
    """What comes next.

    `verb` is plan (nothing to open yet), cards (none yet), open, close, reveal, stage (of the chart; `stage`
    is the next one's place), end or over. `confirm` is true for what cannot be undone.
    """

    verb: str
    sentence: str
    values: dict[str, Any] = field(default_factory=dict)
    question_id: int | None = None
    round_id: int | None = None
    stage: int | None = None
    confirm: bool = False

    @property
    def label(self) -> str:
        """What the button says, in the current language."""
        return gettext(self.sentence, **self.values)


def next_step(state: MeetingState) -> Step:
    """Return the next step of the agenda as the meeting stands."""
    if state.ended:
        return Step("over", N_("The meeting is over"))
    if state.open is not None and state.current is not None:
        return Step("close", N_("Close the vote"), question_id=state.current.id, round_id=state.open.id)
    if not state.questions:
        return Step("plan", N_("Add a question"))
    if not state.cards and not state.has_begun:
        return Step("cards", N_("Make the cards"))
    here = state.current and _here(state, state.current)
    coming = here or _elsewhere(state) or Step("end", N_("End the meeting"), confirm=True)
    # After a restore without keys every card is void.
    return Step("cards", N_("Make the cards")) if coming.verb == "open" and not state.cards else coming


def _here(state: MeetingState, question: QuestionState) -> Step | None:
    last = question.last
    if last is None:
        return None
    if last.state == "closed":
        return _reveal(question)
    stage = _next_stage(state, last.id)
    if stage is not None:
        return Step("stage", N_("Show the next picture"), {}, question.id, last.id, stage)
    if question.finished or (last.state == "revealed" and len(question.standing) >= question.planned):
        return None
    return _open(question)


def _next_stage(state: MeetingState, round_id: int) -> int | None:
    if state.screen.get("view") != "result" or state.screen.get("round") != round_id:
        return None
    following = int(state.screen.get("stage") or 0) + 1
    return following if following < len(state.stages) else None


def _elsewhere(state: MeetingState) -> Step | None:
    # The next in the agenda first, then what was jumped over.
    after = state.current.number if state.current else 0
    order = [*state.questions[after:], *state.questions[:after]]
    for question in order:
        if not question.rounds and not question.finished:
            return _open(question)
    for question in order:
        if question.finished or not question.standing:
            continue
        if question.standing[-1].state == "closed":
            return _reveal(question)
        if len(question.standing) < question.planned:
            return _open(question)
    return None


def _open(question: QuestionState) -> Step:
    values = {"number": question.number, "round": len(question.standing) + 1}
    if question.rounds:
        return Step("open", N_("Put question %(number)s again"), values, question.id)
    return Step("open", N_("Open question %(number)s"), values, question.id)


def _reveal(question: QuestionState) -> Step:
    values = {"number": question.number}
    return Step(
        "reveal", N_("Show the result of question %(number)s"), values, question.id, question.rounds[-1].id
    )
