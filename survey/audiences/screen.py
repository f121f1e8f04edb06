"""What the room sees: one page that follows the live stream."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("screen", __name__)
