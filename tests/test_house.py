"""The house: who may import whom, where kinds have their rooms, and how long a module may be."""

from __future__ import annotations

import ast
from pathlib import Path
from statistics import median

import pytest

from survey.kinds import KINDS

HOUSE = Path(__file__).parent.parent
LONGEST = 300
MIGRATIONS = HOUSE / "survey" / "storage" / "migrations"
# A room may import the rooms below it, and printing those of meetings.
SURVEY = {
    "config": 0,
    "languages": 0,
    "network": 0,
    "errors": 0.5,
    "storage": 1,
    "kinds": 2,
    "ballots": 3,
    "meetings": 4,
    "printing": 4.5,
    "rehearsal": 4,
    "audiences": 5,
    "create_app": 6,
    "connections": 6,
    "serving": 7,
    "application": 7.2,
    "starting": 7.5,
    "keeping": 7.5,
    "commands": 7.7,
    "cli": 8,
}
# The modules of the audiences' room that all of them share.
SHARED = {"access", "feeds", "forms", "headers", "live", "pages", "sessions", "standing"}
ANALYSIS = {
    "responses": 0,
    "language": 0,
    "measures": 1,
    "disclosure": 2,
    "reading": 3,
    "figures": 4,
    "reflection": 4,
    "report": 5,
    "package": 5,
    "gallery": 6,
    "__main__": 7,
}


def modules(room: str) -> list[Path]:
    """Return the Python files of a top-level room, migrations apart: they are never read, only run."""
    return [file for file in sorted((HOUSE / room).rglob("*.py")) if MIGRATIONS not in file.parents]


def dotted(file: Path) -> str:
    """Return a file's module name."""
    parts = file.relative_to(HOUSE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(file: Path) -> set[str]:
    """Return every module that a file imports, anywhere in it; `from a import b` counts as `a.b` too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: an import says the whole name"
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


def place(name: str, room: str) -> str | None:
    """Return which part of a room a module belongs to, or None for another room's or the room itself."""
    parts = name.split(".")
    return parts[1] if parts[0] == room and len(parts) > 1 else None


def rooms_of_survey() -> list[Path]:
    """Return the modules behind the front door; that one (`__init__`, `__main__`) may see every room."""
    return [file for file in modules("survey") if place(dotted(file), "survey") not in (None, "__main__")]


@pytest.mark.parametrize("file", rooms_of_survey(), ids=dotted)
def test_survey_imports_only_what_stands_below(file):
    own = place(dotted(file), "survey")
    others = {name: place(name, "survey") for name in imports(file)}
    for name, other in others.items():
        if own == "rehearsal":
            assert not name.startswith("survey") or other == "rehearsal", f"{name}: a rehearsal speaks HTTP"
        elif other not in (None, own):
            assert other in SURVEY and SURVEY[other] < SURVEY[own], f"{name}: {own} stands below it"


@pytest.mark.parametrize("file", modules("survey/audiences"), ids=dotted)
def test_audiences_never_import_one_another(file):
    parts = dotted(file).split(".")
    own = parts[2] if len(parts) > 2 else ""
    for name in imports(file):
        if name.startswith("survey.audiences."):
            other = name.split(".")[2]
            assert other in {own, *SHARED}, f"{name}: another audience"


@pytest.mark.parametrize("room", ["meetings", "ballots", "kinds", "storage", "printing"])
def test_below_the_audiences_nothing_knows_flask(room):
    for file in modules(f"survey/{room}"):
        assert not [name for name in imports(file) if name.split(".")[0].startswith("flask")], file


@pytest.mark.parametrize("file", modules("survey"), ids=dotted)
def test_survey_uses_the_analysis_by_its_public_face(file):
    faces = {"analysis"} | {f"analysis.{name}" for name in public_names()}
    used = {name for name in imports(file) if name.split(".")[0] == "analysis"}
    assert used <= faces


def public_names() -> set[str]:
    """Return what analysis says is public."""
    import analysis

    return set(analysis.__all__)


@pytest.mark.parametrize("file", modules("analysis"), ids=dotted)
def test_analysis_knows_neither_survey_nor_flask_and_imports_only_what_stands_below(file):
    own = place(dotted(file), "analysis")
    for name in imports(file):
        assert name.split(".")[0] not in ("survey", "flask")
        other = place(name, "analysis")
        if own in ANALYSIS and other in ANALYSIS and own != other:
            assert ANALYSIS[other] < ANALYSIS[own] or {own, other} == {"report", "package"}, (
                f"{own} imports {name}"
            )


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_its_rooms(kind):
    templates = HOUSE / "templates" / "kinds" / kind
    assert {file.name for file in templates.glob("*.html")} >= {"ballot.html", "paper.html", "setup.html"}
    for room in ("survey/kinds", "analysis/measures", "analysis/figures"):
        assert (HOUSE / room / f"{kind}.py").exists() or (HOUSE / room / kind).is_dir(), room


def compared_with_a_kind(tree: ast.AST) -> list[int]:
    """Return the lines where something is compared or matched with a kind's name."""
    found = []
    for node in ast.walk(tree):
        sides: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            sides = [node.value]
        for side in sides:
            inner = side.elts if isinstance(side, ast.Tuple | ast.List | ast.Set) else [side]
            names = [one.value for one in inner if isinstance(one, ast.Constant)]
            if any(name in KINDS for name in names) and not is_about_something_else(sides):
                found.append(node.lineno if isinstance(node, ast.Compare) else node.value.lineno)
    return found


def is_about_something_else(sides: list[ast.expr]) -> bool:
    """Say whether a comparison is about a measure, a column or a form's field of the same name."""
    written = " ".join(ast.unparse(side) for side in sides)
    return "measure" in written


@pytest.mark.parametrize("file", [*modules("survey"), *modules("analysis")], ids=dotted)
def test_nowhere_is_there_an_if_on_a_kinds_name(file):
    assert compared_with_a_kind(ast.parse(file.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("file", sorted((HOUSE / "templates").rglob("*.html")), ids=lambda file: file.name)
def test_no_template_asks_for_a_kind_by_name(file):
    source = file.read_text(encoding="utf-8")
    asked = [f"kind {sign} {quote}{kind}" for kind in KINDS for sign in ("==", "!=") for quote in "'\""]
    assert [one for one in asked if one in source] == []


def test_modules_are_short():
    lengths = {
        dotted(file): len(file.read_text(encoding="utf-8").splitlines())
        for room in ("survey", "analysis")
        for file in modules(room)
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}
    assert median(length for length in lengths.values() if length > 3) <= 130


def test_rooms_have_names_that_say_something():
    forbidden = {"utils", "util", "helpers", "models", "views", "misc", "common"}
    names = {file.stem for room in ("survey", "analysis") for file in modules(room)}
    assert names & forbidden == set()


def test_nothing_guards_with_assert_or_swallows_everything():
    for file in [*modules("survey"), *modules("analysis")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            assert not isinstance(node, ast.Assert), f"{file}:{node.lineno}"
            bare = isinstance(node, ast.ExceptHandler) and node.type is None
            assert not bare, f"{file}:{getattr(node, 'lineno', 0)}"
