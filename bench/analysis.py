"""`python -m bench.analysis`: the analysis of a million ballot rows against pandas reading them, and more.

Each measurement is a process of its own, so that its peak memory is its own, and all of them take turns.
Seconds are the processor's, since the machine may be shared; only ratios are of interest.
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).resolve().parent.parent
GROUPS = ("A", "B", "C", "D", "E", "F")
STATEMENTS, OPTIONS = 5, 12
MEBI = 1024 * 1024


def write(path: Path, rows: int) -> None:
    """Write about so many ballot rows: half on a scale, half dots, in random order of ballots."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(11)
    voters = rows // 2 // STATEMENTS
    groups = np.array(GROUPS)[rng.integers(0, len(GROUPS), voters)]
    ballots = np.array([f"{at:08x}" for at in rng.permutation(voters)])
    scale = pd.DataFrame(
        {
            "question": "trust",
            "kind": "scale",
            "ballot": np.repeat(ballots, STATEMENTS),
            "group": np.repeat(groups, STATEMENTS),
            "item": np.tile([f"s{at}" for at in range(STATEMENTS)], voters),
            "value": np.clip(rng.normal(6, 2.2, voters * STATEMENTS).round(), 0, 10).astype(int),
        }
    )
    givers = rows // 2 // 3
    chosen = rng.random((givers, OPTIONS)).argpartition(3, axis=1)[:, :3]
    liked = np.minimum(chosen, rng.integers(0, OPTIONS, chosen.shape))
    dots = pd.DataFrame(
        {
            "question": "first",
            "kind": "dots",
            "ballot": np.repeat([f"d{at:07x}" for at in rng.permutation(givers)], 3),
            "group": np.repeat(np.array(GROUPS)[rng.integers(0, len(GROUPS), givers)], 3),
            "item": [f"o{at}" for at in liked.ravel()],
            "value": 1,
        }
    ).drop_duplicates(["ballot", "item"])
    table = pd.concat([scale, dots], ignore_index=True)
    table.insert(0, "meeting", "m")
    table.insert(3, "round", 1)
    table["text"] = ""
    table.to_csv(path, index=False)
    with closing(sqlite3.connect(path.with_suffix(".sqlite"))) as connection:
        table.to_sql("responses", connection, index=False)


def reading_sql(path: Path) -> Callable[[], object]:
    """Read the rows with pandas from a SQLite table, where a meeting keeps them, and do nothing more."""
    import pandas as pd

    connection = sqlite3.connect(path.with_suffix(".sqlite"))
    return lambda: pd.read_sql("SELECT * FROM responses", connection)


def reading_csv(path: Path) -> Callable[[], object]:
    """Read the same rows with pandas from a CSV file, and do nothing more."""
    import pandas as pd

    return lambda: pd.read_csv(path)


def file_to_figures(path: Path) -> Callable[[], object]:
    """Read, check and publish: from the file to every figure of the report."""
    import analysis

    return lambda: analysis.read(path)


def rows_to_figures(path: Path) -> Callable[[], object]:
    """Publish rows that are in memory: measures, rules and audit."""
    from analysis import publish, tidy

    responses = tidy.read_csv(path).responses
    return lambda: publish(responses)


def pass_over_rows(path: Path) -> Callable[[], object]:
    """Count the rows once: answers by item and value."""
    import pandas as pd

    frame = pd.read_csv(path, usecols=["question", "item", "value"])
    return lambda: frame.groupby(["question", "item"])["value"].value_counts()


def replicates(path: Path) -> Callable[[], object]:
    """Draw 2,000 bootstrap medians from the counts of one statement."""
    import pandas as pd

    from analysis.measures.bootstrap import median_interval

    frame = pd.read_csv(path, usecols=["item", "value"])
    counts = frame.loc[frame["item"] == "s0", "value"].value_counts().sort_index()
    return lambda: median_interval(counts.index.tolist(), counts.tolist(), 2000)


def _chart(path: Path) -> Any:
    import analysis

    published = analysis.read(path).published
    analysis.figure(published, "trust")
    return published


def building(path: Path) -> Callable[[], object]:
    """Build a figure, the library being warm."""
    import analysis

    published = _chart(path)
    return lambda: analysis.figure(published, "trust")


def encoding(path: Path) -> Callable[[], object]:
    """Encode the same figure as JSON."""
    import analysis

    drawn = analysis.figure(_chart(path), "trust")
    return drawn.to_json


