"""An upgrade keeps what every released version stored, and one that is cut short leaves it as it was."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from halls import HOUSE, SEEDED, Server

from survey.rehearsal.drivers import Facilitator, Participant

RELEASED = sorted((Path(__file__).parent / "released").glob("*.zip"))
CARRIED = ("seq", "type", "round_id", "pseudonym", "commitment", "data", "prev", "hash")


def unpacked(archive, folder):
    """Lay out a released version's database and keys; returns what that version showed."""
    (folder / "keys").mkdir(parents=True, mode=0o700)
    with zipfile.ZipFile(archive) as packed:
        connection = sqlite3.connect(folder / "prikk.sqlite")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(packed.read("prikk.sql").decode())
        connection.close()
        for name in packed.namelist():
            if name.startswith("keys/"):
                (folder / name).write_bytes(packed.read(name))
        return json.loads(packed.read("told.json"))


def version(folder):
    """Return which version's tables the database has."""
    connection = sqlite3.connect(folder / "prikk.sqlite")
    try:
        (ok,) = connection.execute("PRAGMA integrity_check").fetchone()
        assert ok == "ok"
        return connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    finally:
        connection.close()


def command(folder, *words):
    """Start a command of the program on a folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PRIKK_")}
    own = {"PRIKK_INSTANCE": str(folder), "PYTHONPATH": str(HOUSE), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=HOUSE,
        env=kept | own,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def look(folder, told):
    """Hold what the program shows of an upgraded database against what the released version showed."""
    server = Server(folder)
    try:
        server.start()
        link, _ = command(folder, "-m", "survey", "link").communicate(timeout=120)
        with Facilitator(server.base) as facilitator:
            facilitator.sign_in_link(link.strip())
            meeting = told["meeting"]
            log = facilitator.browser.get(f"/verify/{meeting}/log.json").json()
            assert [[one[name] for name in CARRIED] for one in log["entries"]] == [
                [one[name] for name in CARRIED] for one in told["log"]["entries"]
            ]
            assert facilitator.results(meeting) == told["results"]
            with Participant(server.base) as phone:
                phone.enter_code(told["codes"][-1])
                ballot = phone.question()
                assert phone.cast({"values": dict.fromkeys(ballot.scales, 5)}, ballot=ballot)
            facilitator.close_round(meeting)
            facilitator.reveal(meeting)
        verified, _ = command(folder, "-m", "survey", "verify", meeting).communicate(timeout=120)
        assert f"{meeting} verifies" in verified
    finally:
        server.stop()


@pytest.mark.parametrize("archive", RELEASED, ids=lambda file: file.stem)
def test_an_upgrade_keeps_results_and_the_open_vote_goes_on(archive, tmp_path, tell):
    told = unpacked(archive, tmp_path / "instance")
    before = version(tmp_path / "instance")
    look(tmp_path / "instance", told)
    assert before == archive.stem and version(tmp_path / "instance") != before
    tell(f"upgrade from {archive.stem}", 1)


@pytest.mark.parametrize("archive", RELEASED, ids=lambda file: file.stem)
def test_an_upgrade_killed_half_way_leaves_all_or_nothing(archive, tmp_path, many, tell):
    kills, chance, place = many(2, 20), random.Random(1), tmp_path / "instance0"
    told, whole = unpacked(archive, place), 0
    for number in range(kills):
        process = command(place, str(SEEDED), "slow_migration", "link")
        line = process.stdout.readline()
        assert "migrating" in line, line
        time.sleep(chance.uniform(0, 0.5))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if version(place) != archive.stem:
            whole += 1
            place = tmp_path / f"instance{number + 1}"
            unpacked(archive, place)
    assert whole < kills, "every kill came too late"
    verified, _ = command(place, "-m", "survey", "verify", told["meeting"]).communicate(timeout=120)
    assert f"verifies: {len(told['log']['entries'])} entries" in verified and version(place) != archive.stem
    tell(f"upgrade from {archive.stem} killed half-way", kills, finished_before_the_kill=whole)


def test_there_is_a_database_of_each_release():
    assert [file.stem for file in RELEASED] == ["0001", "0003"]
