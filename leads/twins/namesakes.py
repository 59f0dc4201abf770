"""Many people at once against everybody of the same last name: three statements a thousand, however many are near.

Of a name, as it is spelt, the newest are compared; whoever is missed the night's run finds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from math import log2

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from leads.one_of import AnyOf
from leads.twins.likeness import BEFORE, ENOUGH, VOTES, Record, alike
from leads.twins.people import everybody, records, stream

AT_ONCE = 1000
NEAR = 200
Pair = tuple[int, int]
Likeness = tuple[float, dict[str, float]]

NEEDED = log2(ENOUGH / (1 - ENOUGH)) - BEFORE
# What tells two people of one name apart, the cheapest first; and the bits if all agreed, the other fields too.
TELLING = [(field, VOTES[field]) for field in ("phone", "first_name", "mailbox", "company")]
ROOM = sum(VOTES[field].alike for field in ("last_name", "title", "country")) + sum(
    v.alike for _f, v in TELLING
)


def alike_namesakes(pks: Iterable[int]) -> dict[Pair, Likeness]:
    """Pairs of these people and anybody of the same last name who are alike, the smaller number first.

    Two of those asked about are compared however they spell it.
    """
    ordered = sorted(set(pks))
    found: dict[Pair, Likeness] = {}
    for start in range(0, len(ordered), AT_ONCE):
        found |= _compared(ordered[start : start + AT_ONCE])
    return found


def _compared(pks: list[int]) -> dict[Pair, Likeness]:
    asked: dict[int, Record] = {pk: one for pk, one in records(pks).items() if one["last_name"]}
    of_name: dict[str, list[tuple[int, Record]]] = defaultdict(list)
    for pk, mine in asked.items():
        of_name[mine["last_name"]].append((pk, mine))
    found: dict[Pair, Likeness] = {}
    for pk, one in chain(_others(pks, of_name), asked.items()):
        for other, theirs in of_name.get(one["last_name"], ()):
            once = other < pk or pk not in asked
            if once and may_be_alike(theirs, one) and (judged := alike(theirs, one))[0] >= ENOUGH:
                found[min(pk, other), max(pk, other)] = judged
    return found


def _others(pks: list[int], names: Collection[str]) -> Iterator[tuple[int, Record]]:
    """By the name as it is written, in any case, and without its accents; read as a stream."""
    among = AnyOf("pk", pks)
    known = {*names, *everybody().filter(among).values_list("last_name", flat=True)}
    spellings = {form for name in known for form in (name, name.title(), name.upper(), name.lower())}
    place = Window(RowNumber(), partition_by=F("last_name"), order_by=F("pk").desc())
    others = everybody().filter(~among, AnyOf("last_name", spellings - {""}))
    yield from stream(others.annotate(place=place).filter(place__lte=NEAR))


def may_be_alike(one: Record, other: Record) -> bool:
    """Of two of one last name: False where `alike` could not be ENOUGH, at a tenth of its cost."""
    room = ROOM
    for field, vote in TELLING:
        mine, theirs = one[field], other[field]
        if not (mine and theirs):
            room -= vote.alike
        elif (likeness := vote.compare(mine, theirs)) < vote.doubt:
            # A mailbox that differs may not be counted; names that are alike may be turned.
            room -= vote.alike if field == "mailbox" else vote.alike - vote.bits(likeness)
        elif field != "first_name":
            room -= vote.alike - vote.bits(likeness)
        if room < NEEDED:
            return False
    return True
