"""One's own name and password, and a one-time link for somebody else."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for

from survey.audiences import access, pages
from survey.audiences.facilitator.forms import ChangePassword, Named, NewPassword
from survey.errors import SurveyError
from survey.languages import gettext
from survey.meetings import accounts

blueprint = Blueprint("account", __name__)


def _form() -> NewPassword:
    # Who came by a one-time link has no password yet, or has forgotten it: the link stood in for it.
    has_password = g.facilitator.password_hash is not None
    return ChangePassword(name=g.facilitator.name) if has_password else NewPassword(name=g.facilitator.name)
