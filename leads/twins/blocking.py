"""Which pairs are worth a look: those that share a block. Never all pairs; a crowded block is left out.

A block is a key made of what survives a slip: each rule forgives another one, so a double needs only one of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations

from leads.twins.likeness import Record

# A key that more people share says nothing: a switchboard, "info", the commonest name.
MOST = 50
Rule = Callable[[Record], str]


def _join(*parts: str) -> str:
    """The parts as one key; none of them may be missing."""
    return "|".join(parts) if all(parts) else ""


def _names(record: Record) -> str:
    """Both names, in whichever order they were typed."""
    return _join(*sorted([record.get("first_name", ""), record.get("last_name", "")]))


def _sound(word: str) -> str:
    """A rough sound: the first letter and the consonants behind it, doubles once."""
    out = word[:1]
    for letter in word[1:]:
        if letter not in "aeiouyhw " and letter != out[-1]:
            out += letter
    return out[:4]


RULES: dict[str, Rule] = {
    "id number": lambda r: r.get("id_number", ""),
    "phone": lambda r: r.get("phone", "")[-8:],
    "mailbox": lambda r: r.get("mailbox", "") if len(r.get("mailbox", "")) > 5 else "",
    "both names": _names,
    "company and last name": lambda r: _join(r.get("company", ""), _sound(r.get("last_name", ""))),
    "company and first name": lambda r: _join(r.get("company", ""), _sound(r.get("first_name", ""))),
    "birth date": lambda r: r.get("birth_date", ""),
    "postcode and last name": lambda r: _join(r.get("postcode", ""), _sound(r.get("last_name", ""))),
    "postcode and first name": lambda r: _join(r.get("postcode", ""), _sound(r.get("first_name", ""))),
    "street and house": lambda r: _join(r.get("street", "").split(" ")[0], r.get("house", "")),
    "suburb and street": lambda r: _join(r.get("suburb", ""), r.get("street", "")[:4]),
    "postcode and house": lambda r: _join(r.get("postcode", ""), r.get("house", "")),
}


def pairs(
    records: Sequence[Record], rules: Iterable[Rule] = tuple(RULES.values()), most: int = MOST
) -> Iterator[tuple[int, int]]:
    """Positions of the records that share a block, each pair once, the smaller first."""
    seen: set[tuple[int, int]] = set()
    for rule in rules:
        blocks: dict[str, list[int]] = defaultdict(list)
        for position, record in enumerate(records):
            if key := rule(record):
                blocks[key].append(position)
        for block in blocks.values():
            if 1 < len(block) <= most:
                for pair in combinations(block, 2):
                    if pair not in seen:
                        seen.add(pair)
                        yield pair
