"""What holds on PostgreSQL only: several processes write, connections drop, the server keeps much."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from factories import a_meeting, an_answer, log_of
from sqlalchemy import func, insert, make_url, select, text
from sqlalchemy.exc import IntegrityError

from survey import create_app
from survey.audiences.participant import joining
from survey.ballots import audit, log, seal
from survey.errors import NoSeatLeft, NotAllowedNow, NotDurable, StorageUnavailable, WrongSecret
from survey.meetings import erasing, notes
from survey.storage import locking, migrate, schema
from survey.storage import postgres as connections
from survey.storage.database import Database
from survey.storage.keys import Keys

HOUSE = Path(__file__).parent.parent.parent


@pytest.fixture
def server(postgres):
    return postgres


@pytest.fixture
def database(server):
    found = Database(server.emptied())
    yield found
    found.close()


@pytest.fixture
def other(database):
    """The same database as another process has it: with connections and a writer of its own."""
    found = Database(database.url)
    yield found
    found.close()


def at_once(*works):
    """Run works in threads that begin together; returns what each gave or raised."""
    found, ready = [None] * len(works), threading.Barrier(len(works))

    def run(place):
        ready.wait()
        try:
            found[place] = works[place]()
        except Exception as error:  # noqa: BLE001 - it is the verdict
            found[place] = error

    threads = [threading.Thread(target=run, args=[place]) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def test_entries_of_two_processes_are_committed_in_the_order_of_their_numbers(database, other, keys):
    meeting = a_meeting(database, keys, questions=["dots"])
    seen, over = [], threading.Event()

    def follow():
        last = 0
        while True:
            was_over = over.is_set()
            with other.reading() as connection:
                fresh = [row.seq for row in log.entries(connection, meeting.id, last)]
            seen.extend(fresh)
            last = seen[-1] if seen else 0
            if was_over:
                return

    def write(mine):
        for _ in range(60):
            mine.write(lambda c: log.append(c, meeting.id, "void"))

    follower = threading.Thread(target=follow)
    follower.start()
    assert at_once(lambda: write(database), lambda: write(other)) == [None, None]
    over.set()
    follower.join(30)
    assert seen == list(range(1, len(log_of(meeting)) + 1)) and len(seen) >= 120
    meeting.read(lambda c: log.check(c, meeting.id))


def test_a_number_is_given_only_when_the_one_before_is_committed_or_gone(database, other, keys):
    meeting = a_meeting(database, keys, questions=["dots"])
    entered, go = threading.Event(), threading.Event()
    before = meeting.read(lambda c: log.head(c, meeting.id)).seq

    def slow(connection):
        log.append(connection, meeting.id, "void")
        entered.set()
        go.wait(30)
        raise ZeroDivisionError

    first = threading.Thread(target=at_once, args=[lambda: database.write(slow)])
    first.start()
    entered.wait(30)
    done = []
    second = threading.Thread(
        target=lambda: done.append(other.write(lambda c: log.append(c, meeting.id, "void")))
    )
    second.start()
    second.join(0.2)
    assert second.is_alive()
    go.set()
    first.join(30)
    second.join(30)
    assert [one.seq for one in done] == [before + 1]


def test_a_lower_meeting_that_is_taken_sends_the_work_to_a_transaction_of_its_own(database, other, keys):
    low, high = (a_meeting(database, keys, key=key, questions=["dots"]).id for key in ("low", "high"))
    entered, go = threading.Event(), threading.Event()

    def holds(connection):
        locking.lock_meetings(connection, [low])
        entered.set()
        go.wait(30)

    thread = threading.Thread(target=other.write, args=[holds])
    thread.start()
    entered.wait(30)
    with database._writing.connect() as connection, connection.begin():
        locking.begin_transaction(connection)
        assert locking.lock_meetings(connection, [high])
        with pytest.raises(locking.Busy):
            locking.lock_meetings(connection, [low])
    go.set()
    thread.join(30)


def test_two_processes_give_a_last_seat_once(database, other, keys):
    meeting = a_meeting(database, keys, {"hol": 3}, ["dots"], spares=0)

    def seat(mine):
        return lambda: mine.write(lambda c: joining._issue(c, keys, meeting.id, meeting.groups["hol"]))

    given = at_once(*(seat(mine) for mine in (database, other) for _ in range(6)))
    assert sum(isinstance(one, NoSeatLeft) for one in given) == 9
    assert sum(hasattr(one, "code") for one in given) == 3


@pytest.mark.parametrize(
    "words",
    [
        lambda c, meeting, _round: notes.add(c, meeting.id, meeting.questions["dots"], 1, "Said"),
        lambda c, meeting, round_id: notes.edit_prompt(c, meeting.id, round_id, "apart", "Asked"),
    ],
)
def test_no_words_outlive_an_erasure_at_another_process(database, other, keys, words):
    meeting = a_meeting(database, keys, questions=["dots"])
    round_id = meeting.open("dots")
    erased, commit = threading.Event(), threading.Event()

    def erase(connection):
        erasing._remove(connection, meeting.id, None)
        erased.set()
        commit.wait(30)

    def write():
        erased.wait(30)
        threading.Timer(0.5, commit.set).start()
        other.write(lambda c: words(c, meeting, round_id))

    refusal = at_once(lambda: database.write(erase), write)[1]
    assert isinstance(refusal, NotAllowedNow)
    left = [select(func.count()).select_from(table) for table in (schema.note, schema.prompt)]
    assert meeting.read(lambda c: [c.scalar(one) for one in left]) == [0, 0]


def test_one_card_at_two_processes_is_one_vote(database, other, keys):
    meeting = a_meeting(database, keys, questions=["dots"])
    opened, key = meeting.open("dots"), "0" * 32
    from survey.ballots import cast

    def vote(mine):
        answer = {"dots": {"roads": 1}}
        return lambda: mine.write(lambda c: cast.cast(c, keys, opened, meeting.card("hol"), key, answer))

    done = at_once(*(vote(mine) for mine in (database, other) for _ in range(10)))
    assert sorted(one.again for one in done) == [False] + [True] * 19
    assert len({one.seq for one in done}) == 1


def test_a_connection_that_dropped_meanwhile_is_replaced_unnoticed(server, database):
    add = insert(schema.facilitator)
    database.write(lambda c: c.execute(add.values(name="before")))
    with database.reading() as connection:
        connection.execute(text("SELECT 1"))
    server.drop_connections(database.url)
    database.write(lambda c: c.execute(add.values(name="after")))
    server.drop_connections(database.url)
    with database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(schema.facilitator)) == 2


def test_a_connection_that_drops_in_the_middle_of_a_write_is_tried_once_more(server, database):
    times = []

    def work(connection):
        connection.execute(insert(schema.facilitator).values(name="kari"))
        times.append(1)
        if len(times) == 1:
            server.drop_connections(database.url)
        return connection.scalar(select(func.count()).select_from(schema.facilitator))

    assert database.write(work) == 1 and len(times) == 2


def test_nobody_is_told_yes_or_no_when_the_connection_drops_at_commit(server, database, monkeypatch):
    meeting_dialect = database._writing.dialect
    real = meeting_dialect.do_commit

    def commit(connection):
        monkeypatch.setattr(meeting_dialect, "do_commit", real)
        server.drop_connections(database.url)
        real(connection)

    times = []

    def work(connection):
        times.append(connection.execute(insert(schema.facilitator).values(name=f"{len(times)}")))

    database.write(lambda c: c.execute(text("SELECT 1")))
    monkeypatch.setattr(meeting_dialect, "do_commit", commit)
    with pytest.raises(StorageUnavailable):
        database.write(work)
    assert len(times) == 1
    database.write(work)
    with database.reading() as connection:
        assert list(connection.scalars(select(schema.facilitator.c.name))) == ["1"]


def test_a_process_that_stands_still_loses_its_transaction(database, keys, monkeypatch):
    monkeypatch.setitem(connections._WRITING, "idle_in_transaction_session_timeout", "300ms")
    meeting = a_meeting(database, keys, questions=["dots"])
    frozen = Database(database.url)
    entered, go = threading.Event(), threading.Event()

    def stands_still(connection):
        log.append(connection, meeting.id, "void")
        entered.set()
        go.wait(30)

    told = []
    thread = threading.Thread(target=lambda: told.extend(at_once(lambda: frozen.write(stands_still))))
    thread.start()
    entered.wait(30)
    seq = database.write(lambda c: log.append(c, meeting.id, "void")).seq
    go.set()
    thread.join(30)
    frozen.close()
    # What it had begun is undone; it is told so, or has done it once more behind the other.
    rows = log_of(meeting)
    assert len(rows) == seq + (0 if isinstance(told[0], StorageUnavailable) else 1)
    meeting.read(lambda c: log.check(c, meeting.id))


def test_a_server_that_would_forget_is_refused_and_a_session_that_would_is_mended(server, database):
    name = make_url(database.url).database
    server.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    try:
        careful = Database(database.url)
        assert careful.write(lambda c: c.scalar(text("SHOW synchronous_commit"))) == "on"
        careful.close()
        server.execute(f"ALTER DATABASE {name} RESET synchronous_commit")
        server.execute("ALTER SYSTEM SET full_page_writes = off")
        server.execute("SELECT pg_reload_conf()")
        end = time.monotonic() + 10
        while server.execute("SHOW full_page_writes") != [("off",)] and time.monotonic() < end:
            time.sleep(0.02)
        with pytest.raises(NotDurable, match="full_page_writes"):
            Database(database.url).write(lambda c: None)
    finally:
        server.execute("ALTER SYSTEM RESET full_page_writes")
        server.execute("SELECT pg_reload_conf()")
        server.execute(f"ALTER DATABASE {name} RESET synchronous_commit")


def test_the_log_cannot_be_emptied_at_one_stroke(database, keys):
    a_meeting(database, keys, questions=["dots"])
    with pytest.raises(IntegrityError, match="append-only"):
        database.write(lambda c: c.execute(text("TRUNCATE log")))


def test_a_key_is_wrapped_bound_to_its_question_and_gone_with_finish(server, database, keys, tmp_path):
    meeting = a_meeting(database, keys, {"hol": 6}, ["dots", "scale"])
    for kind in ("dots", "scale"):
        opened = meeting.open(kind)
        for place, (_, card) in enumerate(meeting.everybody()):
            meeting.cast(opened, card, an_answer(meeting.question(kind), place))
        meeting.close(opened)
    assert list((tmp_path / "keys").iterdir()) == [tmp_path / "keys" / "secret"]
    row = schema.question_key.c
    swapped = dict(meeting.read(lambda c: c.execute(select(row.question_id, row.wrapped)).all()))
    first, second = meeting.questions["dots"], meeting.questions["scale"]
    database.write(
        lambda c: c.execute(
            schema.question_key.update().where(row.question_id == first).values(wrapped=swapped[second])
        )
    )
    keys.forget()
    with pytest.raises(WrongSecret):
        meeting.read(lambda c: keys.pseudonym(c, first, meeting.card("hol")))
    database.write(
        lambda c: c.execute(
            schema.question_key.update().where(row.question_id == first).values(wrapped=swapped[first])
        )
    )
    nonces = meeting.read(
        lambda c: c.scalars(
            select(schema.content.c.nonce).join(schema.round_).where(schema.round_.c.question_id == first)
        ).all()
    )
    links = [value.encode() for value in nonces] + [swapped[first]]
    server.execute("CHECKPOINT")
    assert all(value in stored(server) for value in links)
    with database.reading() as looking_back:
        looking_back.execute(text("SELECT 1"))
        assert not seal.finish(database, keys, first)
    assert not meeting.has_key("dots") and meeting.has_key("scale")
    assert seal.wipe(database)
    server.execute("CHECKPOINT")
    assert not [value for value in links if value in stored(server)]
    meeting.read(lambda c: audit.check(c, meeting.id))


def stored(server):
    """Return every byte of the server's tables; its write-ahead log is another matter (docs/deploy.md)."""
    return b"".join(
        file.read_bytes() for file in (server.folder / "data" / "base").rglob("*") if file.is_file()
    )


