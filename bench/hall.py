"""A hall to measure in: a server process, its meeting, its facilitator, and voters who have come in."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from bench.load import KEY, Job, Result, Voter
from survey.rehearsal.drivers import Facilitator, Participant
from survey.rehearsal.minds import Mind

HOUSE = Path(__file__).parent.parent
_PLAN = HOUSE / "survey" / "meetings" / "ready" / "hallingtinget.toml"
_ANSWERS = 4


@dataclass
class Hall:
    """A running server. `voters` are ready to post; `taken` counts what it has acknowledged."""

    variant: str
    folder: Path
    url: str
    link: str
    process: subprocess.Popen[str]
    phones: list[Participant] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    voters: list[Voter] = field(default_factory=list)
    meeting: str = ""
    taken: int = 0

    def fill(self, people: int) -> Facilitator:
        """Make the demo meeting, let `people` come in by their cards, and return the facilitator."""
        facilitator = Facilitator(self.url)
        facilitator.sign_in_link(self.link)
        self.meeting = facilitator.import_plan(plan_for(people))
        cards = facilitator.issue_cards(self.meeting)
        seats = [(group, code) for group, codes in cards.items() for code in codes if group != "gjester"]
        self.phones = [Participant(self.url) for _ in seats[:people]]
        self.groups = [group for group, _ in seats[:people]]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda pair: pair[0].enter_code(pair[1][1]), zip(self.phones, seats, strict=False)))
        return facilitator

    def prepare(self) -> None:
        """Let every phone load the open question's ballot once and make up its answers."""
        with ThreadPoolExecutor(8) as pool:
            numbered = enumerate(zip(self.phones, self.groups, strict=True))
            self.voters = list(pool.map(lambda one: _voter(one[0], *one[1]), numbered))

    def vote(self, seconds: float, every: float = 0.0) -> Result:
        """Let all voters post for some seconds, from another process; raises RuntimeError at a refusal.

        With `every` each voter lets so many seconds pass from one ballot to the next.
        """
        job = json.dumps(asdict(Job(self.url, self.voters, seconds, every=every)))
        command = [sys.executable, "-m", "bench.load"]
        before = processor_ms(self.process.pid)
        done = subprocess.run(command, cwd=HOUSE, input=job, capture_output=True, text=True, check=True)
        result = Result(**json.loads(done.stdout))
        result.cost = (processor_ms(self.process.pid) - before) / max(1, result.taken)
        self.taken += result.taken
        if result.failed:
            raise RuntimeError(
                f"{self.variant}: {result.failed} ballots refused, the first: {result.refusal}"
            )
        return result


def plan_for(people: int) -> str:
    """Return the demo's plan with groups large enough for `people`."""
    text = _PLAN.read_text(encoding="utf-8")
    groups = sum(group.get("votes", True) for group in tomllib.loads(text)["groups"])
    return text.replace("cards = 6", f"cards = {-(-people // groups)}")


def _voter(number: int, phone: Participant, group: str) -> Voter:
    ballot = phone.question()
    if ballot is None:
        raise RuntimeError("There is no open question.")
    bodies = []
    for seed in range(_ANSWERS):
        answer = Mind(seed, group, number).answer(ballot)
        fields = ballot.fields(answer, KEY)
        bodies.append(urlencode([(name, one) for name, values in fields.items() for one in values]))
    cookie = "; ".join(f"{name}={value}" for name, value in phone.browser.cookies.items())
    return Voter(cookie, bodies)


def processor_ms(process: int) -> float:
    """Return the ms of processor time that a process has used (0 where /proc does not tell)."""
    stat = Path(f"/proc/{process}/stat")
    if not stat.exists():
        return 0.0
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return 1000 * (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def cast_once(url: str, voter: Voter) -> int:
    """Cast a voter's first ballot under a fresh key and return the answer's status; OSError without one."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    heads = {"Cookie": voter.cookie, "Origin": url, "Content-Type": "application/x-www-form-urlencoded"}
    try:
        connection.request("POST", "/vote", voter.bodies[0].replace(KEY, secrets.token_hex(16)), heads)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


@contextmanager
def hall(variant: str, folder: Path, preloaded: Path | None = None) -> Iterator[Hall]:
    """Start one variant's server on a database in `folder`, under a library if one is given, and end it."""
    folder.mkdir()
    environment = {**os.environ, "LD_PRELOAD": str(preloaded)} if preloaded else None
    command = [sys.executable, "-m", "bench.served", variant, str(folder)]
    process = subprocess.Popen(command, cwd=HOUSE, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        said = process.stdout.readline() if process.stdout else ""
        if not said:
            raise RuntimeError(f"The server {variant!r} did not start.")
        yield Hall(variant, folder, **json.loads(said), process=process)
    finally:
        process.terminate()
        process.wait(timeout=30)
