"""Streams, slow requests and dead lines by the hundred take nothing from those who vote."""

from __future__ import annotations

import asyncio
import contextlib
import time

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
        with contextlib.closing(writer):
            writer.write(wire.request(f"127.0.0.1:{self.port}", "", f"/live/{self.meeting}"))
            while line := await reader.readline():
                self.heard += line.startswith(b"data:")

    async def _dawdle(self):
        reader, writer = await self._open()
        with contextlib.closing(writer):
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
        with contextlib.closing(writer):
            writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
            writer.write_eof()
            await reader.read()
            await asyncio.sleep(3600)


def vote_among(hall, numbers, acks, bug=""):
    """Let everybody vote among those who hold on; returns history, open files before and after, let go."""
    with hall.serving(bug) as server:
        with Crowd(server.port, hall.voters, pace=1.0) as crowd:
            crowd.wait_for(50)
            before = server.open_files()
            with Hangers(server.port, hall.meeting, *numbers) as hangers:
                while hangers.opened < sum(numbers):
                    time.sleep(0.05)
                begun = time.monotonic()
                crowd.wait_for(acks)
                while not bug and hangers.let_go < numbers[1] and time.monotonic() < begun + 60:
                    time.sleep(0.2)
                assert bug or hangers.heard >= numbers[0]
            end = time.monotonic() + 40
            while not bug and server.open_files() > before + 5 and time.monotonic() < end:
                time.sleep(0.2)
            after = server.open_files()
            history = crowd.stop()
    return history, before, after, hangers.let_go


def test_fifty_vote_among_streams_slow_heads_and_dead_lines(hall, many, tell):
    numbers = tuple(many(number // 3, number) for number in (STREAMS, SLOW, HALF))
    history, before, after, let_go = vote_among(hall, numbers, many(50, 2_000))
    judged = judge(hall, history)
    what = f"{numbers[0]} streams, {numbers[1]} slow heads, {numbers[2]} half-closed"
    tell(what, 1, judged, history, files_before=before, files_after=after, let_go=let_go)
    assert judged.is_clean and history.lost_lines == 0 and set(history.answers) == {303}, judged
    assert let_go == numbers[1], "slow heads are let go"
    assert after <= before + 5, "files are given back"


@pytest.mark.long
def test_a_server_of_four_threads_is_seen_to_starve(hall):
    with pytest.raises(AssertionError, match="Nobody could vote"):
        with hall.serving("four_threads") as server, Hangers(server.port, hall.meeting, 4, 0, 0) as hangers:
            while hangers.opened < 4:
                time.sleep(0.05)
            time.sleep(0.5)
            with Crowd(server.port, hall.voters[:5], pace=0.1) as crowd:
                try:
                    crowd.wait_for(10, seconds=3)
                finally:
                    crowd.stop(0)
