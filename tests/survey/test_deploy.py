"""The files for servers: what must not go into an image does not, and each is told how far it was tried."""

from __future__ import annotations

import re
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
DEPLOY = HOUSE / "docs" / "deploy"


def test_an_image_holds_what_runs_and_no_votes_keys_or_secrets() -> None:
    lines = (HOUSE / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    assert rules[0] == "*"
    assert let_in == {
        "LICENSE",
        "requirements.txt",
        "gunicorn.conf.py",
        *("analysis", "static", "survey", "templates"),
    }
    assert all((HOUSE / one).exists() for one in let_in)


def test_containers_find_the_folder_and_the_user_that_the_image_makes() -> None:
    made, composed = ((DEPLOY / name).read_text() for name in ("Dockerfile", "compose.yaml"))
    user = re.findall(r"--uid (\d+)", made)
    folder = re.findall(r"install -d -o prikk .* (/\S+)", made)
    assert f"chown {user[0]} " in composed and f"ENV PRIKK_INSTANCE={folder[0]}" in made
    # Neither owner nor mode of a secret that is a file can be set there.
    assert "mode:" not in composed


def test_every_file_is_told_with_how_far_it_was_tried() -> None:
    told = (HOUSE / "docs" / "deploy.md").read_text()
    for file in DEPLOY.iterdir():
        if file.is_file():
            assert f"`{file.name}`" in told
