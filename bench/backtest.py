"""A draft tried on a year beside the live version: 100,000 leads, about 10 touches each, 52 weeks.

    DATABASE_URL=postgres://… python -m bench.backtest [--leads 100000] [--weeks 52]

The yardstick only reads the same touches, row by row. The target is absolute: a marketer waits for it, under a minute
and 300 MB on two cores. The database is made for the run and dropped. Prints a table and a line of JSON.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.database import own_database

DATABASE = "headwater_bench_backtest"
ROOT = Path(__file__).resolve().parent.parent
MOST_SECONDS, MOST_MB = 60, 300

# Leads of two years. Touches are skewed: most people have few, some very many; one in fifty was recorded late. One
# lead in twelve was handed over, and of those a fifth bought and a third was given back.
GROW = """
INSERT INTO leads_company (id, name, domain, industry, size, country, city, custom, created_at)
SELECT n, 'Firm ' || n, 'firm' || n || '.example', CASE n %% 4 WHEN 0 THEN 'Machinery' ELSE 'Retail' END, n %% 900,
    'CH', '', '{}', now() - interval '800 days'
FROM generate_series(1, 20000) n;
INSERT INTO leads_person (id, email, email_key, phone, first_name, last_name, job_title, company_name, company_id,
    country, language, time_zone, sales_stage, sales_open, no_profiling, created_at, enriched_at)
SELECT n, 'p' || n || '@firm' || 1 + n %% 20000 || '.example', 'p' || n || '@firm' || 1 + n %% 20000 || '.example', '',
    'Ada', 'Nordin ' || n, (ARRAY['Head of maintenance', 'Buyer', 'Plant manager', 'Student', ''])[1 + n %% 5],
    'Firm ' || 1 + n %% 20000, 1 + n %% 20000, 'CH', 'en', '', '', false, false,
    now() - random() * (n / n) * interval '730 days', now()
FROM generate_series(1, %(leads)s) n;
INSERT INTO leads_submission (person_id, page_id, door, label, at, state, reasons, marks, ticked, email_key, nonce,
    answers, inquiry, judged_at, source_url, agent, variant, utm_source, utm_medium, utm_campaign, utm_content,
    utm_term, referrer, click_id_kind, click_id)
SELECT id, NULL, 'api', '', created_at, 'accepted', '', '', '[]', email_key, 'seed' || id,
    jsonb_build_object('first_name', 'Ada', 'job_title', job_title, 'company', company_name), '', created_at, '', '',
    '', '', '', '', '', '', '', '', ''
FROM leads_person;
INSERT INTO leads_touch (person_id, kind, at, recorded_at, channel_id, label, utm_source, utm_medium, utm_campaign,
    utm_content, utm_term, referrer, click_id_kind, click_id)
SELECT id,
    CASE WHEN k = 1 THEN 'form' ELSE (ARRAY['visit', 'visit', 'click', 'download', 'read', 'form'])[1 + k %% 6] END,
    least(at, now()), least(at, now()) + CASE WHEN id %% 50 = k THEN interval '9 days' ELSE interval '0' END,
    %(channel)s, '', '', '', '', '', '', '', '', ''
FROM (SELECT p.id, k, p.created_at + power(random(), 2) * k * interval '12 days' AS at
    FROM leads_person p, LATERAL generate_series(1, 1 + floor(-ln(1 - random() * (id / id)) * 10)::int) k) t;
INSERT INTO leads_fact (person_id, field, value, source, detail, confidence, at, recorded_at)
SELECT id, (ARRAY['industry', 'company_size', 'heard_from'])[1 + k], (ARRAY['Machinery', '180', 'a colleague'])[1 + k],
    'enriched', '', 0.8, created_at + interval '1 hour', created_at + interval '1 hour'
FROM leads_person, generate_series(0, 2) k WHERE id %% 3 = k;
INSERT INTO leads_lead (id, person_id, status, status_since, created_at, recorded_at, journey_stage, exclusion)
SELECT id, id, 'nurturing', created_at, created_at, created_at, '', '' FROM leads_person;
INSERT INTO leads_leadmove (lead_id, old, new, way, why, at, recorded_at, grade, receipts)
SELECT id, old, new, way, '', least(created_at + days * interval '1 day', now()),
    least(created_at + days * interval '1 day', now()), '', '[]'
