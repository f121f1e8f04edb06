"""Card sheets and paper ballots: what a phone's camera and a reader find on them."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pypdf
import pytest
import zxingcpp
from PIL import Image

from survey.ballots import codes
from survey.kinds import KINDS, Group, Item, Question
from survey.printing import qr
from survey.printing.cards import PrintedCard, card_sheet
from survey.printing.papers import paper_ballots

BASE = "http://10.0.0.5:8000"
MEETING = SimpleNamespace(title="Hallingtinget", date="2026-11-03", wifi_name="Tinget", language="nn")
LONG = "Interkommunalt samarbeidsutval for Hallingdal, Valdres, Numedal og omegnen elles"
GROUPS = (
    Group("hol", "Hol", "#332288"),
    Group("al", "Ål", "#CC6677"),
    Group("nes", "Nes #strong[x] $a$", "#117733"),
)
needs_poppler = pytest.mark.skipif(not shutil.which("pdftoppm"), reason="needs pdftoppm (poppler-utils)")


def some_cards(number: int, group: str = "Ål", spare: bool = False) -> list[PrintedCard]:
    return [
        PrintedCard(codes.new_code(), group, "#CC6677", str(place % 6 + 1), spare) for place in range(number)
    ]


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def decoded(pdf: bytes, folder: Path) -> list[list[str]]:
    """Return what is read from each page at 110 dots an inch, which is less than an office printer gives."""
    (folder / "sheet.pdf").write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", "110", "-png", "sheet.pdf", "page"], cwd=folder, check=True)
    return [
        [found.text for found in zxingcpp.read_barcodes(Image.open(file))]
        for file in sorted(folder.glob("page-*.png"))
    ]


@needs_poppler
@pytest.mark.parametrize("per_page", [8, 10])
@pytest.mark.parametrize("base", [BASE, "https://prikk.ein-lang-kommune.example.no/moete"])
def test_every_qr_is_the_address_and_code_of_its_card(per_page: int, base: str, tmp_path: Path) -> None:
    cards = [*some_cards(per_page + 3), *some_cards(2, spare=True)]
    read = decoded(card_sheet(MEETING, cards, base, per_page), tmp_path)
    assert [len(page) for page in read] == [per_page, 3, 2]
    wanted = Counter(f"{base}/b#{codes.pretty(card.code)}" for card in cards)
    assert Counter(text for page in read for text in page) == wanted


@needs_poppler
def test_a_qr_is_at_least_25_mm_wide(tmp_path: Path) -> None:
    for per_page in (8, 10):
        (tmp_path / "sheet.pdf").write_bytes(card_sheet(MEETING, some_cards(1), BASE, per_page))
        subprocess.run(["pdftoppm", "-r", "254", "-png", "sheet.pdf", "page"], cwd=tmp_path, check=True)
        (found,) = zxingcpp.read_barcodes(Image.open(next(tmp_path.glob("page-*.png"))))
        width = found.position.top_right.x - found.position.top_left.x
        assert width >= 250 - 3


def test_a_card_says_group_table_code_address_and_what_is_secret() -> None:
    (card,) = some_cards(1)
    (page,) = pages(card_sheet(MEETING, [card], BASE, language="en"))
    text = " ".join(page.split())
    for wanted in (
        "Ål",
        codes.pretty(card.code),
        "10.0.0.5:8000",
        "Tinget",
        "Hallingtinget",
        "November 3, 2026",
    ):
        assert wanted in text
    assert f"Table {card.table}" in text
    assert "not who you are" in text
    assert "Cut, mix the pile of each group, and let people draw." in text


def test_spares_lie_on_sheets_of_their_own_and_look_like_the_others() -> None:
    sheet = pages(card_sheet(MEETING, [*some_cards(1, spare=True), *some_cards(2)], BASE, language="en"))
    assert len(sheet) == 2
    assert "Spares" in sheet[1] and "Spares" not in sheet[0]
    faces = [
        [line for line in page.splitlines() if "-" not in line and "Table" not in line] for page in sheet
    ]
    assert set(faces[1][2:]) <= set(faces[0])


def test_cards_are_shuffled_within_their_group_only() -> None:
    cards = [card for group in ("Hol", "Nes") for card in some_cards(40, group)]
    texts = " ".join(pages(card_sheet(MEETING, cards, BASE)))
    order = sorted(cards, key=lambda card: texts.index(codes.pretty(card.code)))
    assert [card.group for card in order] == ["Hol"] * 40 + ["Nes"] * 40
    assert order != cards


@pytest.mark.parametrize("name", [LONG, "X" * 80, "Nes #strong[x] $a$ _b_ \\ <c> @d"])
def test_any_group_name_is_shown_whole_and_as_it_is(name: str) -> None:
    (page,) = pages(card_sheet(MEETING, some_cards(1, name), BASE))
    seen = "".join(sign for sign in page if not sign.isspace() and sign not in "-\u200b\u00ad\u2010")
    assert "".join(sign for sign in name if not sign.isspace() and sign != "-") in seen


def test_sheets_are_tagged_have_a_title_and_a_language_and_no_links_or_scripts() -> None:
    pdf = card_sheet(MEETING, some_cards(3), BASE)
    root = pypdf.PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 - a PDF's own kind of truth
    assert root["/Lang"] == "nn"
    assert "Hallingtinget" in str(pypdf.PdfReader(io.BytesIO(pdf)).metadata.title)  # type: ignore[union-attr]
    assert not [name for name in (b"/URI", b"/JavaScript", b"/Launch", b"/EmbeddedFile") if name in pdf]


def test_a_whole_region_fits_as_many_sheets_as_it_needs() -> None:
    assert len(pypdf.PdfReader(io.BytesIO(card_sheet(MEETING, some_cards(505), BASE))).pages) == 51


def test_another_number_to_a_page_is_refused() -> None:
    with pytest.raises(ValueError, match="9 cards"):
        card_sheet(MEETING, some_cards(1), BASE, 9)


def test_the_terminal_code_reads_back() -> None:
    lines = [
        line.removeprefix("\033[97;40m").removesuffix("\033[0m") for line in qr.terminal(BASE).splitlines()
    ]
    light = {"█": (1, 1), "▀": (1, 0), "▄": (0, 1), " ": (0, 0)}
    picture = Image.new("L", (len(lines[0]), 2 * len(lines)))
    for y, line in enumerate(lines):
        for x, sign in enumerate(line):
            for below, on in enumerate(light[sign]):
                picture.putpixel((x, 2 * y + below), 255 * on)
    big = picture.resize((picture.width * 8, picture.height * 8), Image.Resampling.NEAREST)
    assert [found.text for found in zxingcpp.read_barcodes(big)] == [BASE]


@pytest.mark.parametrize("kind", KINDS)
def test_paper_ballots_show_every_statement_to_every_group(kind: str) -> None:
    asked = [Item("a", "Lokal forankring"), Item("b", "Gagn for alle #strong[x]")]
    items = (
        tuple(Item(group.key, group.name) for group in GROUPS)
        if KINDS[kind].items_are_groups
        else tuple(asked)
    )
    settings = KINDS[kind].complete({}, items)
    question = Question(1, 1, "q", kind, "Kva no?", "Hjelp.", "sealed", settings, items, GROUPS)
    sheets = pages(paper_ballots(MEETING, [question], "en"))
    assert len(sheets) == len(GROUPS)
    for group, sheet in zip(GROUPS, sheets, strict=True):
        text = " ".join(sheet.split())
        for wanted in ("Kva no?", "Hjelp.", group.name, "The code on your card"):
            assert wanted in text
        for item in items:
            assert KINDS[kind].statement(question, group.key, item) in text


def test_a_dots_ballot_on_paper_tells_budget_and_cap() -> None:
    items = (Item("a", "A"), Item("b", "B"))
    settings = KINDS["dots"].complete({"dots": 4, "cap": 3}, items)
    question = Question(1, 1, "q", "dots", "Kva?", "", "sealed", settings, items, GROUPS)
    assert "You have 4 dots. At most 3 dots on each option." in " ".join(
        pages(paper_ballots(MEETING, [question], "en"))[0].split()
    )
