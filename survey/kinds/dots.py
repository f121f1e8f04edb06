"""Kind `dots`: some dots over the options, at most `cap` on one (the literature's cumulative ballot)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.fields.core import UnboundField

from survey.kinds import base
from survey.kinds.base import Item, Kind, Question
from survey.languages import N_, gettext, ngettext

_CAP = 2
_MANY, _TOO_MANY = 12, 20


class DotsSettings(base.KindSettings):
    """Dots on a ballot (left out: about a quarter of the options), the cap, whether "against" is asked."""

    dots: int | None = Field(None, ge=1, le=1_000_000)
    cap: int | None = Field(None, ge=1, le=1_000_000)
    against: bool = False


def usual_dots(options: int) -> int:
    """Return the usual number of dots: a quarter of the options rounded half up, at least 3."""
    return max(3, (options + 2) // 4)


class Dots(Kind):
    """An answer is `{"dots": {item: 1 or more}, "against": [item, ...]}`; `against` is never empty."""

    name = "dots"
    label = N_("Dots")
    hint = N_("A few dots each, to place on what matters most: priorities.")
    Settings = DotsSettings
    least_items = 2
    shuffles = True

    def complete(self, settings: Mapping[str, Any], items: Sequence[Item]) -> dict[str, Any]:
        """Return the settings with dots and cap filled in."""
        found = super().complete(settings, items)
        found["dots"] = found["dots"] or usual_dots(len(items))
        found["cap"] = found["cap"] or min(_CAP, found["dots"])
        return found

    def plan_problems(self, settings: base.KindSettings, items: Sequence[Item]) -> list[str]:
        """Return the usual problems, and a cap above the number of dots."""
        problems = super().plan_problems(settings, items)
        full = self.complete(settings.model_dump(), items)
        if full["cap"] > full["dots"]:
            problems.append(gettext("The most dots on one option cannot be more than the dots on a ballot."))
        return problems

    def advice(self, settings: base.KindSettings, items: Sequence[Item]) -> list[str]:
        """Return advice on the number of options and of dots."""
        full, found, usual = self.complete(settings.model_dump(), items), [], usual_dots(len(items))
        if len(items) > _TOO_MANY:
            found.append(gettext("More than 20 options are too many to choose from. Vote on themes first."))
        elif len(items) > _MANY:
            found.append(gettext("More than 12 options are hard to weigh. Can some be merged?"))
        if full["dots"] != usual:
            found.append(
                gettext("About a quarter of the options is usual: here %(usual)s dots.", usual=usual)
            )
        if full["dots"] > full["cap"] * len(items):
            found.append(gettext("Nobody can place all the dots: the options are too few for this cap."))
        return found

    def rule(self, question: Question) -> str:
        """Return the number of dots and the cap in words."""
        dots, cap = question.settings["dots"], question.settings["cap"]
        return " ".join(
            (
                ngettext("You have one dot.", "You have %(num)s dots.", dots),
                ngettext("At most one dot on each option.", "At most %(num)s dots on each option.", cap),
            )
        )

    def fields(self, question: Question, group_key: str) -> dict[str, UnboundField[Any]]:
        """Return a field for each option's dots (may be posted several times), and for "against"."""
        found: dict[str, UnboundField[Any]] = {}
        for item in question.items:
            found[f"item-{item.key}"] = SelectMultipleField(
                item.text, choices=[SelectChoice("1")], validate_choice=False
            )
            if question.settings["against"]:
                found[f"against-{item.key}"] = BooleanField(gettext("Against"))
        return found

    def _read(self, question: Question, group_key: str, posted: MultiDict[str, str]) -> dict[str, Any]:
        dots: dict[str, Any] = {}
        against: list[str] = []
        for name, values in posted.lists():
            written = [base.whole(value) for value in values if value.strip()]
            if name.startswith("item-") and written:
                numbers = [value for value in written if isinstance(value, int) and value >= 0]
                total = sum(numbers) if len(numbers) == len(written) else -1
                if total:
                    dots[name.removeprefix("item-")] = total
            elif name.startswith("against-") and any(values):
                against.append(name.removeprefix("against-"))
        return {"dots": dots, "against": sorted(against)} if against else {"dots": dots}

    def posted(self, question: Question, answer: Mapping[str, Any]) -> dict[str, list[str]]:
        """Return the form data of a valid answer: a `1` for each dot up to the usual cap, else one number."""
        found = {
            f"item-{key}": ["1"] * number if question.settings["cap"] <= _CAP else [str(number)]
            for key, number in answer.get("dots", {}).items()
        }
        return found | {f"against-{key}": ["1"] for key in answer.get("against", [])}

    def _problems(self, question: Question, group_key: str, answer: Any) -> list[str]:
        if not _has_the_form(answer):
            return [base.unreadable()]
        dots, against, settings = answer["dots"], answer.get("against", []), question.settings
        if not dots and not against:
            return [base.nothing_chosen()]
        known, problems = {item.key: item.text for item in question.items}, []
        if any(key not in known for key in [*dots, *against]) or (against and not settings["against"]):
            problems.append(gettext("The answer is about something that is not on this ballot."))
        if any(number > 1 for number in Counter(against).values()):
            problems.append(gettext("The same option is marked twice."))
        for key, text in known.items():
            if key in dots and not base.is_whole(dots[key], 1, settings["cap"]):
                problems.append(
                    ngettext(
                        "“%(option)s”: at most %(num)s dot on one option.",
                        "“%(option)s”: at most %(num)s dots on one option.",
                        settings["cap"],
                        option=text,
                    )
                )
        if sum(number for number in dots.values() if base.is_whole(number, 1, 10**9)) > settings["dots"]:
            problems.append(
                ngettext("You have %(num)s dot.", "You have %(num)s dots. Take some away.", settings["dots"])
            )
        return problems

    def _rows(self, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
        placed = [{"item": key, "value": number, "text": ""} for key, number in answer["dots"].items()]
        return placed + [{"item": key, "value": None, "text": "against"} for key in answer.get("against", [])]


def _has_the_form(answer: Any) -> bool:
    if not isinstance(answer, dict) or set(answer) not in ({"dots"}, {"dots", "against"}):
        return False
    against = answer.get("against", ["-"])
    return (
        isinstance(answer["dots"], dict)
        and isinstance(against, list)
        and len(against) > 0
        and all(isinstance(key, str) for key in against)
    )
