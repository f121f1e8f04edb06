"""Bring the catalogues up to date with the source: python -m survey.translations (needs Babel only)."""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

HOUSE = Path(__file__).parent.parent.parent
FOLDER = Path(__file__).parent
METHODS = [("survey/**.py", "python"), ("templates/**.html", "jinja2")]
# A refusal is given its sentence as it is raised.
REFUSALS = ("NotAllowedNow", "NotFound")
KEYWORDS = {
    **dict.fromkeys(REFUSALS),
    "_": None,
    "gettext": None,
    "N_": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}


def extracted() -> Catalog:
    """Return the messages that the source uses now."""
    catalogue = Catalog(charset="utf-8")
    for folder in ("survey", "templates"):
        methods = [
            (pattern.removeprefix(f"{folder}/"), how)
            for pattern, how in METHODS
            if pattern.startswith(folder)
        ]
        for file, _line, message, _comments, context in extract_from_dir(
            str(HOUSE / folder), methods, keywords=KEYWORDS
        ):
            # No line numbers: a moved line is no change of the translation.
            catalogue.add(message, locations=[(f"{folder}/{file}", 0)], context=context)
    return catalogue


def stored(language: str) -> Catalog:
    """Return the catalogue of a language as it is on disk; empty when there is none yet."""
    file = FOLDER / language / "LC_MESSAGES" / "messages.po"
    with io.BytesIO(file.read_bytes() if file.exists() else b"") as source:
        return read_po(source, locale=language)


def update(language: str) -> int:
    """Write the catalogue with new messages added and old ones dropped; returns how many lack a text."""
    catalogue = stored(language)
    catalogue.update(extracted(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.fuzzy = False
    file = FOLDER / language / "LC_MESSAGES" / "messages.po"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as target:
        write_po(target, catalogue, width=110, sort_output=True, include_lineno=False, ignore_obsolete=True)
    return sum(bool(message.id) and not _complete(message.string) for message in catalogue)


def _complete(text: str | tuple[str, ...] | list[str] | None) -> bool:
    return all(text) if isinstance(text, (tuple, list)) else bool(text)


if __name__ == "__main__":
    for name in ("nn", "nb"):
        print(f"{name}: {update(name)} messages lack a text")
