"""python -m analysis: what it prints, and one sentence with status 2 for what it cannot read."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from room import column, responses
from test_pabulib import PLAIN

from analysis import package, publish
from analysis.__main__ import main

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "meeting.zip"
    values = {key: [(at * 3 + place) % 11 for at in range(6)] for place, key in enumerate("ABCDEF")}
    package.write(publish(responses("scale", column(values), ["x"])), path)
    return path


def test_summary_prints_every_released_figure(source, capsys):
    assert main(["summary", str(source), "--question", "q"]) == 0
    assert "median" in capsys.readouterr().out


def test_summary_as_json_is_the_rows(source, capsys):
    assert main(["summary", str(source), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == len(package.read(source).rows)
    assert {row["measure"]: row["value"] for row in rows}["issued"] is not None


def test_summary_of_an_election_tells_what_is_odd(tmp_path, capsys):
    path = tmp_path / "small.pb"
    path.write_text(PLAIN)
    assert main(["summary", str(path), "--group", "town"]) == 0
    printed = capsys.readouterr()
    assert "total_dots" in printed.out
    assert "3 ballots do not use all 5 points" in printed.err


def test_selfcheck_counts_and_fails_on_a_wrong_value(tmp_path, capsys):
    case = {"id": "one", "input": {"a": 10, "b": 7}, "expected": {"margin": 2}}
    absent = {"id": "two", "input": {"data": "not-there.pb"}, "expected": {"voters": 1}}
    (tmp_path / "dot_table.json").write_text(json.dumps([absent]))
    (tmp_path / "no_such_measure.json").write_text(json.dumps([case]))
    (tmp_path / "swap_margin.json").write_text(json.dumps([case]))
    assert main(["selfcheck", str(tmp_path)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == "2 cases, 0 mismatches, 1 skipped"
    assert any(line.startswith("unknown: no_such_measure") for line in printed)
    case["expected"]["margin"] = 3
    (tmp_path / "swap_margin.json").write_text(json.dumps([case]))
    assert main(["selfcheck", str(tmp_path)]) == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == "2 cases, 1 mismatches, 1 skipped"
    assert any(line.startswith("failed: swap_margin one /margin") for line in printed)


@pytest.mark.parametrize(
    "arguments",
    [
        ["summary", "nowhere.zip"],
        ["report", "nowhere.pb", "-o", "r.html"],
        ["figures", "nowhere", "-o", "folder"],
        ["selfcheck", "nowhere"],
        ["summary", "{source}", "--question", "other"],
        ["figures", "{source}", "-o", "{source}/folder"],
        ["report", "{source}", "-o", "{source}/folder/r.html"],
        ["report", "{source}", "-o", "no/such/folder/r.html"],
        ["report", "{source}", "-o", ""],
        ["summary", "x" * 5000],
        ["report", "x" * 5000, "-o", "r.html"],
        ["report", "{source}", "-o", "x" * 5000],
        ["summary", ""],
        ["compare", "{source}"],
        [],
        ["nosuch"],
        ["summary"],
        ["report", "{source}"],
        ["report", "-o", "r.html"],
        ["selfcheck"],
        ["summary", "{source}", "--wrong"],
        ["summary", "{source}", "two"],
        ["summary", "{table}", "--question", "other"],
        ["compare", "{table}", "{source}"],
    ],
)
def test_wrong_input_gets_one_sentence_and_status_2(arguments, source, capsys, monkeypatch):
    table = source.with_suffix(".csv")
    table.write_text("ballot,item,value,kind\n" + "".join(f"{at},a,3,dots\n" for at in range(12)))
    monkeypatch.chdir(source.parent)
    try:
        status = main([part.format(source=source, table=table) for part in arguments])
    except SystemExit as left:  # what argparse finds wrong
        status = left.code
    assert status == 2
    assert {path.name for path in source.parent.iterdir()} == {source.name, table.name}
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.strip().splitlines()) == 1 and len(printed.err) < 1000


def test_help_says_what_there_is(capsys):
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    printed = capsys.readouterr().out
    assert left.value.code == 0
    for name in ("report", "figures", "gallery", "compare", "summary", "selfcheck"):
        assert name in printed


def test_the_command_itself(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "analysis", "summary", str(tmp_path / "no.zip")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "no.zip" in done.stderr and "Traceback" not in done.stderr
