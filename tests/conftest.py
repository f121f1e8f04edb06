"""What tests share: a database of their own on disk, keys beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from survey.storage import migrate
from survey.storage.database import Database
from survey.storage.keys import Keys

# Time says nothing on a shared machine; a function's fixture is made once for all examples on purpose.
settings.register_profile(
    "prikk", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
settings.load_profile("prikk")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database on disk with all its tables, closed at the end."""
    found = Database(f"sqlite:///{tmp_path / 'prikk.sqlite'}")
    migrate.upgrade(found)
    yield found
    found.close()


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    """Keys in a folder of their own."""
    return Keys(tmp_path / "keys" / "secret")
