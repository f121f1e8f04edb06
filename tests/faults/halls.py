"""A hall: a real server process on a database of its own, a meeting in it, and phones that have come in.

A hall is made once and copied for each test: cookies and cards stay good in the copy, so a test starts with
the first question open and everybody's ballot page read.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from survey.rehearsal.browser import Browser
from survey.rehearsal.drivers import Facilitator, Participant

HOUSE = Path(__file__).parent.parent.parent
SEEDED = Path(__file__).parent / "seeded.py"
GROUPS = ("hol", "gol", "nes", "flå", "ål")
# Enough places for a number that nobody sends twice: who sends, and the how-manieth it is.
ITEMS = tuple(f"place {number}" for number in range(8))
STEPS, MOST_VOTERS = 11, 1_000


@dataclass
class Voter:
    """A phone that has come in: its cookie, and what its ballot page sends besides the answer."""

    number: int
    cookie: str
    fields: dict[str, list[str]]
    items: list[str]

    def ballot(self, sending: int, key: str, round_id: int | None = None) -> dict[str, list[str]]:
        """Return the fields of this phone's `sending`th ballot; no two sendings have the same answer."""
        left, answer = self.number + MOST_VOTERS * sending, {}
        for item in self.items:
            left, answer[f"item-{item}"] = left // STEPS, [str(left % STEPS)]
        round_ = {} if round_id is None else {"round": [str(round_id)]}
        return self.fields | answer | {"key": [key]} | round_


def who_and_what(answer: str) -> tuple[int, int]:
    """Return (voter's number, sending's number) of a stored answer; see Voter.ballot."""
    values = json.loads(answer)["values"]
    whole = sum(values[item] * STEPS**place for place, item in enumerate(sorted(values)))
    return whole % MOST_VOTERS, whole // MOST_VOTERS


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A server process in a group of its own. `bug` names a seeded bug (see seeded.py) it is run with."""

    def __init__(
        self,
        folder: Path,
        bug: str = "",
        environment: Mapping[str, str] | None = None,
        enter: Sequence[str] = (),
        port: int = 0,
    ) -> None:
        self.folder, self.port = folder, port or free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        begin = [str(SEEDED), bug] if bug else ["-m", "survey"]
        listen = ["serve", "--host", "127.0.0.1", "--port", str(self.port)]
        self._command = [*enter, sys.executable, *begin, *listen]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PRIKK_")}
        self._environment = {
            **kept,
            "PRIKK_INSTANCE": str(folder),
            "PYTHONPATH": str(HOUSE),
            **(environment or {}),
        }
        self._told = folder.with_name(f"{folder.name}.{self.port}.txt")
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def output(self) -> str:
        """What it has printed and logged so far."""
        return self._told.read_text(encoding="utf-8", errors="replace")

    @property
    def pid(self) -> int:
        """The number of its process."""
        if self.process is None:
            raise RuntimeError("The server does not run.")
        return self.process.pid

    def launch(self) -> None:
        """Start the process without waiting for anything."""
        with self._told.open("wb") as out:
            self.process = subprocess.Popen(
                self._command,
                cwd=HOUSE,
                env=self._environment,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def start(self, seconds: float = 120) -> float:
        """Start it and wait until it listens; returns how many seconds that took."""
        begun = time.monotonic()
        self.launch()
        while time.monotonic() < begun + seconds:
            if self.process is not None and self.process.poll() is not None:
                raise RuntimeError(f"The server stopped: {self.output}")
            if "Phones:" in self.output:
                return time.monotonic() - begun
            time.sleep(0.02)
        raise RuntimeError(f"The server did not start: {self.output}")

    def ended(self, seconds: float = 30) -> tuple[int, str]:
        """Wait until it has ended by itself; returns its exit status and what it said."""
        if self.process is None:
            raise RuntimeError("The server does not run.")
        return self.process.wait(seconds), self.output

    def kill(self) -> None:
        """End it as a power switch would."""
        self._signal(signal.SIGKILL)
        self._wait()

    def stop(self) -> None:
        """Ask it to end, and wait; killed when it does not."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self._signal(signal.SIGCONT)
            self._signal(signal.SIGTERM)
        try:
            self._wait(20)
        except subprocess.TimeoutExpired:
            self.kill()

    def freeze(self) -> None:
        """Stop it in mid-step, as sleep does."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def scribe(self, seconds: float = 30) -> int:
        """Wait until its scribe has stored something; returns the number of that process."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for child in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split():
                # One that ends just now has nothing open.
                with suppress(OSError):
                    if any(".sqlite" in os.readlink(file) for file in Path(f"/proc/{child}/fd").iterdir()):
                        return int(child)
            time.sleep(0.01)
        raise RuntimeError("The server has no scribe that stores.")

    def kill_alone(self) -> None:
        """End it as running out of memory would, but not its scribe."""
        os.kill(self.pid, signal.SIGKILL)
        self._wait()

    def open_files(self) -> int:
        """Return how many files and sockets it has open, but the database: its pool keeps up to ten."""
        found = 0
        for file in Path(f"/proc/{self.pid}/fd").iterdir():
            # What is closed between the listing and the look is not open.
            with suppress(FileNotFoundError):
                found += ".sqlite" not in os.readlink(file)
        return found

    def memory(self) -> float:
        """Return its resident memory in MB."""
        return int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.pid}/status").read_text())[0]) / 1024

    def _signal(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, number)

    def _wait(self, seconds: float = 30) -> None:
        if self.process is not None:
            self.process.wait(seconds)
            self.process = None


