"""The ballot as a form: the kind's fields, the round, the sending's key and the mark against forgery."""

from __future__ import annotations

import hashlib
import random
import secrets
from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from sqlalchemy import Row
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField

from survey.kinds import Item, Question, kind_of


def fresh_key() -> str:
    """Return a new idempotency key, 32 hex digits, for a phone without a script."""
    return secrets.token_hex(16)


def seat(card_id: str) -> str:
    """Return what a ballot page says about the card it was made for: 16 hex digits.

    On a phone that serves two people, an old page must not be cast with the other one's card.
    """
    return hashlib.sha256(card_id.encode()).hexdigest()[:16]


def ballot_form(
    question: Question, card: Row[Any], round_id: int, posted: MultiDict[str, str] | None = None
) -> FlaskForm:
    """Return the question's ballot for a card (`id`, `group_key`), filled with `posted` where given.

    The key is always a new one: a page that is shown again is another sending.
    """
    hidden = {name: HiddenField() for name in ("round", "key", "seat")}
    fields = {**hidden, **kind_of(question).fields(question, card.group_key)}
    form: FlaskForm = type("BallotForm", (FlaskForm,), fields)(formdata=posted)
    form["round"].data, form["key"].data, form["seat"].data = str(round_id), fresh_key(), seat(card.id)
    return form


def filled(question: Question, answer: Mapping[str, Any] | None) -> MultiDict[str, str] | None:
    """Return an answer as the form data it came from, or None where there is none."""
    return MultiDict(kind_of(question).posted(question, answer)) if answer else None


def order(question: Question, group_key: str, session_hash: str, round_id: int) -> list[Item]:
    """Return the items as this phone sees them: shuffled where the kind asks for it, one's own group last.

    The order follows from session and round: it stays when the page is loaded again and is stored nowhere.
    """
    items, kind = list(question.items), kind_of(question)
    if kind.shuffles:
        seed = hashlib.sha256(f"{session_hash}|{round_id}".encode()).digest()
        random.Random(seed).shuffle(items)
    # What the others think of us is asked after what we think of them.
    return sorted(items, key=lambda item: kind.items_are_groups and item.key == group_key)
