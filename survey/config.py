"""Settings in one table: environment variables `PRIKK_*`, and the same names in `create_app(mapping)`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple


class Setting(NamedTuple):
    """A setting's default and what it means; the README's table is held to these."""

    default: Any
    meaning: str


SETTINGS: dict[str, Setting] = {
    "PRIKK_INSTANCE": Setting("instance", "folder for database and keys"),
    "PRIKK_DATABASE": Setting("", "SQLAlchemy URL; empty: prikk.sqlite in the instance folder"),
    "PRIKK_SECRET_FILE": Setting(
        "", "file with the secret, its folder holds the questions' keys; empty: keys/secret"
    ),
    "PRIKK_BASE_URL": Setting(
        "", "address that phones use, as on the cards; empty: this machine's own address"
    ),
    "PRIKK_HOST": Setting("0.0.0.0", "address to listen on"),
    "PRIKK_PORT": Setting(8000, "port to listen on"),
    "PRIKK_ALLOWED_HOSTS": Setting("", "further host names that are answered, separated by commas"),
    "PRIKK_PROXIES": Setting(0, "how many proxies in front are trusted for X-Forwarded-*"),
    "PRIKK_PLAIN_HTTP": Setting(False, "allow plain HTTP with a public base address"),
    "PRIKK_SESSION_HOURS": Setting(12, "a facilitator is signed out after this many hours"),
}
_TRUE = {"1", "true", "yes", "on"}


def settings(mapping: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return every setting: defaults, then the environment, then `mapping`.

    Raises ValueError for a wrong number.
    """
    found: dict[str, Any] = {}
    for name, setting in SETTINGS.items():
        value = (mapping or {}).get(name, os.environ.get(name, setting.default))
        if isinstance(setting.default, bool):
            value = value if isinstance(value, bool) else str(value).strip().lower() in _TRUE
        elif isinstance(setting.default, int):
            try:
                value = int(value)
            except ValueError:
                raise ValueError(f"{name} must be a whole number, not {value!r}.") from None
        found[name] = value
    instance = Path(found["PRIKK_INSTANCE"]).absolute()
    found["PRIKK_INSTANCE"] = str(instance)
    found["PRIKK_DATABASE"] = found["PRIKK_DATABASE"] or f"sqlite:///{instance / 'prikk.sqlite'}"
    found["PRIKK_SECRET_FILE"] = found["PRIKK_SECRET_FILE"] or str(instance / "keys" / "secret")
    found["PRIKK_BASE_URL"] = found["PRIKK_BASE_URL"].rstrip("/")
    return found
