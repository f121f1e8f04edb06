"""Reference values that somebody else brings: rooms without anybody, and files that are wrong."""

from __future__ import annotations

import json

import pytest

from analysis import answers, selfcheck
from analysis.__main__ import main


def found(measure, given):
    return answers.ANSWERS[measure](given)


@pytest.fixture
def folder(tmp_path):
    def write(cases, name="swap_margin"):
        (tmp_path / f"{name}.json").write_text(cases if isinstance(cases, str) else json.dumps(cases))
        return tmp_path

    return write


PLAIN = {"id": "one", "input": {"a": 10, "b": 7}, "expected": {"margin": 2}}
NOBODY = [
    ("agreement", {"freq": [0, 0, 0]}, dict.fromkeys(("A", "Cns", "GMD", "q25", "median", "q75")) | {"n": 0}),
    ("agreement", {"freq": []}, {"n": 0, "A": None, "Cns": None, "GMD": None, "median": None}),
    ("agreement", {"freq": [5]}, {"n": 5, "A": None, "GMD": 0, "median": 0}),
    ("agreement", {"freq": [0, 1, 0]}, {"n": 1, "A": 1, "Cns": 1, "GMD": None, "median": 1}),
    ("quartiles", {"x": []}, dict.fromkeys(("q25", "median", "q75", "iqr"))),
    ("quartiles", {"x": [4]}, {"q25": 4, "median": 4, "q75": 4, "iqr": 0}),
    ("shape", {"freq": [0] * 11, "scale": "0-10"}, {"n": 0, "low": 0, "high": 0, "iqr": None, "word": None}),
    ("within_between", {"groups": {}}, dict.fromkeys(("within", "between", "ratio", "reading"))),
    ("within_between", {"groups": {"A": [1], "B": [2]}}, {"within": None, "between": 1, "reading": None}),
    ("within_between", {"groups": {"A": [1, 3], "B": []}}, {"within": 2, "between": None, "ratio": None}),
    (
        "within_between",
        {"groups": {"A": [4, 4], "B": [4]}},
        {"within": 0, "between": 0, "ratio": None, "reading": "inside"},
    ),
    ("kruskal", {"groups": []}, {"n": 0, "H": None, "epsilon2": None, "p_asymptotic": None}),
    ("kruskal", {"groups": [[1, 2], []]}, {"n": 2, "H": None, "epsilon2": None}),
    ("kruskal", {"groups": [[3, 3], [3]]}, {"n": 3, "H": None, "df": 1, "epsilon2": None}),
    ("cliff", {"x": [], "y": [1]}, {"U": None, "delta": None, "A": None}),
    ("trust_matrix", {"matrix": []}, {"grand": None, "perceiver": None, "reciprocity_raw": None}),
    ("self_gap", {"matrix": [[5]]}, {"self_gap": [None]}),
    ("self_gap", {"matrix": [[None, 5], [None, 6]]}, {"self_gap": [None, 1]}),
    (
        "asymmetry",
        {"scale": "0-10", "k": 5, "g_about_h": [], "h_about_g": [1] * 5},
        {"difference": None, "arrow": False},
    ),
    (
        "asymmetry",
        {"scale": "0-10", "k": 3, "g_about_h": [9, None, 9, 9], "h_about_g": [1, 1, 1]},
        {"difference": 8, "arrow": True},
    ),
    (
        "asymmetry",
        {"scale": "0-10", "k": 3, "g_about_h": [9, None, 9], "h_about_g": [1, 1, 1]},
        {"difference": None, "arrow": False},
    ),
    ("concentration", {"dots": []}, dict.fromkeys(("gini", "hhi", "eno", "exp_shannon"))),
    ("effective_groups", {"per_head": []}, {"effective_groups": None}),
    (
        "effective_groups",
        {"dots_by_group": {"A": 0, "B": 3}, "ballots_by_group": {"A": 0, "B": 3}},
        {"effective_groups": 1},
    ),
    ("swap_margin", {"a": 0, "b": 0}, {"margin": None}),
    ("swap_margin", {"a": 0, "b": 4}, {"margin": 0}),
    (
        "dot_table",
        {"options": ["a"], "ballots": []},
        {
            "voters": 0,
            "total": 0,
            "options": {
                "a": {"dots": 0, "supporters": 0, "dots_per_supporter": None, "breadth": None, "rank": 1}
            },
        },
    ),
    (
        "dot_table",
        {"options": ["a", "b"], "ballots": [{"group": "A", "dots": {}}]},
        {"voters": 1, "options": {"b": {"breadth": 0, "dots_per_supporter": None, "rank": 1}}},
    ),
    ("dot_table", {"options": ["a"], "ballots": [{"dots": {"a": 1}}]}, {"voters": 1, "total": 1}),
    ("rank_range", {"options": ["a", "b"], "dots_by_group": {}}, {"rank": {"a": 1, "b": 1}, "range": None}),
    (
        "rank_range",
        {"options": ["a", "b"], "dots_by_group": {"A": {}, "B": {}}},
        {"range": {"a": [1, 1], "b": [1, 1]}},
    ),
    (
        "tallies",
        {"options": ["a", "b"], "ballots": [], "k": 2},
        {"sum": {"score": {"a": 0, "b": 0}}, "supporters": {"tau_b_vs_sum": None}, "phragmen": {"order": []}},
    ),
    ("tallies", {"options": ["a", "b"], "approvals": [], "k": 2}, {"phragmen": {"set": []}}),
    ("tallies", {"options": ["a", "b"], "approvals": [[]], "k": 2}, {"phragmen": {"order": []}}),
    (
        "tallies",
        {"options": ["a"], "approvals": [], "cost": {"a": 1}, "budget": 1, "utility": "count"},
        {"equal_shares": {"order": []}},
    ),
    (
        "sorting",
        {"together": 0, "alone": 0, "unsure": 0},
        {"decided_share": None, "margin": None, "unsure_share": None},
    ),
    ("sorting", {"groups": {}}, {"groups_with_together_majority": 0}),
    ("lists", {"lists": {}}, {"groups_mentioning": {}, "jaccard": {}}),
    (
        "paired_change",
        {"before": [], "after": []},
        {
            "n_pairs": 0,
            "up": 0,
            "median_before": None,
            "r_rb": None,
            "sign_p": None,
            "wilcoxon_p": None,
            "gmd_after": None,
        },
    ),
    ("paired_change", {"before": [None], "after": [3]}, {"n_pairs": 0, "missing": 1, "r_rb": None}),
    (
        "paired_change",
        {"before": [3], "after": [3]},
        {"n_pairs": 1, "r_rb": 0, "sign_p": 1, "wilcoxon_p": None, "gmd_before": None},
    ),
    (
        "suppression",
        {"sizes": {}, "k": 5},
        {"suppressed": [], "shown": [], "pooled_n": 0, "others_shown": False},
    ),
    ("cell_rule", {"ballots": [], "k": 5}, {"supporters": 0, "dots": 0, "shown": False}),
]


