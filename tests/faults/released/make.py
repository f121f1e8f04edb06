"""Make a database as a released version made it, for the tests of upgrades.

`python tests/faults/released/make.py COMMIT FILE.zip` runs a small meeting on that version's own server and
keeps its database as SQL, its keys, its cards' codes, what it showed, and a backup if it could make one.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

HOUSE = Path(__file__).parent.parent.parent.parent
sys.path[:0] = [str(HOUSE), str(HOUSE / "tests" / "faults")]

from halls import plan  # noqa: E402 - found by the path above

from survey.rehearsal.drivers import Facilitator, Participant  # noqa: E402
from survey.rehearsal.minds import Mind  # noqa: E402

PEOPLE = 15


def main(commit: str, target: str) -> None:
    """Make the file."""
    with tempfile.TemporaryDirectory() as name:
        house, instance = Path(name) / "house", Path(name) / "instance"
        house.mkdir()
        archive = subprocess.run(["git", "archive", commit], cwd=HOUSE, check=True, capture_output=True)
        subprocess.run(["tar", "-x", "-C", str(house)], input=archive.stdout, check=True)
        program = [sys.executable, "-m", "survey"]
        own = {**os.environ, "PRIKK_INSTANCE": str(instance), "PYTHONPATH": str(house)}
        process = subprocess.Popen(
            [*program, "serve", "--host", "127.0.0.1", "--port", "0"],
            cwd=house,
            env=own,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            told = meet(*where(process))
        finally:
            process.terminate()
            process.wait(30)
        saved = [Path(name) / "backup", Path(name) / "backup.keys"]
        command = [*program, "backup", "-o", str(saved[0]), "--keys", str(saved[1])]
        subprocess.run(command, cwd=house, env=own, check=False)
        keep(instance, told, [one for one in saved if one.exists()], Path(target))


def where(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Return the server's address and its one-time link."""
    link = ""
    for line in process.stdout or ():
        if found := re.search(r"https?://\S+/sign-in/\S+", line):
            link = found[0]
        if found := re.search(r"Phones: (\S+)", line):
            return found[1], link
    raise RuntimeError("The server did not start.")


def meet(base: str, link: str) -> dict[str, object]:
    """Hold a meeting: one question finished, one shown, one put aside and asked again, one still open."""
    with Facilitator(base) as facilitator:
        facilitator.sign_in_link(link, name="Kari", password="ein lang setning til prøve")
        meeting = facilitator.import_plan(plan(PEOPLE, 4))
        cards = facilitator.issue_cards(meeting)
        codes = [code for group in cards.values() for code in group][:PEOPLE]
        phones = [Participant(base) for _ in codes]
        for phone, code in zip(phones, codes, strict=True):
            phone.enter_code(code)

        def ask(key: str, voters: int) -> None:
            facilitator.open(meeting, key)
            for number, phone in enumerate(phones[:voters]):
                ballot = phone.question()
                if ballot is not None:
                    phone.cast(Mind(number, "g", number).answer(ballot), ballot=ballot)

        for key in ("q0", "q1", "q2"):
            ask(key, PEOPLE - 1)
            facilitator.close_round(meeting)
            facilitator.reveal(meeting)
            facilitator.note(meeting, f"Said about {key}: å, ø og æ", key)
        facilitator.annul(meeting)
        facilitator.finish(meeting, "q0")
        ask("q3", 9)
        time.sleep(0.5)
        return {
            "meeting": meeting,
            "codes": codes,
            "log": facilitator.browser.get(f"/verify/{meeting}/log.json").json(),
            "results": facilitator.results(meeting),
            "plan": facilitator.plan(meeting),
        }


def keep(instance: Path, told: dict[str, object], saved: list[Path], target: Path) -> None:
    """Put it all into one file."""
    connection = sqlite3.connect(instance / "prikk.sqlite")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("prikk.sql", "\n".join(connection.iterdump()))
        archive.writestr("told.json", json.dumps(told, indent=1, default=str))
        for file in (instance / "keys").iterdir():
            archive.writestr(f"keys/{file.name}", file.read_bytes())
        for file in saved:
            archive.writestr(file.name, file.read_bytes())
    connection.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
