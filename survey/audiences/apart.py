"""Heavy work in a native thread: charts, reports and workbooks never run on the server's loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import gevent

T = TypeVar("T")


def apart(work: Callable[..., T], *given: Any) -> T:
    """Run `work(*given)` in a native thread and return its result, so that pages and streams go on meanwhile.

    What it raises is raised here. It must not touch the request: it has none.
    """
    result: T = gevent.get_hub().threadpool.apply(work, given)
    return result
