"""Possible doubles in the base: at entry, among newcomers every few minutes, and among all once a night.

Never all pairs. The night's run goes once over everybody, keeps a 32-bit key a block, and compares only people who
share one; a crowded block is left out, and so is what goes beyond `MOST_PAIRS`. Both are counted.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations, groupby
from typing import Any
from zlib import crc32

from django.db.models import Q

from leads.models import Person, Twin
from leads.twins.blocking import MOST, RULES
from leads.twins.likeness import ENOUGH, Record, alike
from leads.twins.namesakes import NEAR, Likeness, Pair, alike_namesakes
from leads.twins.people import everybody, record_of, records, stream

MOST_PAIRS = 500_000
NEWCOMERS = 500  # looked at in one round
BATCH = 2000
# Rules of which a person has the columns.
OF_PEOPLE = [
    RULES[name]
    for name in ("phone", "mailbox", "both names", "company and last name", "company and first name")
]


@dataclass(frozen=True, kw_only=True)
class Alike:
    """Somebody in the base who may be meant."""

    person: Person
    alike: float
    why: dict[str, float]


def like(said: dict[str, str], *, most: int = 5) -> list[Alike]:
    """Who in the base may be the person of a form: first_name, last_name, email, phone, company_name, country.

    Reads by index only: same number, or the same last name as typed. The night's run finds the rest.
    """
    asked = record_of(said)
    near = {person.pk: person for person in _near(asked, said)}
    scored = ((alike(asked, one), near[pk]) for pk, one in records(near).items())
    found = [Alike(person=person, alike=score, why=why) for (score, why), person in scored if score >= ENOUGH]
    return sorted(found, key=lambda one: -one.alike)[:most]


def _near(asked: Record, said: dict[str, str]) -> list[Person]:
    last, email = said.get("last_name", "").strip(), said.get("email", "").strip().lower()
    wanted = Q(last_name__in={last, last.lower(), last.upper(), last.title()}) if last else Q()
    wanted |= Q(phone_key=f"+{asked['phone']}") if asked["phone"] else Q()
    wanted |= Q(email_key=email) if email else Q()
    people = everybody().select_related("company", "sales_owner").order_by("-pk")
    return list(people.filter(wanted)[:NEAR]) if wanted else []


def find_new(*, at: datetime) -> dict[str, int]:
    """The newest people against the base. Looking twice finds nothing twice; what is missed here the night finds."""
    newest = everybody().exclude(last_name="").order_by("-pk")[:NEWCOMERS]
    pks = [person.pk for person in newest if (at - person.created_at).total_seconds() < 1800]
    return {"looked at": len(pks), "found": _keep(alike_namesakes(pks), at)}


def find_among(pks: Iterable[int], *, at: datetime) -> dict[int, int]:
    """These people against the base: each who is perhaps somebody else, with whom. New pairs go into the queue.

    One of a pair suffices, so of two who both are asked about it is the later one. A pair that somebody has
    judged is not told again.
    """
    asked = set(pks)
    found = alike_namesakes(asked)
    _keep(found, at)
    judged = Twin.objects.exclude(state=Twin.State.OPEN).filter(one__in={low for low, _high in found})
    settled = set(judged.values_list("one", "two"))
    told: dict[int, int] = {}
    for (low, high), _likeness in sorted(found.items(), key=lambda one: (one[1][0], -one[0][0])):
        if (low, high) not in settled:
            new, other = (high, low) if high in asked else (low, high)
            told[new] = other
    return told


def find_all(*, at: datetime) -> dict[str, int]:
    """Everybody against everybody who shares a block. A pair that somebody decided on is not asked again."""
    numbers, blocks = _blocks()
    crowded = left_out = 0
    # A pair as one number: half a million of them are 40 MB, as tuples four times that.
    seen: set[int] = set()
    for rule in range(len(blocks)):
        for block in _shared(blocks[rule]):
            crowded += len(block) > MOST
            for one, two in combinations(block, 2) if len(block) <= MOST else ():
                if len(seen) < MOST_PAIRS:
                    seen.add(one << 32 | two)
                else:
                    left_out += one << 32 | two not in seen
        blocks[rule] = array("Q")
        if len(seen) >= MOST_PAIRS:
            break
    ordered = array("Q", sorted(seen))
    kept = 0
    for some in _batches(ordered, BATCH):
        kept += _look([(numbers[pair >> 32], numbers[pair & 0xFFFFFFFF]) for pair in some], at)
    return {
        "people": len(numbers),
        "pairs": len(ordered),
        "left out": left_out,
        "crowded": crowded,
        "found": kept,
    }


def _blocks() -> tuple[array[int], list[array[int]]]:
    """Everybody's number, and for each rule the key of each person's block with their place in the list."""
    numbers = array("Q")
    blocks = [array("Q") for _rule in OF_PEOPLE]
    for pk, record in stream(everybody().order_by("pk")):
        place = len(numbers)
        numbers.append(pk)
        for rule, keys in zip(OF_PEOPLE, blocks, strict=True):
            if key := rule(record):
                keys.append(crc32(key.encode()) << 32 | place)
    return numbers, blocks


def _shared(keys: array[int]) -> Iterator[list[int]]:
    """The places of those who share a block. Two keys in one block by chance only cost a comparison."""
    for _key, block in groupby(sorted(keys), key=lambda key: key >> 32):
        places = [key & 0xFFFFFFFF for key in block]
        if len(places) > 1:
            yield places


def _look(pairs: list[Pair], at: datetime) -> int:
    known = records({pk for pair in pairs for pk in pair})
    judged = {
        (one, two): alike(known[one], known[two]) for one, two in pairs if one in known and two in known
    }
    return _keep({pair: found for pair, found in judged.items() if found[0] >= ENOUGH}, at)


def _keep(found: dict[Pair, Likeness], at: datetime) -> int:
    """New pairs only; a pair is kept once, whatever was decided about it."""
    pks = {pk for pair in found for pk in pair}
    there = set(Twin.objects.filter(one__in=pks, two__in=pks).values_list("one", "two"))
    fresh = [
        Twin(one_id=one, two_id=two, score=round(score, 4), why=why, found_at=at)
        for (one, two), (score, why) in found.items()
        if (one, two) not in there
    ]
    Twin.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=500)
    return len(fresh)


def _batches(rows: Any, size: int) -> Iterator[Any]:
    return (rows[start : start + size] for start in range(0, len(rows), size))
