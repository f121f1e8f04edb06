"""Verify the exported log of a meeting. Needs nothing but Python: python -I verify.py LOG.json [--head HEAD]

The log is a chain: each entry holds the hash of the one before. A changed, missing, moved or added entry is
found by itself. A log cut short, or made anew from the start, is found only against a head kept elsewhere:
photographed from the screen, printed in the report. Give it with --head; its first 8 signs are enough. With
--receipt a voter sees that a receipt's ballot is there, and whether it counts or was replaced.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from typing import Any

FORMAT = "prikk/1"
NAMES = ("seq", "type", "round_id", "pseudonym", "commitment", "data", "prev")
BALLOTS = ("cast", "paper")
SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Wrong(Exception):
    """Something that does not fit; the sentence says where."""


def entry_hash(entry: dict[str, Any]) -> str:
    """Return SHA-256 over the entry's canonical form."""
    whole = [FORMAT, "entry", [entry[name] for name in NAMES]]
    return hashlib.sha256(json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def receipt(hash: str) -> str:
    """Return the receipt of an entry: the first 50 bits of its hash."""
    bits = int(hash[:13], 16) >> 2
    signs = "".join(SYMBOLS[(bits >> shift) & 31] for shift in range(45, -1, -5))
    return f"{signs[:5]}-{signs[5:]}"


def check_chain(entries: list[dict[str, Any]]) -> str:
    """Return the head of the chain; raises Wrong at the first entry that does not fit."""
    last = "0" * 64
    for place, entry in enumerate(entries, start=1):
        if entry["seq"] != place:
            raise Wrong(
                f"Entry {place}: the number is {entry['seq']!r}. An entry is missing, moved or added."
            )
        if entry["prev"] != last:
            raise Wrong(f"Entry {place}: it does not follow from the entry before.")
        if entry["hash"] != entry_hash(entry):
            raise Wrong(f"Entry {place}: it was changed.")
        last = entry["hash"]
    return last


def check_rounds(entries: list[dict[str, Any]]) -> dict[int, int]:
    """Return the counted ballots of each round; raises Wrong where ballots and closing disagree."""
    opened: int | None = None
    ballots: dict[int, set[str]] = {}
    for entry in entries:
        place, type, number = entry["seq"], entry["type"], entry["round_id"]
        if type in ("open", "reopen"):
            if opened is not None or (type == "open") == (number in ballots):
                raise Wrong(f"Entry {place}: this round cannot be opened here.")
            opened = number
            ballots.setdefault(number, set())
        elif type in BALLOTS:
            if number != opened:
                raise Wrong(f"Entry {place}: a ballot in a round that is not open.")
            ballots[number].add(entry["pseudonym"])
        elif type == "void" and number is not None:
            ballots[number].discard(entry["pseudonym"])
        elif type == "close":
            said = json.loads(entry["data"])["n"]
            if number != opened or said != len(ballots[number]):
                raise Wrong(f"Entry {place}: closed with {said} ballots, the log has another number.")
            opened = None
    return {number: len(who) for number, who in ballots.items()}


def check_head(entries: list[dict[str, Any]], head: str) -> int:
    """Return the place of a head kept elsewhere (8 signs or more); raises Wrong when it is not there."""
    wanted = "".join(head.split()).lower()
    if len(wanted) < 8:
        raise Wrong("A head has at least 8 signs.")
    for entry in entries:
        if entry["hash"].startswith(wanted):
            return int(entry["seq"])
    raise Wrong("The head kept elsewhere is not in this log: it was cut short or made anew.")


def about_receipt(entries: list[dict[str, Any]], wanted: str) -> str:
    """Return a sentence about the ballot behind a receipt; raises Wrong when there is none."""
    found = [
        entry for entry in entries if entry["type"] in BALLOTS and receipt(entry["hash"]) == wanted.upper()
    ]
    if not found:
        raise Wrong(f"Receipt {wanted}: no ballot in this log has it.")
    same = (found[0]["round_id"], found[0]["pseudonym"])
    later = [
        entry["type"]
        for entry in entries[found[0]["seq"] :]
        if (entry["round_id"], entry["pseudonym"]) == same and entry["type"] in (*BALLOTS, "void")
    ]
    state = (
        "voided by the facilitator"
        if "void" in later
        else "replaced by a later one"
        if later
        else "the last one"
    )
    return f"Receipt {wanted}: entry {found[0]['seq']}, {state}."


def main() -> int:
    """Read the command line, verify, and say what was found; 0 fits, 1 does not, 2 cannot be read."""
    parser = argparse.ArgumentParser(description="Verify the exported log of a meeting.")
    parser.add_argument("log", help="the exported log, a JSON file")
    parser.add_argument("--head", help="a head kept elsewhere, 8 signs or more")
    parser.add_argument("--receipt", help="a receipt, XXXXX-XXXXX")
    asked = parser.parse_args()
    try:
        with open(asked.log, encoding="utf-8") as file:
            log = json.load(file)
        entries = log["entries"]
        head = check_chain(entries)
        if log["head"] != head:
            raise Wrong(f"The log ends at {head[:16]}, but says {str(log['head'])[:16]}.")
        rounds = check_rounds(entries)
        if asked.head:
            print(f"The head kept elsewhere is entry {check_head(entries, asked.head)} of {len(entries)}.")
        if asked.receipt:
            print(about_receipt(entries, asked.receipt))
    except Wrong as wrong:
        print(f"DOES NOT VERIFY. {wrong}")
        return 1
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        print(f"{asked.log}: not an exported log ({type(error).__name__}: {error}).", file=sys.stderr)
        return 2
    print(f"Verifies: {len(entries)} entries, head {head}.")
    erased = ", contents erased" if any(entry["type"] == "erase" for entry in entries) else ""
    for number, count in rounds.items():
        print(f"  round {number}: {count} ballots in the box{erased}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
