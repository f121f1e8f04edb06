"""Signing in and out: by a one-time link, or by name and password."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, session, url_for

from survey.audiences import access, pages
from survey.audiences.facilitator.forms import SignIn
from survey.errors import LinkSpent, SurveyError
from survey.languages import gettext
from survey.meetings import accounts, passwords

blueprint = Blueprint("sign_in", __name__)
BY_LINK = "by_link"


def enter_as(facilitator_id: int) -> None:
    """Begin a new session for this facilitator in this browser."""
    access.begin_session(
        "facilitator", current_app.config["PRIKK_SESSION_HOURS"], facilitator_id=facilitator_id
    )


@blueprint.get("/sign-in")
def form() -> Any:
    """Show the fields for name and password."""
    return render_template("facilitator/sign_in.html", form=SignIn())


@blueprint.post("/sign-in")
def enter() -> Any:
    """Sign in by name and password; an unknown name gets the same answer as a wrong password."""
    form = SignIn()
    if not form.validate_on_submit():
        return render_template("facilitator/sign_in.html", form=form), 422
    try:
        enter_as(passwords.sign_in(access.database(), form.name.data, form.password.data))
    except SurveyError as refusal:
        page = render_template("facilitator/sign_in.html", form=form, refusal=pages.told(refusal))
        return page, refusal.status, {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else {}
    return redirect(url_for("facilitator.meetings.overview"), 303)


@blueprint.get("/sign-in/<token>")
def link(token: str) -> Any:
    """Show the button of a one-time link. The link is spent by pressing it, never by looking at it."""
    if not accounts.is_good(access.reading(), token):
        raise LinkSpent
    return render_template("facilitator/link.html")


@blueprint.post("/sign-in/<token>")
def spend_link(token: str) -> Any:
    """Spend a one-time link and go on to name and password."""
    enter_as(access.write(lambda c: accounts.accept(c, token)))
    session[BY_LINK] = True
    return redirect(url_for("facilitator.account.page"), 303)


@blueprint.post("/sign-out")
def leave() -> Any:
    """End the session, in this browser and on the server."""
    access.end_session("facilitator")
    session.pop(BY_LINK, None)
    flash(gettext("You are signed out."))
    return redirect(url_for("facilitator.sign_in.form"), 303)
