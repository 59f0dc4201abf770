"""Rescoring 1 M leads with 10 M touches, beside one hand-written UPDATE that does the same sums.

    DATABASE_URL=postgres://… python -m bench.rescore [--leads 1000000] [--no-capture] [--keep]

One run: every score changed (the sums get another reference time), none changed, 1 % with news; then forms a second
while every score changes, beside forms alone. CPU is that of the process and of its database session. The statement
by hand takes the stored fit; ours also works out who everybody is, journey stages, and the next check.
Prints a table and a line of JSON. The database is made for the run and dropped.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from bench.processes import TICKS, _fields

NAME = "headwater_bench_rescore"
ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--no-capture", action="store_true", help="leave out the forms meanwhile")
    parser.add_argument("--keep", action="store_true", help="keep the database")
    parser.add_argument("--database", default=NAME)
    parser.add_argument("--port", type=int, default=8341)
    parser.add_argument(
        "--run", metavar="TIME", help="only rescore all as of TIME, as the bench's own process does"
    )
    asked = parser.parse_args()
    if asked.run:
        print(json.dumps(measured(lambda: full_run(datetime.fromisoformat(asked.run)))))
        return
    server = urlsplit(os.environ.get("DATABASE_URL") or "postgres://127.0.0.1:5432/postgres")
    with psycopg.connect(server._replace(path="/postgres", query="").geturl(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {asked.database} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {asked.database}")
        try:
            with tempfile.TemporaryDirectory() as folder:
                os.environ |= {
                    "DATABASE_URL": server._replace(path=f"/{asked.database}").geturl(), "DATA_DIR": folder,
                    "ENV_FILE": "/dev/null", "REDIS_URL": "", "DJANGO_SETTINGS_MODULE": "crm.settings",
                }  # fmt: skip
                subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, check=True)
                show(measure(asked))
        finally:
            if not asked.keep:
                admin.execute(f"DROP DATABASE IF EXISTS {asked.database} WITH (FORCE)")


def measured(work: Callable[[], Any]) -> dict[str, Any]:
    """Wall and CPU seconds of this process and its session, what `work` returned, and the most memory so far."""
    import django

    django.setup()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (session,) = cursor.fetchone()

    def spent() -> tuple[float, float]:
        return time.process_time(), sum(map(int, _fields(str(session))[11:13])) / TICKS

    before, start = spent(), time.perf_counter()
    counts = work()
    wall, after = time.perf_counter() - start, spent()
    own, database = (b - a for a, b in zip(before, after, strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "wall": round(wall, 3), "cpu": round(own + database, 3), "python": round(own, 3),
        "database": round(database, 3),
        "peak_mb": round(peak), "counts": counts,
    }  # fmt: skip


def full_run(at: datetime) -> dict[str, int]:
    from leads.scoring.rescore import rescore_all

    return rescore_all(at=at)


def child(at: datetime, database: str) -> dict[str, Any]:
    """A full run in a process of its own, as a worker does it: its memory is no one else's."""
    words = [sys.executable, "-m", "bench.rescore", "--run", at.isoformat(), "--database", database]
    return json.loads(
        subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
    )


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    import django

    django.setup()
    from bench import rescore_world as world
    from leads.models import ScoringModel
    from leads.scoring.rescore import rescore

    at, began = world.now(), time.monotonic()
    world.make_model(at)
    given = world.grow(asked.leads, at)
    made = time.monotonic() - began
    live = ScoringModel.objects.filter(state="live")

    def refer(to: datetime) -> None:
        live.update(reference_at=to)
        vacuum()

    found: dict[str, Any] = {
        "bench": "rescore",
        "leads": asked.leads,
        "touches": _touches(),
        "made_s": round(made),
    }
    child(at, asked.database)  # every lead has its fit and stage from here on
    for name, reference in (("all", at - timedelta(days=30)), ("none", at - timedelta(days=30))):
        vacuum()
        found[name] = {"by_hand": measured(lambda r=reference: hand(world.ALL, given, r))}  # type: ignore[misc]
    for name in ("all", "none"):
        refer(at - timedelta(days=60))
        found[name]["ours"] = child(at, asked.database)
    found["news"] = news(world, given, at, rescore)
    if not asked.no_capture:
        from bench.rescore_capture import beside_capture

        found["capture"] = beside_capture(asked, lambda: refer(at - timedelta(days=75)), at)
    return found | _versions()


