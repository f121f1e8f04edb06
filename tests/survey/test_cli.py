"""The commands: what they write, and one sentence with exit status 2 for what cannot be done."""

from __future__ import annotations

import io
import os
import re
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest

from survey.cli import main
from survey.meetings import plans

HOUSE = Path(__file__).resolve().parents[2]
BROKEN = """title = "T"
[[groups]]
name = "Hol"
cards = "six"
[[questions]]
kind = "scale"
title = "Q"
items = ["A", "A"]
"""
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command on an instance of its own; gives status, output and complaints."""
    monkeypatch.setenv("PRIKK_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.setenv("PRIKK_BASE_URL", "http://10.0.0.5:8000")
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> tuple[int, str, str]:
        try:
            status = main(list(arguments))
        except SystemExit as end:
            status = int(end.code or 0)
        told = capsys.readouterr()
        return status, told.out, told.err

    return command


@pytest.fixture
def demo(run: Run, tmp_path: Path) -> Run:
    (tmp_path / "demo.toml").write_text(plans.ready_text(plans.DEMO))
    assert run("plan", "import", "demo.toml")[:2] == (0, "hallingtinget\n")
    return run


def test_a_plan_is_checked_with_advice_but_nothing_is_stored(run: Run, tmp_path: Path) -> None:
    (tmp_path / "demo.toml").write_text(plans.ready_text(plans.DEMO))
    status, out, _ = run("plan", "check", "demo.toml")
    assert status == 0 and "in order, 7 groups and 4 questions" in out
    assert not (tmp_path / "instance").exists()


def test_every_mistake_in_a_plan_is_told_with_its_place(run: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text(BROKEN)
    for verb in ("check", "import"):
        status, out, err = run("plan", verb, "broken.toml")
        assert status == 2 and not out
        lines = err.splitlines()
        assert len(lines) >= 2 and all(line.startswith("broken.toml: ") for line in lines)


def test_a_plan_comes_out_as_it_went_in(demo: Run, tmp_path: Path) -> None:
    _, out, _ = demo("plan", "export", "hallingtinget")
    assert plans.read(out) == plans.read(plans.ready_text(plans.DEMO))


def test_cards_are_issued_once_and_an_older_sheet_is_left_alone(demo: Run, tmp_path: Path) -> None:
    status, out, _ = demo("cards", "hallingtinget", "-o", "cards.pdf")
    assert status == 0 and "47 cards for http://10.0.0.5:8000" in out
    sheet = (tmp_path / "cards.pdf").read_bytes()
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(sheet)).pages]
    assert len(re.findall(r"\b\w{4}-\w{4}-\w{4}\b", " ".join(pages))) == 47
    status, _, err = demo("cards", "hallingtinget", "-o", "cards.pdf")
    assert status == 2 and "has its cards already" in err
    assert (tmp_path / "cards.pdf").read_bytes() == sheet
    assert not list(tmp_path.glob("*.part"))


def test_paper_ballots_issue_no_card(demo: Run, tmp_path: Path) -> None:
    assert demo("cards", "hallingtinget", "-o", "paper.pdf", "--paper")[0] == 0
    assert len(pypdf.PdfReader(tmp_path / "paper.pdf").pages) == 4 * 6
    assert "47 cards" in demo("cards", "hallingtinget", "-o", "cards.pdf")[1]


def test_a_sheet_that_cannot_be_written_issues_no_card(demo: Run) -> None:
    assert demo("cards", "hallingtinget", "-o", "nowhere/cards.pdf")[0] == 2
    assert "47 cards" in demo("cards", "hallingtinget", "-o", "cards.pdf")[1]


def test_a_rehearsal_ends_with_a_package_that_is_marked_and_a_log_that_verifies(
    demo: Run, tmp_path: Path
) -> None:
    status, out, _ = demo("rehearse", "hallingtinget", "--voters", "14", "--pace", "0")
    assert status == 0 and "simulated people" in out
    assert len(re.findall(r": \d+ ballots", out)) == 4
    assert demo("package", "hallingtinget", "-o", "meeting.zip")[0] == 0
    with zipfile.ZipFile(tmp_path / "meeting.zip") as archive:
        assert '"rehearsal": true' in archive.read("datapackage.json").decode()
    status, out, _ = demo("verify", "hallingtinget")
    assert status == 0 and "hallingtinget verifies" in out
    assert demo("verify", "hallingtinget", "--head", out.split()[-1][:12])[0] == 0
    assert demo("verify", "hallingtinget", "--head", "abcdef0123456789")[0] == 1


def test_a_link_is_made_anew_each_time(run: Run) -> None:
    links = {run("link")[1] for _ in range(2)}
    assert len(links) == 2
    assert all(re.fullmatch(r"http://10\.0\.0\.5:8000/sign-in/[\w-]{30,}\n", link) for link in links)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("plan", "check", "none.toml"), "none.toml"),
        (("plan", "export", "nothing"), "There is no meeting 'nothing'. There are: hallingtinget."),
        (("cards", "nothing", "-o", "x.pdf"), "There is no meeting"),
        (("package", "hallingtinget", "-o", "x.zip"), "Nothing of hallingtinget has been shown yet"),
        (("rehearse", "hallingtinget", "--voters", "0"), "From 1 to 300"),
        (("rehearse", "nothing"), "There is no meeting"),
        (("replay", "none.pb"), "none.pb"),
        (("replay", "demo.toml"), "demo.toml: line 1: a Pabulib file begins with META"),
        (("link", "--database", "nonsense"), "cannot write its database nonsense"),
        (("link", "--database", "sqlite:///nowhere/at/all.sqlite"), "unable to open database file"),
        (("dance",), "invalid choice"),
    ],
)
def test_what_cannot_be_done_ends_with_status_2_and_a_sentence(
    demo: Run, arguments: tuple[str, ...], sentence: str
) -> None:
    status, _, err = demo(*arguments)
    assert status == 2
    assert sentence in err and "Traceback" not in err


def serve(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "survey", "serve", *arguments],
        cwd=HOUSE,
        env={**os.environ, "PRIKK_INSTANCE": str(folder / "instance"), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def told(process: subprocess.Popen[str]) -> str:
    """Return what a server says until it listens, and stop it as Ctrl-C does."""
    lines = []
    for line in process.stdout or ():
        lines.append(line)
        if "Phones:" in line:
            process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 0, "".join(lines)
    if process.stdout is not None:
        process.stdout.close()
    return "".join(lines)


def test_the_first_start_makes_the_demo_and_says_where_with_a_code_to_scan(tmp_path: Path) -> None:
    base = {"PRIKK_BASE_URL": "http://10.0.0.5:8123"}
    first = told(serve(tmp_path, "--demo", "--port", "0", **base))
    assert "Phones: http://10.0.0.5:8123" in first and "█" in first
    link = re.search(r"http://10\.0\.0\.5:8123/sign-in/\S+", first)
    again = told(serve(tmp_path, "--demo", "--port", "0", **base))
    assert link is not None and link[0] not in again and "/sign-in/" in again
    assert "Traceback" not in first + again


def test_a_port_in_use_and_a_folder_that_cannot_be_written_get_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = serve(tmp_path, "--host", "127.0.0.1", "--port", str(port))
        out, _ = refused.communicate(timeout=60)
    assert refused.returncode == 2
    assert out == f"Port {port} is in use. Stop what uses it, or choose another: make run PORT={port + 1}\n"
    (tmp_path / "file").write_text("")
    refused = serve(tmp_path, PRIKK_INSTANCE=str(tmp_path / "file" / "instance"))
    out, _ = refused.communicate(timeout=60)
    assert refused.returncode == 2 and len(out.splitlines()) == 1
    assert "PRIKK_INSTANCE" in out


def test_a_port_that_is_none_gets_one_sentence(tmp_path: Path) -> None:
    # In a process of its own: serving changes the standard library for good.
    refused = serve(tmp_path, "--port", "70000")
    out, _ = refused.communicate(timeout=60)
    assert refused.returncode == 2 and len(out.splitlines()) == 1
    assert "from 0 to 65535" in out


def test_plain_http_at_a_public_address_is_refused_unless_it_is_asked_for(tmp_path: Path) -> None:
    public = ("--host", "127.0.0.1", "--port", "0", "--base-url", "http://prikk.example.org")
    refused = serve(tmp_path, *public)
    out, _ = refused.communicate(timeout=60)
    assert refused.returncode == 2 and len(out.splitlines()) == 1
    assert "PRIKK_PLAIN_HTTP" in out
    assert "Phones: http://prikk.example.org" in told(serve(tmp_path, *public, PRIKK_PLAIN_HTTP="1"))
