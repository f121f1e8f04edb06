"""Simulated voters: cards of a rehearsal, handed to a process that votes over HTTP as phones would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from flask import current_app, g
from sqlalchemy import Connection, select

from survey import network
from survey.audiences import access
from survey.ballots import cards
from survey.meetings import rehearsal
from survey.storage import schema

MOST = 300
_HOUSE = Path(__file__).resolve().parents[3]
_MINUTES = 240
_running: list[subprocess.Popen[str]] = []


def issue(connection: Connection, number: int) -> list[dict[str, str]]:
    """Mark the meeting as a rehearsal and issue cards for `number` people, spread over its groups as planned.

    Returns `code` and `group` of each. Raises NotAllowedNow where a rehearsal may not begin.
    """
    rehearsal.begin(connection, g.meeting.id)
    table = schema.group
    asked = select(table).where(table.c.meeting_id == g.meeting.id).order_by(table.c.position)
    groups, made = connection.execute(asked).all(), []
    for group, share in zip(groups, shares([one.cards for one in groups], number), strict=True):
        if share:
            issued = cards.issue(connection, access.keys(), g.meeting.id, group.id, share, "rehearsal")
            made += [{"code": one.code, "group": group.key} for one in issued]
    return made


def shares(sizes: list[int], number: int) -> list[int]:
    """Return how many of `number` fall to each group: in proportion to its size, largest remainders first."""
    whole = sum(sizes)
    if not whole:
        return [0] * len(sizes)
    found = [number * size // whole for size in sizes]
    by_remainder = sorted(range(len(sizes)), key=lambda at: -(number * sizes[at] % whole))
    for at in by_remainder[: number - sum(found)]:
        found[at] += 1
    return found


def start(people: list[dict[str, str]]) -> None:
    """Start the process. It reads the codes on its standard input: a command line can be read by others."""
    _running[:] = [one for one in _running if one.poll() is None]
    config = current_app.config
    address = f"http://{network.from_this_machine(config['PRIKK_HOST'])}:{config['PRIKK_PORT']}"
    command = [sys.executable, "-m", "survey.rehearsal", "--url", address, "--meeting", g.meeting.key]
    process = subprocess.Popen(
        [*command, "--minutes", str(_MINUTES), "--pace", "6"],
        cwd=_HOUSE,
        env={**os.environ, "PYTHONPATH": str(_HOUSE)},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    _running.append(process)
    if process.stdin is not None:
        process.stdin.write(json.dumps(people))
        process.stdin.close()
