"""python -m analysis: report, figures, comparison, summary, gallery and selfcheck."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd

from analysis import selfcheck, sources
from analysis.chromium import ChromiumError
from analysis.disclosure.published import Published

WRONG_INPUT = 2
LONGEST = 200  # of a name in a sentence
SOURCE = (
    "a data package (zip or folder), a Pabulib .pb or PrefLib .cat file, a Polis folder or a table (.csv)"
)


class CommandError(Exception):
    """Wrong input: one sentence for stderr."""


class _Parser(argparse.ArgumentParser):
    """A parser that says in one line what is wrong, and where to read on."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_INPUT, f"{self.prog}: {message} (see {self.prog} --help).\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit status: 0, or 2 with one sentence on stderr for wrong input."""
    parser = _Parser(prog="python -m analysis", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    one = _command(commands, "report", "write the report: HTML, PDF (.pdf) or a folder (name/)", _report)
    one.add_argument("-o", "--output", type=_output, required=True)
    one.add_argument("--pdf", type=Path, metavar="FILE", help="write the PDF too (needs a Chromium)")
    one.add_argument("--folder", action="store_true", help="a folder: HTML without scripts, charts as files")
    one = _command(commands, "figures", "write every figure into a folder", _figures)
    one.add_argument("-o", "--output", type=Path, required=True)
    one = commands.add_parser("gallery", help="every figure over a grid of hard cases", allow_abbrev=False)
    one.add_argument("-o", "--output", type=Path, required=True)
    one.add_argument("--no-pictures", action="store_true", help="pages only, no PNG and PDF")
    one.set_defaults(run=_gallery)
    one = commands.add_parser("compare", help="the same questions over time", allow_abbrev=False)
    one.add_argument("sources", type=Path, nargs="+", metavar="SOURCE", help=f"two or more of: {SOURCE}")
    one.add_argument("-o", "--output", type=Path, help="an HTML page or PDF (.pdf); without it, text")
    one.set_defaults(run=_compare, group=None)
    one = _command(commands, "summary", "print the released figures", _summary)
    one.add_argument("--question", help="the key of one question")
    one.add_argument("--json", action="store_true", help="as JSON")
    one = commands.add_parser("selfcheck", help="hold the measures to reference values", allow_abbrev=False)
    one.add_argument("folder", type=Path)
    one.set_defaults(run=_selfcheck)
    given = parser.parse_args(arguments)
    given.remarks = []
    try:
        status: int = given.run(given)
        for remark in given.remarks:
            print(remark, file=sys.stderr)
    except (*sources.ERRORS, ChromiumError, CommandError) as error:
        print(f"python -m analysis: {error}", file=sys.stderr)
        return WRONG_INPUT
    except BrokenPipeError:
        # The reader (head, less) went away: nothing is left to say.
        sys.stderr.close()
        return 0
    return status


def _command(commands: Any, name: str, text: str, run: Callable[[Any], int]) -> argparse.ArgumentParser:
    one: argparse.ArgumentParser = commands.add_parser(name, help=text, allow_abbrev=False)
    one.add_argument("source", type=Path, metavar="SOURCE", help=SOURCE)
    one.add_argument("--group", help="the column of a .pb file that holds each voter's group")
    one.set_defaults(run=run)
    return one


def _published(given: Any) -> Published:
    """Return what may be seen of the source; what was odd about it is told when all went well."""
    published, remarks = sources.opened(given.source, given.group)
    given.remarks += [f"{given.source.name}: {remark}" for remark in remarks]
    return published


@dataclass(frozen=True)
class _Output:
    """Where to write, and whether the name asks for a folder."""

    path: Path
    folder: bool


def _output(written: str) -> _Output:
    path = Path(written)
    if not written:
        raise argparse.ArgumentTypeError("expected a name, found nothing")
    try:
        return _Output(path, written.endswith(("/", "\\")) or path.is_dir())
    except OSError:
        return _Output(path, folder=False)  # no name that a file could have: writing will say so


def _report(given: Any) -> int:
    from analysis.report import folder, pdf, report

    published, out = _published(given), given.output.path
    if given.folder or given.output.folder:
        _writing(out, lambda: folder(published, out))
    elif out.suffix.lower() == ".pdf":
        _writing(out, lambda: pdf(published, out))
    else:
        _writing(out, lambda: report(published, out))
    if given.pdf is not None:
        _writing(given.pdf, lambda: pdf(published, given.pdf))
    return 0


def _compare(given: Any) -> int:
    """Write meetings side by side: as a page or PDF, or as text on stdout."""
    from analysis import chromium
    from analysis.compare import CompareError, in_text
    from analysis.report import comparison

    meetings = [
        _published(argparse.Namespace(source=one, group=None, remarks=given.remarks)) for one in given.sources
    ]
    try:
        if given.output is None:
            print(in_text(meetings))
            return 0
        page = comparison(meetings)
    except CompareError as error:
        raise CommandError(str(error)) from None
    if given.output.suffix.lower() == ".pdf":
        _writing(given.output, lambda: chromium.pdf(page, given.output))
    else:
        _writing(given.output, lambda: given.output.write_text(page, encoding="utf-8", newline="\n"))
    return 0


def _figures(given: Any) -> int:
    """Write the whole chart of every question and round, and every stage that looks at one item.

    Each is an HTML page; where a Chromium is found an SVG and a PNG stand beside it.
    """
    from analysis import chromium
    from analysis.figures import CONFIG

    published = _published(given)
    _writing(given.output, lambda: given.output.mkdir(parents=True, exist_ok=True))
    drawn = dict(_drawn(published))
    for name, one in drawn.items():
        write = partial(one.write_html, config=CONFIG, include_plotlyjs="directory")
        _writing(given.output, partial(write, given.output / f"{name}.html"))
    try:
        pictures = chromium.pictures([json.loads(one.to_json()) for one in drawn.values()])
    except chromium.ChromiumError as error:
        print(f"{given.output}: HTML only. {error}", file=sys.stderr)
        return 0
    for name, picture in zip(drawn, pictures, strict=True):
        for kind, content in (("svg", picture.svg), ("png", picture.png)):
            _writing(given.output, partial((given.output / f"{name}.{kind}").write_bytes, content))
    return 0


def _drawn(published: Published) -> Iterator[tuple[str, Any]]:
    """Yield file name and figure."""
    from analysis.figures import extras, figure, stages

    rounds = published.rows[["question", "round"]].drop_duplicates()
    for place, (key, number) in enumerate(rounds.itertuples(index=False), start=1):
        closer = [stage for stage in stages(published, key, number) if ":" in stage]
        closer += extras(published, key, number)
        for stage in ("all", *closer):
            name = f"{place:02}-{_safe(key)}-{number}" + (f"-{_safe(stage)}" if stage in closer else "")
            yield name, figure(published, key, number, stage)


def _gallery(given: Any) -> int:
    """Write the gallery's pages, and where a Chromium is found pictures of them."""
    from analysis import chromium, gallery

    pictures = not given.no_pictures
    try:
        chromium.found()
    except ChromiumError as error:
        print(f"{given.output}: HTML only. {error}", file=sys.stderr)
        pictures = False
    made: list[tuple[str, int]] = []
    _writing(given.output, lambda: made.extend(gallery.write(given.output, pictures)))
    print(f"{len(made)} cases, {sum(count for _, count in made)} pictures: {given.output / 'index.html'}")
    return 0


