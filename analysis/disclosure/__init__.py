"""The disclosure gate: `publish` is the only way from raw responses to anything that is drawn or exported."""

from analysis.disclosure.gate import publish
from analysis.disclosure.policy import Policy
from analysis.disclosure.published import COLUMNS, NOTES, Published, merge, published_from_dict

__all__ = ["COLUMNS", "NOTES", "Policy", "Published", "merge", "publish", "published_from_dict"]
