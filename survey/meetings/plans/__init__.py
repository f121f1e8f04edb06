"""Plans: what a meeting is to ask, in TOML, as pydantic models, and in the tables."""

from __future__ import annotations

from survey.meetings.plans.advice import advice, question_advice
from survey.meetings.plans.changing import begun_questions, has_begun, replace, why_locked
from survey.meetings.plans.plan import Group, Item, Plan, Question, Wifi
from survey.meetings.plans.reading import from_raw, read
from survey.meetings.plans.ready import DEMO, ReadyPlan, ready_plan, ready_plans, ready_text
from survey.meetings.plans.rows import export, free_key, load, store
from survey.meetings.plans.writing import as_raw, write

__all__ = [
    "DEMO",
    "Group",
    "Item",
    "Plan",
    "Question",
    "ReadyPlan",
    "Wifi",
    "advice",
    "as_raw",
    "begun_questions",
    "export",
    "free_key",
    "from_raw",
    "has_begun",
    "load",
    "question_advice",
    "read",
    "ready_plan",
    "ready_plans",
    "ready_text",
    "replace",
    "store",
    "why_locked",
    "write",
]