def importing(path: Path) -> Callable[[], object]:
    """Import the library, as a program that publishes does."""
    return lambda: __import__("analysis")


def importing_pandas(path: Path) -> Callable[[], object]:
    """Import pandas alone."""
    return lambda: __import__("pandas")


WORK: Mapping[str, Callable[[Path], Callable[[], object]]] = {
    one.__name__: one
    for one in (
        reading_sql, reading_csv, file_to_figures, rows_to_figures, pass_over_rows, replicates, building,
        encoding, importing_pandas, importing,
    )
}  # fmt: skip
LABELS = {
    "reading_sql": "pandas alone reads the rows from SQLite",
    "reading_csv": "pandas alone reads them from CSV",
    "file_to_figures": "CSV read, checked and published",
    "rows_to_figures": "a report's measures of rows in memory",
    "pass_over_rows": "one pass over the rows, counting",
    "replicates": "2,000 bootstrap medians from counts",
    "building": "a figure is built (40 people)",
    "encoding": "the same figure as JSON",
    "importing_pandas": "import pandas",
    "importing": "import analysis",
}
SMALL = ("building", "encoding")  # on a meeting of forty, not on a million rows


def child(name: str, path: Path) -> None:
    """Do one piece of work and print its processor seconds and the peak memory of the process."""
    job = WORK[name](path)
    start = time.process_time()
    kept = job()
    seconds = time.process_time() - start
    del kept
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "peak": peak}))


def measured(name: str, path: Path) -> dict[str, float]:
    """Return processor seconds and peak memory (bytes) of one piece of work in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.analysis", "--child", name, str(path)],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def survey(rows: int, runs: int) -> list[str]:
    """Return the lines of the table: what, seconds, peak memory, and how it stands to its like."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        large, small = Path(name) / "large.csv", Path(name) / "small.csv"
        # In processes of their own: a child's peak is never under what its parent had when it was started.
        for path, many in ((large, rows), (small, 400)):
            subprocess.run(
                [sys.executable, "-m", "bench.analysis", "--rows", str(many), "--write", str(path)],
                cwd=HOUSE,
                check=True,
            )
        found: dict[str, list[dict[str, float]]] = {work: [] for work in WORK}
        for run in range(runs):
            for work in WORK:
                found[work].append(measured(work, small if work in SMALL else large))
            print(f"run {run + 1} of {runs}", file=sys.stderr, flush=True)
        with large.open("rb") as file:
            lines = sum(block.count(b"\n") for block in iter(lambda: file.read(MEBI), b"")) - 1
    return [f"{lines:,} ballot rows, medians of {runs} runs in turn (least to most)", *_lines(found)]


def _lines(found: Mapping[str, list[dict[str, float]]]) -> list[str]:
    lines = []
    for work, runs in found.items():
        seconds, peak = sorted(one["seconds"] for one in runs), statistics.median(one["peak"] for one in runs)
        lines.append(
            f"{LABELS[work]:40} {statistics.median(seconds):9.4f} s ({seconds[0]:.4f} to {seconds[-1]:.4f})"
            f" {peak / MEBI:6.0f} MB"
        )
    for above, below, goal in (
        ("rows_to_figures", "reading_sql", 2),
        ("rows_to_figures", "reading_csv", 2),
        ("file_to_figures", "reading_sql", None),
        ("replicates", "pass_over_rows", 1),
        ("building", "encoding", None),
        ("importing", "importing_pandas", None),
    ):
        ratios = sorted(
            one["seconds"] / other["seconds"] for one, other in zip(found[above], found[below], strict=True)
        )
        aim = "" if goal is None else f"; goal at most {goal}"
        lines.append(
            f"{LABELS[above]} : {LABELS[below]} = {statistics.median(ratios):.2f}"
            f" ({ratios[0]:.2f} to {ratios[-1]:.2f}){aim}"
        )
    for below in ("reading_sql", "reading_csv"):
        pairs = zip(found["rows_to_figures"], found[below], strict=True)
        peak = statistics.median(one["peak"] / other["peak"] for one, other in pairs)
        lines.append(
            f"peak memory, {LABELS['rows_to_figures']} : {LABELS[below]} = {peak:.2f}; goal at most 2"
        )
    return lines


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.analysis", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.write:
        write(given.write, given.rows)
        return 0
    if given.child:
        child(given.child[0], Path(given.child[1]))
        return 0
    print("\n".join(survey(given.rows, given.runs)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
