"""What is wrong with the database just now, for the console: it asks every other second."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify

from survey.audiences import access
from survey.languages import gettext
from survey.storage.health import SENTENCES

blueprint = Blueprint("trouble", __name__)


@blueprint.get("/meetings/<key>/trouble")
def told(key: str) -> Any:
    """Return `{"said": sentence}` in the reader's language, empty while votes can be stored."""
    trouble = access.database().health.trouble()
    return jsonify(said=gettext(SENTENCES[trouble]) if trouble else "")
