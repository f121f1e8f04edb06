"""Sentences of report and charts: true of what was released, whole, and no two marks that meet."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from made_up import counted, meeting, scale
from room import responses
from test_compare import HIGH, LOW, asked
from test_report import Page

from analysis import figures, publish
from analysis.disclosure.policy import Policy
from analysis.language import LANGUAGES, words
from analysis.reading import reading
from analysis.report import comparison, report

TWO_MARKS = re.compile(r"[?!.][:,.;]")


def short(published, language="nn"):
    found = reading(published, "q", None, language)
    return figures.KINDS[found.question.kind].in_short(found).replace("Text of ", "")


def few_lists(lists=6, extra=()):
    """Points in an order that is neither the alphabet's nor that of how many mention them."""
    ballots = [("A", {"Buss": "", **dict.fromkeys(extra, "")})] + [("A", {"Bru": ""})] * (lists - 1)
    return publish(responses("collect", ballots, ["Buss", "Bru", *extra], settings={"by": "ballot"}))


@pytest.mark.parametrize(
    ("language", "said"),
    [("nn", "Nemnt: Bru; Buss."), ("nb", "Nevnt: Bru; Buss."), ("en", "Mentioned: Bru; Buss.")],
)
def test_few_lists_are_summed_up_without_a_ranking(language, said):
    assert short(few_lists(), language) == said


def test_points_left_out_of_the_summary_of_few_lists_are_counted():
    assert short(few_lists(extra=("Sti", "Veg"))) == "Nemnt: Bru; Buss; Sti. 1 til står i tabellen."


@pytest.mark.parametrize("language", LANGUAGES)
def test_too_few_lists_are_said_of_lists(language):
    said = short(few_lists(4), language)
    assert re.search(r"5 list(er|s)\b", said) and not re.search("svar|answer", said)


def test_why_numbers_of_too_few_lists_are_missing_is_said_of_lists():
    text = Page(report(few_lists(4))).text
    assert "Færre enn 5 lister, difor ikkje vist." in text and "Færre enn 5 svar" not in text


def test_few_sorted_answers_are_summed_up_with_their_items():
    ballots = [("A", {"Brann": "together", "Skule": "together", "Veg": None})] * 4
    ballots += [("A", {"Brann": "alone", "Skule": "alone", "Veg": "alone"})] * 2
    published = publish(responses("sort", ballots, ["Brann", "Skule", "Veg"]))
    assert short(published) == "Brann: «Together» kom først. Veg: «usikker» kom først."
    assert short(published, "en") == "Brann: “Together” came first. Veg: “unsure” came first."


def test_what_nearly_all_say_of_all_items_is_summed_up_with_the_items():
    ballots = [("A", {"Brann": "together", "Veg": "alone"})] * 20
    said = short(publish(responses("sort", ballots, ["Brann", "Veg"])))
    assert said == "Brann: Nesten alle seier «Together». Veg: Nesten alle seier «Alone»."


@pytest.mark.parametrize(("secrecy", "said"), [("sealed", 1), ("open", 0)])
def test_only_of_sealed_questions_it_is_said_that_nobody_sees_whose_an_answer_is(secrecy, said):
    counts = {"Vi er samde": counted("1,2,3,4,5,6,5,4,3,2,1")}
    foot = Page(report(meeting(scale(counts, secrecy=secrecy), language="en"))).text
    assert foot.count("In sealed questions nobody, the facilitator included, can see") == said
    assert foot.count("can see what any one person answered") == said
    assert "Every number can be worked out again" in foot


@pytest.mark.parametrize("language", ["nn", "nb"])
def test_the_turnout_on_the_first_page_does_not_read_as_nearly_everything_answered(language):
    counts = {"Vi er samde": counted("1,2,3,4,5,6,5,4,3,2,1")}
    text = Page(report(meeting(scale(counts), language=language))).text
    assert "på det meste" not in text and "svarte på spørsmålet med flest svar" in text


def test_how_many_places_are_the_top_is_said_as_the_policy_has_it():
    published = publish(
        responses("dots", [(g, {"x": 2, "y": 1}) for g in "ABCDEF" * 6], ["x", "y"]), Policy(top_k=4)
    )
    text = Page(report(published)).text
    assert "Blant dei 4 øvste i så mange grupper" in text and "seks" not in text


@pytest.mark.parametrize(("language", "name"), [("nn", "Forteiknstest"), ("nb", "Fortegnstest")])
def test_the_sign_test_has_its_usual_name(language, name):
    assert words(language)("head_sign_p") == f"{name}, p"


def test_the_meetings_of_an_item_stay_together_on_paper():
    html = comparison([asked(LOW, "2027-11-03"), asked(HIGH, "2028-11-01")])
    assert re.search(r'<tr><th scope="row">Vi er samde</th>.*\n<tr class="again"><th scope="row"></th>', html)
    assert ".again { break-before: avoid; }" in html


ANSWERS = {
    "scale": lambda at: {"x": at % 11, "y": 2},
    "trust": lambda at: {"A": at % 11, "B": 2},
    "dots": lambda at: {"x": 2} if at % 3 else {"y": 2},
    "sort": lambda at: {"x": "together", "y": "alone" if at % 2 else None},
    "collect": lambda at: {"x": "It is near."} if at % 3 else {"y": ""},
    "marks": lambda at: {("x", "A"): at % 2, ("y", "B"): 1},
}


@pytest.mark.parametrize("end", ["", "?", "."])
@pytest.mark.parametrize("kind", ANSWERS)
def test_no_two_marks_meet_and_every_sentence_ends(kind, end):
    ballots = [(group, ANSWERS[kind](at)) for at in range(8) for group in "AB"]
    settings = {"by": "ballot"} if kind == "collect" else None
    given = responses(kind, ballots, "AB" if kind == "trust" else "xy", settings=settings)
    question = given.meeting.questions[0]
    items = tuple(replace(item, text=f"Veg {item.key}{end}") for item in question.items)
    question = replace(question, title=f"Kva no{end}", items=items)
    published = publish(replace(given, meeting=replace(given.meeting, questions=(question,))))
    page = Page(report(published))
    alts = [one["aria-label"] for _, one in page.tags if str(one.get("id")).startswith("chart-")]
    stages = [figures.figure(published, "q", stage=stage) for stage in figures.stages(published, "q")]
    for text in alts + [one.layout.meta["description"] for one in stages]:
        assert not TWO_MARKS.search(text) and text.endswith("."), text
    assert (f"Kva no{end} Runde 1" if end else "Kva no, Runde 1") in page.text


def test_a_scale_whose_medians_alone_are_shown_does_not_speak_of_dots():
    ballots = [("A", {"x": at}) for at in (1, 3, 4, 5, 6, 8)]
    few = publish(responses("scale", ballots, ["x"]))
    every = publish(responses("scale", ballots * 4, ["x"]))
    for published, is_drawn in ((few, False), (every, True)):
        assert ("each dot" in figures.alt_text(published, "q", language="en").casefold()) == is_drawn
        assert ("Each dot" in figures.caption(published, "q", language="en")) == is_drawn
