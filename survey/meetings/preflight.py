"""What would go wrong, before it does: hidden groups, addresses that phones cannot reach, a full disk."""

from __future__ import annotations

import ipaddress
import shutil
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Connection

from survey import network
from survey.languages import N_
from survey.meetings.cautions import Caution, small_groups
from survey.meetings.plans import load, question_advice
from survey.meetings.plans.places import words
from survey.meetings.standing import voting_cards
from survey.meetings.steps import meeting_row
from survey.storage import schema

_LEAST_FREE = 200 * 1024 * 1024
_CLOUDS = ("onedrive", "dropbox", "icloud", "mobile documents", "google drive", "googledrive")
_OWN_NETWORK = (".local", ".lan", ".home", ".internal", ".localdomain", ".home.arpa")

__all__ = ["Caution", "cautions"]


def cautions(
    connection: Connection, meeting_id: int, base_url: str, folder: Path | str | None = None
) -> list[Caution]:
    """Return everything worth knowing before the meeting, the most pressing first.

    `base_url` is the address phones would use today, `folder` where the database lies (None: not looked at).
    """
    meeting, plan = meeting_row(connection, meeting_id), load(connection, meeting_id)
    found = address(base_url, meeting.base_url)
    if not voting_cards(connection, meeting_id):
        ways = (("print", N_("Make the cards")), ("join", N_("Let people join by the room's QR")))
        found.append(Caution("no_cards", N_("No cards have been made yet."), ways=ways))
    if meeting.ends_at is not None and meeting.ended_at is None and meeting.ends_at < schema.now():
        sentence = N_(
            "The time to end has passed. Change it in the plan, or the meeting soon ends by itself."
        )
        found.append(Caution("late", sentence))
    if not plan.questions:
        found.append(Caution("no_questions", N_("There are no questions yet.")))
    voting = [(group.name, group.cards) for group in plan.groups if group.votes]
    if not voting:
        found.append(Caution("no_groups", N_("There is no group that votes yet.")))
    found += small_groups(voting, plan.k)
    for number, question in enumerate(plan.questions):
        for sentence in question_advice(question, plan):
            values = {"place": words(("questions", number)).capitalize(), "advice": sentence}
            found.append(Caution("advice", N_("%(place)s: %(advice)s"), values))
    if folder is not None:
        found += storage(Path(folder))
    return found


def address(today: str, printed: str) -> list[Caution]:
    """Return the cautions about today's address and the one printed on the cards (empty: none printed)."""
    found = []
    if not network.is_reachable_by_phones(today):
        sentence = N_("Phones cannot reach %(address)s: it means this machine only.")
        way = ("network", N_("Connect this machine to the room's network"))
        found.append(Caution("unreachable", sentence, {"address": today}, (way,)))
    if is_public(today) and today.startswith("http://"):
        sentence = N_("%(address)s is a public address without encryption: votes can be read on the way.")
        found.append(Caution("plain_http", sentence, {"address": today}, (("https", N_("Use https")),)))
    if printed and printed.rstrip("/") != today.rstrip("/"):
        ways = (
            ("join", N_("Let people join by the room's QR and type their codes")),
            ("afresh", N_("Void all unused cards and print afresh")),
        )
        sentence = N_("The cards say %(printed)s, but today's address is %(address)s.")
        found.append(Caution("moved", sentence, {"printed": printed, "address": today}, ways))
    return found


def storage(folder: Path) -> list[Caution]:
    """Return the cautions about the folder that the database lies in."""
    found = []
    if any(cloud in part.casefold() for part in folder.absolute().parts for cloud in _CLOUDS):
        sentence = N_(
            "The database lies in a folder that is copied to a cloud: %(folder)s. It may break there."
        )
        ways = (("move", N_("Move it to a folder of its own")),)
        found.append(Caution("cloud_folder", sentence, {"folder": str(folder)}, ways))
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return found
    if free < _LEAST_FREE:
        values = {"free": free // 2**20}
        sentence = N_("The disk is nearly full: %(free)s MB are left.")
        found.append(Caution("disk", sentence, values, (("space", N_("Make space")),)))
    return found


def is_public(url: str) -> bool:
    """Say whether an address is one of the internet rather than of a room's own network."""
    host = (urlsplit(url).hostname or "").casefold()
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith(_OWN_NETWORK)