@pytest.mark.parametrize(("measure", "given", "expected"), NOBODY)
def test_nobody_one_and_all_alike_are_undefined_where_the_formula_is(measure, given, expected, tmp_path):
    verdict = selfcheck.check(measure, {"id": "x", "input": given, "expected": expected}, tmp_path)
    assert verdict.outcome == selfcheck.PASSED, verdict.why


def test_a_group_whose_row_is_missing_is_left_out_before_the_effects():
    full = found("trust_matrix", {"matrix": [[None, 4, 6], [2, None, 5], [7, 3, None]]})
    holed = [[None, 4, 6, 9], [2, None, 5, 1], [7, 3, None, 0], [None, None, None, None]]
    without = found("trust_matrix", {"matrix": holed})
    assert without["perceiver"][:3] == full["perceiver"] and without["perceiver"][3] is None
    assert without["target"][3] is None
    for name in ("grand", "reciprocity_raw", "reciprocity_relationship", "mean_abs_asymmetry"):
        assert without[name] == full[name]
    lone = [[None, 4, None], [2, None, 5], [7, 3, None]]
    assert found("trust_matrix", {"matrix": lone})["perceiver"] is None


def test_a_blank_ballot_of_a_file_is_a_ballot_of_its_group(tmp_path):
    """As in the vectors: dots per ballot in a group, blank ballots among them."""
    head = "META\nkey;value\nvote_type;cumulative\nPROJECTS\nproject_id\na\nb\n"
    (tmp_path / "v.pb").write_text(head + "VOTES\nvoter_id;vote;points;town\n1;a;2;X\n2;;;X\n3;b;1;Y\n")
    expected = {"equal_weight": {"score": {"a": 0.5, "b": 0.5}}}
    case = {"id": "x", "input": {"data": "v.pb", "group": "town", "k": 2}, "expected": expected}
    verdict = selfcheck.check("tallies", case, tmp_path)
    assert verdict.outcome == selfcheck.PASSED, verdict.why
    case["expected"] = {"voters": 3, "options": {"a": {"breadth": 1 / 3}}}
    assert selfcheck.check("dot_table", case, tmp_path).outcome == selfcheck.PASSED