def test_a_host_with_another_secret_is_turned_away_at_its_start(database, tmp_path):
    def app(name):
        return create_app({"PRIKK_INSTANCE": str(tmp_path / name), "PRIKK_DATABASE": database.url})

    first = app("one")
    with pytest.raises(WrongSecret, match="secret"):
        app("two")
    (tmp_path / "two" / "keys" / "secret").write_bytes((tmp_path / "one" / "keys" / "secret").read_bytes())
    second = app("two")
    for one in (first, second):
        one.extensions["prikk.database"].close()


def test_one_process_has_the_watch(database, other):
    with database.watch() as mine:
        assert mine
        with other.watch() as theirs:
            assert not theirs
    with other.watch() as theirs:
        assert theirs


def test_a_watch_that_failed_is_given_back(database, other):
    with pytest.raises(ZeroDivisionError), database.watch():
        raise ZeroDivisionError
    with other.watch() as theirs:
        assert theirs


def test_processes_that_start_together_migrate_once(server):
    one = Database(server.empty())
    several = [one, *(Database(one.url) for _ in range(3))]
    keys = [None] * 4
    assert at_once(*(lambda mine=mine: migrate.upgrade(mine) for mine in several)) == keys
    with one.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1
    for mine in several:
        mine.close()
    server.drop(one.url)


