"""Streams, slow requests and dead lines by the hundred take nothing from those who vote."""

from __future__ import annotations

import asyncio
import contextlib
import time
from contextlib import closing

import pytest
import wire
from crowd import Crowd
from ledger import judge

STREAMS, SLOW, HALF = 300, 200, 100


class Hangers:
    """Those who only hold on: `streams` that listen, `slow` heads that never end, `half` closed lines."""

    def __init__(self, port, meeting, streams, slow, half):
        self.port, self.meeting = port, meeting
        self.opened = self.heard = self.let_go = 0
        self._numbers = streams, slow, half
        self._background = wire.Background()

    def __enter__(self):
        self._background.run(self._begin())
        return self

    def __exit__(self, *_error):
        self._background.close()

    async def _begin(self):
        streams, slow, half = self._numbers
        self._tasks = [asyncio.create_task(self._listen()) for _ in range(streams)]
        self._tasks += [asyncio.create_task(self._dawdle()) for _ in range(slow)]
        self._tasks += [asyncio.create_task(self._half_close()) for _ in range(half)]

    async def _open(self):
        ends = await asyncio.open_connection("127.0.0.1", self.port)
        self.opened += 1
        return ends

    async def _listen(self):
        reader, writer = await self._open()
        with closing(writer):
            writer.write(wire.request(f"127.0.0.1:{self.port}", "", f"/live/{self.meeting}"))
            while line := await reader.readline():
                self.heard += line.startswith(b"data:")

    async def _dawdle(self):
        reader, writer = await self._open()
        with closing(writer):
            writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
            with contextlib.suppress(ConnectionError):
                while True:
                    writer.write(b"X-Slow: 1\r\n")
                    await writer.drain()
                    with contextlib.suppress(asyncio.TimeoutError):
                        await asyncio.wait_for(reader.read(1), 2)
                        break
            self.let_go += 1

    async def _half_close(self):
        reader, writer = await self._open()
        with closing(writer):
            writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
            writer.write_eof()
            await reader.read()
            await asyncio.sleep(3600)


def vote_among(hall, numbers, acks):
    """Let everybody vote among those who hold on; returns history, files before and after, let go.

    Files are counted when nobody is connected: how many lines the crowd has open rests on the machine's pace.
    """
    with hall.serving() as server:
        for number in range(len(hall.voters)):
            with closing(hall.phone(server.base, number)) as phone:
                phone.get("/vote")
        before = settled(server)
        with Crowd(server.port, hall.voters, pace=1.0, patience=60) as crowd:
            with Hangers(server.port, hall.meeting, *numbers) as hangers:
                wait_until(lambda: hangers.opened == sum(numbers))
                crowd.wait_for(acks)
                wait_until(lambda: hangers.let_go == numbers[1] and hangers.heard >= numbers[0])
                assert server.open_files() > before + numbers[0]
            history = crowd.stop()
        wait_until(lambda: server.open_files() <= before + 5, seconds=60)
        after = server.open_files()
    return history, before, after, hangers


def wait_until(is_so, seconds=90):
    """Wait until something is so, or so long; whether it is so then is the caller's to check."""
    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        time.sleep(0.05)


def settled(server):
    """Return how many files the server has open when it closes no more of them."""
    fewer, files = server.open_files(), None
    while files is None or fewer < files:
        files = fewer
        time.sleep(1)
        fewer = server.open_files()
    return fewer


def test_fifty_vote_among_streams_slow_heads_and_dead_lines(hall, many, tell):
    numbers = tuple(many(number // 3, number) for number in (STREAMS, SLOW, HALF))
    history, before, after, hangers = vote_among(hall, numbers, many(50, 2_000))
    judged = judge(hall, history)
    what = f"{numbers[0]} streams, {numbers[1]} slow heads, {numbers[2]} half-closed"
    tell(what, 1, judged, history, files_before=before, files_after=after, let_go=hangers.let_go)
    assert judged.is_clean and history.lost_lines == 0 and set(history.answers) == {303}, judged
    assert hangers.heard >= numbers[0], "streams are alive"
    assert hangers.let_go == numbers[1], "slow heads are let go"
    assert after <= before + 5, "files are given back"


@pytest.mark.long
def test_a_server_of_four_threads_is_seen_to_starve(hall):
    with pytest.raises(AssertionError, match="Nobody could vote"):
        with hall.serving("four_threads") as server, Hangers(server.port, hall.meeting, 4, 0, 0) as hangers:
            while hangers.opened < 4:
                time.sleep(0.05)
            time.sleep(0.5)
            with Crowd(server.port, hall.voters[:5], pace=0.1) as crowd:
                crowd.wait_for(10, seconds=3)
