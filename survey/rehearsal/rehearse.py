"""A rehearsal run from the command line: each question opened, answered, closed, revealed."""

from __future__ import annotations

from collections.abc import Callable

from survey.rehearsal.browser import Refused
from survey.rehearsal.facilitator import Facilitator
from survey.rehearsal.progress import Progress
from survey.rehearsal.voters import Crowd


def rehearse(
    base: str, link: str, meeting: str, voters: int, pace: float, say: Callable[[str], None] = print
) -> int:
    """Let simulated people vote in every question of a meeting; return how many ballots they cast.

    `pace` is how many seconds a round takes. The meeting is marked as a rehearsal. Raises Refused.
    """
    with Facilitator(base) as facilitator:
        facilitator.sign_in_link(link)
        questions = [question["key"] for question in facilitator.plan(meeting)["questions"]]
        cards = facilitator.rehearsal_cards(meeting, voters)
        progress = Progress("Ballots", len(cards) * len(questions))
        with Crowd(base, cards, pace, told=progress.step) as crowd:
            crowd.come_in()
            cast = sum(_put(facilitator, crowd, meeting, question, say) for question in questions)
    say(f"{cast} ballots of {len(cards)} simulated people. The console removes the rehearsal.")
    return cast


def _put(
    facilitator: Facilitator, crowd: Crowd, meeting: str, question: str, say: Callable[[str], None]
) -> int:
    try:
        facilitator.open(meeting, question)
    except Refused as refusal:
        say(f"{question}: left out. {refusal.sentence}")
        return 0
    number = crowd.vote()
    facilitator.close_round(meeting)
    facilitator.reveal(meeting)
    say(f"{question}: {number} ballots")
    return number
