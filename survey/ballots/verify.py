"""Verify the exported log of a meeting. Needs nothing but Python: python -I verify.py LOG.json [--head HEAD]

Each entry holds the hash of the one before: what was changed, moved, added or taken out is found by itself.
A log cut short, or made anew from the start, is found only against a head kept elsewhere, on a picture or in
print: 8 signs do, 16 cannot be imitated. With --receipt a voter sees that a ballot is there, if it counts.
Both may be given several times: those that fit tell up to where the log is as it was.
"""

import argparse
import hashlib
import json
import sys
from itertools import takewhile

FORMAT = "prikk/1"
NAMES = ("seq", "type", "round_id", "pseudonym", "commitment", "data", "prev")
TYPES: dict = {"seq": [int], "round_id": [int, type(None)], "type": [str], "prev": [str], "hash": [str]}
TYPES |= {name: [str, type(None)] for name in ("pseudonym", "commitment", "data")}
BALLOTS = ("cast", "paper")  # steps: what a round may be before one, and what it is after it
STEPS = {"open": (["new"], "open"), "reopen": (["closed"], "open"), "close": (["open"], "closed")}
STEPS |= {"reveal": (["closed"], "revealed"), "annul": (["closed", "revealed"], "annulled")}
SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Wrong(Exception):
    """Something that does not fit; the sentence says where."""


def once(pairs: list) -> dict:
    """Return a JSON object; a name that stands twice in it could be read in two ways."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)


def entry_hash(entry: dict) -> str:
    """Return SHA-256 over the entry's canonical form."""
    whole = [FORMAT, "entry", [entry[name] for name in NAMES]]
    return hashlib.sha256(json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def receipt(hash: str) -> str:
    """Return the receipt of an entry: the first 50 bits of its hash."""
    bits = int(hash[:13], 16) >> 2
    signs = "".join(SYMBOLS[(bits >> shift) & 31] for shift in range(45, -1, -5))
    return f"{signs[:5]}-{signs[5:]}"


def check_chain(entries: list, heads: tuple = ()) -> str:
    """Return the head of the chain; raises Wrong at the first entry that does not fit."""
    last = "0" * 64
    for place, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict) or any(type(entry.get(name)) not in TYPES[name] for name in TYPES):
            raise Wrong(f"Entry {place}: it is no entry of a log.")
        if entry["seq"] != place:
            raise Wrong(f"Entry {place}: the number is {entry['seq']}. An entry is missing, moved or added.")
        if entry["hash"] != entry_hash(entry):
            raise Wrong(f"Entry {place}: it was changed.")
        if entry["prev"] != last and stands(entries[place - 1 :], heads):
            raise Wrong(f"Entry {place - 1}: it was changed. A head you gave stands on what follows.")
        if entry["prev"] != last:
            raise Wrong(f"Entry {place}: it does not follow from the entry before: one of them was changed.")
        last = entry["hash"]
    return last


def stands(entries: list, heads: tuple) -> bool:
    """Say whether these entries follow one another up to one of the heads."""
    pairs = zip([entries[0]["prev"], *(one["hash"] for one in entries)], entries, strict=False)
    fit = takewhile(lambda two: two[1]["prev"] == two[0] and two[1]["hash"] == entry_hash(two[1]), pairs)
    return any(entry["hash"].startswith(heads) for _, entry in fit)


def check_rounds(entries: list) -> dict:
    """Return the counted ballots of each round, by name; raises Wrong where steps and numbers disagree."""
    states, names, ballots = dict[int, str](), dict[int, str](), dict[int, set]()
    for entry in entries:
        place, step, number = entry["seq"], entry["type"], entry["round_id"]
        state, voids = states.get(number, "new"), entry["type"] == "void" and number is not None
        if step in STEPS:
            before, states[number] = STEPS[step]
            if state not in before or list(states.values()).count("open") > 1:
                raise Wrong(f"Entry {place}: {step} is no step for a round that is {state} here.")
        if step == "open":
            facts, ballots[number] = json.loads(entry["data"]), set()
            names[number] = f"{facts['question']}, round {facts['round']}"
        if step in BALLOTS or voids:
            if state != "open":
                raise Wrong(f"Entry {place}: a ballot in a round that is not open.")
            (ballots[number].discard if voids else ballots[number].add)(entry["pseudonym"])
        if step == "close" and json.loads(entry["data"])["n"] != len(ballots[number]):
            raise Wrong(f"Entry {place}: the log has {len(ballots[number])} ballots, another number is told.")
    return {names[number]: len(who) for number, who in ballots.items()}


def find(entries: list, kept: str) -> int:
    """Return the place of a head (8 signs or more) or of a receipt's ballot; 0 where it is not there."""
    ballots = (one["seq"] for one in entries if one["type"] in BALLOTS and receipt(one["hash"]) == kept)
    heads = (one["seq"] for one in entries if len(kept) >= 8 and one["hash"].startswith(kept))
    return next(heads, 0) or next(ballots, 0)


def became(entries: list, place: int) -> str:
    """Return what became of the ballot at a place."""
    who = (entries[place - 1]["round_id"], entries[place - 1]["pseudonym"])
    later = [one["type"] for one in entries[place:] if (one["round_id"], one["pseudonym"]) == who]
    return ", voided" if "void" in later else ", replaced by a later one" if later else ", the last one"


def check(log: dict, heads: list, receipts: list) -> list:
    """Return what there is to tell of a log that verifies; raises Wrong."""
    entries, heads = log["entries"], ["".join(one.split()).lower() for one in heads]
    head, rounds = check_chain(entries, tuple(heads)), check_rounds(entries)
    if log["head"] != head:
        raise Wrong(f"The log ends at {head[:16]}, but says {str(log['head'])[:16]!a}.")
    places = {kept: find(entries, kept) for kept in heads + receipts}
    fits, missing = max(places.values(), default=0), [kept for kept, place in places.items() if not place]
    if missing:
        more = f" Entries 1 to {fits} are as they were." * (fits > 0)
        raise Wrong(f"It was cut short or made anew: {', '.join(missing)!a} is not in it.{more}")
    states = {kept: became(entries, places[kept]) for kept in receipts}
    told = [f"{one}: entry {at} of {len(entries)}{states.get(one, '')}." for one, at in places.items()]
    erased = ", contents erased" if any(entry["type"] == "erase" for entry in entries) else ""
    counts = [f"  {ascii(name)[1:-1]}: {count} ballots in the box{erased}" for name, count in rounds.items()]
    return [*told, f"Verifies: {len(entries)} entries, head {head}.", *counts]


def main() -> int:
    """Read the command line, verify, and say what was found; 0 fits, 1 does not, 2 cannot be read."""
    parser = argparse.ArgumentParser(description="Verify the exported log of a meeting.")
    parser.add_argument("log", help="the exported log, a JSON file")
    for name, what in (("--head", "a head kept elsewhere, best 16 signs"), ("--receipt", "XXXXX-XXXXX")):
        parser.add_argument(name, action="append", default=[], help=what)
    asked = parser.parse_args()
    try:
        with open(asked.log, encoding="utf-8-sig") as file:
            log = json.load(file, object_pairs_hook=once)
        print(*check(log, asked.head, [one.upper() for one in asked.receipt]), sep="\n")
    except Wrong as wrong:
        print(f"DOES NOT VERIFY. {wrong}")
        return 1
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        print(f"{asked.log}: not an exported log ({type(error).__name__}: {error!a:.99}).", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
