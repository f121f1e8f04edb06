"""The gate: from raw responses to what may be seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from analysis.disclosure import audit, change, collect, dots, marks, rules, scale, sort, trust
from analysis.disclosure.policy import Policy
from analysis.disclosure.published import COLUMNS, Published, released, typed
from analysis.disclosure.rows import FEW_BALLOTS, Case, Kind, Rows
from analysis.measures.ballots import ballots_of
from analysis.responses import Meeting, Question, Responses, Round

KINDS: dict[str, Kind] = {
    "scale": scale.KIND,
    "trust": trust.KIND,
    "dots": dots.KIND,
    "sort": sort.KIND,
    "collect": collect.KIND,
    "marks": marks.KIND,
}
ALWAYS = ("issued", "used", "unused", "void", "paper")
UNLESS_FEW = ("counted", "blank")
BOOKS = (*ALWAYS, *UNLESS_FEW)


def publish(
    responses: Responses, policy: Policy | None = None, earlier: Iterable[Published] = ()
) -> Published:
    """Return what may be shown of every question round in the responses' codebook.

    `earlier` is what is already out about these questions: a round among it is released again only if
    rule 5 lets it, otherwise its earlier rows stand. Raises ValueError for a kind nobody knows and for
    rows of unknown items.
    """
    rules_in_force, known = policy or Policy(), list(earlier)
    parts, questions = [], []
    for question in responses.meeting.questions:
        rounds = []
        before: change.Earlier | None = None
        for one in question.rounds:
            rows, seen, case = _round(responses, question, one, rules_in_force, known, before)
            parts.append(rows)
            rounds.append(seen)
            before = before if one.state == "annulled" else change.Earlier(case, rows)
        questions.append(replace(question, rounds=tuple(rounds)))
    meeting = replace(responses.meeting, questions=tuple(questions))
    empty = pd.DataFrame(columns=list(COLUMNS))
    return released(meeting, pd.concat(parts) if parts else empty, policy=rules_in_force)


def _round(
    responses: Responses,
    question: Question,
    one: Round,
    policy: Policy,
    earlier: list[Published],
    last: change.Earlier | None,
) -> tuple[pd.DataFrame, Round, Case]:
    kind = KINDS.get(question.kind)
    if kind is None:
        raise ValueError(f"Question {question.key!r} is of the unknown kind {question.kind!r}.")
    if kind.blank_counts:
        one = replace(one, counted=(one.counted or 0) + (one.blank or 0), blank=0)
    case = Case(ballots_of(responses, question, one), policy, policy.smallest(one.sealed_k))
    sealed = question.secrecy != "open" or kind.opened is None
    form = rules.form(case.n, case.k, policy.n_min_counts) if sealed else rules.FULL
    rows = _books(responses.meeting, question, one, case, form)
    if not sealed and kind.opened is not None:
        kind.opened(case, rows)
    elif form == rules.FULL:
        kind.full(case, rows)
    elif form == rules.SMALL:
        kind.small(case, rows)
    if sealed:
        audit.withhold(case, kind, rows, form)
    if form == rules.FULL and one.state != "annulled":
        change.release(case, last, rows, kind.full, sealed)
    seen = replace(one, counted=None, blank=None) if form == rules.TURNOUT else one
    frame = typed(rows.frame(), COLUMNS)
    before = _earlier(earlier, responses.meeting, question, one.number) if sealed else None
    if before is not None and not _apart(before, frame, case.k):
        return before, seen, case
    return frame, seen, case


def _books(meeting: Meeting, question: Question, one: Round, case: Case, form: str) -> Rows:
    """Start the rows of a round with its books; under k ballots not even blank and counted are told apart."""
    base = {"meeting": meeting.key, "question": question.key, "kind": question.kind, "round": one.number}
    rows = Rows(base)
    for measure in ALWAYS:
        rows.add(measure, getattr(one, measure))
    turnout_only = form == rules.TURNOUT
    for measure in UNLESS_FEW:
        if turnout_only:
            rows.hide(measure, FEW_BALLOTS)
        else:
            rows.add(measure, getattr(one, measure))
    for group, books in one.by_group.items():
        for measure in ("issued", "used"):
            rows.add(measure, books.get(measure, 0), group=group)
    rows.add("released", text=form, n=None if turnout_only else case.n)
    return rows


def _earlier(
    published: list[Published], meeting: Meeting, question: Question, number: int
) -> pd.DataFrame | None:
    for one in reversed(published):
        rows = one.of(question.key, number)
        if len(rows) and one.meeting.key == meeting.key:
            return rows
    return None


def _apart(before: pd.DataFrame, now: pd.DataFrame, k: int) -> bool:
    """Say whether a round may be released again: same answers, or k ballots more or fewer (rule 5)."""
    sizes, answers = [], []
    for frame in (before, now):
        known = frame.loc[frame["measure"] == "released", "n"].dropna()
        sizes.append(0 if known.empty else int(known.iloc[0]))
        answers.append(frame[~frame["measure"].isin(BOOKS)].reset_index(drop=True))
    edited = sizes[0] == sizes[1] and not answers[0].equals(answers[1])
    return rules.may_release_again(sizes[0], sizes[1], edited, k)
