"""What the room sees: every state, nothing too early, nothing that tells who."""

from __future__ import annotations

import itertools
import re

import pytest
from factories import a_meeting, an_answer
from hypothesis import given
from hypothesis import strategies as st
from rooms import a_room

from survey.audiences.screen import places, result
from survey.meetings import agenda, notes, prompts

SECRETS = re.compile(r"(?i)median|The agree|The roads")


@pytest.fixture
def room(tmp_path):
    found = a_room(tmp_path)
    yield found
    found.meeting.database.close()


def seen(room, client=None):
    answer = (client or room.client()).get("/screen/meeting/view")
    assert answer.status_code == 200
    return answer.text


def test_before_anything_the_room_sees_how_to_come_in(room):
    page = room.get("/screen/meeting")
    assert page.status_code == 200
    assert "prikk.test:8000" in page.text
    assert 'data-view="join"' in page.text
    assert page.text.count('class="ring"') == 12
    assert 'lang="en"' in page.text


def test_the_page_speaks_the_meetings_language_whatever_the_browser_wants(room):
    room.set(language="nn")
    assert 'lang="nn"' in room.get("/screen/meeting", headers={"Accept-Language": "en"}).text


def test_the_wifi_has_a_code_only_when_it_has_a_name(room):
    assert "QR code for the Wi-Fi" not in seen(room)
    room.set(wifi_name="Hall & <b>", wifi_password="fjell; dal")
    page = seen(room)
    assert "QR code for the Wi-Fi" in page
    assert "Hall &amp; &lt;b&gt;" in page


def unescape(text):
    """Read one field of the WIFI: form as a phone does."""
    parts, field, signs = [], "", iter(text)
    for sign in signs:
        if sign == "\\":
            field += next(signs)
        elif sign == ";":
            parts.append(field)
            field = ""
        else:
            field += sign
    return parts


@given(st.text(min_size=1, max_size=40), st.text(max_size=40))
def test_a_phone_reads_back_the_networks_name_and_password(name, password):
    written = places.wifi(name, password)
    assert written.startswith("WIFI:") and written.endswith(";;")
    fields = dict(part.split(":", 1) for part in unescape(written.removeprefix("WIFI:")) if part)
    assert fields["S"] == name
    assert fields.get("P", "") == password
    assert fields["T"] == ("WPA" if password else "nopass")


@given(st.integers(1, 400), st.floats(300, 1800), st.floats(40, 300))
def test_rings_lie_inside_their_box_apart_from_one_another(count, width, height):
    found = places.rings(count, width, height, 94)
    if found is None:
        return
    assert len(found.places) == count
    assert found.height <= height + 1
    for x, y in found.places:
        assert 0 <= x - found.radius and x + found.radius <= width
        assert 0 <= y - found.radius and y + found.radius <= found.height
    for (x, y), (p, q) in itertools.combinations(found.places[:60], 2):
        assert (x - p) ** 2 + (y - q) ** 2 >= (2 * found.radius) ** 2


def test_an_open_sealed_question_shows_turnout_and_nothing_else(room):
    round_id = room.open("scale")
    room.meeting.cast(round_id, room.meeting.card("hol"), an_answer(room.meeting.question("scale")))
    page = seen(room)
    assert 'data-view="turnout"' in page and "Sealed" in page
    assert page.count('class="dot"') == 1
    assert page.count('class="ring"') == 11
    assert not SECRETS.search(page)


@pytest.mark.parametrize("kind", ["scale", "trust", "dots"])
@pytest.mark.parametrize("closed", [False, True])
def test_different_answers_make_the_same_screen_until_they_are_shown(tmp_path, kind, closed):
    worlds = []
    for number in (0, 3):
        room = a_room(tmp_path / str(number))
        round_id = room.open(kind)
        for place, (_, card) in enumerate(room.meeting.everybody()):
            room.meeting.cast(round_id, card, an_answer(room.meeting.question(kind), number * place))
        if closed:
            room.close(round_id)
        answers = [room.get("/screen/meeting/view"), room.get(f"/screen/meeting/figure/{round_id}")]
        worlds.append([(answer.status_code, answer.data) for answer in answers])
        room.meeting.database.close()
    assert worlds[0] == worlds[1]
    assert worlds[0][1][0] == 404


def test_a_closed_round_says_so_and_shows_no_result(room):
    round_id = room.open("dots")
    room.everybody_casts("dots", round_id)
    room.close(round_id)
    page = seen(room)
    assert 'data-view="closed"' in page
    assert page.count('class="dot"') == 12
    assert not SECRETS.search(page)


@pytest.mark.parametrize("kind", ["scale", "trust", "dots"])
def test_a_revealed_round_has_chart_table_text_and_turnout(room, kind):
    round_id = room.revealed(kind)
    page = seen(room)
    assert 'data-view="result"' in page
    assert "12 of 12 have answered" in page
    assert f"About {kind}" in page
    assert '<th scope="row">' in page
    address = re.search(r'data-figure="([^"]+)"', page)[1].replace("&amp;", "&")
    assert f"/figure/{round_id}?" in address
    drawn = room.get(address)
    assert drawn.mimetype == "application/json"
    assert drawn.json["data"] and drawn.json["layout"]["meta"]["description"]
    assert drawn.json["config"]["staticPlot"] is True


