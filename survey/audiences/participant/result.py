"""A revealed round in words and numbers: what the screen shows, for a phone in the hand."""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import Any

import gevent
from sqlalchemy import Row

import analysis

_MOST = 60
_made: OrderedDict[tuple[Any, ...], Any] = OrderedDict()


def wording(round_: Row[Any], language: str) -> analysis.Wording | None:
    """Return caption and table of a revealed round; None while nothing is published.

    Made once for all phones, in a native thread: forty phones ask at the same moment.
    """
    if not round_.published:
        return None
    text = json.dumps(round_.published, sort_keys=True)
    key = (text, round_.question_key, round_.number, language)
    if key not in _made:
        _made[key] = gevent.get_hub().threadpool.spawn(_make, *key)
        if len(_made) > _MOST:
            _made.popitem(last=False)
    found: analysis.Wording = _made[key].get()
    return found


def _make(text: str, question: str, number: int, language: str) -> analysis.Wording:
    published = analysis.published_from_dict(json.loads(text))
    return analysis.wording(published, question, number, language)
