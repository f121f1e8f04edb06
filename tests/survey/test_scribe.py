"""The scribe: a process beside the server stores what many bring at once, and may end at any moment."""

from __future__ import annotations

import logging
import os
import pickle
import secrets
import shutil
import signal
import sqlite3
import subprocess
import threading
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import dictated
import gevent
import pytest
from factories import a_meeting, log_of
from sqlalchemy import func, insert, select, text

from survey import errors
from survey.ballots import cast, record
from survey.errors import InvalidAnswer, RoundClosed, StorageUnavailable, SurveyError
from survey.storage import schema, scribe
from survey.storage.database import Database

NAME = schema.facilitator.c.name
ENDS_UNHEARD = """
import os
from survey.storage import scribe_process
send = scribe_process.send
scribe_process.send = lambda *given: send(*given) if given[1] == "ready" else os._exit(9)
scribe_process.main()
"""


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """Another scribe is there soon after one has ended."""
    monkeypatch.setattr(scribe, "_PAUSE", 0.01)


@pytest.fixture
def alone(fresh_database, tmp_path):
    """A database of SQLite (no other has a scribe) that waits 0.3 s for a lock, without a scribe."""
    opened = Database(
        f"sqlite:///{shutil.copy(fresh_database, tmp_path / 'scribe.sqlite')}", busy_seconds=0.3
    )
    yield opened
    opened.close()


@pytest.fixture
def lite(alone):
    """The same with a scribe."""
    alone.hire_scribe()
    wait_for_scribe(alone)
    return alone


def wait_for_scribe(database):
    """Wait until another process does what is brought; returns its number."""
    for _ in range(2_000):
        number = scribes_number(database)
        if number != os.getpid():
            return number
        gevent.sleep(0.01)
    raise RuntimeError("There is no scribe.")


def scribes_number(database):
    """Return in which process a shared work is done now."""
    (number, _) = database.write_together(dictated.adding, secrets.token_hex(4))
    database.write(lambda connection: connection.execute(schema.facilitator.delete()))
    return number


def names(database):
    """Return the names that are stored, sorted."""
    with database.reading() as connection:
        return sorted(connection.scalars(select(NAME)))


def verdict(ask, *given):
    """Return what a write returned or raised."""
    try:
        return ask(*given)
    except Exception as error:  # noqa: BLE001 - it is the verdict
        return error


def at_once(database, work, wanted):
    """Bring these names at the same time; returns the greenlets."""
    return [gevent.spawn(verdict, database.write_together, work, name) for name in wanted]


def all_of(greenlets):
    """Return what came of all of them."""
    gevent.joinall(greenlets, timeout=60)
    return [one.value for one in greenlets]


def test_many_share_one_transaction_in_a_process_of_its_own(lite):
    found = all_of(at_once(lite, dictated.adding, "abcde"))
    assert len(set(found)) == 1 and found[0][1] == 5 and found[0][0] != os.getpid()
    assert names(lite) == list("abcde")


def test_the_loop_turns_while_the_scribe_stores_and_the_next_gather(lite, tmp_path):
    files = [tmp_path / name for name in "abcde"]
    first = at_once(lite, dictated.waiting, map(str, files[:2]))
    gevent.sleep(0.1)
    later = at_once(lite, dictated.waiting, map(str, files[2:]))
    gevent.sleep(0.1)
    assert not any(one.ready() for one in first + later) and names(lite) == []
    for file in files:
        file.touch()
    assert [size for _, size in all_of(first + later)] == [2, 2, 3, 3, 3]
    assert names(lite) == list("abcde")


def test_more_than_a_batch_are_all_stored_once(lite):
    wanted = [f"{number:03}" for number in range(130)]
    found = all_of(at_once(lite, dictated.adding, wanted))
    assert names(lite) == wanted and {number for number, _ in found} != {os.getpid()}
    assert max(size for _, size in found) < 130


def test_refusals_come_back_as_they_were_made(lite):
    refused, invalid, taken = all_of(at_once(lite, dictated.refusing, ["r", "i", "t"]))
    assert isinstance(refused, RoundClosed) and taken == "t"
    assert isinstance(invalid, InvalidAnswer) and invalid.problems == ["Too many dots.", "æ"]
    assert str(invalid) == invalid.sentence == "Too many dots. æ"


@pytest.mark.parametrize(
    "kind", [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, SurveyError)]
)
def test_every_refusal_is_the_same_in_another_process(kind):
    made = kind([("here", "why")]) if kind is errors.PlanRejected else None
    made = made or (kind(["a", "b"]) if kind is InvalidAnswer else kind("%(one)s", one="æ"))
    found = pickle.loads(pickle.dumps(made))  # noqa: S301 - our own
    assert type(found) is kind and str(found) == str(made) and vars(found) == vars(made)


