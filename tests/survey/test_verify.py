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
        '{"entries": [], "entries": [], "head": ""}',
        '{"entries": [{"seq": 1, "seq": 2}], "head": ""}',
        '{"entries": [], "head": ' + "9" * 5_000 + "}",
        '{"entries": []}',
        "\x00\x01\x02",
        "[" * 3_000 + "]" * 3_000,
    ],
)
def test_what_is_not_a_log_gets_a_sentence(tmp_path, text):
    status, said = run(tmp_path, text)
    assert status == 2
    assert "not an exported log" in said


@pytest.mark.parametrize("entry", ["{}", "5", "null", "[]", '"x"', "1e999", "9" * 4_000])
def test_what_is_no_entry_is_named(tmp_path, entry):
    status, said = run(tmp_path, f'{{"entries": [{entry}], "head": ""}}')
    assert status == 1 and "Entry 1: it is no entry of a log" in said


@pytest.mark.parametrize("name", [*verify.NAMES, "hash"])
@pytest.mark.parametrize("value", [True, 1.0, 7.5, float("nan"), 10**30, [], {}, "\ud800", "\x1b[2J", None])
def test_a_value_that_does_not_belong_is_found_even_in_a_log_made_anew(story, name, value):
    entries = copy.deepcopy(story[0]["entries"])
    if entries[6][name] == value and type(entries[6][name]) is type(value):
        return
    entries[6][name] = value
    with pytest.raises(verify.Wrong, match="Entry 7"):
        verify.check_chain(entries)
    right = {"seq": int, "round_id": int}.get(name, str)
    if name in ("seq", "prev", "hash") or type(value) in (right, type(None)):
        return
    # Chained anew, with hashes that fit, so that only its type is wrong.
    with pytest.raises(verify.Wrong, match="no entry of a log"):
        verify.check_chain(rebuilt(entries))


@pytest.mark.parametrize("head", ["\ud800", "\x1b[2JVerifies: 5 entries", 5, None, [], "0" * 10_000])
def test_what_a_forger_writes_reaches_no_terminal_and_ends_in_no_traceback(tmp_path, story, head):
    status, said = run(tmp_path, {**story[0], "head": head})
    assert status == 1 and "DOES NOT VERIFY" in said and "\x1b" not in said and len(said) < 200


@pytest.mark.parametrize("place", [2, 7, 19])
def test_with_a_head_the_entry_that_was_changed_is_named_and_not_the_next(tmp_path, story, place):
    log = copy.deepcopy(story[0])
    log["entries"][place - 1]["pseudonym"] = "0" * 32
    log["entries"][place - 1]["hash"] = verify.entry_hash(log["entries"][place - 1])
    status, said = run(tmp_path, log)
    assert status == 1 and f"Entry {place + 1}: it does not follow" in said
    status, said = run(tmp_path, log, "--head", story[0]["head"])
    assert status == 1 and f"Entry {place}: it was changed" in said


def test_heads_and_receipts_kept_at_several_times_tell_up_to_where_a_log_made_anew_is_true(tmp_path, story):
    log, given = copy.deepcopy(story[0]), story[1]
    entries = log["entries"]
    ballots = [one["seq"] for one in entries if one["type"] in verify.BALLOTS]
    before, after = ballots[4], ballots[5]
    heads = entries[before - 1]["hash"], entries[-1]["hash"]
    entries[after - 1]["commitment"] = "0" * 64
    log["head"] = rebuilt(entries)[-1]["hash"]
    for kept in (
        ("--head", heads[0][:16], "--head", heads[1]),
        ("--receipt", given[4], "--receipt", given[5]),
    ):
        status, said = run(tmp_path, log, *kept)
        assert status == 1 and f"Entries 1 to {before} are as they were" in said


def order(*steps):
    """Return a chained log of these steps: (type, round, data or pseudonym)."""
    facts = {"open": '{"k":3,"question":"q","round":1}', "close": '{"n":1}'}
    entries = []
    for type, number, *who in steps:
        entry = dict.fromkeys(verify.NAMES) | {"type": type, "round_id": number, "data": facts.get(type)}
        entries.append(entry | {"pseudonym": who[0] if who else None})
    return rebuilt(entries)


@pytest.mark.parametrize(
    "steps",
    [
        [("cast", 1, "a")],
        [("open", 1), ("cast", 2, "a")],
        [("open", 1), ("open", 2)],
        [("open", 1), ("cast", 1, "a"), ("close", 1), ("cast", 1, "a")],
        [("open", 1), ("cast", 1, "a"), ("close", 1), ("void", 1, "a")],
        [("open", 1), ("cast", 1, "a"), ("close", 1), ("open", 1)],
        [("open", 1), ("cast", 1, "a"), ("close", 1), ("reveal", 1), ("reopen", 1)],
        [("open", 1), ("cast", 1, "a"), ("close", 1), ("annul", 1), ("reopen", 1)],
        [("open", 1), ("reveal", 1)],
        [("reveal", 1)],
        [("open", 1), ("close", 1)],
        [("open", 1), ("cast", 1, "a"), ("paper", 1, "b"), ("close", 1)],
    ],
)
def test_steps_that_a_ballot_box_does_not_take_are_found_in_a_log_that_is_chained_well(steps):
    entries = order(*steps)
    verify.check_chain(entries)
    with pytest.raises(verify.Wrong, match=f"Entry {len(entries)}"):
        verify.check_rounds(entries)


def test_ten_thousand_entries_and_a_byte_order_mark_are_read(tmp_path):
    entries = order(("open", 1), *(("cast", 1, f"{number}") for number in range(10_000)))
    text = json.dumps({"entries": entries, "head": entries[-1]["hash"]})
    status, said = run(tmp_path, "\ufeff" + text)
    assert status == 0 and "q, round 1: 10000 ballots" in said


def test_no_file_and_a_folder_get_a_sentence(tmp_path):
    for name in (tmp_path, tmp_path / "nothing"):
        done = subprocess.run([sys.executable, "-I", str(SCRIPT), str(name)], capture_output=True, text=True)
        assert done.returncode == 2 and "Traceback" not in done.stderr and len(done.stderr.splitlines()) == 1


def test_an_unknown_receipt_or_head_is_said(tmp_path, story):
    assert run(tmp_path, story[0], "--receipt", "00000-00000")[0] == 1
    assert run(tmp_path, story[0], "--head", "0" * 16)[0] == 1
    assert run(tmp_path, story[0], "--head", "ab")[0] == 1


def test_the_export_holds_no_answer_and_nothing_that_opens_one(story):
    log = json.dumps(story[0])
    for word in ("nonce", "answer", "roads", "holder", "salt"):
        assert word not in log
