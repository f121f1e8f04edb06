"""A batch of jobs within one transaction: what became of each of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError

from survey.storage.jobs import Job, Verdict
from survey.storage.locking import begin_work


def is_lost(error: Exception) -> bool:
    """Say whether the connection is gone."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def is_of_storage(error: Exception) -> bool:
    """Say whether the database is to blame, and not the work."""
    return isinstance(error, (OperationalError, sqlite3.Error)) or is_lost(error)


def of_one_work(batch: list[Job]) -> Iterator[list[Job]]:
    """Split a batch, in its order: items of the same work that stand side by side, other jobs alone."""
    for is_shared, jobs in groupby(batch, key=lambda job: job.item is not None and job.work):
        if is_shared:
            yield list(jobs)
        else:
            yield from ([job] for job in jobs)


def attempt(connection: Connection, jobs: list[Job]) -> list[Verdict]:
    """Do jobs of one work behind a savepoint; raises what the storage is to blame for, and nothing else."""
    work = jobs[0].work
    try:
        with connection.begin_nested():
            begin_work(connection)
            if jobs[0].item is None:
                return [(jobs[0], work(connection), None)]
            found = work(connection, [job.item for job in jobs])
    except Exception as error:  # noqa: BLE001 - handed to the caller as it is
        if is_of_storage(error):
            raise
        if len(jobs) == 1:
            return [(jobs[0], None, error)]
        # One of them made all fail; each has a try of its own, so that only the culprit does.
        return [attempt(connection, [job])[0] for job in jobs]
    return verdicts(jobs, found)


def verdicts(jobs: list[Job], found: Sequence[Any]) -> list[Verdict]:
    """Return what became of each job of one shared work."""
    return [
        (job, None, one) if isinstance(one, Exception) else (job, one, None)
        for job, one in zip(jobs, found, strict=True)
    ]
