"""The library's measures against reference values computed elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis import answers, selfcheck

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared"
VECTORS = SHARED / "vectors"


def _cases():
    files = sorted(VECTORS.glob("*.json"))
    if not files:
        yield pytest.param("", None, id="none")
    for file in files:
        for case in selfcheck.cases(file):
            yield pytest.param(file.stem, case, id=case["id"])


@pytest.mark.parametrize(("measure", "case"), list(_cases()))
def test_measure_gives_the_reference_value(measure, case):
    if case is None:
        pytest.skip("no reference cases: ../shared/vectors is not there")
    assert measure in answers.ANSWERS, f"no measure answers {measure}.json"
    verdict = selfcheck.check(measure, case, SHARED / "data")
    if verdict.outcome == selfcheck.SKIPPED and "is not there" in verdict.why:
        pytest.skip(verdict.why)
    assert verdict.outcome == selfcheck.PASSED, verdict.why


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


def test_a_set_is_compared_without_order(tmp_path):
    given = {"options": ["b", "a"], "approvals": [["a"], ["b"], ["b"]], "k": 2}
    case = {"id": "one", "input": given, "expected": {"phragmen": {"set": ["b", "a"]}}}
    (tmp_path / "tallies.json").write_text(json.dumps([case]))
    assert [one.outcome for one in selfcheck.check_folder(tmp_path)] == [selfcheck.PASSED]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("trust_matrix", {"matrix": [[1, 2], [3]]}),
        ("quartiles", {"x": ["many"]}),
        ("shape", {"freq": [1, 2], "scale": "0-7"}),
        (
            "text_size",
            {"screen_lines": 1, "distance_in_image_heights": 1, "arcminutes": 1, "cap_height_ratio": 0},
        ),
    ],
)
def test_an_input_of_another_form_is_a_mismatch_not_a_crash(folder, name, given):
    found = selfcheck.check_folder(folder({"x": 1}, name=name, given=given))
    assert [(one.outcome, "form" in one.why) for one in found] == [(selfcheck.FAILED, True)]
