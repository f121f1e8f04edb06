"""The participant's phone: a code comes in, a ballot goes out, a receipt comes back."""

from __future__ import annotations

from survey.audiences.participant import colours, coming_in, joining, voting
from survey.audiences.participant.blueprint import blueprint

__all__ = ["blueprint", "colours", "coming_in", "joining", "voting"]
