"""The agenda: one big button that never skips or repeats a step, and a way back from every wrong one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import gevent
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select, update

from survey.ballots import cards, log
from survey.errors import BrokenChain, NotAllowedNow, NotFound, StaleVersion, SurveyError
from survey.meetings import agenda, ending, notes, publishing
from survey.storage import migrate, schema
from survey.storage.database import Database
from survey.storage.keys import Keys
from tests.factories import AMeeting, a_meeting, an_answer, log_of


class Console:
    """A facilitator at the console: sees how the meeting stands and takes steps from there."""

    def __init__(self, meeting: AMeeting) -> None:
        self.meeting = meeting
        self.look()

    def look(self) -> agenda.MeetingState:
        """Load the page again."""
        self.seen: agenda.MeetingState = self.meeting.read(lambda c: agenda.state(c, self.meeting.id))
        return self.seen

    def open(self, question: str) -> int:
        """Open a question's next round."""
        question_id = self.meeting.questions[question]
        return self._write(agenda.open_round, self.meeting.keys, self.meeting.id, question_id)

    def close(self, round_id: int) -> None:
        """Close a round and publish it, as the console does."""
        self._write(agenda.close_round, self.meeting.id, round_id)
        publishing.publish_round(self.meeting.database, self.meeting.keys, round_id)

    def reopen(self, round_id: int) -> None:
        """Open a closed round again."""
        self._write(agenda.reopen_round, self.meeting.keys, self.meeting.id, round_id)

    def reveal(self, round_id: int) -> None:
        """Show a round's result."""
        self._write(agenda.reveal_round, self.meeting.id, round_id)

    def annul(self, round_id: int) -> None:
        """Put a round aside."""
        self._write(agenda.annul_round, self.meeting.id, round_id)

    def show(self, **screen: Any) -> None:
        """Change what the room sees."""
        self._write(lambda c, version: agenda.show(c, self.meeting.id, version, **screen))

    def finish(self, question: str) -> None:
        """Finish a question."""
        database, keys, question_id = (
            self.meeting.database,
            self.meeting.keys,
            self.meeting.questions[question],
        )
        ending.finish_question(database, keys, self.meeting.id, question_id, self.seen.version)
        self.look()

    def end(self) -> None:
        """End the meeting."""
        ending.end_meeting(self.meeting.database, self.meeting.keys, self.meeting.id, self.seen.version)
        self.look()

    def press(self) -> str:
        """Press the one big button; returns its verb."""
        step = agenda.next_step(self.look())
        key = next((name for name, one in self.meeting.questions.items() if one == step.question_id), "")
        room = {"view": "result", "round": step.round_id}
        verbs: dict[str, Callable[[], Any]] = {
            "open": lambda: self.open(key),
            "close": lambda: self.close(step.round_id or 0),
            "reveal": lambda: self.reveal(step.round_id or 0),
            "stage": lambda: self.show(**room, stage=step.stage),
            "end": self.end,
            "over": lambda: None,
        }
        verbs[step.verb]()
        return step.verb

    def _write(self, verb: Callable[..., Any], *given: Any) -> Any:
        version = self.seen.version
        result = self.meeting.write(lambda c: verb(c, *given, version))
        self.look()
        return result


@pytest.fixture
def meeting(database: Database, keys: Keys) -> AMeeting:
    """A meeting of two groups and three questions, one round each."""
    questions = [{"kind": kind, "rounds": 1} for kind in ("scale", "trust", "dots")]
    return a_meeting(database, keys, groups={"hol": 6, "gol": 6}, questions=questions, k=3)


@pytest.fixture
def console(meeting: AMeeting) -> Console:
    """Its facilitator."""
    return Console(meeting)


def test_the_big_button_leads_through_the_whole_meeting(console: Console) -> None:
    pressed = []
    while (verb := console.press()) != "over":
        pressed.append(verb)
        assert len(pressed) < 60
    without_pictures = [verb for verb in pressed if verb != "stage"]
    assert without_pictures == ["open", "close", "reveal"] * 3 + ["end"]
    assert [entry.type for entry in log_of(console.meeting) if entry.type != "issue"] == [
        *("open", "close", "reveal") * 3,
        "end",
        *("finish",) * 3,
    ]
    assert all(question.finished for question in console.look().questions)


