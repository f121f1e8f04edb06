"""Closing is a line in the log: whoever was told "recorded" is counted, whoever comes after is told so."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from dataclasses import dataclass, field

import halls
import pytest
import wire
from sqlalchemy import func, select

from survey.storage import schema
from survey.storage.database import Database

AROUND, CASTS, TRICKLED = 0.15, 200, 5


@dataclass
class Closing:
    """What came of one closing: the (voter, number) of each cast, by the answer's status; the slowest."""

    told: dict[int, set[tuple[int, int]]] = field(default_factory=dict)
    slowest: float = 0.0
    sentences: set[str] = field(default_factory=set)

    def note(self, who: tuple[int, int], answer: wire.Message, seconds: float) -> None:
        """Keep an answer."""
        self.told.setdefault(answer.status, set()).add(who)
        self.slowest = max(self.slowest, seconds)
        if answer.status != 303:
            self.sentences.add(
                "too late" if "ikkje tald" in answer.text or "for seint" in answer.text else answer.text
            )


async def _cast(port, raw, who, closing, moment):
    line = wire.Line(port)
    await asyncio.sleep(max(0.0, moment - time.monotonic()))
    begun = time.monotonic()
    closing.note(who, await line.ask(raw, 90), time.monotonic() - begun)
    line.close()


async def _trickle(port, raw, who, closing, closed):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw[:-40])
    await writer.drain()
    await closed.wait()
    for start in range(len(raw) - 40, len(raw), 8):
        writer.write(raw[start : start + 8])
        await asyncio.sleep(0.02)
    begun = time.monotonic()
    closing.note(who, await wire.read(reader), time.monotonic() - begun)
    writer.close()


async def close_amid(port, voters, round_id, close, number):
    """Close the round while casts come in from all sides."""
    closing, closed, chance = Closing(), asyncio.Event(), random.Random(number)
    moment = time.monotonic() + 0.5 + AROUND
    people = []
    for place in range(CASTS + TRICKLED):
        voter = voters[place % len(voters)]
        sending = place // len(voters) + 10 * number
        fields = voter.ballot(sending, secrets.token_hex(16), round_id)
        raw = wire.request(f"127.0.0.1:{port}", voter.cookie, "/vote", fields)
        who = (voter.number, sending)
        if place < CASTS:
            people.append(_cast(port, raw, who, closing, moment + chance.uniform(-AROUND, AROUND)))
        else:
            people.append(_trickle(port, raw, who, closing, closed))

    async def end() -> None:
        await asyncio.sleep(moment - time.monotonic())
        line = wire.Line(port)
        answer = await line.ask(close, 90)
        line.close()
        assert answer.status in (200, 303), answer.text
        closed.set()

    await asyncio.gather(end(), *people)
    return closing


def request_to_close(facilitator, meeting, port):
    """Return the bytes of the console's button that closes the round."""
    page = facilitator.run_page(meeting)
    form = next(one for one in page.forms if "verb" in one.names and one.value("verb") == "close")
    fields = {name: [value] for name, value in form.filled}
    cookie = "; ".join(f"{name}={value}" for name, value in facilitator.browser.cookies.items())
    return wire.request(f"127.0.0.1:{port}", cookie, form.action, fields)


def state_of(hall, number):
    """Return the last round's id, its stored (voter, number)s, its close entry's n, and what is published."""
    database = Database(hall.url)
    log, content, round_ = schema.log, schema.content, schema.round_
    try:
        with database.reading() as connection:
            last = connection.scalar(select(func.max(round_.c.id)))
            answers = connection.scalars(
                select(content.c.answer)
                .join(log, log.c.commitment == content.c.commitment)
                .where(log.c.round_id == last, log.c.type == "cast")
            )
            stored = {halls.who_and_what(one) for one in answers}
            closes = connection.execute(
                select(log.c.seq, log.c.data).where(log.c.round_id == last, log.c.type == "close")
            ).first()
            after = connection.scalar(
                select(func.count()).where(
                    log.c.round_id == last, log.c.type == "cast", log.c.seq > (closes.seq if closes else 0)
                )
            )
            published = connection.scalar(select(round_.c.published).where(round_.c.id == last))
            return last, stored, closes, after, published
    finally:
        database.close()


def close_over_and_over(hall, times, bug=""):
    """Close so many questions amid casts; yields what came of each, with the state right after."""
    with hall.serving(bug) as server, hall.facilitator(server.base) as facilitator:
        for number in range(times):
            if number:
                facilitator.reveal(hall.meeting)
                facilitator.open(hall.meeting, hall.questions[number])
            round_id = state_of(hall, number)[0]
            close = request_to_close(facilitator, hall.meeting, server.port)
            closing = wire.run(close_amid(server.port, hall.voters, round_id, close, number))
            yield closing, state_of(hall, number)


def test_what_was_acked_is_what_was_counted(hall, many, tell, tmp_path):
    times = many(1, 20)
    if times > len(hall.questions):
        hall = halls.make(tmp_path / "questions", questions=times)
    acked = late = 0
    slowest = 0.0
    for closing, (_, stored, closes, after, _) in close_over_and_over(hall, times):
        assert set(closing.told) <= {303, 409}, closing.sentences
        assert closing.told.get(303, set()) == stored and after == 0
        assert f'"n":{len({voter for voter, _ in stored})}' in closes.data
        assert closing.sentences <= {"too late"}
        assert len(closing.told[409]) >= TRICKLED
        acked, late = acked + len(stored), late + len(closing.told[409])
        slowest = max(slowest, closing.slowest)
    assert acked and late > TRICKLED * times
    tell(f"{CASTS} casts around closing, {TRICKLED} bodies across it", times, acked=acked, stored=acked,
         lost=0, doubled=0, too_late=late, slowest=round(slowest, 3))  # fmt: skip


@pytest.mark.long
def test_the_check_finds_ballots_let_in_after_closing(hall):
    with pytest.raises(AssertionError):
        for closing, (_, stored, _, after, _) in close_over_and_over(hall, 1, "check_then_insert"):
            assert closing.told.get(303, set()) == stored and after == 0
