"""What pydantic objects to, as sentences in the reader's language."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from survey.languages import N_
from survey.languages import gettext as _
from survey.meetings.plans.places import Place

_SENTENCES = {
    "missing": N_("This is missing."),
    "string_type": N_("Text in quotes is expected here."),
    "int_type": N_("A whole number is expected here."),
    "float_type": N_("A number is expected here."),
    "bool_type": N_("Either true or false is expected here."),
    "tuple_type": N_("A list in square brackets is expected here."),
    "list_type": N_("A list in square brackets is expected here."),
    "model_type": N_("A table of names and values is expected here."),
    "model_attributes_type": N_("A table of names and values is expected here."),
    "dict_type": N_("A table of names and values is expected here."),
    "greater_than_equal": N_("The number must be %(ge)s or more."),
    "less_than_equal": N_("The number must be %(le)s or less."),
    "greater_than": N_("The number must be more than %(gt)s."),
    "less_than": N_("The number must be less than %(lt)s."),
    "string_too_long": N_("The text is too long: at most %(max_length)s signs."),
    "string_too_short": N_("The text is empty."),
    "too_long": N_("There are too many: at most %(max_length)s."),
    "too_short": N_("There are too few: at least %(min_length)s."),
    "literal_error": N_("Only these are possible: %(expected)s."),
    "enum": N_("Only these are possible: %(expected)s."),
}


def unknown(name: str, known: Iterable[str]) -> str:
    """Return the sentence for a name that nothing here has, with the nearest known one where there is one."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    if near:
        return _('"%(name)s" is not known here. Did you mean "%(near)s"?', name=name, near=near[0])
    return _('"%(name)s" is not known here.', name=name)


def objections(error: ValidationError, at: Place, known: Iterable[str]) -> list[tuple[Place, str, Any]]:
    """Return (place, sentence, what stood there) for each of a model's objections; `at` is its own place."""
    names = list(known)
    return [(at + one["loc"], _sentence(one, names), one["input"]) for one in error.errors(include_url=False)]


def _sentence(one: Mapping[str, Any], known: list[str]) -> str:
    if one["type"] == "extra_forbidden":
        return unknown(str(one["loc"][-1]), known)
    values = {name: str(value).replace("' or '", "', '") for name, value in one.get("ctx", {}).items()}
    if one["type"] == "value_error":
        return _(str(one["ctx"]["error"]))
    # A text that was cleaned first is measured as if it were a list.
    type = f"string_{one['type']}" if isinstance(one["input"], str) else one["type"]
    message = _SENTENCES.get(type) or _SENTENCES.get(
        one["type"], one["msg"] if one["type"] == "prikk" else N_("This value does not fit.")
    )
    return _(message) % values if "%(" in message else _(message)
