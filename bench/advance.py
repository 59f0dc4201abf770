"""Letting people walk on: 1 M enrolments of which 1 % are due, beside one INSERT … SELECT of the due ones.

    DATABASE_URL=postgres://… python -m bench.advance [--people 1000000]

The yardstick is written by hand and only inserts the mails: no lock, no mark on the enrolment. Then the advance of the
schedule does the same rows, and takes note of their end. The same hundred due rows are done among 10,000 enrolments
and among all, so that growth shows. The database is made for the run and dropped. Prints a table and a line of JSON.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.database import own_database

DATABASE = "headwater_bench_advance"
ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 3
FEW, SMALL = 100, 10_000

PEOPLE = """INSERT INTO leads_person (id, email, email_key, phone, first_name, last_name, job_title, company_name,
    country, language, time_zone, sales_stage, sales_open, no_profiling, created_at, enriched_at)
SELECT n, 'p' || n || '@firm.example', 'p' || n || '@firm.example', '', 'Ada', 'Nordin ' || n, '', '', 'SE', 'en',
    '', '', false, false, now() - interval '90 days', now()
FROM generate_series(%(first)s, %(last)s) n"""
ENROLMENTS = """INSERT INTO leads_enrolment (id, person_id, sequence_id, version_id, round, state, exit_reason, entry,
    position, next_position, due_at, entered, went_first_way, started_at)
SELECT n, n, %(sequence)s, %(version)s, 1, 'active', '', 'staff', 0, 1, now() + n * interval '1 second' + interval
    '1 day', 0, 0, now() - interval '1 day'
FROM generate_series(%(first)s, %(last)s) n"""
BY_HAND = """INSERT INTO leads_message (key, message_id, kind, person_id, to_address, to_domain, enrolment_id, step_id,
    words_id, subject, body, state, reason, ground, code, attempts, resends, due_at, created_at, settled)
SELECT 'seq:' || e.id || ':' || s.id, '<' || gen_random_uuid() || '@averdahl.example>', 'sequence', e.person_id, '',
    '', e.id, s.id, w.id, '', '', 'scheduled', '', '', '', 0, 0, e.due_at, %(at)s, false
FROM leads_enrolment e
JOIN campaigns_publishedstep s ON s.version_id = e.version_id AND s.position = e.next_position
JOIN campaigns_publishedwords w ON w.step_id = s.id
WHERE e.state = 'active' AND e.due_at <= %(at)s ON CONFLICT DO NOTHING"""
# Every hundredth, so that the due ones lie all over the table.
DUE = """UPDATE leads_enrolment SET due_at = %(at)s - interval '1 minute', position = 0, next_position = 1, entered = 0
WHERE id IN (SELECT n * %(every)s FROM generate_series(1, %(due)s) n)"""
NOT_DUE = """UPDATE leads_enrolment SET due_at = now() + interval '9 days', position = 0, next_position = 1, entered = 0
WHERE due_at IS NULL OR due_at <= %(at)s OR position > 0"""


def make_sequence() -> dict[str, int]:
    """Two mails, a day apart; returns the ids that rows point at."""
    from campaigns.models import EmailTemplate, Sequence, SequenceStep
    from campaigns.sequences import publish

    sequence = Sequence.objects.create(name="Bench", slug="bench")
    template = EmailTemplate.objects.create(name="One", slug="one", subject="One", body="<p>Hello</p>")
    for order in (1, 2):
        SequenceStep.objects.create(sequence=sequence, order=order, template=template, delay_hours=24 * order)
    return {"sequence": sequence.pk, "version": publish(sequence=sequence, by=None, at=datetime.now(UTC)).pk}


def run(statement: str, **given: Any) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return cursor.rowcount


def grow(ids: dict[str, int], first: int, last: int) -> None:
    run("SET session_replication_role = replica")
    for statement in (PEOPLE, ENROLMENTS):
        run(statement, **ids, first=first, last=last)
    run("SET session_replication_role = DEFAULT")
    tidy()


def tidy() -> None:
    for table in ("leads_person", "leads_enrolment", "leads_message"):
        run(f"VACUUM ANALYZE {table}")
    run("CHECKPOINT")


def prepared(due: int, every: int, at: datetime) -> None:
    """So many due, no mail yet."""
    run("TRUNCATE leads_message CASCADE")
    run(NOT_DUE, at=at)
    assert run(DUE, at=at, due=due, every=every) == due
    tidy()


def took(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    done = work()
    return time.perf_counter() - started, done


def one_round(due: int, every: int) -> dict[str, float]:
    """Seconds of the statement by hand, of the advance over the same rows, and of its noting that they were sent."""
    from leads.models import Message
    from leads.nurture.advance import advance

    at = datetime.now(UTC)
    prepared(due, every, at)
    by_hand, number = took(lambda: run(BY_HAND, at=at))
    assert number == due
    prepared(due, every, at)
    begun, counted = took(lambda: rounds_of(advance, at, "mails"))
    assert counted == due == Message.objects.count()
    run("UPDATE leads_message SET state = 'sent', ended_at = %(at)s", at=at)
    tidy()
    settled, counted = took(lambda: rounds_of(advance, at, "settled"))
    assert counted == due
    return {
        "by_hand": by_hand, "begun": begun, "settled": settled,
        "ratio": begun / by_hand, "settled_ratio": settled / by_hand,
    }  # fmt: skip


def rounds_of(advance: Callable[..., dict[str, int]], at: datetime, name: str) -> int:
    """The job again and again until it finds nothing, as its own nudge has it."""
    total = 0
    while number := advance(at=at)[name]:
        total += number
    return total


def median_of(due: int, every: int) -> dict[str, float]:
    """A ratio is that of one round: neighbours disturb, and one round's two statements lie close together."""
    rounds = [one_round(due, every) for _ in range(ROUNDS)]
    return {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def versions() -> dict[str, str]:
    import django
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('fsync'), "
                       "current_setting('synchronous_commit')")  # fmt: skip
        server, fsync, commit = cursor.fetchone()
    return {
        "postgresql": server, "fsync": fsync, "synchronous_commit": commit, "django": django.__version__,
        "python": platform.python_version(),
    }  # fmt: skip


