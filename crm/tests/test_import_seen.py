"""The set of keys that stood in a file before."""

import random

from crm.importing import seen as module
from crm.importing.seen import Seen


def test_it_knows_what_a_set_knows(monkeypatch):
    """With few parts many keys share one, so that matches across two neighbours come up."""
    monkeypatch.setattr(module, "PARTS", 4)
    chance, known, seen = random.Random(4), set(), Seen()
    for _turn in range(5000):
        number = chance.choice([chance.getrandbits(64), chance.getrandbits(28), -chance.getrandbits(40)])
        kept = (number & 3, number >> 16 & module.MASK)
        assert seen.add(number) == (kept in known)
        known.add(kept)


def test_keys_that_look_alike_over_a_border_are_two():
    seen = Seen()
    assert [seen.add(n) for n in (1 << 16 | 7, 256 << 16 | 7, 1 << 32 | 7, 7, 1 << 16 | 7)] == [False] * 4 + [
        True
    ]
