"""What is allowed in a plan but unwise: warnings, apart from mistakes."""

from __future__ import annotations

from survey.kinds import KINDS
from survey.kinds import Item as KindItem
from survey.languages import gettext as _
from survey.meetings import labels
from survey.meetings.cautions import small_groups
from survey.meetings.plans.places import words
from survey.meetings.plans.plan import Plan, Question

# Words about trust in the three languages, folded; a warning only, so that a false alarm costs nothing.
_TRUST = ("tillit", "tiltru", "mistru", "stole på", "stoler på", "stolar på", " lit på", "trust")


def advice(plan: Plan) -> list[tuple[str, str]]:
    """Return (place, sentence) for everything that deserves a second thought."""
    found: list[tuple[str, str]] = []
    if not plan.groups:
        found.append(("", _("There are no groups yet.")))
    if not plan.questions:
        found.append(("", _("There are no questions yet.")))
    voting = [(group.name, group.cards) for group in plan.groups if group.votes]
    found += [("", warning.text) for warning in small_groups(voting, plan.k)]
    for number, question in enumerate(plan.questions):
        place = words(("questions", number))
        found += [(place, sentence) for sentence in question_advice(question, plan)]
    return found


def question_advice(question: Question, plan: Plan) -> list[str]:
    """Return the advice about one question of the plan."""
    kind = KINDS[question.kind]
    if kind.items_are_groups:
        items = [KindItem(group.key, group.name) for group in plan.groups if group.votes]
    else:
        items = [KindItem(item.key, item.text) for item in question.items]
    found = kind.advice(kind.Settings(**question.settings), items)
    if question.secrecy == "open" and is_about_trust(question):
        found = [*found, _("An open question about trust shows who trusts whom. Should it be sealed?")]
    return found


def is_about_trust(question: Question) -> bool:
    """Say whether title, help or items speak of trust."""
    text = labels.fold(" ".join([question.title, question.help, *(item.text for item in question.items)]))
    return any(labels.fold(word) in text for word in _TRUST)
