"""Guessing codes and sending nonsense: throttled, refused, and nobody who votes notices."""

from __future__ import annotations

import asyncio
import gzip
import random
import re
import time
from collections import Counter
from contextlib import suppress

import wire
from crowd import Crowd
from ledger import judge

from survey.ballots.codes import new_code
from survey.rehearsal.drivers import Participant

BURST, RATE = 60, 5.0
FORM = "Content-Type: application/x-www-form-urlencoded"


async def _guess(port, number, a_second):
    """Try wrong codes at a steady pace, each as if from another address; returns the answers, by status."""
    host, told = f"127.0.0.1:{port}", Counter()
    first = wire.Line(port)
    page = await first.ask(wire.request(host, "", "/"), 90)
    first.close()
    cookie = page.headers["set-cookie"].split(";")[0]
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[0]

    async def one(place):
        await asyncio.sleep(place / a_second)
        line = wire.Line(port)
        raw = wire.request(host, cookie, "/b", {"csrf_token": [token], "code": [new_code()]})
        forged = f"X-Forwarded-For: 10.{place % 250}.7.{random.randrange(250)}\r\n".encode()
        answer = await line.ask(raw.replace(b"\r\nCookie", b"\r\n" + forged + b"Cookie", 1), 90)
        told[answer.status] += 1
        assert answer.status != 429 or "retry-after" in answer.headers
        line.close()

    begun = time.monotonic()
    await asyncio.gather(*(one(place) for place in range(number)))
    return told, time.monotonic() - begun


def test_wrong_codes_are_throttled_and_right_ones_are_not(hall, many, tell):
    # In the short form so fast that on a slow machine too there are more than the throttle lets through.
    number, a_second = many(200, 5_000), many(200, 50)
    with hall.serving() as server:
        with Crowd(server.port, hall.voters, pace=1.0) as crowd:
            crowd.wait_for(20)
            background = wire.Background()
            guessing = asyncio.run_coroutine_threadsafe(
                _guess(server.port, number, a_second), background.loop
            )
            time.sleep(1)
            for code in hall.spare_codes:
                with Participant(server.base) as latecomer:
                    assert latecomer.enter_code(code).state in ("ballot", "waiting", "receipt")
            told, seconds = guessing.result(300)
            background.close()
            history = crowd.stop()
    judged = judge(hall, history)
    tell(
        f"wrong codes at {a_second} a second",
        number,
        judged,
        history,
        looked_up=told[404],
        throttled=told[429],
    )
    assert judged.is_clean and set(history.answers) == {303}, (judged, history.answers)
    assert set(told) <= {404, 429} and told[404] <= BURST + RATE * (seconds + 1)
    assert told[429] > 0


def _post(body, *headers, path="/vote"):
    head = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(head).encode() + body


def _chunked(body):
    head = ["POST /vote HTTP/1.1", "Host: 127.0.0.1", FORM, "Transfer-Encoding: chunked", "", ""]
    return "\r\n".join(head).encode() + body


ODD = {
    "10 MB of JSON": _post(b'{"a": "' + b"x" * 10_000_000 + b'"}', "Content-Type: application/json"),
    "100,000 fields": _post(b"a=1&" * 100_000, FORM),
    "50,000 empty fields": _post(b"a=&" * 50_000, FORM),
    "nested 10,000 deep": _post(b"[" * 10_000 + b"]" * 10_000, "Content-Type: application/json"),
    "a gzip bomb": _post(gzip.compress(b"0" * 20_000_000), FORM, "Content-Encoding: gzip"),
    "no UTF-8": _post(b"code=\xff\xfe%ff%fe\x00&round=\xc3\x28", FORM),
    "no UTF-8 in the path": _post(b"", FORM, path="/b/%ff%fe\\..%2f"),
    "64 kB in a header": _post(b"code=1", FORM, "X-Long: " + "x" * 65_536),
    "1,000 headers": _post(b"code=1", FORM, *(f"X-{number}: 1" for number in range(1_000))),
    "a chunk's size that is no number": _chunked(b"zzz\r\ncode=1\r\n0\r\n\r\n"),
    "a chunk of less than it says": _chunked(b"5\r\nab\r\n0\r\n\r\n"),
    "a negative length": b"POST /vote HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\nabcde",
    "a length that is no number": b"POST /vote HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: many\r\n\r\n",
    "two lengths": _post(b"code=1", FORM, "Content-Length: 2"),
    "length and chunks": _post(b"0\r\n\r\n", FORM, "Transfer-Encoding: chunked"),
    "a form of no parts": _post(b"nothing", "Content-Type: multipart/form-data"),
    "a version that is none": b"GET / HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n",
    "no request at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "a first line without end": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
}
TOO_LARGE = ("10 MB of JSON", "100,000 fields")


async def _send(port, raw):
    """Send the bytes and return the status of what comes back; 0 where the line is only closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=wire.LARGEST)
    try:
        writer.write(raw)
        with suppress(OSError):
            # Whoever answers at once may have hung up already.
            writer.write_eof()
        return (await asyncio.wait_for(wire.read(reader), 90)).status
    except (EOFError, ConnectionError):
        return 0
    finally:
        # What was never taken is not to be sent any more.
        writer.transport.abort()
        await asyncio.sleep(0.01)


def test_odd_bodies_are_refused_at_once(hall, tell):
    with hall.serving() as server, Crowd(server.port, hall.voters, pace=0.5) as crowd:
        crowd.wait_for(50)
        before, told, slowest = server.memory(), {}, 0.0
        for name, raw in ODD.items():
            begun = time.monotonic()
            told[name] = wire.run(_send(server.port, raw))
            slowest = max(slowest, time.monotonic() - begun)
        grown = server.memory() - before
        history = crowd.stop()
        said = server.output
    judged = judge(hall, history)
    tell("odd bodies", len(ODD), judged, history, slowest=round(slowest, 2), grown=round(grown, 1))
    assert {name: status for name, status in told.items() if not (status == 0 or 400 <= status < 500)} == {}
    assert "Traceback" not in said, said
    assert {told[name] for name in TOO_LARGE} <= {413, 415}
    assert grown < 20 and judged.is_clean and set(history.answers) == {303}
