"""A rehearsal run from the command line: each question opened, answered, closed, revealed."""

from __future__ import annotations

from collections.abc import Callable

from survey.rehearsal.facilitator import Facilitator
from survey.rehearsal.progress import Progress
from survey.rehearsal.voters import Crowd


def rehearse(
    base: str, link: str, meeting: str, voters: int, pace: float, say: Callable[[str], None] = print
) -> int:
    """Let simulated people vote in every question of a meeting; return how many ballots they cast.

    `pace` is how many seconds a round takes. The meeting is marked as a rehearsal. Raises Refused.
    """
    facilitator = Facilitator(base)
    facilitator.sign_in_link(link)
    questions = [question["key"] for question in facilitator.plan(meeting)["questions"]]
    cards = facilitator.rehearsal_cards(meeting, voters)
    progress = Progress("Ballots", len(cards) * len(questions))
    crowd = Crowd(base, cards, pace, told=progress.step)
    crowd.come_in()
    cast = 0
    for question in questions:
        if "open" not in facilitator.verbs(meeting, question):
            say(f"{question}: cannot be opened now, left out")
            continue
        facilitator.open(meeting, question)
        number = crowd.vote()
        facilitator.close_round(meeting)
        facilitator.reveal(meeting)
        say(f"{question}: {number} ballots")
        cast += number
    crowd.close()
    facilitator.close()
    say(f"{cast} ballots of {len(cards)} simulated people. The console removes the rehearsal.")
    return cast