def test_a_migration_cut_short_by_the_server_leaves_the_first_release_as_it_was(
    server, tmp_path, monkeypatch
):
    database, keys = Database(server.empty()), Keys(tmp_path / "keys" / "secret")
    database.write(lambda c: migrate.upgrade_to(c, "0001"))
    values = {
        "key": "m",
        "title": "T",
        "place": "",
        "date": "",
        "language": "en",
        "k": 5,
        "spares": 1,
        "screen": "{}",
    }
    flags = ("ballot_rows", "rehearsal", "demo")
    columns = [*values, "wifi_name", "wifi_password", "base_url", "version", *flags]
    places = ", ".join([*(f":{name}" for name in values), "''", "''", "''", "1", *("false" for _ in flags)])
    database.write(
        lambda c: c.execute(text(f"INSERT INTO meeting ({', '.join(columns)}) VALUES ({places})"), values)
    )
    real, cut = migrate.command.upgrade, []

    def upgrade(config, revision):
        real(config, revision)
        cut.append(1)
        server.drop_connections(database.url)
        config.attributes["connection"].execute(text("SELECT 1"))

    monkeypatch.setattr(migrate.command, "upgrade", upgrade)
    with pytest.raises(StorageUnavailable):
        migrate.upgrade(database)
    monkeypatch.undo()
    assert cut
    with database.reading() as connection:
        assert migrate.revision(connection) == "0001"
    migrate.upgrade(database, keys)
    with database.reading() as connection:
        found = connection.execute(select(schema.meeting)).one()
    assert (found.key, found.takeovers, found.screen) == ("m", 0, {})
    database.close()
    server.drop(database.url)


_PATCHED = """
from gevent import monkey
monkey.patch_all()
import sys, time, gevent
from sqlalchemy import text
from survey.storage.database import Database
database = Database(sys.argv[1])
ticks = []
def tick():
    while True:
        ticks.append(time.monotonic())
        gevent.sleep(0.01)
def read():
    with database.reading() as connection:
        connection.execute(text("SELECT pg_sleep(0.5)"))
gevent.spawn(tick)
gevent.joinall([gevent.spawn(read) for _ in range(3)], raise_error=True)
many = len(ticks)
database.write(lambda c: c.execute(text("SELECT pg_sleep(0.5)")))
print(many, len(ticks) - many)
database.close()
"""


def test_waiting_for_the_server_stops_no_greenlet(database):
    done = subprocess.run(
        [sys.executable, "-c", _PATCHED, database.url], cwd=HOUSE, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    # A loop that was blocked would tick once or twice in half a second.
    assert all(int(number) > 5 for number in done.stdout.split()), done.stdout
