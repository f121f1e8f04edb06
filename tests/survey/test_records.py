"""What is left afterwards: files for whoever runs the meeting, receipts and promises for everybody."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest
from factories import a_meeting, an_answer
from openpyxl import load_workbook
from rooms import a_room

import analysis
from survey.audiences.records import files, receipts
from survey.meetings import ending, notes
from survey.storage.database import Database

FILES = ("report.html", "package.zip", "published.csv", "published.xlsx")
ALL = (*FILES, "responses.csv", "votes.pb")


@pytest.fixture
def room(tmp_path):
    found = a_room(tmp_path)
    yield found
    found.meeting.database.close()


def text_of(name, content):
    """Return everything that can be read in a file, whatever its form."""
    if name.endswith((".zip", ".xlsx")):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "".join(archive.read(one).decode("utf-8", "replace") for one in archive.namelist())
    return content.decode("utf-8-sig")


@pytest.mark.parametrize("name", ALL)
def test_files_are_for_whoever_runs_the_meeting(room, name):
    room.revealed("scale")
    other = a_meeting(room.meeting.database, room.meeting.keys, key="other")
    assert room.get(f"/meetings/meeting/{name}").status_code == 401
    assert room.client(other.id).get(f"/meetings/meeting/{name}").status_code == 403
    assert room.client(room.meeting.id).get(f"/meetings/nowhere/{name}").status_code == 404


@pytest.mark.parametrize("name", FILES)
def test_before_the_first_result_there_is_nothing_to_give(room, name):
    round_id = room.open("dots")
    room.everybody_casts("dots", round_id)
    room.close(round_id)
    answer = room.client(room.meeting.id).get(f"/meetings/meeting/{name}")
    assert answer.status_code == 404
    assert "Nothing has been shown yet" in answer.text


@pytest.mark.parametrize("name", FILES)
def test_files_hold_what_was_shown_and_nothing_of_what_was_not(room, name):
    room.revealed("scale")
    hidden = room.open("dots")
    room.everybody_casts("dots", hidden)
    room.close(hidden)
    answer = room.client(room.meeting.id).get(f"/meetings/meeting/{name}")
    assert answer.status_code == 200
    written = text_of(name, answer.data)
    assert "The agree" in written or ";agree;" in written
    assert "The schools" not in written and ";schools;" not in written and ",schools," not in written


def test_files_have_their_types_and_names_with_the_logs_head(room):
    room.revealed("scale")
    client = room.client(room.meeting.id)
    types = {}
    for name in FILES:
        answer = client.get(f"/meetings/meeting/{name}")
        types[name] = answer.mimetype
        disposition = answer.headers["Content-Disposition"]
        assert disposition.startswith("inline" if name == "report.html" else "attachment")
        assert disposition.rstrip('"').endswith(f"-{name}")
        assert answer.headers["Cache-Control"] == "no-store"
    assert types["report.html"] == "text/html"
    assert types["package.zip"] == "application/zip"
    assert types["published.csv"] == "text/csv"
    assert "spreadsheetml" in types["published.xlsx"]


def test_the_report_runs_only_its_own_scripts(room):
    room.revealed("scale")
    round_notes = room.meeting.questions["scale"]
    room.meeting.write(
        lambda c: notes.add(c, room.meeting.id, round_notes, 1, "<script>alert(1)</script> sagt")
    )
    answer = room.client(room.meeting.id).get("/meetings/meeting/report.html")
    policy = answer.headers["Content-Security-Policy"]
    assert "'sha256-" in policy and "default-src 'none'" in policy
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
    assert "<script>alert(1)" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text


def test_the_package_gives_back_the_same_numbers(room, tmp_path):
    room.revealed("scale")
    room.revealed("trust")
    content = room.client(room.meeting.id).get("/meetings/meeting/package.zip").data
    file = tmp_path / "again.zip"
    file.write_bytes(content)
    meeting = analysis.read(file)
    assert [view.question.key for view in meeting] == ["scale", "trust"]
    table = room.client(room.meeting.id).get("/meetings/meeting/published.csv").data
    assert table.startswith("\ufeff".encode())
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == len(meeting.published.rows)
    book = load_workbook(
        io.BytesIO(room.client(room.meeting.id).get("/meetings/meeting/published.xlsx").data)
    )
    assert meeting.published.meeting.head in [cell.value for row in book.worksheets[0] for cell in row]


@pytest.mark.parametrize("name", FILES)
def test_a_rehearsals_files_say_so(room, name):
    room.revealed("scale")
    room.set(rehearsal=True)
    answer = room.client(room.meeting.id).get(f"/meetings/meeting/{name}")
    assert "rehearsal" in answer.headers["Content-Disposition"]


def test_ballot_rows_need_the_plans_word_and_a_finished_question(tmp_path):
    for allowed, finished in ((False, True), (True, False), (True, True)):
        room = a_room(tmp_path / f"{allowed}{finished}", ballot_rows=allowed)
        room.revealed("scale")
        if finished:
            _finish(room, "scale")
        client = room.client(room.meeting.id)
        answer = client.get("/meetings/meeting/responses.csv")
        archive = zipfile.ZipFile(io.BytesIO(client.get("/meetings/meeting/package.zip").data))
        assert answer.status_code == (200 if allowed and finished else 404)
        assert ("responses.csv" in archive.namelist()) == (allowed and finished)
        room.meeting.database.close()
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows and {row["group"] for row in rows} == {""}


def _finish(room, question):
    meeting = room.meeting
    ending.finish_question(meeting.database, meeting.keys, meeting.id, meeting.questions[question], None)


def test_dots_leave_as_a_pabulib_file_once_the_question_is_finished(tmp_path):
    room = a_room(tmp_path, ballot_rows=True)
    room.revealed("dots")
    client = room.client(room.meeting.id)
    assert client.get("/meetings/meeting/votes.pb").status_code == 404
    _finish(room, "dots")
    answer = client.get("/meetings/meeting/votes.pb")
    assert answer.status_code == 200 and "dots.pb" in answer.headers["Content-Disposition"]
    file = tmp_path / "dots.pb"
    file.write_bytes(answer.data)
    dots = analysis.read(file).published.rows
    told = client.get("/meetings/meeting/published.csv").data.decode("utf-8-sig").splitlines()
    totals = {line.split(";")[8] for line in told if ";total_dots;" in line}
    assert {f"{value:g}" for value in dots.loc[dots["measure"] == "total_dots", "value"]} == totals
    chosen = client.get("/meetings/meeting/votes.pb?question=dots")
    assert len(chosen.data) == len(answer.data)
    assert client.get("/meetings/meeting/votes.pb?question=scale").status_code == 404
    room.meeting.database.close()


def test_several_dots_questions_come_in_one_archive(room, monkeypatch):
    room.revealed("scale")
    monkeypatch.setattr(files, "_responses", lambda meeting: object())
    monkeypatch.setattr(analysis, "all_votes_pb", lambda *given: {"one": b"1", "two": b"2"})
    client = room.client(room.meeting.id)
    archive = zipfile.ZipFile(io.BytesIO(client.get("/meetings/meeting/votes.pb").data))
    assert {name: archive.read(name) for name in archive.namelist()} == {"one.pb": b"1", "two.pb": b"2"}
    assert client.get("/meetings/meeting/votes.pb?question=two").data == b"2"


def test_without_ballot_rows_there_is_no_pabulib_file(room):
    room.revealed("dots")
    _finish(room, "dots")
    answer = room.client(room.meeting.id).get("/meetings/meeting/votes.pb")
    assert answer.status_code == 404 and "plan must allow" in answer.text


def test_everybody_finds_their_receipt_however_they_write_it(room):
    round_id = room.open("scale")
    done = room.meeting.cast(round_id, room.meeting.card("hol"), an_answer(room.meeting.question("scale")))
    page = room.get("/verify/meeting").text
    assert done.receipt in page
    assert "still open" in page
    for typed in (
        done.receipt,
        done.receipt.lower().replace("-", ""),
        f" {done.receipt[:5]} – {done.receipt[6:]}",
    ):
        found = room.get("/verify/meeting", query_string={"receipt": typed}).text
        assert "recorded in" in found and 'class="own"' in found
    assert "No ballot here" in room.get("/verify/meeting?receipt=0000000000").text
    assert "ten signs" in room.get("/verify/meeting?receipt=%3Cb%3E").text


def test_receipts_do_not_tell_who_came_first(room):
    round_id = room.open("scale")
    room.everybody_casts("scale", round_id)
    page = room.get("/verify/meeting").text
    listed = [line.split("<")[0] for line in page.split("<li>")[1:]]
    assert len(listed) == 12
    assert listed == sorted(listed)


@pytest.mark.parametrize("typed", ["", "4F7KQ", "4F7KQ-20XMBB", "4F7KU-20XMB", "'; drop table", "½" * 10])
def test_what_cannot_be_a_receipt_is_none(typed):
    assert receipts.normal(typed) == ""


def test_an_earlier_head_is_known_again_and_a_foreign_one_is_not(room):
    from survey.ballots import log

    room.open("scale")
    before = room.meeting.read(lambda c: log.head(c, room.meeting.id))
    room.meeting.cast(
        room.meeting.read(lambda c: log.entries(c, room.meeting.id))[-1].round_id,
        room.meeting.card("hol"),
        an_answer(room.meeting.question("scale")),
    )
    assert f"is entry {before.seq} of the log" in room.get(f"/verify/meeting?head={before.hash[:16]}").text
    assert "No entry of the log" in room.get("/verify/meeting?head=0123456789abcdef").text
    assert "No entry of the log" in room.get("/verify/meeting?head=%25%25%25%25%25%25%25%25").text


def test_the_log_can_be_taken_home(room):
    round_id = room.open("scale")
    room.everybody_casts("scale", round_id)
    answer = room.get("/verify/meeting/log.json")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    taken = json.loads(answer.data)
    assert taken["head"] == taken["entries"][-1]["hash"]
    assert "answer" not in answer.text and "nonce" not in answer.text


@pytest.mark.parametrize("path", ["/privacy", "/accessibility"])
@pytest.mark.parametrize("language", ["nn", "nb", "en"])
def test_promises_are_there_in_three_languages(room, path, language):
    page = room.get(f"{path}?language={language}")
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text


def test_health_is_told_as_it_is(room, monkeypatch):
    from survey.errors import StorageUnavailable

    assert room.get("/healthz").json == {"ok": True}

    def refuse(self, work):
        raise StorageUnavailable

    monkeypatch.setattr(Database, "write", refuse)
    answer = room.get("/healthz")
    assert answer.status_code == 503
    assert answer.json == {"ok": False}
