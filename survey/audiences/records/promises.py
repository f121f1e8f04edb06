"""What the house promises, in plain words, and whether it stands."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, render_template
from sqlalchemy import text

from survey.audiences import access
from survey.errors import StorageUnavailable

blueprint = Blueprint("promises", __name__)


@blueprint.get("/privacy")
def privacy() -> Any:
    """Say what is stored, who can see what, and what is destroyed when."""
    return render_template("records/privacy.html")


@blueprint.get("/accessibility")
def accessibility() -> Any:
    """Say how accessible the pages are, what has been tested and what has not."""
    return render_template("records/accessibility.html")


@blueprint.get("/healthz")
def healthz() -> Any:
    """Answer `{"ok": true}` when the database can be written, else 503."""
    if access.database().health.trouble():
        return jsonify(ok=False), 503, {"Retry-After": "5"}
    try:
        # The writer's transaction takes the database's write lock at once; nothing is changed.
        access.database().write(lambda connection: connection.execute(text("SELECT 1")))
    except StorageUnavailable:
        return jsonify(ok=False), 503, {"Retry-After": "5"}
    return jsonify(ok=True)
