"""The commands: `python -m survey ...`. Wrong input ends with status 2 and a sentence, no traceback."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import SQLAlchemyError

import analysis
from survey import keeping, kinds, starting
from survey.audiences.records.files import finished_rows
from survey.ballots import audit, export, verify
from survey.config import settings
from survey.errors import BrokenChain, PlanRejected, SurveyError
from survey.meetings import accounts, plans, publishing
from survey.printing import cards, papers
from survey.rehearsal import pabulib
from survey.rehearsal.browser import PageChanged, Refused
from survey.rehearsal.rehearse import rehearse
from survey.rehearsal.replay import Differs, replay
from survey.storage import migrate, schema
from survey.storage.keys import Keys


class Wrong(Exception):
    """What was asked for cannot be done; the message is the sentence that the user reads."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    args = _parser().parse_args(arguments)
    try:
        return int(args.run(args) or 0)
    except PlanRejected as refusal:
        lines = [
            ": ".join(part for part in (args.file, place, sentence) if part)
            for place, sentence in refusal.problems
        ]
        return _refuse("\n".join(lines))
    except (
        Wrong,
        SurveyError,
        starting.CannotStart,
        pabulib.WrongFile,
        Differs,
        Refused,
        PageChanged,
    ) as refusal:
        return _refuse(str(refusal))
    except (SQLAlchemyError, ImportError) as error:
        return _refuse(f"The database cannot be used: {getattr(error, 'orig', None) or error}")
    except OSError as error:
        where = error.filename or getattr(args, "url", None) or "The system"
        return _refuse(f"{where}: {error.strerror or error}")
    except ValueError as error:
        return _refuse(str(error))
    except KeyboardInterrupt:
        return 130


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m survey", description="Prikk: surveys and votes in meetings."
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    def add(name: str, run: Any, help: str, *, to: Any = None) -> argparse.ArgumentParser:
        one: argparse.ArgumentParser = (to or commands).add_parser(name, help=help, description=help)
        one.set_defaults(run=run)
        if name != "check":
            one.add_argument(
                "--database", help="SQLAlchemy URL; left out: PRIKK_DATABASE, or instance/prikk.sqlite"
            )
        return one

    serve = add("serve", starting.serve, "serve until stopped")
    serve.add_argument("--host", help="address to listen on (0.0.0.0)")
    serve.add_argument("--port", type=int, help="port to listen on (8000)")
    serve.add_argument("--base-url", help="address that phones use")
    serve.add_argument(
        "--demo", action="store_true", help="prepare the demo meeting if there is no meeting yet"
    )

    plan = commands.add_parser("plan", help="check, import or export a plan").add_subparsers(required=True)
    add("check", _plan_check, "tell every mistake in a plan, and what is unwise", to=plan).add_argument(
        "file"
    )
    add("import", _plan_import, "make a meeting from a plan", to=plan).add_argument("file")
    add("export", _plan_export, "write a meeting's plan", to=plan).add_argument("meeting")

    sheet = add("cards", _cards, "issue a meeting's missing cards and write the sheet")
    sheet.add_argument("meeting")
    sheet.add_argument("-o", "--output", required=True, help="the PDF to write")
    sheet.add_argument(
        "--paper", action="store_true", help="write ballots on paper instead; no card is issued"
    )
    sheet.add_argument("--per-page", type=int, choices=cards.PER_PAGE, default=10)
    sheet.add_argument("--base-url", help="address that phones use")

    rehearse = add("rehearse", _rehearse, "let simulated people vote in every question, over HTTP")
    rehearse.add_argument("meeting")
    rehearse.add_argument("--voters", type=int, default=40)
    rehearse.add_argument("--pace", type=float, default=2.0, help="seconds that a round of votes takes")

    replay = add("replay", _replay, "cast a Pabulib file's ballots over HTTP and check the totals")
    replay.add_argument("file")
    for one in (rehearse, replay):
        one.add_argument("--url", help="a server that runs; left out: one of its own")
        one.add_argument(
            "--link", help="one-time facilitator link to that server; left out: made in the database"
        )

    package = add("package", _package, "write a meeting's data package")
    package.add_argument("meeting")
    package.add_argument("-o", "--output", required=True, help="the zip to write")
    verify = add("verify", _verify, "check a meeting's log")
    verify.add_argument("meeting")
    verify.add_argument("--head", help="a head that was photographed or printed: it must be in the log")
    backup = add("backup", _backup, "write a backup, also while people vote")
    backup.add_argument("-o", "--output", required=True, help="the file to write")
    restore = add("restore", _restore, "bring a backup back into an empty instance")
    restore.add_argument("file")
    for one in (backup, restore):
        one.add_argument("--keys", help="the file with the keys, meant for another place")
    add("erase", _erase, "erase a meeting's texts and votes for good").add_argument("meeting")
    add("link", _link, "make a one-time link to the console").add_argument("name", nargs="?", default="")
    return parser


