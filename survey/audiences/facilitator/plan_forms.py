"""The plan as fields: the meeting and its groups on one page, each question on a page of its own."""

from __future__ import annotations

import json
import types
import typing
from typing import Any

from flask_wtf import FlaskForm
from pydantic import BaseModel
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import ColorInput, DateInput, TextInput, TimeInput

from survey.audiences.facilitator.forms import SPOKEN, stripped
from survey.languages import N_

# Six colours that stay apart for colour-blind people.
PALETTE = ("#332288", "#CC6677", "#88CCEE", "#DDCC77", "#117733", "#999933")
GREY = "#BBBBBB"
_WHOLE = N_("Write a whole number.")


class GroupRow(Form):
    """One group of the plan."""

    key = HiddenField()
    name = StringField(N_("Group"), filters=[stripped])
    cards = IntegerField(N_("Cards"), default=6, validators=[Optional()])
    colour = StringField(N_("Colour"), widget=ColorInput(), default=PALETTE[0])
    votes = BooleanField(N_("Votes"), default=True)


class MeetingForm(FlaskForm):
    """The meeting, its groups and its tables."""

    title = StringField(N_("What is the meeting called?"), filters=[stripped])
    place = StringField(N_("Place"), filters=[stripped])
    date = StringField(N_("Date"), widget=DateInput(), filters=[stripped])
    ends = StringField(N_("Ends at"), widget=TimeInput(), filters=[stripped])
    erase_on = StringField(N_("Erase texts and votes on"), widget=DateInput(), filters=[stripped])
    language = RadioField(N_("Language of screen, cards and report"), choices=SPOKEN)
    k = IntegerField(
        N_("Smallest group shown"),
        validators=[InputRequired(_WHOLE), NumberRange(3, 100, N_("From 3 to 100."))],
    )
    spares = IntegerField(
        N_("Spare cards for each group"),
        validators=[InputRequired(_WHOLE), NumberRange(0, 50, N_("From 0 to 50."))],
    )
    tables = StringField(N_("Tables, with commas between"), filters=[stripped])
    wifi_name = StringField(N_("Name of the Wi-Fi"), filters=[stripped])
    wifi_password = StringField(N_("Its password"), filters=[stripped])
    ballot_rows = BooleanField(N_("The data package may hold a row for each ballot"))
    groups = FieldList(FormField(GroupRow))


class ItemRow(Form):
    """One statement or option."""

    key = HiddenField()
    text = StringField(N_("Text"), filters=[stripped])


class QuestionForm(FlaskForm):
    """One question. Its settings are a form of their own, made from the kind's."""

    title = StringField(N_("Question, as people read it"), filters=[stripped])
    help = StringField(N_("A line below it"), filters=[stripped])
    interlude = StringField(N_("What comes before it"), filters=[stripped])
    secrecy = RadioField(choices=[SelectChoice("sealed"), SelectChoice("open")], default="sealed")
    rounds = RadioField(N_("Rounds"), choices=[SelectChoice("1"), SelectChoice("2")], default="1")
    items = FieldList(FormField(ItemRow))
    pasted = TextAreaField(N_("Paste several, one on each line"))


def settings_form(settings: type[BaseModel], values: dict[str, Any], posted: Any = None) -> Form:
    """Return a kind's settings as fields named `settings-...`; empty means the kind's own default."""
    fields = {name: _field(info.annotation, info) for name, info in settings.model_fields.items()}
    made = type("SettingsForm", (Form,), fields)
    defaults = {name: info.default for name, info in settings.model_fields.items() if not info.is_required()}
    form: Form = made(posted, prefix="settings-", data={**defaults, **values})
    return form


def settings_of(form: Form, preset: str | None = None) -> dict[str, Any]:
    """Return what the settings form says, without what was left empty.

    `preset` is a JSON object of settings that are chosen together (a scale's two ends); the kind checks
    it like everything else.
    """
    found = {
        field.short_name: field.data
        for field in form
        if field.data is not None and (field.data != "" or isinstance(field, BooleanField))
    }
    try:
        together = json.loads(preset or "{}")
    except ValueError:
        return found
    return {**found, **together} if isinstance(together, dict) else found


def _field(annotation: Any, info: Any) -> Field:
    choices = [one for one in typing.get_args(annotation) if one is not type(None)]
    if typing.get_origin(annotation) is typing.Literal:
        return SelectField(choices=[SelectChoice(str(one)) for one in choices])
    plain = (
        choices[0] if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) else annotation
    )
    if plain is bool:
        return BooleanField()
    if plain is int:
        return IntegerField(validators=[Optional()])
    return StringField(filters=[stripped], widget=TextInput())
