"""One's own name and password, and a one-time link for somebody else."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, session, url_for

from survey.audiences import access, headers, pages
from survey.audiences.facilitator import sign_in
from survey.audiences.facilitator.forms import ChangePassword, Named, NewPassword
from survey.errors import SurveyError
from survey.languages import gettext
from survey.meetings import accounts, passwords

blueprint = Blueprint("account", __name__)


@blueprint.get("/account")
def page() -> Any:
    """Show the fields for name and password, and for inviting somebody."""
    return _page()


@blueprint.post("/account")
def change() -> Any:
    """Change name and password; every other session of this facilitator ends."""
    form = _form_class()()
    if not form.validate_on_submit():
        return _page(form), 422
    who = g.facilitator.id
    try:
        if isinstance(form, ChangePassword):
            passwords.check(access.database(), who, form.current.data)
        access.write(lambda c: accounts.rename(c, who, form.name.data))
        passwords.choose(access.database(), who, form.password.data)
    except SurveyError as refusal:
        return _page(form, refusal=pages.told(refusal)), refusal.status
    session.pop(sign_in.BY_LINK, None)
    sign_in.enter_as(who)
    flash(gettext("Name and password are saved. Other browsers are signed out."))
    return redirect(url_for("facilitator.meetings.overview"), 303)


@blueprint.post("/account/invite")
def invite() -> Any:
    """Make a one-time link for a new facilitator and show it, this once."""
    form = Named()
    if not form.validate_on_submit():
        return _page(named=form), 422
    found = accounts.named(access.reading(), form.name.data)
    # A link signs in as its owner: of somebody who is here already it would open the meetings.
    if found is not None and (found.password_hash or accounts.meetings_of(access.reading(), found.id)):
        return _page(named=form, refusal=gettext("There is a facilitator of that name already.")), 409
    token = access.write(lambda c: accounts.invite(c, form.name.data))
    return _page(link=link_of(token), invited=form.name.data)


def link_of(token: str) -> str:
    """Return the address of a one-time link."""
    return headers.base_url() + url_for("facilitator.sign_in.link", token=token)


def _form_class() -> type[NewPassword]:
    # Who has no password yet, or came by a one-time link because it is forgotten, is not asked for it.
    return (
        NewPassword if g.facilitator.password_hash is None or session.get(sign_in.BY_LINK) else ChangePassword
    )


def _page(form: NewPassword | None = None, named: Named | None = None, **more: Any) -> str:
    form = form or _form_class()(formdata=None, name=g.facilitator.name)
    return render_template(
        "facilitator/account.html", form=form, named=named or Named(formdata=None), me=g.facilitator, **more
    )
