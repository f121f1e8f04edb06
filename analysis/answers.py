"""Answers to reference cases, a function per measure: from the input to the keys `expected` may hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from fractions import Fraction
from typing import Any

import numpy as np

from analysis import arrays, legibility
from analysis.disclosure import rules
from analysis.disclosure.policy import Policy
from analysis.figures.theme import contrast
from analysis.measures import agreement, change, collect, difference, dots, sort, tallies, trust

Given = Mapping[str, Any]
POLICY = Policy()
SCALES = {"0-10": (0, 10), "1-5": (1, 5)}


def _agreement(given: Given) -> dict[str, Any]:
    values = agreement.expand(given["freq"])
    return {
        **_quartiles({"x": values}),
        "n": len(values),
        "A": agreement.van_der_eijk(given["freq"]),
        "Cns": agreement.consensus(given["freq"]),
        "GMD": agreement.gmd(values),
    }


def _quartiles(given: Given) -> dict[str, Any]:
    found = agreement.quartiles(arrays.values(given["x"]))
    figures = (*found, found[2] - found[0]) if found else (None,) * 4
    return dict(zip(("q25", "median", "q75", "iqr"), figures, strict=True))


def _shape(given: Given) -> dict[str, Any]:
    found = agreement.shape(given["freq"], *SCALES[given["scale"]], POLICY)
    return {"n": sum(given["freq"]), **(asdict(found) if found else {"word": None})}


def _within_between(given: Given) -> dict[str, Any]:
    groups = {key: arrays.values(values) for key, values in given["groups"].items()}
    return asdict(difference.within_between(groups, POLICY))


def _kruskal(given: Given) -> dict[str, Any]:
    found = difference.kruskal([arrays.values(values) for values in given["groups"]])
    return {**asdict(found), "p_asymptotic": found.p}


def _cliff(given: Given) -> dict[str, Any]:
    found = difference.cliff(*(arrays.values(given[side]) for side in ("x", "y")))
    return dict(zip(("U", "delta", "A"), found or (None, None, None), strict=True))


def _trust_matrix(given: Given) -> dict[str, Any]:
    matrix = arrays.matrix(given["matrix"])
    there = trust.raters(matrix)
    found = asdict(trust.effects(matrix[np.ix_(there, there)] if there else matrix))
    for side in ("perceiver", "target"):
        own = dict(zip(there, found[side] or (), strict=False))
        found[side] = found[side] and [own.get(at) for at in range(len(matrix))]
    return {**found, "reciprocity_raw": found["reciprocity"]}


def _asymmetry(given: Given) -> dict[str, Any]:
    there, back = (arrays.values(given[key]) for key in ("g_about_h", "h_about_g"))
    found = trust.asymmetry(there, back, given["k"], POLICY.asym_min(*SCALES[given["scale"]]))
    return dict(zip(("difference", "arrow"), found, strict=True))


def _effective_groups(given: Given) -> dict[str, Any]:
    heads = given.get("per_head")
    if heads is None:
        sizes = given["ballots_by_group"]
        heads = [count / sizes[key] for key, count in given["dots_by_group"].items() if sizes[key]]
    return {"effective_groups": dots.effective_groups(heads)}


def _dot_table(given: Given) -> dict[str, Any]:
    options, marks, _ = arrays.votes(given)
    found = dots.table(marks)
    return {
        "voters": found.voters,
        "total": found.total,
        "options": {
            option: {
                "dots": int(found.dots[place]),
                "supporters": int(found.supporters[place]),
                "dots_per_supporter": found.dots_per_supporter(place),
                "breadth": found.breadth(place),
                "rank": int(found.ranks[place]),
            }
            for place, option in enumerate(options)
        },
    }


def _rank_range(given: Given) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    if "election" in given:
        options, marks, groups = arrays.votes(given)
        keys = sorted(set(groups.tolist()))
        by_group = dots.by_groups(marks, groups, keys)
        sizes = [int((groups == key).sum()) for key in keys]
        heads = by_group / np.array(sizes)[:, None]
        extra = {
            "ballots_by_group": dict(zip(keys, sizes, strict=True)),
            "effective_groups": {
                option: dots.effective_groups(heads[:, at].tolist()) for at, option in enumerate(options)
            },
            **dots.concentration(marks.sum(axis=0).tolist()),
        }
    else:
        options = given["options"]
        by_group = arrays.rows(given["dots_by_group"].values(), options)
    span = dots.rank_range(by_group)
    tops = dots.top_groups(by_group, given.get("top_k", POLICY.top_k))
    return {
        "rank": _by(options, dots.ranks(by_group.sum(axis=0))),
        "range": span and {option: [int(span[0][at]), int(span[1][at])] for at, option in enumerate(options)},
        "groups_with_option_in_top_k": _by(options, tops),
        **extra,
    }


def _tallies(given: Given) -> dict[str, Any]:
    if "approvals" in given:
        return _approvals(given)
    options, marks, groups = arrays.votes(given)
    k = given["k"]
    by_group = {str(key): marks[groups == key] for key in dict.fromkeys(groups.tolist())}
    total = tallies.sums(marks)
    scores = {
        "sum": total,
        "supporters": tallies.supporters(marks),
        "sqrt": tallies.square_roots(marks),
        "equal_weight": tallies.equal_weight(by_group),
    }
    shown = k if "election" in given else len(options)
    found: dict[str, Any] = {
        rule: {
            "order": [options[at] for at in tallies.order(score)[:shown]],
            "score": dict(zip(options, score.tolist(), strict=True)),
            "tau_b_vs_sum": tallies.tau_b(score, total),
        }
        for rule, score in scores.items()
        if score is not None
    }
    found["phragmen"] = _chosen(options, tallies.phragmen(marks > 0, k))
    if "election" in given and given["election"].costs:
        costs = [given["election"].costs[option] for option in options]
        budget = given["election"].budget
        unit = [Fraction(1)] * len(options)
        worth = marks.astype(int).astype(object)
        found["equal_shares_unit_cost_k6"] = _chosen(options, tallies.equal_shares(unit, Fraction(6), worth))
        found["equal_shares_real_cost"] = _chosen(options, tallies.equal_shares(costs, budget, worth))
    return found


def _approvals(given: Given) -> dict[str, Any]:
    options = given["options"]
    supports = arrays.rows([dict.fromkeys(ballot, 1) for ballot in given["approvals"]], options)
    found = {}
    if "k" in given:
        found["phragmen"] = _chosen(options, tallies.phragmen(supports > 0, given["k"]))
    if "cost" in given:
        # As it is written: 0.1 is a tenth.
        costs = [Fraction(str(given["cost"][option])) for option in options]
        worth = supports.astype(object)
        if given["utility"] == "cost":
            worth = worth * np.array(costs, dtype=object)
        bought = tallies.equal_shares(costs, Fraction(str(given["budget"])), worth)
        found["equal_shares"] = _chosen(options, bought)
    return found


def _suppression(given: Given) -> dict[str, Any]:
    return asdict(rules.suppression(given["sizes"], given["k"]))


def _release(given: Given) -> dict[str, Any]:
    if "late" in given:
        return {"allowed": rules.late_may_enter(given["late"], given["k"])}
    books = (given[name] for name in ("ballots_at_last_release", "ballots_now", "edited_since", "k"))
    return {"allowed": rules.may_release_again(*books)}


def _cell_rule(given: Given) -> dict[str, Any]:
    cell = given["ballots"]
    shown = rules.cell_shown(cell, given["k"], POLICY.cell_min_supporters, POLICY.cell_max_share)
    return {"supporters": sum(1 for one in cell if one > 0), "dots": sum(cell), "shown": shown}


def _sorting(given: Given) -> dict[str, Any]:
    if "groups" in given:
        # Together, alone, unsure: the last of the three is no bucket.
        groups = {key: (counts[:-1], counts[-1]) for key, counts in given["groups"].items()}
        return {"groups_with_together_majority": sort.majorities(groups)}
    return asdict(sort.sorting((given["together"], given["alone"]), given["unsure"]))


def _lists(given: Given) -> dict[str, Any]:
    overlaps = collect.overlaps(given["lists"])
    return {
        "groups_mentioning": collect.mentions(given["lists"]),
        "jaccard": {"|".join(pair[::way]): overlap for pair, overlap in overlaps.items() for way in (1, -1)},
    }


def _paired_change(given: Given) -> dict[str, Any]:
    before, after = (arrays.matrix([given[side]])[0] for side in ("before", "after"))
    return asdict(change.change(before, after, POLICY))


def _contrast(given: Given) -> dict[str, Any]:
    ratio = contrast(given["colour"], given["background"])
    return {"ratio": ratio, "below_3": ratio < 3}


def _text_size(given: Given) -> dict[str, Any]:
    names = ("screen_lines", "distance_in_image_heights", "arcminutes", "cap_height_ratio")
    return {"font_px": legibility.font_px(*(given[name] for name in names))}


def _by(options: Sequence[str], values: np.ndarray) -> dict[str, int]:
    return {option: int(value) for option, value in zip(options, values, strict=True)}


def _chosen(options: Sequence[str], places: list[int]) -> dict[str, list[str]]:
    chosen = [options[place] for place in places]
    return {"order": chosen, "set": sorted(chosen)}


ANSWERS: dict[str, Callable[[Given], dict[str, Any]]] = {
    "agreement": _agreement,
    "asymmetry": _asymmetry,
    "cell_rule": _cell_rule,
    "cliff": _cliff,
    "concentration": lambda given: dict(dots.concentration(given["dots"])),
    "contrast": _contrast,
    "differencing": lambda given: {
        "allowed": rules.may_publish(given["published"], given["new"], given["k"])
    },
    "dot_defaults": lambda given: {
        "dots": POLICY.dots_per_voter(given["options"]),
        "warning": POLICY.options_warning(given["options"]),
    },
    "dot_table": _dot_table,
    "effective_groups": _effective_groups,
    "kruskal": _kruskal,
    "lists": _lists,
    "paired_change": _paired_change,
    "quartiles": _quartiles,
    "rank_range": _rank_range,
    "release": _release,
    "self_gap": lambda given: {"self_gap": trust.self_gaps(arrays.matrix(given["matrix"]))},
    "shape": _shape,
    "sorting": _sorting,
    "suppression": _suppression,
    "swap_margin": lambda given: {"margin": dots.swap_margin(given["a"], given["b"])},
    "tallies": _tallies,
    "text_size": _text_size,
    "trust_matrix": _trust_matrix,
    "within_between": _within_between,
}
