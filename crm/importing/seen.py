"""Which keys stood in a file before: a set of 64-bit hashes that takes 8 bytes each, where Python's takes a hundred."""

from __future__ import annotations

PARTS = 1 << 16
WIDTH = 6  # bytes of a hash beside the 16 bits that choose its part
MASK = (1 << 8 * WIDTH) - 1


class Seen:
    """`seen.add(hash(key))` says whether it was there before; two million keys take 20 MB."""

    def __init__(self) -> None:
        self._parts = [bytearray() for _part in range(PARTS)]

    def add(self, number: int) -> bool:
        part = self._parts[number & (PARTS - 1)]
        rest = (number >> 16 & MASK).to_bytes(WIDTH, "little")
        at = part.find(rest)
        while at > 0 and at % WIDTH:  # found across two neighbours
            at = part.find(rest, at + 1)
        if at < 0:
            part += rest
        return at >= 0