def hand(narrow: str, given: dict[str, Any], reference: datetime) -> int:
    from django.db import connection, transaction

    from bench import rescore_world as world
    from leads.scoring.days import local_midnight
    from leads.scoring.rules import load_setup

    midnight = local_midnight(given["now"], load_setup().zone)
    values = {"at": given["now"], "ref": reference.timestamp(), "midnight": midnight.timestamp()}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'; SET LOCAL jit = off")
        cursor.execute(world.by_hand(narrow), values)
        return cursor.rowcount


def news(world: Any, given: dict[str, Any], at: datetime, rescore: Callable[..., Any]) -> dict[str, Any]:
    """1 % of the leads got a form. The statement by hand goes first, and is undone by the same news once more."""
    from django.db import connection

    reference = at - timedelta(days=60)
    found: dict[str, Any] = {}
    for whose, work in (
        ("by_hand", lambda: hand(world.DIRTY, given, reference)),
        ("ours", lambda: rescore(at=at)),
    ):
        with connection.cursor() as cursor:
            cursor.execute(world.NEWS, given)
            cursor.execute(world.MARK, given)
        vacuum()
        found[whose] = measured(work)
    return found


def vacuum() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE leads_leadscore; ")
        cursor.execute("VACUUM leads_touch")
        cursor.execute("VACUUM leads_lead")
        cursor.execute("CHECKPOINT")


def _touches() -> int:
    from leads.models import Touch

    return Touch.objects.count()


def _versions() -> dict[str, Any]:
    import django
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('fsync'), "
                       "current_setting('synchronous_commit'), current_setting('shared_buffers')")  # fmt: skip
        server, fsync, commit, buffers = cursor.fetchone()
    return {
        "postgresql": server, "fsync": fsync, "synchronous_commit": commit, "shared_buffers": buffers,
        "django": django.__version__, "python": sys.version.split()[0],
    }  # fmt: skip


def show(found: dict[str, Any]) -> None:
    print(f"{found['leads']:,} leads, {found['touches']:,} touches (made in {found['made_s']} s)")
    heads = {
        "by hand: wall": 14,
        "CPU s": 8,
        "ours: wall": 12,
        "CPU": 8,
        "python": 8,
        "ratio": 8,
        "of CPU": 7,
    }
    print(f"{'':22s}" + "".join(f"{word:>{width}s}" for word, width in heads.items()))
    for name, words in (("all", "every score changed"), ("none", "none changed"), ("news", "1 % with news")):
        hand, ours = found[name]["by_hand"], found[name]["ours"]
        found[name]["ratio"] = round(ours["wall"] / hand["wall"], 2)
        found[name]["cpu_ratio"] = round(ours["cpu"] / max(hand["cpu"], 0.01), 2)
        print(f"{words:22s}{hand['wall']:14.2f}{hand['cpu']:8.2f}{ours['wall']:12.2f}{ours['cpu']:8.2f}"
              f"{ours['python']:8.2f}{found[name]['ratio']:8.2f}{found[name]['cpu_ratio']:7.2f}")  # fmt: skip
    found["peak_mb"] = max(found[name]["ours"]["peak_mb"] for name in ("all", "none"))
    found["news_of_full"] = round(found["news"]["ours"]["wall"] / found["all"]["ours"]["wall"], 3)
    print(
        f"peak memory {found['peak_mb']} MB (target 300); news beside a full run {found['news_of_full']} (target 0.1)"
    )
    if "capture" in found:
        alone, beside = found["capture"]["alone"], found["capture"]["meanwhile"]
        print(f"forms: p95 alone {alone['p95']} ms, while every score changes {beside['p95']} ms: "
              f"{found['capture']['ratio']} x (target 2); {alone['rate']} and {beside['rate']} a second")  # fmt: skip
    print(json.dumps(found))


if __name__ == "__main__":
    main()
