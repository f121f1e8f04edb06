"""Afterwards: report, package and tables for the facilitator; receipts and promises for everybody."""

from __future__ import annotations

from flask import Blueprint

from survey.audiences.records import files, promises, receipts

blueprint = Blueprint("records", __name__)
for _room in (files, receipts, promises):
    blueprint.register_blueprint(_room.blueprint)
