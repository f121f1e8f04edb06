"""Hashes over canonical JSON, each with a tag for what it is of and the format's version."""

from __future__ import annotations

import hashlib
import json
from typing import Any

FORMAT = "prikk/1"
_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical(value: Any) -> str:
    """Return a JSON value in its one form: sorted keys, no spaces, plain ASCII."""
    return _encoder.encode(value)


def digest(tag: str, value: Any) -> str:
    """Return SHA-256 (64 hex digits) over `[format, tag, value]`: no hash can stand for another kind's."""
    return hashlib.sha256(canonical([FORMAT, tag, value]).encode()).hexdigest()


def commitment(nonce: str, answer: str, group_id: int | None = None) -> str:
    """Return the salted hash by which the log commits to an answer (canonical JSON text) and its group.

    The first release's were of the answer alone.
    """
    return digest("ballot", [nonce, answer] if group_id is None else [nonce, answer, group_id])
