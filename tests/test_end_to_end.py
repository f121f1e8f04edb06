"""A whole meeting on a real server: the demo plan, 40 simulated people over HTTP, from import to report."""

from __future__ import annotations

import csv
import io
import os
import re
import signal
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from survey.meetings import plans
from survey.rehearsal.drivers import Facilitator, Refused
from survey.rehearsal.minds import Mind
from survey.rehearsal.voters import Crowd

HOUSE = Path(__file__).parent.parent
PASSWORD = "fire ville hestar i hagen"


class Place(NamedTuple):
    """A running server: its address, one-time link, everything it has printed, its environment."""

    base: str
    link: str
    output: Path
    environment: dict[str, str]

    def run(self, *arguments: str, module: str = "survey") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.run(command, cwd=HOUSE, env=self.environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("house")
    environment = {**os.environ, "PRIKK_INSTANCE": str(folder / "instance")}
    output = folder / "output"
    command = [sys.executable, "-m", "survey", "serve", "--demo", "--host", "127.0.0.1", "--port", "0"]
    with output.open("w") as file:
        process = subprocess.Popen(command, cwd=HOUSE, env=environment, stdout=file, stderr=file)
        while "Phones:" not in output.read_text():
            assert process.poll() is None, output.read_text()
        link = re.search(r"http://\S+/sign-in/\S+", output.read_text())
        assert link is not None
        yield Place(link[0].partition("/sign-in/")[0], link[0], output, environment)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


class Told(NamedTuple):
    """What the test knows afterwards: what people answered, what came out, all codes."""

    answers: dict[tuple[str, int], list[dict[str, Any]]]
    rows: list[dict[str, str]]
    package: bytes
    report: str
    codes: list[str]


@pytest.fixture(scope="module")
def evening(place: Place) -> Told:
    with Facilitator(place.base) as first:
        first.sign_in_link(place.link, "Kari", PASSWORD)
    with Facilitator(place.base) as facilitator:
        facilitator.sign_in("Kari", PASSWORD)
        meeting = facilitator.import_plan(plans.ready_text(plans.DEMO))
        issued = facilitator.issue_cards(meeting)
        answers = _run(place, facilitator, meeting, issued)
        codes = [code for group in issued.values() for code in group]
        rows, package = facilitator.results(meeting), facilitator.package(meeting)
        return Told(answers, rows, package, facilitator.report(meeting), codes)


def _run(
    place: Place, facilitator: Facilitator, meeting: str, issued: dict[str, list[str]]
) -> dict[tuple[str, int], list[dict[str, Any]]]:
    """Put every question as often as planned to the people the plan expects, then end the meeting."""
    plan = facilitator.plan(meeting)
    sizes = {group["key"]: group["cards"] for group in plan["groups"]}
    people = [(code, group) for group, codes in issued.items() for code in codes[: sizes[group]]]
    assert len(people) == 40
    said: list[dict[str, Any]] = []
    answers: dict[tuple[str, int], list[dict[str, Any]]] = {}
    with pytest.MonkeyPatch.context() as patch, Crowd(place.base, people, pace=0) as crowd:
        patch.setattr(Mind, "answer", _heard(Mind.answer, said))
        assert crowd.come_in() == 40
        for question in plan["questions"]:
            for number in range(1, question.get("rounds", 1) + 1):
                said.clear()
                facilitator.open(meeting, question["key"])
                assert crowd.vote() == 36
                facilitator.close_round(meeting)
                facilitator.reveal(meeting)
                facilitator.note(meeting, f"Sagt om {question['key']}")
                answers[question["key"], number] = list(said)
    facilitator.end(meeting)
    return answers


def _heard(answer: Any, said: list[dict[str, Any]]) -> Any:
    def heard(mind: Mind, ballot: Any) -> dict[str, Any]:
        given: dict[str, Any] = answer(mind, ballot)
        said.append(given)
        return given

    return heard


def value(
    told: Told, measure: str, question: str, number: int, item: str = "", level: str = ""
) -> float | None:
    for row in told.rows:
        named = (row["measure"], row["question"], int(row["round"]), row["item"], row["group"], row["level"])
        if named == (measure, question, number, item, "", level):
            return float(row["value"]) if row["value"] else None
    return None


def test_every_question_is_published_and_its_books_balance(evening: Told) -> None:
    for (question, number), answers in evening.answers.items():
        books = {
            name: value(evening, name, question, number)
            for name in ("issued", "used", "unused", "void", "counted", "blank")
        }
        assert books["used"] == len(answers) == 36
        assert books["blank"] == sum(not answer for answer in answers)
        assert books["issued"] == books["used"] + books["unused"] + books["void"]
        assert books["used"] == books["counted"] + books["blank"]


def test_the_open_question_shows_exactly_what_was_answered(evening: Told) -> None:
    given = evening.answers["rundt-bordet", 1]
    wanted = Counter(
        (item, number)
        for answer in given
        for item, number in answer.get("values", {}).items()
        if number is not None
    )
    found = {
        (row["item"], int(row["level"])): int(float(row["value"]))
        for row in evening.rows
        if (row["question"], row["measure"], row["group"]) == ("rundt-bordet", "count", "") and row["value"]
    }
    assert {key: number for key, number in found.items() if number} == wanted


def test_dots_shown_are_the_dots_placed(evening: Told) -> None:
    dots = Counter[str]()
    for answer in evening.answers["suksess", 1]:
        dots.update(answer.get("dots", {}))
    shown = {item: value(evening, "dots", "suksess", 1, item) for item in dots}
    assert any(number is not None for number in shown.values())
    assert {item: number for item, number in shown.items() if number is not None}.items() <= dots.items()


def test_report_holds_every_question_and_what_was_said(evening: Told, place: Place) -> None:
    for question, _number in evening.answers:
        assert f"Sagt om {question}" in evening.report
    assert not re.findall(
        r"""<(?:script|img|link|iframe|source)[^>]*(?:src|href)=["']?(?:https?:)?//""", evening.report
    )


def test_the_package_rebuilds_the_report(evening: Told, place: Place, tmp_path: Path) -> None:
    (tmp_path / "meeting.zip").write_bytes(evening.package)
    again = tmp_path / "again.html"
    done = place.run("report", str(tmp_path / "meeting.zip"), "-o", str(again), module="analysis")
    assert done.returncode == 0, done.stderr
    assert numbers(again.read_text()) == numbers(evening.report)


def numbers(html: str) -> list[str]:
    """Return every cell of the report's tables."""
    return re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", html, re.DOTALL)


def test_the_command_line_gives_the_same_package_and_verifies_the_log(
    evening: Told, place: Place, tmp_path: Path
) -> None:
    file = tmp_path / "own.zip"
    assert place.run("package", "hallingtinget-2", "-o", str(file)).returncode == 0
    with zipfile.ZipFile(file) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("published.csv").decode("utf-8-sig"))))
    assert rows == evening.rows
    head = place.run("verify", "hallingtinget-2")
    assert head.returncode == 0 and "verifies" in head.stdout
    kept = head.stdout.split()[-1]
    assert place.run("verify", "hallingtinget-2", "--head", kept).returncode == 0
    assert place.run("verify", "hallingtinget-2", "--head", "0" * 64).returncode == 1


def test_no_code_is_in_the_output_or_on_the_disk(evening: Told, place: Place) -> None:
    files = [file for file in Path(place.environment["PRIKK_INSTANCE"]).rglob("*") if file.is_file()]
    for file in [place.output, *files]:
        content = file.read_bytes().upper()
        for code in evening.codes:
            plain = code.replace("-", "")
            assert plain.encode() not in content.replace(b"-", b""), f"a code is in {file.name}"


def test_a_finished_meeting_takes_no_ballot_and_its_keys_are_gone(evening: Told, place: Place) -> None:
    with Crowd(place.base, [(evening.codes[0], "hol")], pace=0) as crowd:
        crowd.come_in()
        assert crowd.vote() == 0
    instance = Path(place.environment["PRIKK_INSTANCE"])
    assert not list(instance.rglob("question-*"))


def test_a_wrong_password_is_refused(evening: Told, place: Place) -> None:
    with Facilitator(place.base) as facilitator, pytest.raises(Refused):
        facilitator.sign_in("Kari", "fire ville hestar i stallen")
