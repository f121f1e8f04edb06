"""Heavy work in a native thread, so that pages and streams go on meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import gevent

T = TypeVar("T")


def apart(work: Callable[..., T], *given: Any) -> T:
    """Run `work(*given)` in a native thread and return (or raise) what it does."""
    result: T = gevent.get_hub().threadpool.apply(work, given)
    return result