@dataclass
class Hall:
    """A folder with a meeting in it, and its voters. `console` holds the facilitator's cookies."""

    folder: Path
    meeting: str
    voters: list[Voter]
    codes: list[str]
    spare_codes: list[str]
    console: dict[str, str]
    questions: list[str]
    database: str = ""

    @property
    def url(self) -> str:
        """The database's SQLAlchemy URL."""
        return self.database or f"sqlite:///{self.folder / 'prikk.sqlite'}"

    @property
    def file(self) -> Path:
        """The database's file."""
        return self.folder / "prikk.sqlite"

    def server(
        self, bug: str = "", environment: Mapping[str, str] | None = None, **options: object
    ) -> Server:
        """Return a server on this hall, not started."""
        own = {"PRIKK_DATABASE": self.database} if self.database else {}
        return Server(self.folder, bug, {**own, **(environment or {})}, **options)  # type: ignore[arg-type]

    @contextmanager
    def serving(
        self, bug: str = "", environment: Mapping[str, str] | None = None, **options: object
    ) -> Iterator[Server]:
        """Give a server that runs on this hall, and stop it in the end."""
        server = self.server(bug, environment, **options)
        try:
            server.start()
            yield server
        finally:
            server.stop()

    def facilitator(self, base: str) -> Facilitator:
        """Return the facilitator, signed in."""
        driver = Facilitator(base)
        driver.browser.cookies.update(self.console)
        return driver

    def phone(self, base: str, number: int = 0) -> Browser:
        """Return a voter's browser."""
        browser = Browser(base)
        browser.cookies.update(pair.split("=", 1) for pair in self.voters[number].cookie.split("; "))
        return browser

    def copy(self, folder: Path) -> Hall:
        """Return a copy of this hall (of its file; a database elsewhere is the same one)."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return replace(self, folder=folder)


def plan(seats: int, questions: int) -> str:
    """Return the plan of a meeting with so many cards and so many questions, all of them alike."""
    items = ", ".join(f'"{item}"' for item in ITEMS)
    groups = [f'[[groups]]\nname = "{name}"\ncards = {-(-seats // len(GROUPS))}' for name in GROUPS]
    asked = [
        f'[[questions]]\nkey = "q{number}"\nkind = "scale"\ntitle = "Question {number}"\nmin = 0\nmax = 10\n'
        f'low = "none"\nhigh = "all"\nitems = [{items}]'
        for number in range(questions)
    ]
    return "\n".join(['title = "Faults"\nlanguage = "en"\nk = 5\nspares = 1', *groups, *asked])


def make(folder: Path, people: int = 50, questions: int = 4, database: str = "", seats: int = 0) -> Hall:
    """Make a hall in an empty folder, over HTTP: `people` have come in, and question `q0` is open.

    There are `seats` cards, or as many as people; `codes` has the people's first, `spare_codes` the others'.
    """
    folder.mkdir(parents=True, exist_ok=True)
    hall = Hall(folder, "", [], [], [], {}, [f"q{number}" for number in range(questions)], database)
    with hall.serving() as server, Facilitator(server.base) as driver:
        link = re.search(r"https?://\S+/sign-in/\S+", server.output)
        if link is None:
            raise RuntimeError(f"No link: {server.output}")
        driver.sign_in_link(link[0], name="Kari", password="ein lang setning til prøve")
        hall.meeting = driver.import_plan(plan(max(seats, people), questions))
        cards = [code for codes in driver.issue_cards(hall.meeting).values() for code in codes]
        hall.codes, hall.spare_codes = cards[:people], cards[people:]
        phones = [Participant(server.base) for _ in hall.codes]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda pair: pair[0].enter_code(pair[1]), zip(phones, hall.codes, strict=True)))
            driver.open(hall.meeting, hall.questions[0])
            hall.voters = list(pool.map(lambda pair: _voter(*pair), enumerate(phones)))
        hall.console = dict(driver.browser.cookies)
        for phone in phones:
            phone.close()
    return hall


def _voter(number: int, phone: Participant) -> Voter:
    ballot = phone.question()
    if ballot is None:
        raise RuntimeError("There is no open question.")
    cookie = "; ".join(f"{name}={value}" for name, value in phone.browser.cookies.items())
    return Voter(number, cookie, ballot.fields({"values": {}}), sorted(ballot.scales))


def keep(hall: Hall, file: Path) -> None:
    """Write down what a hall is, for other processes."""
    written = {**vars(hall), "folder": str(hall.folder), "voters": [asdict(one) for one in hall.voters]}
    fresh = file.with_suffix(".part")
    fresh.write_text(json.dumps(written), encoding="utf-8")
    fresh.replace(file)


def kept(file: Path) -> Hall:
    """Return the hall that was written down in a file."""
    read = json.loads(file.read_text(encoding="utf-8"))
    voters = [Voter(**one) for one in read["voters"]]
    return Hall(**{**read, "folder": Path(read["folder"]), "voters": voters})
