"""The console's small forms. Labels and messages are gettext ids; the template translates them."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import FileField, IntegerField, PasswordField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import EqualTo, InputRequired, Length, NumberRange

from survey.audiences.facilitator import simulated
from survey.languages import LANGUAGES, N_

SPOKEN = [SelectChoice(code, name) for code, name in LANGUAGES.items()]
_TITLE = N_("Write what the meeting is called.")


def stripped(text: str | None) -> str | None:
    """Return the text without the blanks around it."""
    return text.strip() if text else text


class SignIn(FlaskForm):
    """Name and password."""

    name = StringField(
        N_("Name"), filters=[stripped], validators=[InputRequired(N_("Write your name.")), Length(max=80)]
    )
    password = PasswordField(
        N_("Password"), validators=[InputRequired(N_("Write your password.")), Length(max=200)]
    )


class NewPassword(FlaskForm):
    """The name one signs in with and a password of at least twelve characters."""

    name = StringField(
        N_("Name"),
        filters=[stripped],
        validators=[
            InputRequired(N_("Write your name.")),
            Length(max=80, message=N_("At most 80 characters.")),
        ],
    )
    password = PasswordField(
        N_("New password"),
        validators=[
            InputRequired(N_("Choose a password.")),
            Length(min=12, max=200, message=N_("Use at least 12 characters, for instance four words.")),
        ],
    )
    again = PasswordField(
        N_("The same once more"), validators=[EqualTo("password", N_("The two are not the same."))]
    )


class ChangePassword(NewPassword):
    """As NewPassword, for one who has a password already."""

    current = PasswordField(
        N_("Password now"), validators=[InputRequired(N_("Write the password you have now."))]
    )


class Named(FlaskForm):
    """A facilitator's name, to invite or to let run a meeting too."""

    name = StringField(
        N_("Name"),
        filters=[stripped],
        validators=[InputRequired(N_("Write a name.")), Length(max=80, message=N_("At most 80 characters."))],
    )


class FromFile(FlaskForm):
    """A plan as TOML, uploaded or pasted."""

    file = FileField(N_("Plan file (.toml)"))
    text = TextAreaField(N_("or paste it here"), validators=[Length(max=100_000)])


class FromScratch(FlaskForm):
    """The least a meeting needs."""

    title = StringField(
        N_("What is the meeting called?"),
        filters=[stripped],
        validators=[InputRequired(_TITLE), Length(max=200, message=N_("At most 200 characters."))],
    )
    language = RadioField(N_("Language of screen, cards and report"), choices=SPOKEN, default="nn")


class Simulated(FlaskForm):
    """How many simulated voters come in."""

    number = IntegerField(
        N_("How many"),
        default=40,
        validators=[
            InputRequired(N_("Write a number.")),
            NumberRange(1, simulated.MOST, N_("From 1 to 300.")),
        ],
    )
