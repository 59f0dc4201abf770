"""How well doubles are found: FEBRL dataset1 and dataset3 against their own truth. `python -m bench.twins`

REAL_DATA names the folder with `febrl-duplicates` in it. The bound (`likeness.ENOUGH`) was settled on dataset1 alone;
dataset3 is measured with it. `--bounds` shows what other bounds would give.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from leads.twins.blocking import pairs
from leads.twins.likeness import ENOUGH, alike, plain

COLUMNS = {
    "given_name": "first_name", "surname": "last_name", "street_number": "house", "address_1": "street",
    "address_2": "address", "suburb": "suburb", "postcode": "postcode", "date_of_birth": "birth_date",
    "soc_sec_id": "id_number",
}  # fmt: skip
Pair = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Found:
    """What came out of one file."""

    rows: int
    looked_at: int
    scored: dict[Pair, float]
    truth: frozenset[Pair]
    seconds: float

    def measured(self, bound: float = ENOUGH) -> tuple[float, float]:
        """Precision and recall."""
        said = {pair for pair, score in self.scored.items() if score >= bound}
        right = len(said & self.truth)
        return right / max(len(said), 1), right / max(len(self.truth), 1)


def folder() -> Path | None:
    """Where the files lie; None where there are none."""
    found = Path(os.environ.get("REAL_DATA", "../shared/data")) / "febrl-duplicates"
    return found if (found / "dataset1.csv").is_file() else None


def measure(path: Path) -> Found:
    numbers, records = _read(path)
    begun = time.perf_counter()
    scored = {pair: alike(records[pair[0]], records[pair[1]])[0] for pair in pairs(records)}
    seconds = time.perf_counter() - begun
    return Found(
        rows=len(records),
        looked_at=len(scored),
        scored=scored,
        truth=frozenset(_truth(numbers)),
        seconds=seconds,
    )


def _read(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, skipinitialspace=True))
    records = [{ours: plain(row[theirs] or "") for theirs, ours in COLUMNS.items()} for row in rows]
    return [row["rec_id"].split("-")[1] for row in rows], records


def _truth(numbers: list[str]) -> Iterator[Pair]:
    same: dict[str, list[int]] = defaultdict(list)
    for position, number in enumerate(numbers):
        same[number].append(position)
    for group in same.values():
        yield from combinations(group, 2)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bounds", action="store_true")
    asked = parser.parse_args()
    where = folder()
    if where is None:
        print("No febrl-duplicates: set REAL_DATA to the folder that holds them.")
        return 1
    for name in ("dataset1", "dataset3"):
        found = measure(where / f"{name}.csv")
        precision, recall = found.measured()
        print(
            f"{name}: {found.rows:,} rows, {len(found.truth):,} doubles; {found.looked_at:,} pairs looked at in"
            f" {found.seconds:.2f} s; precision {precision:.4f}, recall {recall:.4f} at {ENOUGH}"
        )
        reached = len(found.truth & found.scored.keys()) / len(found.truth)
        print(f"  in a block together: {reached:.4f} of the doubles")
        for bound in (0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999) if asked.bounds else ():
            print("  bound {:<5} precision {:.4f} recall {:.4f}".format(bound, *found.measured(bound)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