def test_a_chart_is_shown_stage_by_stage(console: Console, meeting: AMeeting) -> None:
    round_id = console.open("scale")
    for number, (_group, card) in enumerate(meeting.everybody()):
        meeting.cast(round_id, card, an_answer(meeting.question("scale"), number))
    console.close(round_id)
    console.reveal(round_id)
    stages = len(console.seen.stages)
    assert stages > 1
    assert [console.press() for _ in range(stages - 1)] == ["stage"] * (stages - 1)
    assert console.seen.screen["stage"] == stages - 1
    assert console.press() == "open"


def test_a_planned_second_round_follows_the_talk(database: Database, keys: Keys) -> None:
    questions = [{"kind": "scale", "rounds": 2}, {"kind": "dots", "rounds": 1}]
    console = Console(a_meeting(database, keys, questions=questions))
    opened = []
    while (verb := console.press()) != "end":
        if verb == "open":
            opened.append((console.seen.current.key if console.seen.current else "", console.seen.open))
    assert [(key, one.number) for key, one in opened if one] == [("scale", 1), ("scale", 2), ("dots", 1)]


def test_what_was_jumped_over_comes_back(console: Console) -> None:
    console.close(console.open("trust"))
    opened = ["trust"]
    while (verb := console.press()) != "end":
        if verb == "open" and console.seen.current:
            opened.append(console.seen.current.key)
    assert opened == ["trust", "dots", "scale"]


def test_at_most_one_round_is_open(console: Console) -> None:
    console.open("scale")
    with pytest.raises(NotAllowedNow, match="Another vote is open"):
        console.open("dots")


def test_a_closed_round_can_be_reopened_until_it_is_revealed(console: Console, meeting: AMeeting) -> None:
    round_id = console.open("dots")
    meeting.cast(round_id, meeting.card("hol"), an_answer(meeting.question("dots")))
    console.close(round_id)
    console.reopen(round_id)
    assert console.seen.open is not None and console.seen.open.turnout == 1
    assert not console.seen.open.is_published
    meeting.cast(round_id, meeting.card("gol"), an_answer(meeting.question("dots")))
    console.close(round_id)
    console.reveal(round_id)
    with pytest.raises(NotAllowedNow):
        console.reopen(round_id)


def test_a_revealed_round_can_be_annulled_and_put_again(console: Console) -> None:
    round_id = console.open("dots")
    console.close(round_id)
    console.reveal(round_id)
    console.annul(round_id)
    step = agenda.next_step(console.seen)
    assert (step.verb, step.question_id) == ("open", console.meeting.questions["dots"])
    console.press()
    assert console.seen.open is not None and console.seen.open.number == 2


def test_a_question_is_put_twice_at_most(console: Console) -> None:
    for _ in range(2):
        round_id = console.open("dots")
        console.close(round_id)
        with pytest.raises(NotAllowedNow, match="not been shown"):
            console.open("dots")
        console.reveal(round_id)
    with pytest.raises(NotAllowedNow, match="twice"):
        console.open("dots")


def test_nothing_is_revealed_before_it_passed_the_gate(console: Console, meeting: AMeeting) -> None:
    round_id = console.open("dots")
    meeting.write(lambda c: agenda.close_round(c, meeting.id, round_id, None))
    console.look()
    with pytest.raises(NotAllowedNow, match="made ready"):
        console.reveal(round_id)
    publishing.publish_waiting(meeting.database, meeting.keys, meeting.id)
    console.reveal(round_id)
    assert console.seen.screen["view"] == "result"


@pytest.mark.parametrize("state", ["open", "closed", "annulled"])
def test_the_screen_never_shows_a_round_that_is_not_revealed(console: Console, state: str) -> None:
    round_id = console.open("dots")
    if state != "open":
        console.close(round_id)
    if state == "annulled":
        console.reveal(round_id)
        console.annul(round_id)
    with pytest.raises(NotAllowedNow):
        console.show(view="result", round=round_id)


