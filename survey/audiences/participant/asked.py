"""The questions of rounds, kept in memory: a ballot's question is not read anew for every ballot."""

from __future__ import annotations

from collections import OrderedDict

from flask import current_app
from flask.blueprints import BlueprintSetupState
from sqlalchemy import bindparam, select

from survey import kinds
from survey.audiences import access
from survey.audiences.participant.blueprint import blueprint
from survey.storage import schema

_MOST = 100
_QUESTION = (
    select(schema.question.c.id)
    .join(schema.round_, schema.round_.c.question_id == schema.question.c.id)
    .where(schema.round_.c.id == bindparam("round"), schema.question.c.meeting_id == bindparam("meeting"))
)
_Known = OrderedDict[int, kinds.Question]


@blueprint.record
def _place_memory(state: BlueprintSetupState) -> None:
    state.app.extensions["prikk.asked"] = _Known()


def question(round_id: int, meeting_id: int) -> kinds.Question | None:
    """Return the question of a round, or None where the round is not one of this meeting's.

    Once it was opened nothing of a question changes but the names of groups, and no other round ever has the
    same id. Whether the round is open is not known here.
    """
    known: _Known = current_app.extensions["prikk.asked"]
    found = known.get(round_id)
    if found is None:
        asked = {"round": round_id, "meeting": meeting_id}
        question_id = access.reading().scalar(_QUESTION, asked)
        if question_id is None:
            return None
        found = known[round_id] = kinds.load(access.reading(), question_id)
        if len(known) > _MOST:
            known.popitem(last=False)
    return found if found.meeting_id == meeting_id else None
