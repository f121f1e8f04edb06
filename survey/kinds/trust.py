"""Kind `trust`: a value for every other group, and one for how far they are thought to trust one's own."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from survey.kinds.base import Item, Question
from survey.kinds.scale import Scale, ScaleSettings
from survey.languages import N_, gettext

PLACE = "{group}"


class TrustSettings(ScaleSettings):
    """A scale, and the wording of both questions; `{group}` stands for the group. Empty: the usual words."""

    wording: str = Field("", max_length=200)
    own_wording: str = Field("", max_length=200)


class Trust(Scale):
    """Answers as for a scale, with the voting groups as items; that of one's own group is believed trust."""

    name = "trust"
    label = N_("Trust between groups")
    hint = N_("How far each group trusts each of the others, and how far it thinks the others trust it.")
    Settings = TrustSettings
    may_be_open = False
    least_items = 2
    items_are_groups = True

    def statement(self, question: Question, group_key: str, item: Item) -> str:
        """Return the question about another group, or the one about one's own."""
        if item.key == group_key:
            wording = own_wording(question)
        else:
            wording = question.settings["wording"] or gettext("How far do you trust {group}?")
        # The wording is a user's text: the place is replaced, never formatted.
        return wording.replace(PLACE, item.text).replace("%(group)s", item.text)

    def codebook(self, question: Question) -> dict[str, Any]:
        """Return the settings with the wording that was used for the own group as `wording`."""
        settings = dict(question.settings)
        settings["other_wording"] = settings["wording"]
        settings["wording"] = own_wording(question)
        del settings["own_wording"]
        return settings


def own_wording(question: Question) -> str:
    """Return the wording of the question about one's own group, `{group}` still in place."""
    text: str = question.settings["own_wording"]
    return text or gettext("How far do you think the others trust {group}?")
