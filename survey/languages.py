"""The three languages: gettext catalogues read straight from the .po files, and the choice of one."""

from __future__ import annotations

import gettext as gettext_module
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = {"nn": "Nynorsk", "nb": "Bokmål", "en": "English"}
_FOLDER = Path(__file__).parent / "translations"
_current: ContextVar[str] = ContextVar("language", default="en")


@cache
def _catalogue(language: str) -> gettext_module.NullTranslations:
    file = _FOLDER / language / "LC_MESSAGES" / "messages.po"
    if language == "en" or not file.exists():
        return gettext_module.NullTranslations()
    compiled = io.BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return gettext_module.GNUTranslations(compiled)


def current() -> str:
    """Return the language in use: `nn`, `nb` or `en`."""
    return _current.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Use this language inside the block (the meeting's own, on cards and reports)."""
    token = _current.set(language if language in LANGUAGES else "en")
    try:
        yield
    finally:
        _current.reset(token)


def speak(language: str) -> None:
    """Use this language from here on in the current context (a request)."""
    _current.set(language if language in LANGUAGES else "en")


def gettext(message: str, **values: Any) -> str:
    """Return the message in the current language with `%(name)s` places filled."""
    text = _catalogue(current()).gettext(message) if message else ""
    return text % values if values else text


def ngettext(one: str, many: str, number: int, **values: Any) -> str:
    """Return the form of the message for `number`, which is also `%(num)s`."""
    return _catalogue(current()).ngettext(one, many, number) % {"num": number, **values}


def pgettext(context: str, message: str, **values: Any) -> str:
    """Return the message as used in a context."""
    text = _catalogue(current()).pgettext(context, message)
    return text % values if values else text


def N_(message: str) -> str:
    """Mark a message for translation where it is used later."""
    return message


def negotiate(accepted: list[str]) -> str | None:
    """Return the first of a browser's languages (best first) that we speak; `no` means Bokmål."""
    for tag in accepted:
        primary = tag.lower().split("-")[0]
        language = "nb" if primary in ("no", "da", "sv") else primary
        if language in LANGUAGES:
            return language
    return None


def number(value: float | None, decimals: int = 1) -> str:
    """Return a number as the current language writes it: at most `decimals`, decimal comma in Norwegian."""
    if value is None:
        return "–"
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".") if decimals else f"{value:.0f}"
    return text if current() == "en" else text.replace(".", ",")