@pytest.mark.parametrize(
    "screen",
    [
        {"view": "answers"},
        {"stage": -1},
        {"stage": "1"},
        {"light": "dim"},
        {"view": "result"},
        {"colour": "red"},
    ],
)
def test_the_screen_knows_only_its_own_words(console: Console, screen: dict[str, Any]) -> None:
    with pytest.raises(NotAllowedNow):
        console.show(**screen)
    assert console.look().screen["view"] == "join"


def test_the_light_stays_as_it_was_chosen(console: Console) -> None:
    console.show(light="off")
    console.open("dots")
    assert console.seen.screen["light"] == "off" and console.seen.screen["view"] == "turnout"


def test_another_meetings_rounds_and_questions_are_not_found(
    console: Console, database: Database, keys: Keys
) -> None:
    other = Console(a_meeting(database, keys, key="other"))
    round_id = other.open("scale")
    for step in (console.close, console.reopen, console.reveal, console.annul):
        with pytest.raises(NotFound):
            step(round_id)
    with pytest.raises(NotFound):
        console.show(view="turnout", round=round_id)
    console.meeting.questions["scale"] = other.meeting.questions["scale"]
    with pytest.raises(NotFound):
        console.open("scale")
    with pytest.raises(NotFound):
        console.finish("scale")


def test_a_meeting_without_cards_does_not_open(console: Console, meeting: AMeeting) -> None:
    meeting.write(lambda c: cards.void_unused(c, meeting.id))
    assert agenda.next_step(console.look()).verb == "cards"
    with pytest.raises(NotAllowedNow, match="card"):
        console.open("scale")


def test_guests_cards_alone_open_nothing(database: Database, keys: Keys) -> None:
    console = Console(a_meeting(database, keys, groups={"hol": 0, "gol": 0, "guests": 4}, guests=["guests"]))
    with pytest.raises(NotAllowedNow):
        console.open("scale")


def test_no_round_opens_over_a_broken_chain(console: Console, meeting: AMeeting) -> None:
    console.close(console.open("scale"))
    entry = {"meeting_id": meeting.id, "seq": 99, "type": "cast", "prev": "0" * 64, "hash": "1" * 64}
    meeting.write(lambda c: c.execute(insert(schema.log).values(entry)))
    with pytest.raises(BrokenChain):
        console.open("dots")


def test_two_facilitators_at_once_make_one_step(meeting: AMeeting) -> None:
    def press(one: Console) -> str:
        try:
            one.press()
        except StaleVersion:
            return "stale"
        return "done"

    while agenda.next_step(Console(meeting).seen).verb != "over":
        # Both have seen the same page before either presses.
        both = [Console(meeting), Console(meeting)]
        for one in both:
            one.look = lambda one=one: one.seen  # type: ignore[method-assign]
        pressing = [gevent.spawn(press, one) for one in both]
        gevent.joinall(pressing)
        assert sorted(one.value for one in pressing) == ["done", "stale"]
    state = Console(meeting).seen
    assert [len(question.rounds) for question in state.questions] == [1, 1, 1]


def test_the_loser_of_a_double_click_changes_nothing(console: Console, meeting: AMeeting) -> None:
    before = console.seen.version
    round_id = console.open("scale")
    entries = len(log_of(meeting))
    for verb in (agenda.close_round, agenda.annul_round):
        with pytest.raises(StaleVersion):
            meeting.write(lambda c, verb=verb: verb(c, meeting.id, round_id, before))
    assert len(log_of(meeting)) == entries


def test_turnout_and_the_number_expected(console: Console, meeting: AMeeting) -> None:
    round_id = console.open("scale")
    meeting.cast(round_id, meeting.card("hol"), {})
    assert (console.look().turnout, console.seen.expected, console.seen.k) == (1, 12, 3)


def test_finish_is_for_closed_questions_and_final(console: Console, meeting: AMeeting) -> None:
    with pytest.raises(NotAllowedNow):
        console.finish("scale")
    round_id = console.open("scale")
    with pytest.raises(NotAllowedNow, match="open"):
        console.finish("scale")
    console.close(round_id)
    console.reveal(round_id)
    console.finish("scale")
    assert not meeting.has_key("scale")
    for step in (
        lambda: console.open("scale"),
        lambda: console.annul(round_id),
        lambda: console.finish("scale"),
    ):
        with pytest.raises(NotAllowedNow):
            step()


