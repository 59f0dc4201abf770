"""Cold contacts onto a prospecting list beside the same file without one. `python -m bench.import_list [--rows 10000]`

Without a list the door refuses cold contacts: for the yardstick it is held open. Both are taken back after each round.
Last names are as frequent as in a town: the commonest has one person in 140. Makes and drops `headwater_bench_list`.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import time
from collections.abc import Iterator
from itertools import accumulate, product
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from bench.database import own_database

COLUMNS = {
    "email": "mail", "first_name": "first", "last_name": "last", "company_name": "company", "phone": "phone",
}  # fmt: skip
SYLLABLES = "ber lin mar ko sen hol ga ri ne to val dan stro fel wi hu".split()  # noqa: SIM905


def rows(number: int) -> Iterator[list[str]]:
    random = Random(7)
    firsts = ["".join(pair).title() for pair in product(SYLLABLES, repeat=2)]
    lasts = ["".join(three).title() for three in product(SYLLABLES, repeat=3)]
    often = list(accumulate((place + 20) ** -0.9 for place in range(len(lasts))))
    for place in range(number):
        first, last = random.choice(firsts), random.choices(lasts, cum_weights=often)[0]
        mail = f"{first}.{last}{place}@firm{place // 5}.example".lower()
        yield [mail, first, last, f"Firm {place // 5}", f"+4620{place:07d}"]


def measured(path: Path, onto: Any) -> tuple[float, int]:
    """Seconds of one import, and how many look like doubles; then taken back."""
    from django.db import connection
    from django.utils import timezone

    from campaigns.models import Campaign
    from crm.importing.columns.mapping_file import parse
    from crm.importing.run import run_import
    from crm.importing.undo import undo_import
    from crm.models import ImportRun
    from leads.models import Twin

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # after the undo of the round before
    cold = parse({"kind": "cold_contact", "source": "bench", "columns": COLUMNS}, name="bench")
    begun = time.perf_counter()
    run_import(
        path=path, mapping=cold, campaign=Campaign.objects.get(), by=None, at=timezone.now(), prospecting_list=onto
    )  # fmt: skip
    seconds, twins = time.perf_counter() - begun, Twin.objects.count()
    undo_import(run=ImportRun.objects.latest("pk"), by=None, at=timezone.now())
    return seconds, twins


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with own_database("headwater_bench_list") as folder:
        import django

        django.setup()
        from campaigns.models import Campaign, Channel
        from crm.importing import run
        from prospects.defaults import install
        from prospects.models import ProspectingList

        install()
        Campaign.objects.create(
            slug="bench", utm_campaign="bench", channel=Channel.objects.get(slug="website")
        )
        onto = ProspectingList.objects.create(
            name="Bench", source="bench", basis="interest", basis_note="bench"
        )
        path = folder / "people.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([list(COLUMNS.values()), *rows(asked.rows)])
        run.refuse_unfit_for_list = lambda *_asked: None
        measured(path, None)  # warm
        rounds = [(measured(path, None)[0], *measured(path, onto)) for _round in range(asked.rounds)]
    for without, listed, twins in rounds:
        print(
            f"without {without:.2f} s, onto a list {listed:.2f} s, {listed / without:.2f} x, doubles {twins}"
        )
    ratio = round(median(listed / without for without, listed, _twins in rounds), 2)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"bench": "import_list", "rows": asked.rows, "ratio": ratio, "memory_mb": memory}))


if __name__ == "__main__":
    main()
