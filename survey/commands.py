"""What each of `python -m survey`'s commands does, given its arguments."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

import analysis
from survey import keeping, kinds, starting
from survey.audiences.records.files import finished_rows
from survey.ballots import audit, export, verify
from survey.config import settings
from survey.errors import BrokenChain
from survey.meetings import accounts, plans, publishing
from survey.printing import cards, papers
from survey.rehearsal import pabulib
from survey.rehearsal.rehearse import rehearse
from survey.rehearsal.replay import replay
from survey.storage import migrate, schema
from survey.storage.keys import Keys


class Wrong(Exception):
    """What was asked for cannot be done; the message is the sentence that the user reads."""


class House:
    """The database and the keys that a command works on."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.settings = settings({"PRIKK_DATABASE": args.database} if args.database else None)
        self.database = starting.opened(self.settings)
        self.keys = Keys(self.settings["PRIKK_SECRET_FILE"])
        migrate.upgrade(self.database, self.keys)

    def meeting(self, key: str) -> Row[Any]:
        """Return a meeting by key or number; raises Wrong."""
        table = schema.meeting
        by = table.c.id == int(key) if key.isdecimal() and len(key) < 10 else table.c.key == key
        with self.database.reading() as connection:
            found = connection.execute(select(table).where(by)).first()
            if found is None:
                known = ", ".join(connection.scalars(select(table.c.key).order_by(table.c.key))) or "none yet"
                raise Wrong(f"There is no meeting {key!r}. There are: {known}.")
        return found

    def link(self, base: str, meeting_id: int | None = None, name: str = "") -> str:
        """Return a one-time link for a facilitator: by name, or of a meeting, or the first there is."""
        token = self.database.write(lambda c: accounts.invite(c, name or _who(c, meeting_id)))
        return f"{base}/sign-in/{token}"


def _who(connection: Connection, meeting_id: int | None) -> str:
    if meeting_id is not None:
        for one in accounts.runners(connection, meeting_id):
            return str(one.name)
    return starting.first_facilitator(connection)


def run_plan_check(args: argparse.Namespace) -> None:
    """Tell every mistake in a plan, and what is unwise; raises PlanRejected."""
    plan = plans.read(Path(args.file).read_bytes())
    print(f"{args.file}: in order, {len(plan.groups)} groups and {len(plan.questions)} questions")
    for place, sentence in plans.advice(plan):
        print(f"  {place}: {sentence}" if place else f"  {sentence}")


def run_plan_import(args: argparse.Namespace) -> None:
    """Make a meeting from a plan and print its key; raises PlanRejected."""
    plan, house = plans.read(Path(args.file).read_bytes()), House(args)

    def work(connection: Connection) -> int:
        return plans.store(connection, plan, starting.owner(connection))

    meeting_id = house.database.write(work)
    print(house.meeting(str(meeting_id)).key)


def run_plan_export(args: argparse.Namespace) -> None:
    """Print a meeting's plan."""
    house = House(args)
    found = house.meeting(args.meeting)
    with house.database.reading() as connection:
        sys.stdout.write(plans.export(connection, found.id))


def run_cards(args: argparse.Namespace) -> None:
    """Issue a meeting's missing cards and write the sheet, or ballots on paper; raises Wrong."""
    house = House(args)
    meeting = house.meeting(args.meeting)
    if args.paper:
        with house.database.reading() as connection:
            asked = select(schema.question.c.id).where(schema.question.c.meeting_id == meeting.id)
            ids = connection.scalars(asked.order_by(schema.question.c.position)).all()
            questions = [kinds.load(connection, one) for one in ids]
        Path(args.output).write_bytes(papers.paper_ballots(meeting, questions))
        print(f"{args.output}: paper ballots for {len(questions)} questions")
        return
    base = args.base_url or meeting.base_url or starting.base_url(house.settings)
    # Opened before any card is issued, since codes that cannot be written down are lost; and under another
    # name, since a sheet from before may lie there.
    unfinished = Path(f"{args.output}.part")
    with unfinished.open("wb") as file:
        made = house.database.write(lambda c: _issue(c, house.keys, meeting.id, base))
        if made:
            file.write(cards.card_sheet(meeting, made, base, args.per_page))
    if not made:
        unfinished.unlink()
        raise Wrong(f"Every group of {meeting.key} has its cards already; none was printed.")
    unfinished.replace(args.output)
    print(f"{args.output}: {len(made)} cards for {base}. Print them, then delete the file.")