def measure(people: int) -> dict[str, Any]:
    import django

    django.setup()
    ids = make_sequence()
    grow(ids, 1, SMALL)
    few_small = median_of(FEW, SMALL // FEW)
    grow(ids, SMALL + 1, people)
    few_large = median_of(FEW, people // FEW)
    before = memory()
    many = median_of(people // 100, 100)
    return {
        "bench": "advance", "figure": round(many["begun"], 3), "yardstick": round(many["by_hand"], 3),
        "ratio": round(many["ratio"], 2),
        "settled": round(many["settled"], 3), "settled_ratio": round(many["settled_ratio"], 2),
        "people": people, "due": people // 100,
        "hundred_due_ms": {str(SMALL): _ms(few_small), str(people): _ms(few_large)},
        "growth": round(few_large["begun"] / few_small["begun"], 2),
        "memory_mb": round(memory()), "memory_grew_mb": round(memory() - before), **versions(),
    }  # fmt: skip


def _ms(one: dict[str, float]) -> dict[str, float]:
    return {name: round(one[name] * 1000, 1) for name in ("by_hand", "begun", "settled")}


def show(found: dict[str, Any]) -> None:
    print(f"{found['people']} enrolments, {found['due']} due; median of {ROUNDS} rounds")
    rows = (
        ("one INSERT … SELECT by hand", found["yardstick"], 1.0),
        ("advance: due steps into the ledger", found["figure"], found["ratio"]),
        ("advance: noting that they were sent", found["settled"], found["settled_ratio"]),
    )
    for name, seconds, ratio in rows:
        print(f"{name:40s} {seconds:8.3f} s {found['due'] / seconds:10.0f} rows/s {ratio:6.2f} x")
    for people, one in found["hundred_due_ms"].items():
        print(f"{FEW} due among {people:>8}: {one['begun']:6.1f} ms (by hand {one['by_hand']:.1f} ms)")
    print(f"memory {found['memory_mb']} MB, of it for the {found['due']} rows {found['memory_grew_mb']} MB")
    print(json.dumps(found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    people = parser.parse_args().people
    with own_database(DATABASE):
        show(measure(people))


if __name__ == "__main__":
    main()
