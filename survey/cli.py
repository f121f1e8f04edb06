"""The commands: `python -m survey ...`. Wrong input ends with status 2 and a sentence, no traceback."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from survey import commands, starting
from survey.errors import PlanRejected, SurveyError
from survey.printing import cards
from survey.rehearsal import pabulib
from survey.rehearsal.browser import PageChanged, Refused
from survey.rehearsal.replay import Differs


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
        commands.Wrong,
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
    known = parser.add_subparsers(required=True, metavar="command")

    def add(name: str, run: Any, help: str, *, to: Any = None) -> argparse.ArgumentParser:
        one: argparse.ArgumentParser = (to or known).add_parser(name, help=help, description=help)
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

    plan = known.add_parser("plan", help="check, import or export a plan").add_subparsers(required=True)
    add(
        "check", commands.run_plan_check, "tell every mistake in a plan, and what is unwise", to=plan
    ).add_argument("file")
    add("import", commands.run_plan_import, "make a meeting from a plan", to=plan).add_argument("file")
    add("export", commands.run_plan_export, "write a meeting's plan", to=plan).add_argument("meeting")

    sheet = add("cards", commands.run_cards, "issue a meeting's missing cards and write the sheet")
    sheet.add_argument("meeting")
    sheet.add_argument("-o", "--output", required=True, help="the PDF to write")
    sheet.add_argument(
        "--paper", action="store_true", help="write ballots on paper instead; no card is issued"
    )
    sheet.add_argument("--per-page", type=int, choices=cards.PER_PAGE, default=10)
    sheet.add_argument("--base-url", help="address that phones use")

    rehearse = add(
        "rehearse", commands.run_rehearse, "let simulated people vote in every question, over HTTP"
    )
    rehearse.add_argument("meeting")
    rehearse.add_argument("--voters", type=int, default=40)
    rehearse.add_argument("--pace", type=float, default=2.0, help="seconds that a round of votes takes")

    replay = add(
        "replay", commands.run_replay, "cast a Pabulib file's ballots over HTTP and check the totals"
    )
    replay.add_argument("file")
    for one in (rehearse, replay):
        one.add_argument("--url", help="a server that runs; left out: one of its own")
        one.add_argument(
            "--link", help="one-time facilitator link to that server; left out: made in the database"
        )

    _add_records(add)
    return parser


def _add_records(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands about what a meeting leaves behind."""
    package = add("package", commands.run_package, "write a meeting's data package")
    package.add_argument("meeting")
    package.add_argument("-o", "--output", required=True, help="the zip to write")
    verify = add("verify", commands.run_verify, "check a meeting's log")
    verify.add_argument("meeting")
    verify.add_argument("--head", help="a head that was photographed or printed: it must be in the log")
    backup = add("backup", commands.run_backup, "write a backup, also while people vote")
    backup.add_argument("-o", "--output", required=True, help="the file to write")
    restore = add("restore", commands.run_restore, "bring a backup back into an empty instance")
    restore.add_argument("file")
    for one in (backup, restore):
        one.add_argument("--keys", help="the file with the keys, meant for another place")
    add("erase", commands.run_erase, "erase a meeting's texts and votes for good").add_argument("meeting")
    add("link", commands.run_link, "make a one-time link to the console").add_argument(
        "name", nargs="?", default=""
    )
