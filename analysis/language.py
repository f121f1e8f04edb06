"""Words in the reader's language: `texts.toml` holds every sentence of the analysis in nn, nb and en."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

LANGUAGES = ("nn", "nb", "en")
ENDS = tuple(".?!…:;,")


class Words:
    """Sentences by key, in one language; numbers among the values are written its way."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else "en"

    def __call__(self, key: str, **values: object) -> str:
        """Return the sentence of `key` with the values filled in; raises KeyError.

        Where a value `n` is 1 and there is a sentence `<key>_one`, that one is taken.
        """
        texts = _texts()
        if values.get("n") == 1 and f"{key}_one" in texts:
            key = f"{key}_one"
        return texts[key][self.language].format(
            **{name: self._written(value) for name, value in values.items()}
        )

    def get(self, *keys: str, otherwise: str = "", **values: object) -> str:
        """Return the sentence of the first of these keys that there is, or what stands in for it."""
        known = next((key for key in keys if key in self), None)
        return otherwise if known is None else self(known, **values)

    def __contains__(self, key: str) -> bool:
        return key in _texts()

    def _written(self, value: object) -> object:
        return number(value, self.language) if isinstance(value, int | float) else value


@cache
def words(language: str) -> Words:
    """Return the texts of a language; an unknown one gets English."""
    return Words(language)


def sentence(text: str) -> str:
    """Return a text with the full stop it may lack."""
    return text if text.endswith(ENDS) else f"{text}."


def headed(head: str, said: str, mark: str = ":") -> str:
    """Return what is said of a title or item; one that ends in a mark of its own gets no other."""
    return f"{head} {said[:1].upper()}{said[1:]}" if head.endswith(ENDS) else f"{head}{mark} {said}"


def number(value: float, language: str) -> str:
    """Return a number with at most two decimals, no empty ones, and the language's decimal sign."""
    written = f"{round(float(value), 2):.2f}".rstrip("0").rstrip(".")
    written = "0" if written == "-0" else written.replace("-", "\u2212")
    return written if language == "en" else written.replace(".", ",")


def probability(value: float, language: str) -> str:
    """Return a p-value: two decimals, and never as if it were nothing."""
    return number(value, language) if value >= 0.01 else f"< {number(0.01, language)}"


def date(iso: str, t: Words) -> str:
    """Return a date (2027-11-03, whatever follows) in words, and anything else as it is."""
    found = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2}).*", iso)
    if not found or not 1 <= int(found[2]) <= 12:
        return iso
    month = t("months").split(",")[int(found[2]) - 1]
    return t("date", day=str(int(found[3])), month=month, year=found[1])


@cache
def _texts() -> dict[str, dict[str, str]]:
    path = Path(__file__).with_name("texts.toml")
    texts: dict[str, dict[str, str]] = tomllib.loads(path.read_text(encoding="utf-8"))
    return texts
