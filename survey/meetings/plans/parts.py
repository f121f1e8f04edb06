"""The parts of a plan, each examined by itself: defaults filled in, mistakes collected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from survey.errors import PlanRejected
from survey.languages import gettext as _
from survey.meetings import labels
from survey.meetings.plans import plan, sentences
from survey.meetings.plans.colours import GUESTS, next_colours
from survey.meetings.plans.places import Lines, Place, in_order
from survey.meetings.plans.plan import Group, Head

M = TypeVar("M", bound=BaseModel)


class Findings:
    """The mistakes found so far."""

    def __init__(self, lines: Lines | None) -> None:
        self._lines = lines
        self._found: list[tuple[Place, str, int | None]] = []

    def add(self, place: Place, sentence: str, written: Any = None) -> None:
        """Note a mistake; `written` is what stood there, to find its line."""
        line = self._lines.of(place, written) if self._lines else None
        self._found.append((place, sentence, line))

    def examine(self, model: type[M], values: Mapping[str, Any], at: Place, known: Iterable[str]) -> M | None:
        """Return the model of the values, or note every objection and return None."""
        try:
            return model.model_validate(values)
        except ValidationError as error:
            for place, sentence, written in sentences.objections(error, at, known):
                self.add(place, sentence, written)
            return None

    def refuse_if_any(self) -> None:
        """Raise PlanRejected with all that was found, in the order of the file."""
        if self._found:
            raise PlanRejected(in_order(self._found))


def head_of(findings: Findings, raw: Mapping[str, Any]) -> Head | None:
    """Return what the plan says of the meeting itself; the key is made of the title where it is left out."""
    values = {name: value for name, value in raw.items() if name not in ("groups", "tables", "questions")}
    if "key" not in values:
        title = values.get("title")
        key = labels.slug(title if isinstance(title, str) else "", "meeting")
        values["key"] = key if not key.isdecimal() and key not in plan.TAKEN_WORDS else f"meeting-{key}"
    head = findings.examine(Head, values, (), [*plan.Plan.model_fields, *plan.Wifi.model_fields])
    if head is not None and head.ends and not head.date:
        findings.add(("ends",), _("A time to end needs a date."))
    if head is not None and head.erase_on and head.erase_on <= head.date:
        findings.add(("erase_on",), _("The date of erasure must be after the meeting."))
    if head is not None and head.wifi.password and not head.wifi.name:
        findings.add(("wifi", "password"), _("A password for Wi-Fi needs the network's name."))
    return head


def groups_of(findings: Findings, raw: Any) -> tuple[Group, ...] | None:
    """Return the groups with keys, colours and votes filled in, or None if any has a mistake.

    `guest = true` is the short way to say that a group does not vote.
    """
    parts = tables_in(findings, raw, "groups", plan.MOST_GROUPS)
    if parts is None:
        return None
    values = [_with_votes(dict(part)) for part in parts]
    fill_keys(values, "name", "group")
    colours = next_colours([value.get("colour") for value in values if value.get("votes") is not False])
    for value in values:
        if "colour" not in value:
            value["colour"] = GUESTS if value.get("votes") is False else next(colours)
    known = [*Group.model_fields, "guest"]
    found = [findings.examine(Group, value, ("groups", at), known) for at, value in enumerate(values)]
    twice(findings, "groups", values, "key")
    twice(findings, "groups", values, "name")
    groups = tuple(group for group in found if group is not None)
    if sum(group.cards for group in groups) > plan.MOST_CARDS:
        findings.add(
            ("groups",), _("There are too many: at most %(max_length)s.", max_length=plan.MOST_CARDS)
        )
    return groups if len(groups) == len(found) else None


def tables_of(findings: Findings, raw: Any) -> tuple[str, ...]:
    """Return the tables' names; a number stands for so many numbered tables."""
    if isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw <= plan.MOST_TABLES:
        return tuple(str(number) for number in range(1, raw + 1))
    most = plan.MOST_TABLES
    if not isinstance(raw, (list, tuple)) or len(raw) > most:
        findings.add(
            ("tables",), _("A number up to %(most)s or a list of names is expected here.", most=most)
        )
        return ()
    names = []
    for at, name in enumerate(raw):
        if isinstance(name, str) and 1 <= len(labels.clean(name)) <= 40:
            names.append(labels.clean(name))
        else:
            findings.add(("tables", at), _("A table's name is text of 1 to 40 signs."), name)
    twice(findings, "tables", [{"name": name} for name in names], "name")
    return tuple(names)


def tables_in(findings: Findings, raw: Any, name: str, most: int) -> list[Mapping[str, Any]] | None:
    """Return a plan's list of tables (in the sense of TOML), or note what is wrong and return None."""
    if not isinstance(raw, (list, tuple)) or not all(isinstance(part, Mapping) for part in raw):
        findings.add((name,), _("Write each of these under a line [[%(name)s]].", name=name))
        return None
    if len(raw) > most:
        findings.add((name,), _("There are too many: at most %(max_length)s.", max_length=most))
        return None
    return list(raw)


def fill_keys(values: Sequence[dict[str, Any]], source: str, fallback: str) -> None:
    """Give each of the values without a key one made of its `source`."""
    without = [value for value in values if "key" not in value]
    given = [value["key"] for value in values if isinstance(value.get("key"), str)]
    texts = [value[source] if isinstance(value.get(source), str) else "" for value in without]
    for value, key in zip(without, labels.keys_of(texts, given, fallback), strict=True):
        value["key"] = key


def twice(
    findings: Findings, name: str, values: Sequence[Mapping[str, Any]], field: str, at: Place = ()
) -> None:
    """Note each value whose `field` reads like an earlier one's, once folded."""
    seen: dict[str, int] = {}
    for place, value in enumerate(values):
        text = value.get(field)
        if not isinstance(text, str) or not labels.fold(text):
            continue
        first = seen.setdefault(labels.fold(text), place)
        if first != place:
            named = {"text": labels.clean(text), "first": first + 1}
            sentence = _('"%(text)s" stands twice: it is also number %(first)s.', **named)
            findings.add((*at, name, place, field), sentence, text)


def _with_votes(value: dict[str, Any]) -> dict[str, Any]:
    if isinstance(value.get("guest"), bool):
        value.setdefault("votes", not value["guest"])
        del value["guest"]
    return value
