"""The stand-alone verifier: run as anybody would run it, on a file, without the application."""

from __future__ import annotations

import copy
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from factories import a_meeting, an_answer

from survey.ballots import box, cards, export, seal, verify
from survey.storage.database import Database
from survey.storage.keys import Keys

SCRIPT = Path(verify.__file__)


@pytest.fixture(scope="module")
def story(tmp_path_factory, fresh_database):
    """The exported log of an eventful meeting, and the receipts it gave; nobody may change it."""
    folder = tmp_path_factory.mktemp("story")
    database = Database(f"sqlite:///{shutil.copy(fresh_database, folder / 'prikk.sqlite')}")
    keys = Keys(folder / "keys" / "secret")
    meeting = a_meeting(database, keys, {"hol": 4, "gol": 4}, ["dots", "scale"])
    given = []
    for kind in ("dots", "dots", "scale"):
        opened = meeting.open(kind)
        for number, (_group, card) in enumerate(meeting.everybody()):
            answer = an_answer(meeting.question(kind), number)
            given.append(meeting.cast(opened, card, answer, paper=number == 2).receipt)
        given.append(meeting.cast(opened, meeting.card("hol"), {}).receipt)
        meeting.close(opened)
        meeting.write(lambda c, now=opened: box.reopen_round(c, keys, now))
        if kind == "scale":
            meeting.write(lambda c: cards.void(c, keys, meeting.id, meeting.card("gol")))
        meeting.close(opened)
        meeting.reveal(opened)
    meeting.write(lambda c: box.annul_round(c, opened))
    seal.finish(database, keys, meeting.questions["dots"])
    log = meeting.read(lambda c: export.exported(c, meeting.id))
    database.close()
    return log, given


def run(tmp_path, log, *arguments):
    """Run the script by itself; returns its exit status and all it said."""
    file = tmp_path / "log.json"
    file.write_text(log if isinstance(log, str) else json.dumps(log))
    command = [sys.executable, "-I", str(SCRIPT), str(file), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def test_a_true_log_verifies_against_a_head_kept_elsewhere(tmp_path, story):
    log, given = story
    earlier = log["entries"][5]["hash"]
    status, said = run(tmp_path, log, "--head", earlier[:8].upper(), "--receipt", given[-1].lower())
    assert status == 0
    assert f"entry 6 of {len(log['entries'])}" in said
    assert log["head"] in said
    assert "the last one" in said
    assert "replaced by a later one" in run(tmp_path, log, "--receipt", given[0])[1]
    assert "voided" in run(tmp_path, log, "--receipt", given[-5])[1]


def test_the_script_is_short_and_needs_only_the_standard_library():
    source = SCRIPT.read_text()
    assert source.count("\n") <= 150
    assert "survey" not in source.replace("survey and", "")


def rebuilt(entries):
    """Return the entries chained anew, as somebody could who makes the whole log again."""
    last = "0" * 64
    for place, entry in enumerate(entries, start=1):
        entry.update(seq=place, prev=last)
        last = entry["hash"] = verify.entry_hash(entry)
    return entries


def changed(log, how):
    """Return a copy of the log, tampered with."""
    log = copy.deepcopy(log)
    entries = log["entries"]
    if how == "edit":
        entries[6]["pseudonym"] = "0" * 32
    elif how == "delete":
        del entries[6]
    elif how == "swap":
        entries[6], entries[7] = entries[7], entries[6]
    elif how == "insert":
        entries.insert(6, copy.deepcopy(entries[5]))
    elif how == "cut the tail":
        del entries[-3:]
        log["head"] = entries[-1]["hash"]
    elif how == "rebuild":
        entries[6]["commitment"] = "0" * 64
        log["head"] = rebuilt(entries)[-1]["hash"]
    elif how == "drop a ballot and rebuild":
        del entries[6]
        log["head"] = rebuilt(entries)[-1]["hash"]
    elif how == "another head":
        log["head"] = "0" * 64
    return log


@pytest.mark.parametrize(
    "how", ["edit", "delete", "swap", "insert", "another head", "drop a ballot and rebuild"]
)
def test_tampering_is_found_by_the_log_itself(tmp_path, story, how):
    status, said = run(tmp_path, changed(story[0], how))
    assert status == 1
    assert "DOES NOT VERIFY" in said


@pytest.mark.parametrize("how", ["cut the tail", "rebuild"])
def test_a_cut_or_a_rebuilt_log_is_found_by_a_head_kept_elsewhere(tmp_path, story, how):
    log = story[0]
    assert run(tmp_path, changed(log, how))[0] == 0
    status, said = run(tmp_path, changed(log, how), "--head", log["head"])
    assert status == 1
    assert "cut short or made anew" in said


def test_the_first_wrong_entry_is_named(tmp_path, story):
    assert "Entry 7" in run(tmp_path, changed(story[0], "edit"))[1]


def test_every_flipped_sign_of_an_entry_is_found(story):
    log, chance = story[0], random.Random(7)
    for _ in range(200):
        entries = copy.deepcopy(log["entries"])
        entry = chance.choice(entries)
        name = chance.choice([name for name in (*verify.NAMES, "hash") if isinstance(entry[name], str)])
        place = chance.randrange(len(entry[name]))
        sign = chance.choice("0123456789abcdef".replace(entry[name][place], ""))
        entry[name] = entry[name][:place] + sign + entry[name][place + 1 :]
        with pytest.raises(verify.Wrong):
            verify.check_chain(entries)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"entries": 5}',
        '{"entries": [{}]}',
        '{"entries": [5], "head": ""}',
        "[" * 3_000 + "]" * 3_000,
    ],
)
def test_what_is_not_a_log_gets_a_sentence(tmp_path, text):
    status, said = run(tmp_path, text)
    assert status == 2
    assert "not an exported log" in said


def test_an_unknown_receipt_or_head_is_said(tmp_path, story):
    assert run(tmp_path, story[0], "--receipt", "00000-00000")[0] == 1
    assert run(tmp_path, story[0], "--head", "0" * 16)[0] == 1
    assert run(tmp_path, story[0], "--head", "ab")[0] == 1


def test_the_export_holds_no_answer_and_nothing_that_opens_one(story):
    log = json.dumps(story[0])
    for word in ("nonce", "answer", "roads", "holder", "salt"):
        assert word not in log