def test_stages_follow_one_another_and_the_dark_has_its_own_colours(room):
    round_id = room.revealed("scale")
    figures = {}
    for stage, light in itertools.product((0, 1), ("on", "off")):
        room.show(stage=stage, light=light)
        page = seen(room)
        assert f'data-light="{light}"' in page
        address = re.search(r'data-figure="([^"]+)"', page)[1].replace("&amp;", "&")
        figures[stage, light] = room.get(address).json
    assert figures[0, "on"]["stage"] != figures[1, "on"]["stage"]
    assert len(figures[0, "on"]["layout"]["shapes"]) < len(figures[1, "on"]["layout"]["shapes"])
    assert figures[0, "on"]["layout"]["paper_bgcolor"] != figures[0, "off"]["layout"]["paper_bgcolor"]
    assert room.get(f"/screen/meeting/figure/{round_id}?stage=nonsense&theme=nonsense").status_code == 200


def test_prompts_come_one_at_a_time_and_as_the_facilitator_wants_them(room):
    round_id = room.revealed("dots")
    assert 'class="panel"' in seen(room)
    room.show(finding=1)
    first = seen(room)
    assert 'class="panel talk"' in first
    asked = re.search(r'class="ask[^"]*">([^<]+)<', first)[1]
    room.show(finding=2)
    assert asked not in seen(room)
    room.show(finding=99)
    assert 'class="panel talk"' in seen(room)
    for name in _names(room, round_id):
        room.meeting.write(lambda c, name=name: notes.skip_prompt(c, room.meeting.id, round_id, name))
    assert 'class="panel talk"' not in seen(room)
    chosen = _names(room, round_id)[0]
    own = "What would we <do> together?"
    room.meeting.write(lambda c: notes.edit_prompt(c, room.meeting.id, round_id, chosen, own))
    assert "What would we &lt;do&gt; together?" in seen(room)


def _names(room, round_id):
    import analysis
    from survey.storage import schema

    stored = room.meeting.read(
        lambda c: c.execute(schema.round_.select().where(schema.round_.c.id == round_id)).first()
    )
    published = analysis.published_from_dict(stored.published)
    return [one.name for one in analysis.findings(published, "dots", 1)]


def test_a_round_put_aside_leaves_the_wall(room):
    round_id = room.revealed("scale")
    room.meeting.write(lambda c: agenda.annul_round(c, room.meeting.id, round_id, None))
    page = seen(room)
    assert "put aside" in page and not SECRETS.search(page)
    assert room.get(f"/screen/meeting/figure/{round_id}").status_code == 404


def test_a_figure_belongs_to_its_own_meeting(room):
    round_id = room.revealed("scale")
    a_meeting(room.meeting.database, room.meeting.keys, key="other")
    assert room.get(f"/screen/other/figure/{round_id}").status_code == 404
    assert room.get("/screen/nowhere").status_code == 404


def test_an_open_question_lands_on_the_wall_with_the_groups_names(tmp_path):
    question = {"kind": "dots", "secrecy": "open"}
    room = a_room(tmp_path, questions=(question,))
    round_id = room.open("dots")
    room.everybody_casts("dots", round_id)
    page = seen(room)
    assert 'data-view="wall"' in page
    assert "Hol" in page and "Gol" in page
    plan = re.search(r'id="wall-plan">(.*?)</script>', page, re.DOTALL)[1]
    assert '"axis": []' in plan and '"n":' in plan
    room.meeting.database.close()


def test_only_whoever_runs_the_meeting_gets_keys(room):
    other = a_meeting(room.meeting.database, room.meeting.keys, key="other")
    assert "data-step" not in room.get("/screen/meeting").text
    assert "data-step" not in room.client(other.id).get("/screen/meeting").text
    assert "data-step" in room.client(room.meeting.id).get("/screen/meeting").text


def test_a_rehearsal_is_marked_at_the_foot(room):
    mark, advice = 'id="rehearsal"', 'id="advisory"'
    page = room.get("/screen/meeting").text
    assert f"{mark} hidden" in page and f"{advice} hidden" not in page
    room.set(rehearsal=True)
    page = room.get("/screen/meeting").text
    assert f"{mark} hidden" not in page and f"{advice} hidden" in page


@pytest.mark.parametrize(
    ("items", "seen_in", "stage", "beside"),
    [
        ((), "", "groups:a", "groups:a"),
        (("a",), "", "groups:a", "groups:a"),
        (("a",), "", "groups:b", "spread"),
        (("a",), "groups", "groups:b", "groups:a"),
        (("a",), "groups", "change:a", "groups:a"),
        (("c",), "groups", "groups:b", "spread"),
        (("a",), "", "whole", "spread"),
        (("a",), "change", "groups:a", "change:a"),
        (("b", "a"), "change", "change:a", "change:a"),
        (("c",), "change", "whole", "change:"),
    ],
)
def test_the_chart_shows_what_the_prompt_is_about(items, seen_in, stage, beside):
    prompt = prompts.Prompt("x", "", "", "?", "", items, seen_in)
    stages = ("whole", "spread", "change:", "change:a", "groups:a", "groups:b")
    assert result.stage_beside(prompt, stages, stage) == beside
    assert result.stage_beside(None, stages, stage) == stage
