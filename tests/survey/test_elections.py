"""Reading real elections: what is taken from a file, and the sentence for one that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey.rehearsal import pabulib

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "pabulib"
META = {
    "description": "Made up",
    "num_votes": "3",
    "vote_type": "cumulative",
    "max_sum_points": "5",
    "language": "en",
}
PROJECTS = ["project_id;cost;votes;score;name", "A/1;10;2;4;A path", "B;5;2;3;A bench", "C;5;0;0;A lamp"]
VOTES = ["voter_id;vote;points;age", "1;A/1,B;3,2;30", "2;B,A/1;1,1;31", "3;C;0;32"]


def written(
    folder: Path, meta: dict[str, str] | None = None, votes: list[str] | None = None, end: str = "\n"
) -> Path:
    pairs = [f"{key};{value}" for key, value in (META if meta is None else meta).items()]
    lines = ["META", "key;value", *pairs, "PROJECTS", *PROJECTS, "VOTES", *(votes or VOTES)]
    file = folder / "election.pb"
    file.write_bytes(end.join([*lines, ""]).encode())
    return file


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in META.items() if key != name}


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    found = pabulib.read(written(tmp_path))
    assert (found.title, found.language, found.budget, found.cap) == ("Made up", "en", 5, 5)
    assert found.totals() == {"A/1": (4, 2), "B": (3, 2), "C": (0, 0)}
    assert found.votes[2].points == {"C": 0}
    assert found.remarks == ()


def test_byte_order_mark_windows_line_ends_quotes_and_extra_columns_do_no_harm(tmp_path: Path) -> None:
    plain = pabulib.read(written(tmp_path))
    votes = [f"{line};more" for line in VOTES]
    votes[1] = '1;"A/1,B";"3,2";30;"a ""b""; c"'
    file = written(tmp_path, votes=votes, end="\r\n")
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert pabulib.read(file) == plain


@pytest.mark.parametrize(
    ("meta", "budget", "cap", "remark"),
    [
        (without("max_sum_points"), 5, 5, "no max_sum_points"),
        ({**META, "max_sum_points": "4"}, 5, 5, "ballots over the budget of 4: 1"),
        ({**META, "max_points": "2"}, 5, 3, "more than the cap of 2"),
        ({**META, "max_points": "4"}, 5, 4, ""),
        ({**META, "num_votes": "9"}, 5, 5, "says 9 votes and holds 3"),
        ({**META, "max_sum_points": "100"}, 100, 100, ""),
    ],
)
def test_budget_and_cap_hold_for_every_ballot(
    tmp_path: Path, meta: dict[str, str], budget: int, cap: int, remark: str
) -> None:
    found = pabulib.read(written(tmp_path, meta))
    assert (found.budget, found.cap) == (budget, cap)
    assert remark in " ".join(found.remarks) and bool(remark) == bool(found.remarks)


@pytest.mark.parametrize(
    ("meta", "votes", "sentence"),
    [
        ({**META, "vote_type": "approval"}, VOTES, "line 5: vote_type cumulative was expected, not approval"),
        (without("vote_type"), VOTES, "vote_type cumulative was expected, not nothing"),
        ({**META, "max_sum_points": "many"}, VOTES, "for max_sum_points, not many"),
        (META, [VOTES[0], "1;A/1,B;3"], "as many points as projects were expected (2, not 1)"),
        (META, [VOTES[0], "1;Z;3"], "project Z is not among PROJECTS"),
        (META, [VOTES[0], "1;B,B;1,1"], "project B stands twice in one vote"),
        (META, [VOTES[0], "1;B;-1"], "whole points from 0 were expected, not -1"),
        (META, [VOTES[0], "1;B;1.5"], "not 1.5"),
        (META, [VOTES[0]], "ballots were expected under VOTES"),
    ],
)
def test_a_file_that_cannot_be_replayed_gets_one_sentence_with_its_place(
    tmp_path: Path, meta: dict[str, str], votes: list[str], sentence: str
) -> None:
    file = written(tmp_path, meta, votes)
    with pytest.raises(pabulib.WrongFile) as refusal:
        pabulib.read(file)
    assert str(refusal.value).startswith(str(file)) and sentence in str(refusal.value)


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\xff\xfe\x00", b"META\nkey;value\nvote_type;cumulative\n"]
)
def test_what_is_no_election_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "other.pb"
    file.write_bytes(content)
    with pytest.raises(pabulib.WrongFile):
        pabulib.read(file)


def test_districts_become_groups_when_they_are_few_and_everybody_has_one(tmp_path: Path) -> None:
    votes = ["voter_id;vote;points;district", "1;B;1;North", "2;B;2;South", "3;C;1;North"]
    assert [vote.group for vote in pabulib.read(written(tmp_path, votes=votes)).votes] == [
        "North",
        "South",
        "North",
    ]
    votes[3] = "3;C;1;"
    assert {vote.group for vote in pabulib.read(written(tmp_path, votes=votes)).votes} == {""}


@pytest.mark.skipif(not REAL.exists(), reason="the real elections are not beside this checkout")
@pytest.mark.parametrize(
    ("name", "ballots", "options", "best"),
    [
        ("Switzerland_Zurich_D5", 180, 24, ("14", 90, 62)),
        ("Switzerland_Zurich_S5D10", 180, 24, ("14", 186, 86)),
        ("Worldwide_Mechanical_Turk_Utilities_6", 74, 10, ("30", 1234, 59)),
        ("Poland_Katowice_2024_Dab", 689, 6, ("L10/06/XI", 728, 276)),
    ],
)
def test_real_elections_have_the_totals_their_makers_give(
    name: str, ballots: int, options: int, best: tuple[str, int, int]
) -> None:
    found = pabulib.read(REAL / f"{name}.pb")
    assert (len(found.votes), len(found.options)) == (ballots, options)
    totals = found.totals()
    assert totals[best[0]] == best[1:] and max(points for points, _ in totals.values()) == best[1]
    assert all(option.score == totals[option.id][0] for option in found.options)


@pytest.mark.skipif(not REAL.exists(), reason="the real elections are not beside this checkout")
def test_a_real_approval_election_is_refused() -> None:
    with pytest.raises(pabulib.WrongFile, match="not approval"):
        pabulib.read(REAL / "Poland_Warszawa_2017_Plac_Wojska_Polskiego.pb")