def _safe(key: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in key)


def _writing(path: Path, write: Callable[[], object]) -> None:
    try:
        write()
    except OSError as error:
        raise CommandError(f"{str(path)[:LONGEST]!r} cannot be written: {error.strerror or error}.") from None


def _summary(given: Any) -> int:
    published = _published(given)
    rows = published.rows
    if given.question is not None:
        keys = [question.key for question in published.meeting.questions]
        if given.question not in keys:
            raise CommandError(
                f"{given.source} has no question {given.question!r}; it has {', '.join(keys)}."
            )
        rows = published.of(given.question)
    if given.json:
        plain = rows.astype("object").where(rows.notna(), None)
        print(json.dumps(plain.to_dict("records"), ensure_ascii=False, indent=1))
        return 0
    for (question, number), part in rows.groupby(["question", "round"], sort=False):
        print(f"{published.meeting.question(str(question)).title} ({question}, {number})")
        print(_lines(part.drop(columns=["meeting", "question", "kind", "round"])))
    return 0


def _lines(rows: pd.DataFrame) -> str:
    shown = rows.copy()
    shown["value"] = [("" if pd.isna(value) else f"{value:g}") for value in rows["value"]]
    shown["n"] = [("" if pd.isna(value) else str(value)) for value in rows["n"]]
    return str(shown.to_string(index=False))


def _selfcheck(given: Any) -> int:
    try:
        verdicts = selfcheck.check_folder(given.folder)
    except ValueError as error:
        raise CommandError(str(error)) from None
    for verdict in verdicts:
        if verdict.outcome != selfcheck.PASSED:
            print(f"{verdict.outcome}: {verdict.file} {verdict.case} {verdict.why}".rstrip())
    print(selfcheck.summed(verdicts))
    return 1 if any(verdict.outcome == selfcheck.FAILED for verdict in verdicts) else 0


if __name__ == "__main__":
    sys.exit(main())
