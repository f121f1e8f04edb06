"""Reading a page as a browser does: its forms with their fields, and the text a person would read."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser

_SILENT = {"script", "style", "svg", "head", "template"}


@dataclass
class Control:
    """A field of a form: its type ("radio", "hidden", "button", ...), name, value, and whether it is on."""

    type: str
    name: str
    value: str
    on: bool = True
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass
class Form:
    """A form: where it goes, how, its controls in order, and the attributes of its tag (data-...)."""

    action: str
    method: str
    attributes: dict[str, str]
    controls: list[Control] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        """Return the names of all fields and buttons."""
        return {control.name for control in self.controls}

    @property
    def filled(self) -> list[tuple[str, str]]:
        """Return what would be sent now, without pressing a named button."""
        return [
            (one.name, one.value) for one in self.controls if one.on and one.name and one.type != "button"
        ]

    def value(self, name: str) -> str:
        """Return the value a field has now; raises KeyError where the form has none of that name."""
        for control in self.controls:
            if control.name == name and control.on:
                return control.value
        raise KeyError(name)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.data: dict[str, str] = {}
        self.words: list[str] = []
        self.main_words: list[str] = []
        self._form: Form | None = None
        self._select = ""
        self._text_of: Control | None = None
        self._silent = 0
        self._main = 0

    @property
    def main_text(self) -> str:
        """Return the text inside <main>, or of the whole page where there is none, as one line."""
        return " ".join(" ".join(self.main_words or self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for name, value in given.items():
            if name.startswith("data-"):
                self.data.setdefault(name.removeprefix("data-"), value)
        self._silent += tag in _SILENT
        self._main += tag == "main"
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower(), given)
            self.forms.append(self._form)
        elif "disabled" not in given:
            self._control(tag, given)

    def _control(self, tag: str, given: dict[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "select":
            self._select = name
        elif tag == "option":
            option = Control("option", self._select, value, "selected" in given, given)
            self._text_of = None if "value" in given else option
            self._add(option)
        elif tag == "button":
            self._add(Control("button", name, value, True, given), given.get("form"))
        elif tag == "textarea":
            self._text_of = Control("textarea", name, "", True, given)
            self._add(self._text_of, given.get("form"))
        elif tag == "input":
            type_ = given.get("type", "text").lower()
            choice = type_ in ("radio", "checkbox")
            type_ = "button" if type_ in ("submit", "image") else type_
            on = "checked" in given if choice else type_ != "file"
            self._add(Control(type_, name, value or ("on" if choice else ""), on, given), given.get("form"))

    def _add(self, control: Control, form_id: str | None = None) -> None:
        home = self._form
        if form_id:
            home = next((form for form in self.forms if form.attributes.get("id") == form_id), home)
        if home is not None:
            home.controls.append(control)

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0
        self._main -= tag == "main" and self._main > 0
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._text_of = None
        elif tag == "select":
            self._choose_first()
        elif tag == "option":
            self._text_of = None

    def _choose_first(self) -> None:
        """Choose the first option of the list that ends here, as browsers do where none is chosen."""
        options = [one for one in self._form.controls if one.name == self._select] if self._form else []
        if options and not any(one.on for one in options):
            options[0].on = True
        self._select = ""

    def handle_data(self, data: str) -> None:
        if self._text_of is not None:
            self._text_of.value += data
        elif not self._silent and data.strip():
            self.words.append(data)
            if self._main:
                self.main_words.append(data)


@lru_cache(maxsize=64)
def read_page(html: str) -> _Reader:
    """Return the page's `forms`, its readable `main_text`, and its data attributes as `data`."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader
