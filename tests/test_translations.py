"""Nynorsk and Bokmål are complete, and fill the same places as the English source."""

import re

import pytest

from survey import errors
from survey.languages import gettext, speaking
from survey.translations.__main__ import extracted, stored

PLACES = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")


def texts(value):
    return list(value) if isinstance(value, (tuple, list)) else [value]


@pytest.mark.parametrize("language", ["nn", "nb"])
def test_every_message_has_a_text_with_the_same_places(language):
    catalogue = stored(language)
    missing, wrong = [], []
    for message in extracted():
        if not message.id:
            continue
        found = catalogue.get(texts(message.id)[0], context=message.context)
        if found is None or not all(texts(found.string)) or found.fuzzy:
            missing.append(message.id)
            continue
        wanted = set(PLACES.findall(texts(message.id)[-1]))
        wrong += [message.id for text in texts(found.string)[-1:] if set(PLACES.findall(text)) != wanted]
    assert not missing
    assert not wrong


@pytest.mark.parametrize("language", ["nn", "nb"])
def test_nothing_is_left_over_from_an_older_source(language):
    used = {(texts(message.id)[0], message.context) for message in extracted()}
    assert {(texts(m.id)[0], m.context) for m in stored(language)} <= used


@pytest.mark.parametrize("language", ["nn", "nb"])
def test_every_refusal_speaks_the_language(language):
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.SurveyError)
    ]
    with speaking(language):
        assert not [kind for kind in kinds if gettext(kind.sentence) == kind.sentence]
