"""The data package and the spreadsheets: what is written comes back, and what is broken gets a sentence."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from room import column, responses, rooms

import analysis
from analysis import package, publish
from analysis.cells import RISKY, guard, guard_both_ways, unguard
from analysis.disclosure import NOTES
from analysis.package import PackageError

KINDS = ("scale", "trust", "dots", "sort", "collect", "marks")
NASTY = [
    "=1+1",
    "+1",
    "-5 %",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "\0x",
    "'quoted",
    "''",
    "a;b",
    'say "hi"',
    "two\r\nlines",
    "Å 🎈",
]


def room(**change):
    values = {key: [(at * 3 + place) % 11 for at in range(6)] for place, key in enumerate("ABCDEF")}
    found = responses("scale", column(values), ["x"])
    return replace(found, meeting=replace(found.meeting, **change))


def said(texts):
    rows = [
        {"question": "q", "round": 1, "order": at, "what": "said", "text": text}
        for at, text in enumerate(texts, 1)
    ]
    return pd.DataFrame(rows, columns=list(NOTES))


@pytest.fixture(params=["meeting.zip", "meeting"])
def place(tmp_path, request):
    return tmp_path / request.param


# Round trips


def test_a_package_comes_back_as_it_was(place):
    published = publish(room(head="abc", title=NASTY[0])).with_notes(said(NASTY))
    package.write(published, place)
    again = package.read(place)
    pd.testing.assert_frame_equal(again.rows, published.rows)
    pd.testing.assert_frame_equal(again.notes, published.notes)
    assert again.meeting.as_dict() == published.meeting.as_dict()
    assert again.policy == published.policy


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_every_release_comes_back_as_it_was(tmp_path_factory, kind, data):
    published = publish(data.draw(rooms(kind)))
    path = tmp_path_factory.mktemp("package") / "m.zip"
    package.write(published, path)
    pd.testing.assert_frame_equal(package.read(path).rows, published.rows)


@given(st.text())
def test_guarded_text_comes_back_and_never_starts_a_formula(text):
    assert unguard(guard_both_ways(text)) == text
    for guarded in (guard(text), guard_both_ways(text)):
        assert not guarded.startswith(RISKY)


def test_the_same_figures_give_the_same_file(tmp_path):
    for name in ("a.zip", "b.zip"):
        package.write(publish(room()), tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_the_descriptor_says_what_the_tables_hold():
    contents = package.files(publish(room(head="abc")))
    descriptor = json.loads(contents["datapackage.json"])
    assert descriptor["prikk"]["head"] == "abc"
    assert descriptor["prikk"]["policy"]["k"] == 5
    book = descriptor["prikk"]["meeting"]["questions"][0]["rounds"][0]
    assert (book["issued"], book["counted"]) == (36, 36)
    for resource in descriptor["resources"]:
        header = next(csv.reader(io.StringIO(contents[resource["path"]].decode())))
        assert header == [field["name"] for field in resource["schema"]["fields"]]
        assert resource["bytes"] == len(contents[resource["path"]])


def test_read_gives_views_of_the_questions(place):
    package.write(publish(room()), place)
    meeting = analysis.read(place)
    assert [view.question.key for view in meeting] == ["q"]
    assert "median" in set(meeting["q"].summary()["measure"])
    with pytest.raises(KeyError, match="there are: q"):
        meeting["other"]


# Ballot rows


def ballot_rows(found):
    contents = package.files(publish(found), found)
    return pd.read_csv(io.BytesIO(contents["responses.csv"]), dtype={"group": str}, keep_default_na=False)


def test_ballot_rows_only_where_the_plan_said_so():
    with pytest.raises(PackageError, match="ballot_rows"):
        package.files(publish(room()), room())
    assert "responses.csv" not in package.files(publish(room(ballot_rows=True)))


def test_ballot_rows_of_a_sealed_question_have_no_group_and_new_ids():
    found = room(ballot_rows=True)
    rows = ballot_rows(found)
    assert set(rows["group"]) == {""}
    assert sorted(rows["value"].astype(float)) == sorted(found.frame["value"])
    assert not set(rows["ballot"]) & set(found.frame["ballot"])
    assert rows["ballot"].nunique() == 36
    assert rows["value"].astype(float).tolist() != found.frame["value"].tolist(), "shuffled"


@pytest.mark.parametrize("n", [4, 9])
def test_no_ballot_rows_of_a_round_that_is_not_shown_in_full(n):
    found = responses("scale", [("A", {"x": at}) for at in range(n)], ["x"])
    assert ballot_rows(replace(found, meeting=replace(found.meeting, ballot_rows=True))).empty


def test_no_ballot_rows_of_an_item_that_nearly_all_answered_alike():
    ballots = [("A", {"x": 7, "y": at % 11}) for at in range(20)]
    found = responses("scale", ballots, ["x", "y"])
    rows = ballot_rows(replace(found, meeting=replace(found.meeting, ballot_rows=True)))
    assert set(rows["item"]) == {"y"}


def test_ballot_rows_of_an_open_question_keep_their_group():
    found = responses("scale", [("A", {"x": 1}), ("B", {"x": 2})], ["x"], secrecy="open")
    rows = ballot_rows(replace(found, meeting=replace(found.meeting, ballot_rows=True)))
    assert sorted(rows["group"]) == ["A", "B"]


def test_no_ballot_rows_where_people_rate_groups():
    ballots = [(group, {"A": at % 5, "B": at % 7, "C": at % 3}) for group in "ABC" for at in range(6)]
    found = responses("trust", ballots, list("ABC"))
    assert ballot_rows(replace(found, meeting=replace(found.meeting, ballot_rows=True))).empty


# Broken packages


@pytest.fixture
def folder(tmp_path):
    package.write(publish(room()), tmp_path)
    return tmp_path


def spoil_json(change):
    def spoil(folder):
        path = folder / "datapackage.json"
        raw = json.loads(path.read_text())
        change(raw)
        path.write_text(json.dumps(raw))

    return spoil


def spoil_csv(pattern, replacement, name="published.csv"):
    def spoil(folder):
        path = folder / name
        old = path.read_bytes().decode()
        new = re.sub(pattern, replacement, old, count=1)
        assert new != old
        path.write_bytes(new.encode())

    return spoil


def question(raw):
    return raw["prikk"]["meeting"]["questions"][0]


BROKEN = {
    "no codebook": (lambda folder: (folder / "datapackage.json").unlink(), "datapackage.json"),
    "no table": (lambda folder: (folder / "published.csv").unlink(), "published.csv"),
    "not JSON": (lambda folder: (folder / "datapackage.json").write_text("{"), "line 1: expected JSON"),
    "a list": (lambda folder: (folder / "datapackage.json").write_text("[]"), "expected a JSON object"),
    "deep": (lambda folder: (folder / "datapackage.json").write_text("[" * 100_000), "expected"),
    "not UTF-8": (
        lambda folder: (folder / "notes.csv").write_bytes(b"\xff"),
        "notes.csv, byte 0: expected UTF-8",
    ),
    "no prikk": (spoil_json(lambda raw: raw.pop("prikk")), "prikk"),
    "no meeting": (spoil_json(lambda raw: raw["prikk"].pop("meeting")), "meeting: expected an object"),
    "no key": (spoil_json(lambda raw: raw["prikk"]["meeting"].pop("key")), "meeting.key"),
    "title a number": (
        spoil_json(lambda raw: raw["prikk"]["meeting"].update(title=3)),
        "meeting.title: expected text",
    ),
    "groups no list": (
        spoil_json(lambda raw: raw["prikk"]["meeting"].update(groups=3)),
        "groups: expected a list",
    ),
    "colour": (
        spoil_json(lambda raw: raw["prikk"]["meeting"]["groups"][1].update(colour='red" onload="x')),
        r"groups\[1\].colour",
    ),
    "unknown kind": (
        spoil_json(lambda raw: question(raw).update(kind="x")),
        r"questions\[0\].kind: expected one of",
    ),
    "secrecy": (
        spoil_json(lambda raw: question(raw).update(secrecy="x")),
        "secrecy: expected one of sealed, open",
    ),
    "scale": (
        spoil_json(lambda raw: question(raw)["settings"].update(max=10**9)),
        "settings: expected whole numbers",
    ),
    "round": (
        spoil_json(lambda raw: question(raw)["rounds"][0].update(issued="x")),
        "issued: expected a whole number",
    ),
    "item twice": (
        spoil_json(lambda raw: question(raw)["items"].extend(question(raw)["items"])),
        "'x' stands twice",
    ),
    "policy": (
        spoil_json(lambda raw: raw["prikk"].update(policy={"k": "x"})),
        "policy: expected an object of numbers",
    ),
    "resources": (spoil_json(lambda raw: raw.update(resources=[])), "expected a resource published"),
    "path outside": (
        spoil_json(lambda raw: raw["resources"][0].update(path="../../etc/passwd")),
        "expected a resource published with the path published.csv",
    ),
    "columns": (
        spoil_csv("meeting,question", "meeting,q"),
        "published.csv, line 1: expected the columns meeting, q",
    ),
    "cell missing": (spoil_csv(r"\nm,q,", "\nq,"), "published.csv, line 2: expected 12 cells, not 11"),
    "no number": (
        spoil_csv("issued,,36", "issued,,many"),
        "line 2: column value: expected a number, found 'many'",
    ),
    "infinite": (spoil_csv("issued,,36", "issued,,1e999"), "line 2: column value: expected a finite number"),
    "no round": (
        spoil_csv("scale,1,", "scale,,"),
        "line 2: column round: expected a value, found an empty cell",
    ),
    "round a word": (spoil_csv("scale,1,", "scale,one,"), "line 2: column round: expected a whole number"),
    "foreign question": (spoil_csv("m,q,", "m,other,"), "row 2: question 'other' .* is not in the codebook"),
    "foreign item": (spoil_csv(",x,,count", ",z,,count"), "item 'z' of question 'q' is not in the codebook"),
    "foreign group": (spoil_csv(",A,", ",Z,"), "group 'Z' is not in the codebook"),
    "quotes": (spoil_csv(r"$", '"x'), "expected CSV"),
}


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_package_gets_a_sentence(folder, fault, packed, tmp_path_factory):
    spoil, expected = BROKEN[fault]
    spoil(folder)
    path = folder
    if packed:
        path = tmp_path_factory.mktemp("zip") / "m.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for file in folder.iterdir():
                archive.write(file, file.name)
    with pytest.raises(PackageError, match=expected) as error:
        package.read(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_what_is_no_package_gets_a_sentence(tmp_path):
    (tmp_path / "text.zip").write_text("not a zip")
    for name in ("text.zip", "missing.zip", "missing"):
        with pytest.raises(PackageError, match=f"{name}.*expected"):
            package.read(tmp_path / name)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_zip_is_refused_or_reads_the_same(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("damaged") / "m.zip"
    published = publish(room())
    package.write(published, path)
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(content))
    try:
        again = package.read(path)
    except PackageError:
        return
    pd.testing.assert_frame_equal(again.rows, published.rows)


def test_a_zip_bomb_is_refused_before_it_unfolds(tmp_path, monkeypatch):
    monkeypatch.setattr("analysis.archive.MOST_BYTES", 100_000)
    contents = package.files(publish(room()))
    with zipfile.ZipFile(tmp_path / "m.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content + b"\r\n" * 1_000_000)
    with pytest.raises(PackageError, match=r"datapackage\.json: expected at most"):
        package.read(tmp_path / "m.zip")


def test_a_place_that_cannot_be_written_gets_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "m.zip", tmp_path / "file" / "m"):
        with pytest.raises(PackageError, match="cannot be written"):
            package.write(publish(room()), path)


# Spreadsheets


def nasty_room():
    found = responses("dots", [(text, {text: 1.0}) for text in NASTY for _ in range(5)], NASTY)
    groups = tuple(replace(group, name=group.key) for group in found.meeting.groups)
    asked = replace(found.meeting.questions[0], title="=cmd|' /C calc'!A0", items=tuple(
        replace(item, text=item.key) for item in found.meeting.questions[0].items))  # fmt: skip
    book = replace(found.meeting, title="=1+1", place="@place", groups=groups, questions=(asked,))
    return publish(replace(found, meeting=book))


@pytest.mark.parametrize(("language", "number"), [("nn", "0,5"), ("nb", "0,5"), ("en", "0.5")])
def test_csv_opens_right_in_excel(language, number):
    values = {"A": [0, 0, 0, 1, 1, 1], "B": [3, 4, 5, 6, 7, 9]}
    content = package.csv_for_excel(publish(responses("scale", column(values), ["x"])), language)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    median = [row for row in rows if row["measure"] == "median" and row["group"] == "A"]
    assert [row["value"] for row in median] == [number]
    assert median[0]["group_name"] == "Group A" and median[0]["item_text"] == "Text of x"


def test_steps_below_zero_stay_numbers():
    found = responses("scale", column({"A": [-3, 3] * 6}), ["x"], settings={"min": -3, "max": 3})
    assert ";count;-3;6;" in package.csv_for_excel(publish(found), "nn").decode()


def test_numbers_below_zero_stay_numbers():
    cells = {"A": {"A": 5, "B": 9}, "B": {"A": 5, "B": 5}}
    ballots = [(rater, given) for rater, given in cells.items() for _ in range(6)]
    content = package.csv_for_excel(publish(responses("trust", ballots, ["A", "B"])), "nn").decode()
    assert ";self_gap;;-2;" in content


def test_cells_of_the_csv_are_inert():
    content = package.csv_for_excel(nasty_room(), "nn").decode("utf-8-sig")
    numbers = re.compile(r"-?\d+(,\d+)?")
    for row in csv.reader(io.StringIO(content, newline=""), delimiter=";"):
        assert [cell for cell in row if cell.startswith(RISKY) and not numbers.fullmatch(cell)] == []


@pytest.mark.parametrize("language", ["nn", "nb", "en"])
def test_the_workbook_holds_text_and_no_formula(language):
    content = package.xlsx(nasty_room(), language)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            assert b"<f>" not in archive.read(name) and b"<f " not in archive.read(name)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert len(book.sheetnames) == 2
    kinds = {cell.data_type for sheet in book for row in sheet for cell in row}
    assert "f" not in kinds and {"s", "n"} <= kinds
    assert book.worksheets[0]["A2"].value == "=1+1"


def test_sheets_get_names_that_excel_takes():
    found = room()
    asked = found.meeting.questions[0]
    titles = ["a" * 40, "a" * 40, "[]:*?/\\", "'x'", ""]
    questions = tuple(replace(asked, key=f"q{at}", title=title) for at, title in enumerate(titles))
    book = openpyxl.load_workbook(io.BytesIO(package.xlsx(
        publish(replace(found, meeting=replace(found.meeting, questions=questions))), "en")))  # fmt: skip
    assert len({name.lower() for name in book.sheetnames}) == 6
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in book.sheetnames)


# Rebuilt from the package


def whole_meeting():
    """A meeting with one question of each kind, answered by six groups of six."""
    groups = "ABCDEF"
    parts = {
        "scale": (
            [(key, {"x": (at * 3 + place) % 11}) for place, key in enumerate(groups) for at in range(6)],
            ["x"],
        ),
        "trust": (
            [(key, {one: (at + ord(one)) % 11 for one in groups}) for key in groups for at in range(6)],
            groups,
        ),
        "dots": (
            [(key, {"abcd"[at % 4]: 2.0, "e": 1.0}) for key in groups for at in range(6)],
            list("abcde"),
        ),
    }
    released = []
    for kind, (ballots, items) in parts.items():
        found = responses(kind, ballots, items)
        questions = tuple(replace(one, key=kind) for one in found.meeting.questions)
        book = replace(found.meeting, questions=questions)
        released.append(publish(replace(found, meeting=book, frame=found.frame.assign(question=kind))))
    return analysis.merge(released).with_notes(said_about("scale"))


def said_about(question):
    return said(["Ein lang tale"]).assign(question=question)


def test_report_and_figures_from_the_package_are_those_from_the_gate(place, tmp_path):
    published = whole_meeting()
    package.write(published, place)
    again = analysis.read(place)
    reports = [tmp_path / "first.html", tmp_path / "again.html"]
    analysis.report(published, reports[0])
    analysis.report(again, reports[1])
    assert reports[0].read_bytes() == reports[1].read_bytes()
    for view in again:
        key = view.question.key
        assert view.figure().to_json() == analysis.figure(published, key).to_json()
        assert view.findings() == analysis.findings(published, key)