def test_the_end_closes_publishes_and_finishes_everything(console: Console, meeting: AMeeting) -> None:
    round_id = console.open("scale")
    for number, (_group, card) in enumerate(meeting.everybody()):
        meeting.cast(round_id, card, an_answer(meeting.question("scale"), number))
    console.end()
    question = console.seen.questions[0]
    assert console.seen.ended and question.finished and question.rounds[0].is_published
    assert agenda.next_step(console.seen).verb == "over"
    meeting.read(lambda c: log.check(c, meeting.id))
    for step in (lambda: console.open("dots"), console.end):
        with pytest.raises(NotAllowedNow, match="over"):
            step()


def ends_at(meeting: AMeeting, moment: datetime) -> None:
    """Set when the meeting ends by itself."""
    meeting.write(lambda c: agenda.postpone(c, meeting.id, moment, None))


def due(meeting: AMeeting, moment: datetime) -> list[int]:
    """Return which meetings would be ended at a moment."""
    return [one.id for one in meeting.read(lambda c: ending.due(c, moment))]


def test_a_meeting_ends_by_itself_at_its_time(console: Console, meeting: AMeeting) -> None:
    while agenda.next_step(console.look()).verb != "end":
        console.press()
    ends = schema.now() + timedelta(hours=1)
    ends_at(meeting, ends)
    assert due(meeting, ends - timedelta(minutes=1)) == []
    assert ending.end_due(meeting.database, meeting.keys, ends) == [meeting.id]
    assert console.look().ended and not console.seen.unfinished
    assert due(meeting, ends + timedelta(days=1)) == []


def test_a_meeting_that_runs_late_is_not_torn_from_the_room(console: Console, meeting: AMeeting) -> None:
    begins = schema.now()
    ends_at(meeting, begins)
    assert due(meeting, begins + timedelta(days=1)) == [], "it has not begun"
    console.look()
    round_id = console.open("scale")
    assert due(meeting, begins + timedelta(hours=1)) == [], "a vote is open"
    assert due(meeting, schema.now() + ending.GRACE) == [meeting.id]
    console.close(round_id)
    assert due(meeting, begins + timedelta(minutes=5)) == [], "the agenda goes on"
    assert due(meeting, schema.now() + ending.QUIET) == [meeting.id]


def test_an_end_cut_short_is_taken_up_again(console: Console, meeting: AMeeting) -> None:
    console.close(console.open("scale"))
    table = schema.meeting
    meeting.write(lambda c: c.execute(update(table).values(ended_at=schema.now())))
    assert ending.end_due(meeting.database, meeting.keys) == [meeting.id]
    assert not console.look().unfinished
    assert ending.end_due(meeting.database, meeting.keys) == []


