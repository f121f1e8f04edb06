"""The same headers on every answer, only known hosts, nothing from another site."""

from __future__ import annotations

import shutil

import pytest
from phones import Phone, with_card
from rooms import a_room

from survey import create_app
from survey.meetings import accounts

PATHS = [
    "/",
    "/b",
    "/vote",
    "/join/meeting",
    "/live/meeting?poll=1",
    "/nothing",
    "/static/css/phone.css",
    "/colour/332288.css",
]


@pytest.fixture
def room(tmp_path, fresh_database):
    shutil.copy(fresh_database, tmp_path / "prikk.sqlite")
    found = a_room(tmp_path)
    yield found
    found.meeting.database.close()


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_the_headers(room, path):
    answer = with_card(room).get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "http" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Server" not in answer.headers
    assert "Strict-Transport-Security" not in answer.headers
    answer.close()


@pytest.mark.parametrize("path", ["/", "/vote", "/live/meeting?poll=1", "/nothing"])
def test_what_is_made_for_one_reader_is_kept_by_nobody(room, path):
    answer = with_card(room).get(path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]


def test_files_with_a_mark_in_their_address_may_be_kept(room):
    with room.get("/static/css/phone.css?v=1") as answer:
        assert "immutable" in answer.headers["Cache-Control"]
    with room.get("/static/css/phone.css") as answer:
        assert "immutable" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/static/css/phone.css", "/static/js/phone.js", "/"])
def test_texts_travel_compressed(room, path):
    with room.get(path, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("host", ["prikk.test:8000", "localhost", "127.0.0.1:5000", "LOCALHOST"])
def test_own_hosts_are_answered(room, host):
    assert room.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.test", "prikk.test.evil.test", "1.2.3.4:8000", "evil.test:80@localhost"]
)
def test_other_hosts_are_not(room, host):
    assert room.get("/", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize(
    "origin", ["http://evil.test", "https://localhost.evil.test", "http://localhost:1", "http://["]
)
def test_posts_from_elsewhere_are_refused(room, origin):
    phone = Phone(room)
    assert phone.post("/b", {"csrf_token": phone.token(), "code": "x"}, Origin=origin).status_code == 403


def test_posts_from_here_pass(room):
    phone = Phone(room)
    answer = phone.post("/b", {"csrf_token": phone.token(), "code": "x"}, Origin="http://localhost")
    assert answer.status_code == 404


def test_the_cookie_is_closed_to_scripts_and_bound_to_the_host_under_tls(tmp_path):
    app = create_app({"PRIKK_INSTANCE": str(tmp_path), "PRIKK_BASE_URL": "https://prikk.test"})
    try:
        answer = app.test_client().get("/", base_url="https://prikk.test")
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-prikk=")
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" in cookie
        assert answer.headers["Strict-Transport-Security"]
    finally:
        app.extensions["prikk.database"].close()


def test_a_large_body_is_refused_with_a_sentence(room):
    phone = Phone(room)
    answer = phone.post("/b", {"csrf_token": phone.token(), "code": "x" * 300_000})
    assert answer.status_code == 413
    assert "too much at once" in answer.text


def test_errors_are_pages_or_json_as_asked(room):
    assert "<html" in room.get("/nothing").text
    answer = room.get("/nothing", headers={"Accept": "application/json"})
    assert answer.json["error"].startswith("There is nothing at this address")
    assert room.client().put("/vote").status_code == 405


@pytest.mark.parametrize("path", ["/b", "/account", "/meetings/meeting/step"])
@pytest.mark.parametrize("body", ['{"code":', "5", "[1]", '{"code": "x"}'])
def test_a_body_that_is_not_a_form_gets_a_sentence(room, path, body):
    phone = Phone(room)
    headers = {"X-CSRFToken": phone.token(), "Content-Type": "application/json"}
    answer = phone.client.post(path, data=body, headers=headers)
    assert answer.status_code == 415
    assert "could not be read" in answer.text


def test_a_number_that_no_database_holds_gets_a_sentence(room):
    for path in (f"/screen/meeting/figure/{'9' * 30}", f"/screen/meeting/figure/{2**63}"):
        answer = room.get(path)
        assert answer.status_code == 400
        assert "could not be read" in answer.text


def test_a_fault_is_logged_without_the_address_and_told_without_a_traceback(room, caplog, monkeypatch):
    def broken(*_):
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(accounts, "is_good", broken)
    answer = room.get("/sign-in/a-one-time-link")
    assert answer.status_code == 500
    assert "broken on purpose" not in answer.text and "Traceback" not in answer.text
    assert "broken on purpose" in caplog.text
    assert "a-one-time-link" not in caplog.text
