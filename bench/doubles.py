"""The jobs that look for doubles at a million people: seconds, CPU, memory, pairs. `python -m bench.doubles`

On the database that `python -m bench.sales --leads 1000000 --keep` left, which is changed: the pairs found are kept
there. Its names repeat more than those of real people, so the bounds of the job are reached.
"""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable
from typing import Any

from bench.database import own_database
from bench.sales import DATABASE


def measured(job: Callable[..., dict[str, int]]) -> dict[str, Any]:
    from django.utils import timezone

    begun, cpu = time.perf_counter(), time.process_time()
    counts = job(at=timezone.now())
    return {
        **counts,
        "seconds": round(time.perf_counter() - begun, 1),
        "cpu": round(time.process_time() - cpu, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    with own_database(DATABASE, keep=True):
        import django

        django.setup()
        from leads.models import Person
        from leads.twins.finding import find_all, find_new

        newest = Person.objects.order_by("-pk").values("pk")[:400]
        from django.utils import timezone

        Person.objects.filter(pk__in=list(newest.values_list("pk", flat=True))).update(
            created_at=timezone.now()
        )
        found = {"newcomers": measured(find_new), "everybody": measured(find_all)}
    for name, figures in found.items():
        print(name, ", ".join(f"{key} {value:,}" for key, value in figures.items()))
    print(json.dumps({"bench": "doubles", **found}))


if __name__ == "__main__":
    main()
