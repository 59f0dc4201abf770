"""How alike two records are, field by field and together. Pure: knows no tables.

Each field votes in bits: a bit doubles or halves the odds that both records are one person. The bits are reasoned,
not trained: how rare it is that two strangers agree here, and how rare that one person differs (docs/doubles.md).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.fuzz import token_sort_ratio

Record = Mapping[str, str]
# Of all pairs that share a block, about one in a thousand is a double: what the fields have to outweigh.
BEFORE = -10.0
# Odds of nine to one: from here on somebody should look. The one number checked against known doubles (bench/twins.py):
# on FEBRL dataset1 every bound from 0.1 to 0.99 finds the same pairs, so the middle of that road was taken.
ENOUGH = 0.9


@dataclass(frozen=True, kw_only=True)
class Vote:
    """What a field says: full bits when alike, bits against when not, none in between at `doubt`."""

    alike: float
    unlike: float
    compare: Callable[[str, str], float]
    doubt: float = 0.6

    def bits(self, likeness: float) -> float:
        if likeness >= self.doubt:
            return self.alike * (likeness - self.doubt) / (1 - self.doubt)
        return -self.unlike * (self.doubt - likeness) / self.doubt


@lru_cache(maxsize=200_000)
def plain(text: str) -> str:
    """Lower case, no accents, only letters, digits and single blanks."""
    flat = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.findall(r"[^\W_]+", "".join(c for c in flat if not unicodedata.combining(c))))


def _name(one: str, two: str) -> float:
    """Cut short or misspelt. Ursina and Flurina share most letters and are two people: a slip rarely comes first."""
    cut = JaroWinkler.similarity(one, two) if one[:1] == two[:1] else 0.0
    return max(cut, OSA.normalized_similarity(one, two))


def _words(one: str, two: str) -> float:
    bare = OSA.normalized_similarity(one.replace(" ", ""), two.replace(" ", ""))
    return max(bare, token_sort_ratio(one, two) / 100)


def _digits(one: str, two: str) -> float:
    """One digit wrong of seven is likely a slip; three are another number."""
    slips = OSA.distance(one, two)
    return (1.0, 0.9, 0.75)[slips] if slips < 3 and max(len(one), len(two)) >= 4 * slips else 0.0


def _number(one: str, two: str) -> float:
    """Two digits apart may be the next desk, so only one slip is forgiven."""
    slips = OSA.distance(one, two)
    return (1.0, 0.8)[slips] if slips < 2 else 0.0


def _same(one: str, two: str) -> float:
    return float(one == two)


VOTES: dict[str, Vote] = {
    "first_name": Vote(alike=5, unlike=3, compare=_name, doubt=0.7),
    "last_name": Vote(alike=6, unlike=3.5, compare=_name, doubt=0.7),
    "mailbox": Vote(alike=7, unlike=0.5, compare=_name, doubt=0.8),
    "phone": Vote(alike=9, unlike=1, compare=_number, doubt=0.7),
    "company": Vote(alike=5, unlike=2, compare=_words, doubt=0.7),
    "namesakes": Vote(alike=0, unlike=8, compare=_same),
    "title": Vote(alike=2, unlike=0.5, compare=_words),
    "country": Vote(alike=1, unlike=2, compare=_same, doubt=0.5),
    "birth_date": Vote(alike=9, unlike=4, compare=_digits, doubt=0.7),
    "id_number": Vote(alike=13, unlike=5, compare=_digits, doubt=0.7),
    "street": Vote(alike=6, unlike=1.5, compare=_words, doubt=0.6),
    "house": Vote(alike=3, unlike=0.5, compare=_digits, doubt=0.7),
    "address": Vote(alike=4, unlike=0.5, compare=_words, doubt=0.6),
    "suburb": Vote(alike=5, unlike=1.5, compare=_words, doubt=0.6),
    "postcode": Vote(alike=4, unlike=1.5, compare=_digits, doubt=0.7),
}


def alike(one: Record, two: Record) -> tuple[float, dict[str, float]]:
    """How likely both are one person (0 to 1), and how alike each field is that both have. Records are `plain`."""
    why = {
        field: vote.compare(one[field], two[field])
        for field, vote in VOTES.items()
        if one.get(field) and two.get(field)
    }
    _turn_names(one, two, why)
    if "company" in why and _is_spelt_from_name(one) and _is_spelt_from_name(two):
        why.pop("mailbox", None)  # firms make addresses of names, and the names have voted
    if _are_namesakes(one, two):
        why |= {"namesakes": 0.0}
        why.pop("mailbox", None)
    bits = BEFORE + sum(VOTES[field].bits(likeness) for field, likeness in why.items())
    return 1 / (1 + 2.0**-bits), {field: round(likeness, 2) for field, likeness in why.items()}


def _turn_names(one: Record, two: Record, why: dict[str, float]) -> None:
    """First and last name written the other way round count as the names they are."""
    names = [record.get(field, "") for record in (one, two) for field in ("first_name", "last_name")]
    if not ((names[0] and names[3]) or (names[1] and names[2])):
        return
    turned = [_name(a, b) for a, b in ((names[0], names[3]), (names[1], names[2])) if a and b]
    straight = [why[field] for field in ("first_name", "last_name") if field in why]
    if min(turned) >= 0.9 and sum(turned) > sum(straight):
        why |= {"first_name": turned[0], "last_name": turned[-1]}


def _is_spelt_from_name(record: Record) -> bool:
    """ada.nordin@, a.nordin@ and nordin@ say no more than the name does."""
    box = re.sub(r"[\d ]", "", record.get("mailbox", ""))
    first, last = (record.get(field, "").replace(" ", "") for field in ("first_name", "last_name"))
    return bool(last) and last in box and len(box.replace(last, "", 1).replace(first, "", 1)) <= 1


def _are_namesakes(one: Record, two: Record) -> bool:
    """keller2@ and keller3@ of one house: it gave numbers to tell two people of one name apart."""
    boxes = one.get("mailbox", ""), two.get("mailbox", "")
    if not all(boxes) or boxes[0] == boxes[1] or one.get("domain") != two.get("domain"):
        return False
    bare = [re.sub(r"[\d ]", "", box) for box in boxes]
    return bare[0] == bare[1] and one.get("domain") != ""
