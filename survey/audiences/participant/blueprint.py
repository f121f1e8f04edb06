"""The blueprint that the participant's views hang on."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("participant", __name__)