def test_a_meeting_that_cannot_be_ended_holds_up_no_other(
    console: Console, meeting: AMeeting, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    other = a_meeting(meeting.database, meeting.keys, key="other")
    for one in (meeting, other):
        question = one.questions["scale"]
        one.write(lambda c, of=one, q=question: agenda.open_round(c, of.keys, of.id, q, None))
        ends_at(one, schema.now())
    moment, end = schema.now() + ending.GRACE, ending.end_meeting

    def broken(database: Database, keys: Keys, meeting_id: int, version: int | None) -> None:
        if meeting_id == meeting.id:
            raise BrokenChain(seq=1)
        end(database, keys, meeting_id, version)

    monkeypatch.setattr(ending, "end_meeting", broken)
    assert ending.end_due(meeting.database, meeting.keys, moment) == [other.id]
    assert "BrokenChain" in caplog.text
    assert due(meeting, moment) == [meeting.id]


def test_a_meeting_put_off_at_the_last_moment_goes_on(
    console: Console, meeting: AMeeting, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    console.close(console.open("scale"))
    ends_at(meeting, schema.now())
    later, found = schema.now() + ending.QUIET, ending.due

    def put_off_meanwhile(connection: Connection, now: datetime | None = None) -> Any:
        seen = found(connection, now)
        ends_at(meeting, later + timedelta(hours=1))
        return seen

    monkeypatch.setattr(ending, "due", put_off_meanwhile)
    assert ending.end_due(meeting.database, meeting.keys, later) == []
    assert not console.look().ended
    assert not caplog.records


def test_what_was_revealed_is_published_as_one_with_notes(console: Console, meeting: AMeeting) -> None:
    assert meeting.read(lambda c: publishing.revealed(c, meeting.id)) is None
    for kind in ("scale", "dots"):
        round_id = console.open(kind)
        for number, (_group, card) in enumerate(meeting.everybody()):
            meeting.cast(round_id, card, an_answer(meeting.question(kind), number))
        console.close(round_id)
        console.reveal(round_id)
    meeting.write(lambda c: notes.add(c, meeting.id, meeting.questions["dots"], 1, "Roads came up twice"))
    console.annul(round_id)
    hidden = console.open("trust")
    console.close(hidden)
    published = meeting.read(lambda c: publishing.revealed(c, meeting.id))
    assert {question.key: question.rounds[0].state for question in published.meeting.questions} == {
        "scale": "revealed",
        "dots": "annulled",
    }
    assert set(published.rows["question"]) == {"scale", "dots"}
    assert list(published.notes["text"]) == ["Roads came up twice"]
    head = meeting.read(lambda c: log.head(c, meeting.id)).hash
    assert published.meeting.head == head


def test_publishing_again_changes_nothing(console: Console, meeting: AMeeting) -> None:
    round_id = console.open("scale")
    with pytest.raises(NotAllowedNow):
        publishing.publish_round(meeting.database, meeting.keys, round_id)
    console.close(round_id)
    asked = select(schema.round_.c.published).where(schema.round_.c.id == round_id)
    first = meeting.read(lambda c: c.scalar(asked))
    publishing.publish_round(meeting.database, meeting.keys, round_id)
    assert meeting.read(lambda c: c.scalar(asked)) == first


VERBS = ("open", "close", "reopen", "reveal", "annul", "finish")


@settings(max_examples=10)
@given(steps=st.lists(st.tuples(st.sampled_from(VERBS), st.integers(0, 3)), max_size=10))
def test_whatever_is_pressed_the_agenda_stays_in_order(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    steps: list[tuple[str, int]],
) -> None:
    book = {"key": "meeting", "title": "A meeting"}
    gate = {"meeting": book, "rows": [], "stages": ["whole", "spread"], "findings": 1}
    monkeypatch.setattr(publishing, "_through_the_gate", lambda *_given: gate)
    folder: Path = tmp_path_factory.mktemp("agenda")
    database = Database(f"sqlite:///{folder / 'prikk.sqlite'}")
    migrate.upgrade(database)
    questions = [{"kind": "scale", "rounds": 2}, {"kind": "dots", "rounds": 1}]
    console = Console(a_meeting(database, Keys(folder / "keys" / "secret"), questions=questions))
    names = ("scale", "dots")
    for verb, at in steps:
        rounds = [one.id for question in console.seen.questions for one in question.rounds]
        target = names[at % 2] if verb in ("open", "finish") else rounds[at % len(rounds)] if rounds else 0
        try:
            getattr(console, verb)(target)
        except SurveyError:
            console.look()
        _is_in_order(console)
    before = console.look()
    pressed = [console.press()]
    while pressed[-1] != "over":
        pressed.append(console.press())
        assert len(pressed) < 40
    for was, now in zip(before.questions, console.look().questions, strict=True):
        assert [one.number for one in now.rounds] == list(range(1, len(now.rounds) + 1))
        put_aside = was.last is not None and was.last.state == "annulled"
        if not was.finished and not put_aside:
            assert len(now.standing) == max(was.planned, len(was.standing))
        assert len(now.standing) <= agenda.MOST_ROUNDS
    database.close()


def _is_in_order(console: Console) -> None:
    state = console.look()
    opened = [one for question in state.questions for one in question.rounds if one.state == "open"]
    assert len(opened) <= 1
    shown = state.screen.get("round")
    by_id = {one.id: one for question in state.questions for one in question.rounds}
    if state.screen["view"] == "result":
        assert by_id[shown].was_revealed
    console.meeting.read(lambda c: log.check(c, console.meeting.id))
