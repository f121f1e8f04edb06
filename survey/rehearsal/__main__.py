"""Simulated voters for a running meeting: `python -m survey.rehearsal --url URL < cards.json`.

Standard input is a JSON list of `{"code": ..., "group": ...}`: codes are never on a command line, where
others on the machine could read them. The console's button starts this.
"""

from __future__ import annotations

import argparse
import json
import sys

from survey.rehearsal.voters import Crowd


def main() -> int:
    """Let the crowd come in and follow the meeting; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m survey.rehearsal", description=__doc__)
    parser.add_argument("--url", required=True, help="address of the server")
    parser.add_argument("--meeting", default="", help="key of the meeting, to be seen in a list of processes")
    parser.add_argument("--pace", type=float, default=8.0, help="seconds that a person usually thinks")
    parser.add_argument("--minutes", type=float, default=480.0, help="go home after this long")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same answers")
    args = parser.parse_args()
    try:
        cards = [(str(one["code"]), str(one["group"])) for one in json.load(sys.stdin)]
    except (ValueError, KeyError, TypeError):
        print("A JSON list of cards with code and group was expected on standard input.", file=sys.stderr)
        return 2
    with Crowd(args.url, cards, args.pace, args.seed) as crowd:
        crowd.come_in()
        crowd.follow(args.minutes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
