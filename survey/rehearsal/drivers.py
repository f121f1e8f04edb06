"""What people do, over plain HTTP, as their browsers would: for rehearsal, replays, tests, benchmarks."""

from __future__ import annotations

from survey.rehearsal.browser import PageChanged, Refused
from survey.rehearsal.facilitator import Facilitator
from survey.rehearsal.participant import Participant

__all__ = ["Facilitator", "PageChanged", "Participant", "Refused"]