def _issue(connection: Connection, keys: Keys, meeting_id: int, base: str) -> list[cards.PrintedCard]:
    made = cards.issue_missing(connection, keys, meeting_id)
    table = schema.meeting
    connection.execute(table.update().where(table.c.id == meeting_id).values(base_url=base))
    return made


def run_rehearse(args: argparse.Namespace) -> None:
    """Let simulated people vote over HTTP; raises Wrong."""
    if not 1 <= args.voters <= 300:
        raise Wrong("From 1 to 300 voters are possible.")
    house = House(args)
    key = args.meeting if args.url and args.link else house.meeting(args.meeting).key
    with starting.server_for(args.url, house.settings) as base:
        link = args.link or house.link(base, house.meeting(key).id)
        rehearse(base, link, key, args.voters, args.pace)


def run_replay(args: argparse.Namespace) -> None:
    """Cast a file's ballots over HTTP and check the totals; raises WrongFile or Differs."""
    election = pabulib.read(args.file)
    for remark in election.remarks:
        print(f"{args.file}: {remark}")
    if args.url:
        link = args.link or House(args).link(args.url)
        print(replay(args.url, link, election))
        return
    with starting.temporary_server() as (base, link):
        print(replay(base, link, election))


def run_package(args: argparse.Namespace) -> None:
    """Write a meeting's data package; raises Wrong, or BrokenChain where what is stored does not verify."""
    house = House(args)
    meeting = house.meeting(args.meeting)
    with house.database.reading() as connection:
        audit.check(connection, meeting.id)
        changed = publishing.changed(connection, meeting.id)
        if changed:
            raise Wrong(
                f"Published numbers of {meeting.key} were changed: {', '.join(changed)}. None was written."
            )
        published = publishing.revealed(connection, meeting.id)
    if published is None:
        raise Wrong(f"Nothing of {meeting.key} has been shown yet: a package holds what was shown.")
    rows = finished_rows(house.database, house.keys, meeting.id) if meeting.ballot_rows else None
    analysis.package.write(published, args.output, rows)
    print(f"{args.output}: {len(published.rows)} numbers, head {published.meeting.head}")


def run_verify(args: argparse.Namespace) -> int:
    """Check a meeting's log; returns 1 where it does not verify."""
    house = House(args)
    meeting = house.meeting(args.meeting)
    with house.database.reading() as connection:
        log = export.exported(connection, meeting.id)
        try:
            told = verify.check(log, [args.head] if args.head else [], [])
            audit.check(connection, meeting.id)
        except (verify.Wrong, BrokenChain) as wrong:
            print(f"{meeting.key} DOES NOT VERIFY. {wrong}", file=sys.stderr)
            return 1
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            # The tables were changed into something that is no log at all.
            print(f"{meeting.key} DOES NOT VERIFY. What is stored cannot be read: {error!r}", file=sys.stderr)
            return 1
    if args.head:
        print(told[0])
    erased = ", contents erased" if meeting.erased_at else ""
    print(f"{meeting.key} verifies: {len(log['entries'])} entries, head {log['head']}{erased}")
    return 0


def run_backup(args: argparse.Namespace) -> None:
    """Write a backup, and its keys where a file is named."""
    house = House(args)
    print(keeping.backup(house.database, house.keys, args.output, args.keys))


def run_restore(args: argparse.Namespace) -> None:
    """Bring a backup into an empty instance."""
    config = settings({"PRIKK_DATABASE": args.database} if args.database else None)
    print(keeping.restore(starting.opened(config), config, args.file, args.keys))


def run_erase(args: argparse.Namespace) -> None:
    """Erase a meeting's texts and votes."""
    house = House(args)
    print(keeping.erase(house.database, house.keys, house.meeting(args.meeting)))


def run_link(args: argparse.Namespace) -> None:
    """Print a one-time link to the console."""
    house = House(args)
    print(house.link(starting.base_url(house.settings), name=args.name))
