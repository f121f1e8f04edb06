"""One server of the benchmark, in a process of its own: `python -m bench.served VARIANT FOLDER`.

Every variant starts as `python -m survey serve` does and differs from it in one thing alone. It prints one
line of JSON, `{"url": ..., "link": ...}`, and serves until SIGTERM.
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all(ssl=False)

import json  # noqa: E402 - what follows must see the patched modules
import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402
from pathlib import Path  # noqa: E402
from types import SimpleNamespace  # noqa: E402
from typing import Any  # noqa: E402

from flask import Flask, Response, request  # noqa: E402

from survey import create_app, serving, starting  # noqa: E402
from survey.audiences import access, feeds  # noqa: E402
from survey.audiences.participant import voting  # noqa: E402
from survey.ballots import cast as ballot_box  # noqa: E402
from survey.meetings import accounts  # noqa: E402
from survey.storage import jobs  # noqa: E402


def durable() -> None:
    """Change nothing: one commit for all ballots that wait, on disk before any is answered."""


def one_by_one() -> None:
    """Give every ballot a commit of its own."""
    jobs.LARGEST_BATCH = jobs.LARGEST_LENT = 1


def nothing() -> None:
    """Check the answer and make up a receipt; what is only needed for storing is not even made."""
    voting.access = SimpleNamespace(**vars(access))  # type: ignore[assignment]
    voting.access.write_together = _kept_by_nobody  # type: ignore[assignment]
    voting.ballot_box = SimpleNamespace(**vars(ballot_box))  # type: ignore[assignment]
    voting.ballot_box.ready = _checked  # type: ignore[assignment]


def _kept_by_nobody(_work: Any, ballot: Any) -> Any:
    return ballot


def _checked(
    _connection: Any,
    _keys: Any,
    question: Any,
    _round_id: int,
    card: Any,
    _key: str,
    answer: Any,
    _holder: str,
) -> ballot_box.Cast:
    refusal = ballot_box.refusal(question, card, answer)
    if refusal is not None:
        raise refusal
    return ballot_box.Cast(1, "0" * 64, again=False)


def bare(folder: str) -> Flask:
    """Return an application of one view that parses the form and answers as the ballot box does."""
    app = Flask(__name__)
    # What the server looks for when it starts and stops.
    app.config["PRIKK_INSTANCE"] = folder
    app.extensions["prikk.database"] = SimpleNamespace(hire_scribe=lambda: None, close=lambda: None)

    @app.post("/vote")
    def vote() -> Response:
        if not request.form.get("round"):
            return Response(status=422)
        return Response(status=303, headers={"Location": "/receipt"})

    return app


def told() -> None:
    """Write down when the streams are told what: `told.txt` in the folder."""
    renew = feeds.Feed._renew

    def renewed(feed: feeds.Feed, audience: str, state: dict[str, Any]) -> None:
        renew(feed, audience, state)
        with (Path(sys.argv[2]) / "told.txt").open("a") as file:
            file.write(f"{time.monotonic()} {audience} {feed.texts[audience].decode().strip()}\n")

    feeds.Feed._renew = renewed  # type: ignore[method-assign,assignment]


VARIANTS: dict[str, Callable[[], None]] = {
    "durable": durable,
    "nothing": nothing,
    "one by one": one_by_one,
    "told": told,
}


def main(variant: str, folder: str) -> None:
    """Serve one variant, its database in `folder`."""
    if variant == "bare":
        _serve(bare(folder), "")
        return
    app = create_app({"PRIKK_INSTANCE": folder, "PRIKK_DATABASE": "", "PRIKK_SECRET_FILE": ""})
    VARIANTS[variant]()
    token = app.extensions["prikk.database"].write(
        lambda c: accounts.invite(c, starting.first_facilitator(c))
    )
    _serve(app, f"/sign-in/{token}", serving.regular(app))


def _serve(app: Flask, link: str, tick: Callable[[], None] | None = None) -> None:
    server = serving.start(app, "127.0.0.1", 0, tick)
    print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}", "link": link}), flush=True)
    serving.serve_until(serving.asked_to_stop(), server)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
