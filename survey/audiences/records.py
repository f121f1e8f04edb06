"""Afterwards: report, package and tables, the public list of receipts, and what the house promises."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("records", __name__)