def test_what_fails_leaves_nothing_and_only_the_culprit_is_refused(lite):
    found = all_of(at_once(lite, dictated.picky, "axb"))
    assert names(lite) == list("ab") and isinstance(found[1], ValueError)
    assert all_of(at_once(lite, dictated.adding, "cd"))[0][0] != os.getpid()


def test_a_lock_from_outside_stops_only_those_who_write(lite):
    outside = sqlite3.connect(lite.url.removeprefix("sqlite:///"), isolation_level=None)
    outside.execute("BEGIN IMMEDIATE")
    turns = []

    def turn():
        while True:
            turns.append(1)
            gevent.sleep(0.005)

    turning = gevent.spawn(turn)
    refused = all_of(at_once(lite, dictated.adding, "abc"))
    turning.kill()
    assert {type(one) for one in refused} == {StorageUnavailable}
    assert len(turns) > 10 and lite.health.trouble() == "locked"
    outside.execute("ROLLBACK")
    outside.close()
    # Nothing was broken: the scribe itself takes what comes now, and the trouble is over.
    assert all_of(at_once(lite, dictated.adding, "abc"))[0][0] != os.getpid()
    assert names(lite) == list("abc") and lite.health.trouble() == ""


def test_a_scribe_that_takes_long_is_said_to(lite, tmp_path):
    now = [0.0]
    lite.health._clock = lambda: now[0]
    waiting = at_once(lite, dictated.waiting, [str(tmp_path / "a")])
    gevent.sleep(0.05)
    assert lite.health.trouble() == ""
    now[0] = 3.0
    assert lite.health.trouble() == "slow"
    (tmp_path / "a").touch()
    all_of(waiting)
    assert lite.health.trouble() == ""


def test_killed_in_the_middle_everybody_is_told_once_and_another_takes_over(lite, tmp_path, caplog):
    number = wait_for_scribe(lite)
    waiting = at_once(lite, dictated.waiting, [str(tmp_path / name) for name in "ab"])
    gevent.sleep(0.1)
    later = at_once(lite, dictated.adding, "cd")
    (tmp_path / "a").touch()
    os.kill(number, signal.SIGKILL)
    gevent.sleep(0.1)
    (tmp_path / "b").touch()
    assert {one[0] for one in all_of(waiting)} == {os.getpid()}
    all_of(later)
    assert names(lite) == list("abcd")
    assert "has ended" in caplog.text
    assert wait_for_scribe(lite) != number


def test_killed_while_it_has_nothing_to_do_it_is_not_missed(lite):
    number = wait_for_scribe(lite)
    os.kill(number, signal.SIGKILL)
    assert all_of(at_once(lite, dictated.adding, "abc"))[0] == (os.getpid(), 3)
    assert names(lite) == list("abc")


def test_ballots_committed_and_not_told_are_counted_once(alone, keys, monkeypatch, caplog):
    monkeypatch.setattr(scribe, "PROGRAM", ("-c", ENDS_UNHEARD))
    meeting = a_meeting(alone, keys, {"hol": 4}, ["dots"])
    round_id, question = meeting.open("dots"), meeting.question("dots")

    def ready(place):
        voter = SimpleNamespace(id=meeting.card("hol", place), group_key="hol", votes=True)
        answer, key = {"dots": {"roads": 1}}, secrets.token_hex(16)
        return meeting.read(lambda c: cast.ready(lambda: c, keys, question, round_id, voter, key, answer))

    sent = [ready(place) for place in range(4)]
    alone.hire_scribe()
    while alone._scribe._idle is None:
        gevent.sleep(0.01)
    found = all_of(at_once(alone, record.record, sent))
    assert [one.again for one in found] == [True] * 4
    assert [one.seq for one in found] == [entry.seq for entry in log_of(meeting)[-4:]]
    assert meeting.read(lambda c: c.scalar(select(func.count()).select_from(schema.content))) == 4
    assert "has ended" in caplog.text


def test_one_that_never_starts_is_done_without(alone, monkeypatch, caplog):
    monkeypatch.setattr(scribe, "PROGRAM", ("-c", "raise SystemExit(3)"))
    alone.hire_scribe()
    for name in "abc":
        assert all_of(at_once(alone, dictated.adding, name))[0][0] == os.getpid()
        gevent.sleep(0.1)
    assert names(alone) == list("abc") and "has ended" in caplog.text


