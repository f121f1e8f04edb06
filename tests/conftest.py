"""What tests share: a database of their own on disk, keys beside it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import gevent
import pytest
from chromium import CHROMIUM, FLAGS
from hypothesis import HealthCheck, settings
from postgres import Postgres

from survey.storage import migrate
from survey.storage.database import Database
from survey.storage.keys import Keys

# Time says nothing on a shared machine; a function's fixture is made once for all examples on purpose.
settings.register_profile(
    "prikk", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
settings.load_profile("prikk")
_LONGEST = (
    "tests/faults/test_killed",
    "tests/faults/test_postgres_faults",
    "tests/faults/test_backup",
    "tests/faults/",
    "tests/test_end_to_end",
    "tests/browser/",
)
# Where each test is run on PostgreSQL too.
ON_BOTH = {
    "test_batches",
    "test_cards",
    "test_cast",
    "test_count",
    "test_database",
    "test_log",
    "test_portable",
    "test_seal",
    "test_second_round",
    "test_turnout",
}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn skips into failures where PRIKK_NO_SKIPS is set: where it counts, all must run."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("PRIKK_NO_SKIPS"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but PRIKK_NO_SKIPS is set: {report.longrepr}"
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call() -> None:
    """Set gevent's clock: it stands still between tests, and a wait of 30 s on it could be over at once."""
    gevent.get_hub().loop.update_now()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what takes long and mostly waits: several processes then end at the same time."""
    items.sort(key=lambda one: next((place for place, name in enumerate(_LONGEST) if name in one.nodeid), 9))


@pytest.fixture(scope="session")
def fresh_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables and nothing in them, to be copied."""
    file = tmp_path_factory.mktemp("fresh") / "prikk.sqlite"
    database = Database(f"sqlite:///{file}")
    migrate.upgrade(database)
    database.close()
    return file


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL of this process's own, started by the first test that asks for it."""
    server = Postgres()
    yield server
    server.close()


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path, fresh_database: Path) -> Iterator[Database]:
    """A database on disk with all its tables, closed at the end; in some modules each test gets both."""
    if getattr(request, "param", "sqlite") == "sqlite":
        found = Database(f"sqlite:///{shutil.copy(fresh_database, tmp_path / 'prikk.sqlite')}")
        yield found
        found.close()
        return
    server: Postgres = request.getfixturevalue("postgres")
    found = Database(server.emptied())
    yield found
    found.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of the ballot box on both databases, but for those marked as about SQLite."""
    about_a_file = metafunc.definition.get_closest_marker("sqlite")
    if metafunc.module.__name__ in ON_BOTH and "database" in metafunc.fixturenames and not about_a_file:
        metafunc.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    """Keys in a folder of their own."""
    return Keys(tmp_path / "keys" / "secret")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A Chromium, one for all tests of this process: its driver keeps the loop of the thread it is in."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()
