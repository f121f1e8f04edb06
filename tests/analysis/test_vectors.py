"""The library's measures against reference values computed elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis import selfcheck

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared"
VECTORS = SHARED / "vectors"
# The measures this version has; the other kinds' files come with their kinds.
MEASURES = (
    "agreement asymmetry cell_rule cliff concentration differencing dot_defaults dot_table effective_groups "
    "kruskal quartiles rank_range release self_gap shape suppression swap_margin tallies trust_matrix "
    "within_between"
).split()


def _cases():
    for measure in MEASURES:
        file = VECTORS / f"{measure}.json"
        if not file.is_file():
            yield pytest.param(measure, None, id=measure)
            continue
        for case in selfcheck.cases(file):
            yield pytest.param(measure, case, id=case["id"])


@pytest.mark.parametrize(("measure", "case"), list(_cases()))
def test_measure_gives_the_reference_value(measure, case):
    if case is None:
        pytest.skip(f"no reference cases for {measure}: ../shared/vectors is not there")
    verdict = selfcheck.check(measure, case, SHARED / "data")
    if verdict.outcome == selfcheck.SKIPPED and "vote_type" not in verdict.why:
        pytest.skip(verdict.why)
    # An approval file is of a kind that is not read: skipped, which is never passed.
    expected = selfcheck.SKIPPED if "vote_type" in verdict.why else selfcheck.PASSED
    assert verdict.outcome == expected, verdict.why


@pytest.fixture
def folder(tmp_path):
    """A folder with one case of the measure whose answer is plain: the margin of 10 over 7 is 2."""

    def write(expected, name="swap_margin", given=None):
        case = {"id": "one", "input": given or {"a": 10, "b": 7}, "expected": expected}
        (tmp_path / f"{name}.json").write_text(json.dumps([case]))
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("expected", "outcome"),
    [
        ({"margin": 2}, selfcheck.PASSED),
        ({"margin": 2 + 1e-10}, selfcheck.PASSED),
        ({"margin": 2 + 1e-7}, selfcheck.FAILED),
        ({"margin": None}, selfcheck.FAILED),
        ({"margin": [2]}, selfcheck.FAILED),
        ({"margin": {"a": 2}}, selfcheck.FAILED),
        ({"other": 2}, selfcheck.FAILED),
    ],
)
def test_checker_tells_right_from_wrong(folder, expected, outcome):
    assert [verdict.outcome for verdict in selfcheck.check_folder(folder(expected))] == [outcome]


def test_undefined_must_be_undefined(folder):
    found = selfcheck.check_folder(folder({"margin": 0}, given={"a": 0, "b": 0}))
    assert [verdict.outcome for verdict in found] == [selfcheck.FAILED]


def test_unknown_file_is_reported_and_missing_data_is_skipped(folder):
    folder({"x": 1}, name="no_such_measure")
    found = selfcheck.check_folder(folder({"voters": 1}, name="dot_table", given={"data": "not-there.pb"}))
    assert {verdict.file: verdict.outcome for verdict in found} == {
        "no_such_measure": selfcheck.UNKNOWN,
        "dot_table": selfcheck.SKIPPED,
    }


@pytest.mark.parametrize("content", ["", "{}", "[1]", "[{}]"])
def test_what_is_no_list_of_cases_gets_a_sentence(tmp_path, content):
    (tmp_path / "shape.json").write_text(content)
    with pytest.raises(ValueError, match=r"shape\.json"):
        selfcheck.check_folder(tmp_path)
