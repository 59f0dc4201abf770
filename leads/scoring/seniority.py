"""What a job title says of its holder's place: from `leads/data/seniority.txt`, in five languages. Pure."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path

from campaigns.models import Seniority

LIST = Path(__file__).parents[1] / "data" / "seniority.txt"
LEVELS: tuple[str, ...] = tuple(Seniority.values)
_NONE = "none"
_LONGEST = 4  # words of a phrase
_WORD = re.compile(r"\w+")

Phrases = dict[tuple[str, ...], str]


@lru_cache(maxsize=50_000)
def seniority_of(title: str) -> str:
    """One of `LEVELS`; empty where the title says nothing of it. Of several, the one that the list names first."""
    words = tuple(_WORD.findall(title.casefold()))
    order, phrases, endings = _lists()
    found, place = set(), 0
    while place < len(words):
        level, length = _at(words[place : place + _LONGEST], phrases, endings)
        found.add(level)
        place += length
    return next((level for level in order if level in found and level != _NONE), "")


def _at(words: tuple[str, ...], phrases: Phrases, endings: Phrases) -> tuple[str, int]:
    """The level of the longest phrase that begins here, and how many words it has; a word alone may be a compound."""
    for length in range(len(words), 0, -1):
        if level := phrases.get(words[:length]):
            return level, length
    word = words[0]
    ends = [ending for (ending,) in endings if word.endswith(ending) and word != ending]
    return (endings[(max(ends, key=len),)] if ends else ""), 1


@cache
def _lists() -> tuple[tuple[str, ...], Phrases, Phrases]:
    """Levels in the order of the file; phrases as tuples of words; endings of compounds."""
    order: list[str] = []
    phrases: Phrases = {}
    endings: Phrases = {}
    lines = (line.split("#")[0].strip().casefold() for line in LIST.read_text(encoding="utf-8").splitlines())
    for line in filter(None, lines):
        if line.startswith("["):
            order.append(line.strip("[]"))
            continue
        for text in filter(None, (part.strip() for part in line.split(","))):
            target = endings if text.startswith("*") else phrases
            target.setdefault(tuple(_WORD.findall(text)), order[-1])
    return tuple(order), phrases, endings
