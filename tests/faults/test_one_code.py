"""One card on many phones at once: one of them votes, the others are told why they do not."""

from __future__ import annotations

import asyncio
import re
import secrets
from dataclasses import replace

import halls
import wire
from crowd import History, Sending
from ledger import judge

PHONES = 20


async def _phone(port, code, voter, number, barrier, history, told):
    """Come in with the card and vote, at the same time as all others: first they take it, then they vote."""
    line, host = wire.Line(port), f"127.0.0.1:{port}"
    page = await line.ask(wire.request(host, "", "/"), 90)
    cookie = _cookie(page, "")
    fields = {
        "csrf_token": re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[:1],
        "code": [code],
    }
    await barrier.wait()
    taken = await line.ask(wire.request(host, cookie, "/card", fields), 90)
    cookie = _cookie(taken, cookie)
    if number % 2:
        # Half of them wait until all have taken it, so that only the last one still holds it.
        await asyncio.sleep(0.3)
    sending = Sending(voter.number, number, secrets.token_hex(16), 0.0, tries=1)
    history.sendings.append(sending)
    ballot = voter.ballot(number, sending.key) | {"csrf_token": fields["csrf_token"]}
    answer = await line.ask(wire.request(host, cookie, "/vote", ballot), 90)
    told.append(answer)
    if answer.status == 303:
        sending.acked = 1.0
    else:
        sending.refused = answer.status
    line.close()


def _cookie(page, before):
    found = page.headers.get("set-cookie", "")
    return found.split(";")[0] if found else before


async def _race(ports, code, voter, history):
    barrier, told = asyncio.Barrier(PHONES), []
    phones = [
        _phone(ports[number // 2 % len(ports)], code, voter, number, barrier, history, told)
        for number in range(PHONES)
    ]
    await asyncio.gather(*phones)
    return told


def test_twenty_phones_on_one_code_are_one_vote(hall, many, tell, tmp_path):
    codes = many(5, 300)
    if codes > len(hall.codes):
        hall = halls.make(tmp_path / "large", people=1, seats=codes)
        # A ballot page says of its card no more than a hash of its id, so any card's page can be made.
        seats = _seats(hall)
        hall.codes += hall.spare_codes
        hall.voters = [
            replace(hall.voters[0], number=number, fields=hall.voters[0].fields | {"seat": [seats[code]]})
            for number, code in enumerate(hall.codes[:codes])
        ]
    with hall.serving() as server:
        judged = race_for_each([server.port], hall, codes)
    tell(f"{PHONES} phones on one code", codes, judged)


def race_for_each(ports, hall, codes):
    """Let 20 phones, spread over the servers at these ports, vote with each card; returns the judgement."""
    history = History()
    for code, voter in list(zip(hall.codes, hall.voters, strict=False))[:codes]:
        told = wire.run(_race(ports, code, voter, history))
        statuses = sorted(answer.status for answer in told)
        assert statuses.count(303) == 1, statuses
        assert all(400 <= status < 500 for status in statuses if status != 303), statuses
        assert all("<h1" in answer.text for answer in told if answer.status != 303)
    judged = judge(hall, history)
    assert judged.is_clean and judged.acked == judged.stored == codes, judged
    return judged


def _seats(hall):
    """Return what a ballot page says of each code's card."""
    from sqlalchemy import select

    from survey.audiences.forms import seat
    from survey.ballots.codes import normalise
    from survey.storage import schema
    from survey.storage.database import Database
    from survey.storage.keys import Keys

    keys, database = Keys(hall.folder / "keys" / "secret"), Database(hall.url)
    try:
        with database.reading() as connection:
            ids = dict(connection.execute(select(schema.card.c.code_digest, schema.card.c.id)).all())
    finally:
        database.close()
    return {code: seat(ids[keys.code_digest(normalise(code))]) for code in hall.codes + hall.spare_codes}
