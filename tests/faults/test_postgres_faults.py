"""The same zeros on PostgreSQL: connections cut, the server stopped at once, one of two processes killed."""

from __future__ import annotations

import random
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import halls
import pytest
import test_closing
import test_one_code
from crowd import Crowd, History
from ledger import judge
from postgres import Postgres

_SPOOLED = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
CONFIGURATION = halls.HOUSE / "docs" / "deploy" / "nginx.conf"


@pytest.fixture(scope="module")
def prepared(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> halls.Hall:
    """A hall on PostgreSQL with 50 voters before an open question; half as many in the short form."""
    people = 50 if request.config.getoption("--long", default=False) else 25
    folder = tmp_path_factory.mktemp("postgres") / "hall"
    return halls.make(folder, people=people, database=postgres.fresh())


@pytest.fixture
def hall(postgres: Postgres, prepared: halls.Hall, tmp_path: Path) -> Iterator[halls.Hall]:
    """A copy of it, in a database of its own."""
    found = prepared.copy(tmp_path / "hall")
    found.database = postgres.copy(prepared.database)
    yield found
    postgres.drop(found.database)


class Crowds:
    """Half of the voters at each of two processes, as one crowd."""

    def __init__(self, ports: list[int], voters: list[halls.Voter], pace: float = 0.3) -> None:
        self._crowds = [Crowd(port, voters[place :: len(ports)], pace) for place, port in enumerate(ports)]

    def __enter__(self) -> Crowds:
        for one in self._crowds:
            one.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        for one in self._crowds:
            one.__exit__(*error)

    def wait_for(self, more: int) -> None:
        """Wait until each half has so many more ballots acked."""
        for one in self._crowds:
            one.wait_for(more)

    def back_after(self, moment: float) -> float:
        """Return the seconds from a moment until both halves have an ack again."""
        return max(one.history.back_after(moment) for one in self._crowds)

    def stop(self) -> History:
        """Stop both halves and return what happened, as one history."""
        whole = History()
        for one in self._crowds:
            part = one.stop()
            whole.sendings += part.sendings
            whole.took += part.took
            whole.answers += part.answers
            whole.lost_lines += part.lost_lines
            whole.complaints += part.complaints
        return whole


@contextmanager
def two_processes(hall: halls.Hall) -> Iterator[list[halls.Server]]:
    """Give two servers on the same database, each with the secret's file and nothing else in common."""
    with ExitStack() as stack:
        servers = []
        for name in ("one", "two"):
            host = hall.copy(hall.folder.with_name(name))
            servers.append(stack.enter_context(host.serving()))
        yield servers


def test_connections_dropped_under_fifty_voters(hall, postgres, many, tell):
    times, chance = many(10, 100), random.Random(1)
    with two_processes(hall) as servers, Crowds([one.port for one in servers], hall.voters) as crowds:
        crowds.wait_for(20)
        for _ in range(times):
            time.sleep(chance.uniform(0.02, 0.3))
            postgres.drop_connections(hall.database)
            crowds.wait_for(3)
        history = crowds.stop()
        with hall.facilitator(servers[0].base) as facilitator:
            facilitator.close_round(hall.meeting)
    judged = judge(hall, history, books=True)
    tell("PostgreSQL: connections dropped, two processes", times, judged, history)
    assert judged.is_clean and judged.acked > 6 * times, judged


def test_the_database_server_stopped_at_once(hall, postgres, many, tell):
    times, chance, back = many(2, 20), random.Random(2), []
    with two_processes(hall) as servers, Crowds([one.port for one in servers], hall.voters) as crowds:
        crowds.wait_for(20)
        for _ in range(times):
            time.sleep(chance.uniform(0.05, 0.5))
            postgres.immediately()
            time.sleep(chance.uniform(0.0, 0.5))
            postgres.start()
            begun = time.monotonic()
            crowds.wait_for(5)
            back.append(crowds.back_after(begun))
        history = crowds.stop()
        with hall.facilitator(servers[1].base) as facilitator:
            facilitator.close_round(hall.meeting)
    judged = judge(hall, history, books=True)
    tell("PostgreSQL: server stopped immediately, two processes", times, judged, history, back)
    assert judged.is_clean and judged.acked > 10 * times, judged
    assert set(history.answers) <= {303, 503}, history.answers


@contextmanager
def nginx(servers: list[halls.Server], folder: Path) -> Iterator[int]:
    """Run nginx by the configuration in docs, but for certificate and ports, before the servers."""
    port, text = halls.free_port(), CONFIGURATION.read_text(encoding="utf-8")
    text = re.sub(r"listen 443.*?;", f"listen 127.0.0.1:{port};", text)
    text = re.sub(r"\s+ssl_certificate.*?;", "", text).replace("prikk.example.org", "127.0.0.1")
    text = text.replace("/var/log/nginx/prikk.log", str(folder / "error.log")).replace("$host", "$http_host")
    for place, server in enumerate(servers):
        text = text.replace(f"127.0.0.1:{8000 + place}", f"127.0.0.1:{server.port}")
    whole = (
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log crit; worker_processes 1;"
        "events { worker_connections 4096; } http {"
        + "".join(
            f"{name}_temp_path {folder}/{name};"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        + text
        + "}"
    )
    (folder / "nginx.conf").write_text(whole, encoding="utf-8")
    command = ["nginx", "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    process = subprocess.Popen(command)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(20)


def test_one_of_two_processes_killed_behind_a_plain_proxy(hall, many, tell, tmp_path):
    times, chance, back = many(1, 20), random.Random(3), []
    proxied = {"PRIKK_PROXIES": "1"}
    with ExitStack() as stack:
        servers = [hall.copy(tmp_path / name).server(environment=proxied) for name in ("one", "two")]
        for one in servers:
            stack.callback(one.stop)
            one.start()
        port = stack.enter_context(nginx(servers, tmp_path))
        crowd = stack.enter_context(Crowd(port, hall.voters, pace=0.3))
        crowd.wait_for(30)
        for place in range(times):
            killed = servers[place % 2]
            time.sleep(chance.uniform(0.05, 0.4))
            killed.kill()
            begun = time.monotonic()
            crowd.wait_for(20)
            back.append(crowd.history.back_after(begun))
            killed.start()
        history = crowd.stop()
        with hall.facilitator(servers[0].base) as facilitator:
            facilitator.close_round(hall.meeting)
    judged = judge(hall, history, books=True)
    tell("PostgreSQL: one of two processes behind nginx killed", times, judged, history, back)
    assert judged.is_clean and judged.acked >= 50, judged


def test_twenty_phones_on_one_code_at_two_processes_are_one_vote(hall, many, tell):
    codes = many(3, 50)
    with two_processes(hall) as servers:
        judged = test_one_code.race_for_each([one.port for one in servers], hall, codes)
    tell("PostgreSQL: 20 phones on one code, two processes", codes, judged)


def test_closing_is_a_line_in_the_log_there_too(hall, many, tell):
    times, acked = many(1, 4), 0
    for closing, (_, stored, closes, after, _) in test_closing.close_over_and_over(hall, times):
        assert set(closing.told) <= {303, 409}, closing.sentences
        assert closing.told.get(303, set()) == stored and after == 0
        assert f'"n":{len({voter for voter, _ in stored})}' in closes.data
        acked += len(stored)
    tell("PostgreSQL: casts around closing", times, acked=acked, stored=acked, lost=0, doubled=0)