FROM leads_lead, LATERAL (VALUES ('', 'new', 'capture', 0, true),
    ('new', 'marketing_qualified', CASE id %% 3 WHEN 0 THEN 'inquiry' ELSE 'grade' END, 30 + id %% 40, id %% 12 = 0),
    ('marketing_qualified', 'customer', 'sales', 90 + id %% 50, id %% 60 = 0),
    ('marketing_qualified', 'nurturing', 'sales', 75 + id %% 20, id %% 36 = 12)) m (old, new, way, days, there)
WHERE there
"""


def grow(leads: int) -> None:
    from django.db import connection

    from campaigns.models import Channel

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement in GROW.split(";\n"):
            cursor.execute(statement, {"leads": leads, "channel": Channel.objects.get(slug="direct").pk})
        for table in ("person", "touch", "fact", "lead", "leadmove", "submission"):
            cursor.execute(f"VACUUM ANALYZE leads_{table}")


def make_draft() -> Any:
    """The live version with one rule more and one line changed."""
    from leads.models import ScoringModel, ScoringRule
    from leads.scoring.versions import draft_from

    draft = draft_from(model=ScoringModel.objects.get(state="live"), by=None, at=datetime.now(UTC))
    ScoringRule.objects.create(
        model=draft, group="engagement", label="Reads", points=9, touch_kind="read", cool_down_hours=24,
        ceiling_touches=3, ceiling_days=30,
    )  # fmt: skip
    ScoringRule.objects.create(
        model=draft, group="fit", label="Machinery", points=10, field="industry", words="machinery"
    )
    return draft


def only_read() -> int:
    from leads.models import Touch

    rows = Touch.objects.order_by("person_id").values_list("person_id", "at", "recorded_at", "id", "kind")
    return sum(1 for _row in rows.iterator(chunk_size=5000))


def measure(leads: int, weeks: int) -> dict[str, Any]:
    import django

    django.setup()
    from leads.models import ScoringModel
    from leads.scoring.backtest.run import replay

    grow(leads)
    draft, before = make_draft(), memory()
    begun, cpu = time.perf_counter(), time.process_time()
    touches = only_read()
    reading, reading_cpu = time.perf_counter() - begun, time.process_time() - cpu
    begun, cpu = time.perf_counter(), time.process_time()
    found = replay(
        draft=draft,
        beside=ScoringModel.objects.get(state="live"),
        until=datetime.now(UTC),
        weeks=weeks,
        capacity=200,
    )
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    return {
        "bench": "backtest", "figure": round(seconds, 1), "cpu_s": round(cpu, 1), "yardstick": round(reading, 1),
        "yardstick_cpu_s": round(reading_cpu, 1), "ratio": round(cpu / reading_cpu, 1), "leads": leads,
        "touches": touches, "weeks": weeks, "memory_mb": round(memory()), "memory_before_mb": round(before),
        "under_a_minute": seconds < MOST_SECONDS, "under_300_mb": memory() < MOST_MB,
        "handed": [found["draft"]["handed"], found["live"]["handed"]],
        "moves": [found["in"]["all"], found["out"]["all"]],
        "precision": [found["draft"]["precision"], found["live"]["precision"]],
        "python": platform.python_version(), "django": django.__version__,
    }  # fmt: skip


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def show(found: dict[str, Any]) -> None:
    print(f"{found['leads']} leads, {found['touches']} touches, {found['weeks']} weeks, two versions")
    print(
        f"{'reading the touches alone':34s} {found['yardstick']:7.1f} s {found['yardstick_cpu_s']:7.1f} s CPU"
    )
    print(f"{'backtest':34s} {found['figure']:7.1f} s {found['cpu_s']:7.1f} s CPU {found['ratio']:6.1f} x")
    print(f"memory {found['memory_mb']} MB, of it before {found['memory_before_mb']} MB")
    print(f"handed over: draft {found['handed'][0]}, live {found['handed'][1]}; in and out {found['moves']}")
    print(json.dumps(found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--weeks", type=int, default=52)
    given = parser.parse_args()
    with own_database(DATABASE):
        show(measure(given.leads, given.weeks))


if __name__ == "__main__":
    main()