class _House:
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


def _plan_check(args: argparse.Namespace) -> None:
    plan = plans.read(Path(args.file).read_bytes())
    print(f"{args.file}: in order, {len(plan.groups)} groups and {len(plan.questions)} questions")
    for place, sentence in plans.advice(plan):
        print(f"  {place}: {sentence}" if place else f"  {sentence}")


def _plan_import(args: argparse.Namespace) -> None:
    plan, house = plans.read(Path(args.file).read_bytes()), _House(args)

    def work(connection: Connection) -> int:
        return plans.store(connection, plan, starting.owner(connection))

    meeting_id = house.database.write(work)
    print(house.meeting(str(meeting_id)).key)


def _plan_export(args: argparse.Namespace) -> None:
    house = _House(args)
    found = house.meeting(args.meeting)
    with house.database.reading() as connection:
        sys.stdout.write(plans.export(connection, found.id))


def _cards(args: argparse.Namespace) -> None:
    house = _House(args)
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


def _rehearse(args: argparse.Namespace) -> None:
    if not 1 <= args.voters <= 300:
        raise Wrong("From 1 to 300 voters are possible.")
    house = _House(args)
    key = args.meeting if args.url and args.link else house.meeting(args.meeting).key
    with starting.server_for(args.url, house.settings) as base:
        link = args.link or house.link(base, house.meeting(key).id)
        rehearse(base, link, key, args.voters, args.pace)


def _replay(args: argparse.Namespace) -> None:
    election = pabulib.read(args.file)
    for remark in election.remarks:
        print(f"{args.file}: {remark}")
    if args.url:
        link = args.link or _House(args).link(args.url)
        print(replay(args.url, link, election))
        return
    with starting.temporary_server() as (base, link):
        print(replay(base, link, election))


def _package(args: argparse.Namespace) -> None:
    house = _House(args)
    meeting = house.meeting(args.meeting)
    with house.database.reading() as connection:
        published = publishing.revealed(connection, meeting.id)
    if published is None:
        raise Wrong(f"Nothing of {meeting.key} has been shown yet: a package holds what was shown.")
    rows = finished_rows(house.database, house.keys, meeting.id) if meeting.ballot_rows else None
    analysis.package.write(published, args.output, rows)
    print(f"{args.output}: {len(published.rows)} numbers, head {published.meeting.head}")


def _verify(args: argparse.Namespace) -> int:
    house = _House(args)
    meeting = house.meeting(args.meeting)
    with house.database.reading() as connection:
        entries = export.exported(connection, meeting.id)["entries"]
        try:
            head = verify.check_chain(entries)
            verify.check_rounds(entries)
            audit.check(connection, meeting.id)
            place = verify.check_head(entries, args.head) if args.head else len(entries)
        except (verify.Wrong, BrokenChain) as wrong:
            print(f"{meeting.key} DOES NOT VERIFY. {wrong}", file=sys.stderr)
            return 1
    if args.head:
        print(f"The head given is that of entry {place}.")
    erased = ", contents erased" if meeting.erased_at else ""
    print(f"{meeting.key} verifies: {len(entries)} entries, head {head}{erased}")
    return 0


def _backup(args: argparse.Namespace) -> None:
    house = _House(args)
    print(keeping.backup(house.database, house.keys, args.output, args.keys))


def _restore(args: argparse.Namespace) -> None:
    config = settings({"PRIKK_DATABASE": args.database} if args.database else None)
    print(keeping.restore(starting.opened(config), config, args.file, args.keys))


def _erase(args: argparse.Namespace) -> None:
    house = _House(args)
    print(keeping.erase(house.database, house.keys, house.meeting(args.meeting)))


def _link(args: argparse.Namespace) -> None:
    house = _House(args)
    print(house.link(starting.base_url(house.settings), name=args.name))
