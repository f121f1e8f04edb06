"""Report, data package and tables of what was revealed, for whoever runs the meeting. Made off the loop."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Blueprint, Response, current_app, request
from sqlalchemy import Row, select

import analysis
from survey.audiences import access
from survey.ballots import count
from survey.errors import NotFound
from survey.languages import N_
from survey.meetings import publishing
from survey.meetings.apart import apart
from survey.storage import schema

blueprint = Blueprint("files", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/meetings/<key>/report.html")
def report(key: str) -> Any:
    """Show the report: one file that opens from disk without a net."""
    meeting, published = _published(key)
    html = apart(analysis.report, published)
    response = _file(meeting, published, "report.html", html, "text/html", inline=True)
    response.headers["Content-Security-Policy"] = analysis.report_policy(html)
    return response


@blueprint.get("/meetings/<key>/package.zip")
def package(key: str) -> Any:
    """Give the data package, with ballot rows where the plan allowed them and the questions are finished."""
    meeting, published = _published(key)
    responses = _responses(meeting)
    content = apart(_zipped, published, responses)
    return _file(meeting, published, "package.zip", content, "application/zip")


@blueprint.get("/meetings/<key>/published.csv")
def published_csv(key: str) -> Any:
    """Give the published numbers as CSV for a spreadsheet of the meeting's language."""
    meeting, published = _published(key)
    content = apart(analysis.csv_for_excel, published, meeting.language)
    return _file(meeting, published, "published.csv", content, "text/csv")


@blueprint.get("/meetings/<key>/published.xlsx")
def published_xlsx(key: str) -> Any:
    """Give the published numbers as a workbook."""
    meeting, published = _published(key)
    content = apart(analysis.xlsx, published, meeting.language)
    return _file(meeting, published, "published.xlsx", content, XLSX)


@blueprint.get("/meetings/<key>/responses.csv")
def responses_csv(key: str) -> Any:
    """Give the ballot rows of finished questions, shuffled, where the plan allowed them."""
    meeting, published = _published(key)
    responses = _responses(meeting)
    if responses is None:
        raise NotFound(
            N_("There are no ballot rows: the plan must allow them, and a question must be finished first.")
        )
    content = apart(_rows, published, responses)
    return _file(meeting, published, "responses.csv", content, "text/csv")


@blueprint.get("/meetings/<key>/votes.pb")
def votes_pb(key: str) -> Any:
    """Give a dots question's ballots as a Pabulib file, where the plan allowed ballot rows.

    `?question=KEY` chooses one; where there are several and none is chosen, all come in a zip.
    """
    meeting, published = _published(key)
    responses = _responses(meeting)
    files = apart(analysis.all_votes_pb, published, responses) if responses else {}
    chosen = request.args.get("question")
    if chosen is not None:
        files = {name: content for name, content in files.items() if name == chosen}
    if not files:
        raise NotFound(
            N_(
                "There are no ballots to give in this form: the plan must allow ballot rows, and a dots "
                "question must be finished first."
            )
        )
    if len(files) == 1:
        [(name, content)] = files.items()
        return _file(meeting, published, f"{name}.pb", content, "text/plain")
    content = _archive({f"{name}.pb": content for name, content in files.items()})
    return _file(meeting, published, "votes.zip", content, "application/zip")


def _archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def _published(key: str) -> tuple[Row[Any], analysis.Published]:
    """Return the meeting and all it has revealed; raises NotFound before the first result."""
    meeting = access.own_meeting(key)
    published = apart(_revealed, access.database(), meeting.id)
    if published is None:
        raise NotFound(N_("Nothing has been shown yet. Report and files come with the first result."))
    return meeting, published


def _revealed(database: Any, meeting_id: int) -> analysis.Published | None:
    with database.reading() as connection:
        found: analysis.Published | None = publishing.revealed(connection, meeting_id)
    return found


def _responses(meeting: Row[Any]) -> analysis.Responses | None:
    """Return the raw rows of the finished questions that may leave the house, or None."""
    if not meeting.ballot_rows:
        return None
    return apart(finished_rows, access.database(), access.keys(), meeting.id)


def finished_rows(database: Any, keys: Any, meeting_id: int) -> analysis.Responses | None:
    asked = schema.question
    wanted = select(asked.c.id).where(asked.c.meeting_id == meeting_id, asked.c.finished_at.is_not(None))
    with database.reading() as connection:
        parts = [
            count.responses(connection, keys, one)
            for one in connection.scalars(wanted.order_by(asked.c.position))
        ]
    return analysis.Responses.together(parts) if parts else None


def _zipped(published: analysis.Published, responses: analysis.Responses | None) -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "package.zip"
        analysis.package.write(published, file, responses)
        return file.read_bytes()


def _rows(published: analysis.Published, responses: analysis.Responses) -> bytes:
    return analysis.package.files(published, responses)["responses.csv"]


def _file(
    meeting: Row[Any],
    published: analysis.Published,
    name: str,
    content: bytes | str,
    mimetype: str,
    inline: bool = False,
) -> Response:
    """Return a file whose name tells the meeting, whether it was a rehearsal, and the log's head."""
    parts = [meeting.key, "rehearsal" if published.meeting.rehearsal else "", published.meeting.head[:8]]
    response: Response = current_app.response_class(content, mimetype=mimetype)
    filename = "-".join([part for part in parts if part] + [name])
    response.headers.set("Content-Disposition", "inline" if inline else "attachment", filename=filename)
    return response
