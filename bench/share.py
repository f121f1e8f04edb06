"""A share of a core for some processes, by Linux's control groups (root), and what they used."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

_PERIOD = 20_000
_GROUPS = Path("/sys/fs/cgroup")


def may_hold() -> bool:
    """Say whether `held_to` is allowed here: on Linux, to root."""
    return os.access(_GROUPS / "cpu" if (_GROUPS / "cpu").is_dir() else _GROUPS, os.W_OK)


@contextmanager
def held_to(share: float, processes: Iterable[int]) -> Iterator[None]:
    """Hold each process to `share` of a core (0: to none). Raises OSError where that is not allowed."""
    if not share:
        yield
        return
    old = (_GROUPS / "cpu").is_dir()
    made: list[Path] = []
    try:
        for process in processes:
            group = (_GROUPS / "cpu" if old else _GROUPS) / f"prikk-bench-{process}"
            group.mkdir()
            made.append(group)
            limits = (
                {"cpu.cfs_period_us": f"{_PERIOD}", "cpu.cfs_quota_us": f"{int(share * _PERIOD)}"}
                if old
                else {"cpu.max": f"{int(share * _PERIOD)} {_PERIOD}"}
            )
            for name, value in limits.items():
                (group / name).write_text(value)
            (group / "cgroup.procs").write_text(str(process))
        yield
    finally:
        for group in made:
            for number in (group / "cgroup.procs").read_text().split():
                (group.parent / "cgroup.procs").write_text(number)
            group.rmdir()


@contextmanager
def apart(server: int) -> Iterator[None]:
    """Give a server the first core to itself, and this process and those it starts the others, if any."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    first, *others = sorted(before)
    if others:
        for thread in Path(f"/proc/{server}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {first})
        os.sched_setaffinity(0, others)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def children(process: int) -> list[int]:
    """Return the numbers of a process's children."""
    listed = Path(f"/proc/{process}/task/{process}/children")
    return [int(number) for number in listed.read_text().split()]


def used(processes: Iterable[int]) -> float:
    """Return the ms of processor time that processes have used; those that are gone count nothing."""
    total = 0
    for process in processes:
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return 1000 * total / os.sysconf("SC_CLK_TCK")