def test_prices_may_have_decimals():
    given = {"options": ["a", "b"], "cost": {"a": 0.1, "b": 1.5}, "approvals": [["a"], ["a", "b"], ["b"]]}
    assert found("tallies", {**given, "budget": 0.15, "utility": "cost"})["equal_shares"]["order"] == ["a"]
    assert found("tallies", {**given, "budget": 4.5, "utility": "cost"})["equal_shares"]["set"] == ["a", "b"]


def test_an_overlap_has_both_names_either_way():
    jaccard = found("lists", {"lists": {"B": ["x"], "A": ["x", "y"]}})["jaccard"]
    assert jaccard["A|B"] == jaccard["B|A"] == 0.5


@pytest.mark.parametrize(
    "case",
    [
        {**PLAIN, "input": []},
        {**PLAIN, "input": 5},
        {**PLAIN, "input": {"data": 7}},
        {**PLAIN, "input": {"data": "x" * 5000}},
        {**PLAIN, "input": {"data": "a\0b"}},
        {**PLAIN, "expected": [2]},
        {**PLAIN, "expected": None},
        {**PLAIN, "expected": {"margin": 10**400}},
        {**PLAIN, "expected": {"margin": {"set": [1, "a", None]}}},
        {**PLAIN, "expected": {"margin": True}},
    ],
)
def test_a_case_of_any_form_is_a_mismatch_or_skipped_never_a_crash(folder, case, capsys):
    (one,) = selfcheck.check_folder(folder([case]))
    assert one.outcome in (selfcheck.FAILED, selfcheck.SKIPPED) and one.why


def test_sets_of_all_sorts_are_compared(folder):
    case = {
        "id": "one",
        "input": {"options": ["a"], "approvals": [["a"]], "k": 1},
        "expected": {"phragmen": {"set": [1]}},
    }
    (one,) = selfcheck.check_folder(folder([case], "tallies"))
    assert one.outcome == selfcheck.FAILED


def test_deep_nonsense_gets_a_sentence(folder, capsys):
    assert main(["selfcheck", str(folder("[" * 100_000))]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_one_broken_file_hides_nothing_of_the_others(folder, capsys):
    folder([PLAIN])
    assert main(["selfcheck", str(folder("{", "shape"))]) == 2
    assert "shape.json" in capsys.readouterr().err


@pytest.mark.parametrize("what", ["empty", "file", "nowhere", "long", "nul"])
def test_what_is_no_folder_of_cases_gets_a_sentence(what, tmp_path, capsys):
    file = tmp_path / "file"
    file.write_text("[]")
    (tmp_path / "empty").mkdir()
    path = {"long": "x" * 5000, "nul": "a\0b"}.get(what, str(tmp_path / what))
    assert main(["selfcheck", path]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and len(printed.err.strip().splitlines()) == 1


def test_a_wrong_value_is_named_and_counted_once(folder, capsys):
    cases = [PLAIN, {**PLAIN, "id": "two", "expected": {"margin": 3}}]
    assert main(["selfcheck", str(folder(cases))]) == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == "2 cases, 1 mismatches, 0 skipped" and len(printed) == 2
    assert "swap_margin two" in printed[0] and "3" in printed[0]
