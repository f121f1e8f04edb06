"""README is held to the program: settings, commands, measures and pictures."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from survey.config import SETTINGS

HOUSE = Path(__file__).parent.parent
README = (HOUSE / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_stands_with_its_default_and_meaning(name):
    setting = SETTINGS[name]
    default = f"`{setting.default}`" if setting.default != "" else ""
    assert f"| `{name}` | {default} | {setting.meaning} |" in README


def test_no_setting_stands_there_that_does_not_exist():
    assert set(re.findall(r"PRIKK_[A-Z_]+", README)) <= set(SETTINGS)


@pytest.mark.parametrize("package", ["survey", "analysis"])
def test_every_command_that_stands_there_exists_and_none_is_missing(package):
    told = set(re.findall(rf"python -m {package} (\w+)", README))
    helped = subprocess.run(
        [sys.executable, "-m", package, "--help"], cwd=HOUSE, capture_output=True, text=True, check=True
    )
    exist = set(re.findall(r"^    (\w+)(?:\s|$)", helped.stdout, re.MULTILINE)) - {"command", "COMMAND"}
    assert told == exist


def test_every_picture_is_there():
    pictures = re.findall(r"\]\((docs/[^)]+)\)", README)
    assert pictures
    assert [name for name in pictures if not (HOUSE / name).exists()] == []
