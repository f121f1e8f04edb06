"""A real server at an address that is not loopback, and a real browser.

On loopback a browser takes a page for a secure context and allows what it forbids in a meeting room, so the
server runs in a network namespace of its own where root allows that; elsewhere on loopback, and the header
says so.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from chromium import CHROMIUM
from gatherings import Gathering, plan

from survey.rehearsal.drivers import Facilitator

HOUSE = Path(__file__).parent.parent.parent
OUTSIDE_LOOPBACK = hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("ip") is not None


def pytest_report_header():
    place = "a network namespace (not loopback)" if OUTSIDE_LOOPBACK else "LOOPBACK ONLY: needs root and ip"
    return f"browser tests: server in {place}; browser {CHROMIUM or 'not found'}"


def run(*command):
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(scope="session")
def place():
    """Yield the host to serve on and the command that enters its namespace."""
    if not OUTSIDE_LOOPBACK:
        yield SimpleNamespace(host="127.0.0.1", enter=[])
        return
    number = os.getpid() % 16_000
    name, near, far = f"prikk{number}", f"pr{number}a", f"pr{number}b"
    net = f"10.77.{number // 64}.{number % 64 * 4}"
    first, second = (net.rsplit(".", 1)[0] + f".{number % 64 * 4 + last}" for last in (1, 2))
    run("ip", "netns", "add", name)
    try:
        run("ip", "link", "add", near, "type", "veth", "peer", "name", far)
        run("ip", "link", "set", far, "netns", name)
        run("ip", "addr", "add", f"{first}/30", "dev", near)
        run("ip", "link", "set", near, "up")
        for words in (
            ["addr", "add", f"{second}/30", "dev", far],
            ["link", "set", far, "up"],
            ["link", "set", "lo", "up"],
        ):
            run("ip", "-n", name, *words)
        yield SimpleNamespace(host=second, enter=["ip", "netns", "exec", name])
    finally:
        run("ip", "netns", "del", name)


class Server:
    """A running server: `base`, `link` (the one-time link) and what it printed so far (`output`)."""

    def __init__(self, place, folder, *options):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.base = f"http://{place.host}:{port}"
        self.file = folder / "output.txt"
        self.environment = {**os.environ, "PRIKK_INSTANCE": str(folder), "PYTHONUNBUFFERED": "1"}
        command = [
            sys.executable,
            "-m",
            "survey",
            "serve",
            "--host",
            place.host,
            "--port",
            str(port),
            *options,
        ]
        with self.file.open("wb") as out:
            self.process = subprocess.Popen(
                [*place.enter, *command], cwd=HOUSE, env=self.environment, stdout=out, stderr=out
            )
        self._wait()
        self.link = re.search(r"https?://\S+/sign-in/\S+", self.output)[0]

    @property
    def output(self):
        return self.file.read_text(encoding="utf-8", errors="replace")

    def _wait(self):
        host, port = self.base.removeprefix("http://").split(":")
        end = time.monotonic() + 90
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"The server stopped: {self.output}")
            try:
                socket.create_connection((host, int(port)), timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                if "/sign-in/" in self.output:
                    return
        raise RuntimeError(f"The server did not answer: {self.output}")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)


@pytest.fixture(scope="session")
def server(place, tmp_path_factory):
    running = Server(place, tmp_path_factory.mktemp("served"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def facilitator(server):
    """The first facilitator, signed in over HTTP."""
    with Facilitator(server.base) as driver:
        driver.sign_in_link(server.link, name="Kari", password="ein lang setning til prøve")
        yield driver


@pytest.fixture(scope="session")
def gather(server, facilitator):
    """Return a function that makes a meeting with these questions, its cards issued."""

    def gathered(*questions, **options):
        key = facilitator.import_plan(plan(*questions, **options))
        return Gathering(server.base, key, facilitator, facilitator.issue_cards(key))

    return gathered


@pytest.fixture
def open_page(browser, server):
    """Return a function that opens a page of its own context, watched: no outside request, no CSP report."""
    contexts, complaints = [], []

    def opened(path="/", width=360, height=640, language="nn", cookies=None, base=server.base, **options):
        size = {"width": width, "height": height}
        options["java_script_enabled"] = options.pop("scripts", True)
        context = browser.new_context(viewport=size, locale=language, **options)
        contexts.append(context)
        context.add_cookies(
            [{"name": name, "value": value, "url": base} for name, value in (cookies or {}).items()]
        )
        context.on("request", lambda request: _watch(request.url, base))
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("console", _listen)
        page = context.new_page()
        page.goto(base + path)
        return page

    def _listen(message):
        if "Content Security" in message.text:
            complaints.append(message.text)

    def _watch(url, base):
        if not url.startswith((base + "/", "data:", "blob:")):
            complaints.append(f"outside request: {url}")

    yield opened
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def find_nothing():
    """Return a check that axe finds nothing on a page as it stands."""
    from axe_playwright_python.sync_playwright import Axe

    axe = Axe()

    def check(page, **options):
        found = axe.run(page, options={"resultTypes": ["violations"], **options})
        found = found.response["violations"]
        said = [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]
        assert not said, "\n".join(said)

    return check
