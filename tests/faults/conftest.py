"""Faults: each test has a short form, run with the rest, and a long one, run by `make faults`.

A test marked `long` is run in the long one only; the others ask `many(short, long)` how often to do what they
do. Each hands what came of it to `tell`. The long run writes each result to a file of JSON lines at once and
ends with a table.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import halls
import pytest
from crowd import History
from ledger import Judgement

_COUNTS = ("acked", "stored", "lost", "doubled", "unknown")
_HEADS = ("fault", "times", "acked", "stored", "lost", "doubled", "p95 s", "back after s", "0 of n: at most")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="the long form of each fault")
    parser.addoption("--results", default="instance/faults.jsonl", help="where the long form's results go")


def is_long(config: pytest.Config) -> bool:
    """Say whether the long forms are run."""
    return bool(config.getoption("--long", default=False))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only the long form does."""
    if not is_long(config):
        left_out = [one for one in items if one.get_closest_marker("long")]
        items[:] = [one for one in items if one not in left_out]
        config.hook.pytest_deselected(items=left_out)


@pytest.fixture
def many(request: pytest.FixtureRequest) -> Callable[[int, int], int]:
    """Return a function that chooses how often something is done: in the short form, in the long one."""
    return lambda short, long: long if is_long(request.config) else short


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> halls.Hall:
    """A hall with 50 voters before an open question, to be copied; made once, also for several workers."""
    place = tmp_path_factory.getbasetemp()
    place = place.parent if "PYTEST_XDIST_WORKER" in os.environ else place
    ready, folder = place / "furnished.json", place / "furnished"
    try:
        folder.mkdir()
    except FileExistsError:
        return _wait_for(ready)
    hall = halls.make(folder / "hall")
    halls.keep(hall, ready)
    return hall


def _wait_for(ready: Path) -> halls.Hall:
    end = time.monotonic() + 300
    while not ready.exists():
        if time.monotonic() > end:
            raise RuntimeError("The other worker has made no hall.")
        time.sleep(0.1)
    return halls.kept(ready)


@pytest.fixture
def hall(furnished: halls.Hall, tmp_path: Path) -> halls.Hall:
    """A hall of the test's own."""
    return furnished.copy(tmp_path / "hall")


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """Return a function that puts a line into the table; `back` are seconds until votes were taken again.

    `judged` and `history` come from the checker and the crowd; both may be left out.
    """

    def told(
        fault: str,
        times: int,
        judged: Judgement | None = None,
        history: History | None = None,
        back: Sequence[float] = (),
        **more: Any,
    ) -> None:
        line: dict[str, Any] = {"fault": fault, "times": times}
        if judged is not None:
            line |= {name: getattr(judged, name) for name in _COUNTS}
        if history is not None:
            line["p95"] = round(history.p95(), 3)
        if back:
            line |= {"back_median": round(statistics.median(back), 2), "back_most": round(max(back), 2)}
        record_property("fault", json.dumps(line | more))

    return told


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep a line for each result, also of a run that is cut short."""
    if report.when == "call" and _results is not None:
        for line in _lines(report):
            with _results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line | {"test": report.nodeid, "outcome": report.outcome}) + "\n")


def pytest_configure(config: pytest.Config) -> None:
    global _results
    if is_long(config) and "PYTEST_XDIST_WORKER" not in os.environ:
        _results = Path(config.rootpath) / config.getoption("--results")
        _results.parent.mkdir(exist_ok=True)
        _results.write_text("")


_results: Path | None = None


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the long form's table."""
    if _results is None:
        return
    reports = [one for outcome in ("passed", "failed") for one in terminalreporter.stats.get(outcome, [])]
    reports.sort(key=lambda one: one.nodeid)
    rows = [_HEADS, *(_row(line, one.outcome) for one in reports for line in _lines(one))]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEADS))]
    terminalreporter.section("faults")
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        terminalreporter.write_line("  ".join(cells).rstrip())


def _lines(report: Any) -> Iterator[dict[str, Any]]:
    for name, value in report.user_properties:
        if name == "fault":
            yield json.loads(value)


def _row(line: dict[str, Any], outcome: str) -> tuple[str, ...]:
    back = f"{line['back_median']} (most {line['back_most']})" if "back_median" in line else ""
    n = line.get("acked") or line["times"]
    nothing_went_wrong = outcome == "passed" and not line.get("lost") and not line.get("doubled")
    return (
        line["fault"] + (f" ({line['note']})" if "note" in line else ""),
        f"{line['times']:,}",
        *(f"{line[name]:,}" if name in line else "" for name in ("acked", "stored", "lost", "doubled")),
        f"{line['p95']:.3f}" if "p95" in line else "",
        back,
        # The rule of three: none of n seen is a 95 % upper bound of 3/n.
        f"{3 / n:.1e} ({n:,})" if nothing_went_wrong and n else "FAILED",
    )
