"""The questions of rounds, kept in memory: a ballot's question is not read anew for every ballot."""

from __future__ import annotations

from collections import OrderedDict

from flask import current_app
from flask.blueprints import BlueprintSetupState
from sqlalchemy import Connection, bindparam, select

from survey import kinds
from survey.audiences.participant.blueprint import blueprint
from survey.storage import schema

_MOST = 100
_QUESTION = (
    select(schema.question.c.id)
    .join(schema.round_, schema.round_.c.question_id == schema.question.c.id)
    .where(schema.round_.c.id == bindparam("round"), schema.question.c.meeting_id == bindparam("meeting"))
)
_Known = OrderedDict[tuple[int, int, int], kinds.Question]


@blueprint.record
def _place_memory(state: BlueprintSetupState) -> None:
    state.app.extensions["prikk.asked"] = _Known()


def question(connection: Connection, round_id: int, meeting_id: int, version: int) -> kinds.Question | None:
    """Return the question of a round, or None where the round is not one of this meeting's.

    A change of the plan gives the meeting another version; of a question that was opened it changes nothing
    but the names of groups. Whether the round is open is not known here.
    """
    known: _Known = current_app.extensions["prikk.asked"]
    found = known.get((round_id, meeting_id, version))
    if found is None:
        question_id = connection.scalar(_QUESTION, {"round": round_id, "meeting": meeting_id})
        if question_id is None:
            return None
        found = known[round_id, meeting_id, version] = kinds.load(connection, question_id)
        if len(known) > _MOST:
            known.popitem(last=False)
    return found