def test_what_cannot_be_sent_is_done_without(lite):
    def local(_connection, items):
        return items

    (found,) = all_of([gevent.spawn(verdict, lite.write_together, local, "a")])
    assert found == "a"


def test_who_is_killed_while_it_is_stored_holds_up_nobody(lite, tmp_path):
    gone = at_once(lite, dictated.waiting, [str(tmp_path / name) for name in "ab"])
    gevent.sleep(0.05)
    gevent.killall(gone)
    for name in "ab":
        (tmp_path / name).touch()
    all_of(at_once(lite, dictated.adding, "c"))
    assert names(lite) == list("abc")


def test_scribe_threads_and_housekeeping_take_turns(lite):
    wanted = [f"{number:03}" for number in range(120)]

    def by_itself(name):
        return lambda connection: connection.execute(insert(schema.facilitator).values(name=name))

    def natively(some):
        for name in some:
            lite.write(by_itself(name))

    threads = [threading.Thread(target=natively, args=[wanted[at:40:2]]) for at in (0, 1)]
    for thread in threads:
        thread.start()
    greenlets = [gevent.spawn(lite.write, by_itself(name)) for name in wanted[40:60]]
    for at in range(60, 120, 6):
        greenlets += at_once(lite, dictated.adding, wanted[at : at + 6])
        greenlets.append(gevent.spawn(lite.outside_transaction, lambda c: c.execute(text("VACUUM"))))
        gevent.sleep(0.001)
    gevent.joinall(greenlets, timeout=60, raise_error=True)
    while any(thread.is_alive() for thread in threads):
        gevent.sleep(0.001)
    assert names(lite) == wanted


def test_who_asks_again_at_once_is_served(lite):
    def ask(name):
        for number in range(3):
            lite.write_together(dictated.adding, f"{name}{number}")
            lite.write(lambda connection: connection.execute(select(NAME)).all())

    gevent.joinall([gevent.spawn(ask, name) for name in "abcd"], timeout=60, raise_error=True)
    assert len(names(lite)) == 12


# In a table of its own, so that the scribe need not look at what the thread has written.
ALL = "SELECT name FROM facilitator UNION ALL SELECT name FROM other ORDER BY name"


def by_thread(database, names):
    """Have the writer's thread add these names, one after the other."""
    for name in names:
        database.write(
            lambda connection, name=name: connection.execute(text(f"INSERT INTO other VALUES ('{name}')"))
        )


def by_scribe(database, names):
    """Have the scribe add these names together."""
    assert {type(one) for one in all_of(at_once(database, dictated.adding, names))} == {tuple}


def found_after_a_restart(file, folder):
    """Return the names in the database, if everything ended just now."""
    for one in (file, file.with_name(f"{file.name}-wal")):
        copy = folder / one.name.replace("scribe", "afterwards")
        copy.unlink(missing_ok=True)
        if one.exists():
            # Not from here: a process that closes a file loses its locks on it, SQLite's as well.
            subprocess.run(["cp", one, copy], check=True)
    with closing(sqlite3.connect(folder / "afterwards.sqlite")) as afterwards:
        assert afterwards.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return "".join(name for (name,) in afterwards.execute(ALL))


@pytest.mark.parametrize(
    "steps",
    [(by_scribe, by_thread, by_scribe), (by_thread, by_scribe, by_thread), (by_scribe,) * 3],
    ids=["scribe first", "thread first", "scribe alone"],
)
def test_of_a_log_that_was_deleted_nothing_is_lost(lite, tmp_path, steps):
    file = Path(lite.url.removeprefix("sqlite:///"))
    lite.write(lambda connection: connection.execute(text("CREATE TABLE other (name TEXT)")))
    by_scribe(lite, "ab")
    by_thread(lite, "c")
    wanted = "abc"
    for step, (first, second, third) in zip(steps, ("def", "ghi", "jkl"), strict=True):
        file.with_name(f"{file.name}-wal").unlink()
        other = by_thread if step is by_scribe else by_scribe
        # The third of them finds a log that others have written to since it was another one.
        for ask, name in ((step, first), (step, second), (other, third)):
            ask(lite, name)
            wanted += name
            assert found_after_a_restart(file, tmp_path) == wanted
        with lite.reading() as connection:
            assert "".join(connection.scalars(text(ALL))) == wanted
    assert scribes_number(lite) != os.getpid()


def test_closed_it_has_ended_and_left_nothing_beside_the_database(lite, caplog):
    number = wait_for_scribe(lite)
    lite.close()
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)
    file = Path(lite.url.removeprefix("sqlite:///"))
    assert sorted(one.name for one in file.parent.glob(f"{file.name}*")) == [file.name]
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]
