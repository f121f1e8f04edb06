"""The plans that come with the program: the demo and others to begin from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from survey.errors import NotFound
from survey.meetings.plans.plan import Plan
from survey.meetings.plans.reading import read

_FOLDER = Path(__file__).parent.parent / "ready"
DEMO = "hallingtinget"


@dataclass(frozen=True)
class ReadyPlan:
    """A plan to begin from; `name` is the file's, without its ending."""

    name: str
    plan: Plan


@cache
def ready_plans() -> tuple[ReadyPlan, ...]:
    """Return the ready plans by name, the demo first."""
    found = [ReadyPlan(file.stem, read(file.read_bytes())) for file in sorted(_FOLDER.glob("*.toml"))]
    return tuple(sorted(found, key=lambda ready: ready.name != DEMO))


def ready_plan(name: str) -> Plan:
    """Return the ready plan of this name; raises NotFound."""
    for ready in ready_plans():
        if ready.name == name:
            return ready.plan
    raise NotFound


def ready_text(name: str) -> str:
    """Return a ready plan's file as it is written, comments and all; raises NotFound."""
    ready_plan(name)
    return (_FOLDER / f"{name}.toml").read_text(encoding="utf-8")
