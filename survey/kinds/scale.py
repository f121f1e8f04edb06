"""Kind `scale`: one value for each statement, or "don't know"; a statement may be skipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field, model_validator
from werkzeug.datastructures import MultiDict
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.fields.core import UnboundField

from survey.kinds import base
from survey.kinds.base import Item, Kind, Question
from survey.languages import N_, gettext

DONT_KNOW = "dont_know"
_STATEMENTS_PER_SCREEN = 8


class ScaleSettings(base.KindSettings):
    """0-10 or 1-5, with a label for each end."""

    min: int = 0
    max: int = 10
    low: str = Field("", max_length=60)
    high: str = Field("", max_length=60)

    @model_validator(mode="after")
    def _is_a_known_scale(self) -> ScaleSettings:
        if (self.min, self.max) not in ((0, 10), (1, 5)):
            raise ValueError(gettext("The scale must go from 0 to 10 or from 1 to 5."))
        return self


class Scale(Kind):
    """An answer is `{"values": {item: whole number or null}}`; null: "don't know", missing: skipped."""

    name = "scale"
    label = N_("Scale")
    hint = N_("A value for each statement, or “don't know”: trust, agreement.")
    Settings: ClassVar[type[base.KindSettings]] = ScaleSettings
    most_items = 30

    def advice(self, settings: base.KindSettings, items: Sequence[Item]) -> list[str]:
        """Return advice on long lists of statements and on ends without a label."""
        found = []
        if len(items) > _STATEMENTS_PER_SCREEN and not self.items_are_groups:
            found.append(gettext("More than 8 statements do not fit on one chart."))
        if not getattr(settings, "low", "") or not getattr(settings, "high", ""):
            found.append(gettext("Label both ends of the scale."))
        return found

    def fields(self, question: Question, group_key: str) -> dict[str, UnboundField[Any]]:
        """Return a radio field for each item."""
        steps = [str(step) for step in range(question.settings["min"], question.settings["max"] + 1)]
        choices = [SelectChoice(step) for step in steps] + [SelectChoice(DONT_KNOW, gettext("Don't know"))]
        return {
            # The kind's own check objects to other values, in words.
            f"item-{item.key}": RadioField(
                self.statement(question, group_key, item), choices=choices, validate_choice=False
            )
            for item in question.items
        }

    def _read(self, question: Question, group_key: str, posted: MultiDict[str, str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, value in posted.items(multi=True):
            if name.startswith("item-") and value != "":
                key = name.removeprefix("item-")
                # Two values for one statement cannot both be meant.
                values[key] = "" if key in values else None if value == DONT_KNOW else base.whole(value)
        return {"values": values}

    def posted(self, question: Question, answer: Mapping[str, Any]) -> dict[str, list[str]]:
        """Return the form data of a valid answer."""
        return {
            f"item-{key}": [DONT_KNOW if value is None else str(value)]
            for key, value in answer.get("values", {}).items()
        }

    def _problems(self, question: Question, group_key: str, answer: Any) -> list[str]:
        values = answer.get("values") if isinstance(answer, dict) and len(answer) == 1 else None
        if not isinstance(values, dict):
            return [base.unreadable()]
        if not values:
            return [base.nothing_chosen()]
        texts = {item.key: self.statement(question, group_key, item) for item in question.items}
        problems = []
        if any(key not in texts for key in values):
            problems.append(gettext("The answer is about something that is not on this ballot."))
        least, most = question.settings["min"], question.settings["max"]
        for key, text in texts.items():
            if values.get(key) is not None and not base.is_whole(values[key], least, most):
                problems.append(
                    gettext(
                        "“%(statement)s”: choose one value from %(least)s to %(most)s, or “don't know”.",
                        statement=text,
                        least=least,
                        most=most,
                    )
                )
        return problems

    def _rows(self, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [{"item": key, "value": value, "text": ""} for key, value in answer["values"].items()]
