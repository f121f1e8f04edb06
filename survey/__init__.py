"""Prikk's survey: cards out, ballots in, results on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def create_app(mapping: Mapping[str, Any] | None = None) -> Flask:
    """Return the application for these settings (see config.SETTINGS), its database brought up to date."""
    # Not before it is asked for: the scribe, a process of its own, needs a quarter of what it loads.
    from survey.application import make

    return make(mapping)
