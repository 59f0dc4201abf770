"""Segments over 1 M leads with 10 M touches: looking at everybody beside one INSERT … SELECT, then at 1,000 changes.

    DATABASE_URL=postgres://… python -m bench.segments [--people 1000000] [--touches 10]

The yardstick is written by hand: it stores who meets the same condition. In each round the two take turns, both into
an empty membership. Then a thousand leads change (half get touches, half move to another country) and the segment is
looked at again. The database is made for the run and dropped. Prints a table and a line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from bench.advance import ROOT, memory, on_server, run, took, versions

DATABASE = "headwater_bench_segments"
ROUNDS = 3
CHANGES = 1_000
WORLD = """
INSERT INTO leads_company (id, name, domain, industry, size, country, city, custom, created_at)
SELECT n, 'Firm ' || n, 'firm' || n || '.example', (ARRAY['Optics', 'Pumps', 'Paper', 'Rail'])[1 + n %% 4],
    10 + n %% 3000, '', '', '{}', now() FROM generate_series(1, 20000) n;
INSERT INTO leads_person (id, email, email_key, phone, first_name, last_name, job_title, company_name, company_id,
    country, language, time_zone, sales_stage, sales_open, no_profiling, created_at, enriched_at)
SELECT n, 'p' || n || '@firm.example', 'p' || n || '@firm.example', '', 'Ada', 'Nordin ' || n,
    (ARRAY['Head of maintenance', 'Planner', 'Student', 'Technical director'])[1 + n %% 4], '', 1 + n %% 20000,
    (ARRAY['DE', 'AT', 'NL', 'FR', 'IT', 'SE', 'ES', 'CH'])[1 + (n * 7) %% 8], 'en', '', '', n %% 20 = 0, false,
    now() - n %% 700 * interval '1 day', now() FROM generate_series(1, %(people)s) n;
INSERT INTO leads_touch (person_id, kind, at, recorded_at, channel_id, label, utm_source, utm_medium, utm_campaign,
    utm_content, utm_term, referrer, click_id_kind, click_id)
SELECT p.id, (ARRAY['visit', 'visit', 'click', 'download', 'form'])[1 + (hashint8(p.id * 7919 + k)::bigint +
        2147483648) %% 5],
    now() - (hashint8(p.id * 1000 + k)::bigint + 2147483648) %% 60480000 * interval '1 second', now(), %(channel)s,
    '', '', '', '', '', '', '', '', ''
FROM leads_person p, generate_series(1, %(touches)s) k;
INSERT INTO leads_lead (id, person_id, status, status_since, created_at, recorded_at, journey_stage, exclusion,
    first_touch_id, last_touch_id)
SELECT DISTINCT ON (t.person_id) t.person_id, t.person_id, CASE WHEN t.person_id %% 10 < 7 THEN 'nurturing' ELSE
    'disqualified' END, t.at, t.at, t.at, '', '', t.id, t.id FROM leads_touch t ORDER BY t.person_id, t.at DESC;
INSERT INTO leads_leadscore (lead_id, model_id, fit, e1, e2, e3, engagement, grade, total, computed_at)
SELECT id, %(model)s, id %% 100, 1, 1, id %% 70, id %% 70, (ARRAY['A', 'B', 'C', 'D'])[1 + id %% 4] || 1 + id %% 3,
    id %% 150, now() - interval '2 days' FROM leads_lead;
INSERT INTO leads_consentevent (person_id, purpose, given, pending, basis, at, recorded_at, source_url)
SELECT id, 'marketing', id %% 3 > 0, false, '', created_at, created_at, '' FROM leads_person;
"""
TABLES = ("company", "person", "touch", "lead", "leadscore", "consentevent")
STORE = """INSERT INTO leads_segmentmember (segment_id, person_id, since) SELECT %(segment)s, p.id, %(at)s
FROM leads_person p JOIN leads_lead l ON l.person_id = p.id
WHERE p.merged_into_id IS NULL AND p.erased_at IS NULL AND """
LONG_AGO = """UPDATE leads_leadscore SET computed_at = now() - interval '2 days'
WHERE computed_at > now() - interval '1 day'"""
Lines = list[dict[str, Any]]
# name → how its lines are joined, the lines, and the same condition by hand
ASKED: dict[str, tuple[str, Lines, str]] = {
    "columns: country, status, grade": (
        "all",
        [
            {"field": "country", "value": "DE, AT"},
            {"field": "status", "value": "new, nurturing"},
            {"field": "grade", "value": "B2"},
        ],
        """p.country IN ('DE', 'AT') AND l.status IN ('new', 'nurturing') AND EXISTS (SELECT 1 FROM leads_leadscore s
        WHERE s.lead_id = l.id AND s.grade IN ('A1', 'A2', 'B1', 'B2'))""",
    ),
    "touches: two downloads in 90 days, agreed": (
        "all",
        [
            {"field": "did", "name": "download", "times": 2, "days": 90},
            {"field": "consent", "value": "marketing"},
            {"field": "with_sales", "negate": True},
        ],
        """NOT p.sales_open AND p.id IN (SELECT person_id FROM leads_touch WHERE kind = 'download' AND at >= %(at)s -
        interval '90 days' AND at <= %(at)s GROUP BY person_id HAVING count(*) >= 2) AND EXISTS (SELECT 1 FROM
        leads_consentevent c WHERE c.person_id = p.id AND c.purpose = 'marketing' AND NOT c.pending AND c.given AND
        NOT EXISTS (SELECT 1 FROM leads_consentevent d WHERE d.person_id = p.id AND d.purpose = 'marketing' AND
        NOT d.pending AND (d.at, d.id) > (c.at, c.id)))""",
    ),
    "any of: seen in 14 days, head of, optics": (
        "any",
        [
            {"field": "touched", "value": "14"},
            {"field": "title", "value": "head"},
            {"field": "company", "value": "firm7.example, firm8.example"},
        ],
        """(EXISTS (SELECT 1 FROM leads_touch t WHERE t.id = l.last_touch_id AND t.at >= %(at)s - interval '14 days')
        OR p.job_title ~* '(^|\\W)(head)(\\W|$)' OR p.company_id IN (SELECT id FROM leads_company WHERE domain IN
        ('firm7.example', 'firm8.example')))""",
    ),
}


def grow(people: int, touches: int) -> None:
    """Indexes of the touches are made after them: they are the same, and the filling is quicker."""
    from campaigns.models import Channel
    from leads.models import ScoringModel, Touch

    live = ScoringModel.objects.filter(state="live").first() or ScoringModel.objects.create(
        number=1, state="live"
    )
    given = {"people": people, "touches": touches, "model": live.pk, "channel": Channel.objects.first().pk}
    from django.db import connection

    run("SET session_replication_role = replica")
    run("SET synchronous_commit = off")
    with connection.schema_editor() as editor:
        for index in Touch._meta.indexes:
            editor.remove_index(Touch, index)
    for statement in WORLD.split(";\n"):
        if statement.strip():
            run(statement, **given)
    with connection.schema_editor() as editor:
        for index in Touch._meta.indexes:
            editor.add_index(Touch, index)
    run("SET session_replication_role = DEFAULT")
    run("SET synchronous_commit = on")
    for table in TABLES:
        run(f"VACUUM ANALYZE leads_{table}")
    run("CHECKPOINT")


def make(name: str) -> Any:
    from leads.models import Segment, SegmentCondition

    match, lines, _by_hand = ASKED[name]
    segment = Segment.objects.create(name=name, match=match)
    SegmentCondition.objects.bulk_create(SegmentCondition(segment=segment, **line) for line in lines)
    return segment


def first_looks(segment: Any) -> dict[str, float]:
    """Seconds of the statement by hand and of looking at everybody, each into an empty membership."""
    from leads.models import Segment
    from leads.segments import refresh

    rounds = []
    for _round in range(ROUNDS):
        run("TRUNCATE leads_segmentmember")
        at = datetime.now(UTC)
        by_hand, stored = took(partial(run, STORE + ASKED[segment.name][2], segment=segment.pk, at=at))
        run("TRUNCATE leads_segmentmember")
        Segment.objects.update(evaluated_at=None)
        first, counts = took(partial(refresh, segment=segment, at=at))
        assert counts["added"] == stored > 0, (counts, stored)
        rounds.append({"by_hand": by_hand, "first": first, "ratio": first / by_hand, "people": stored})
    return {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}


def again(segment: Any, people: int, place: int) -> dict[str, float]:
    """Seconds of a look after 1,000 changes, and after an hour in which only the clock went on.

    `place`: of the segment among all, so that each changes leads of its own.
    """
    from leads.segments import refresh

    run("VACUUM ANALYZE leads_segmentmember")
    times, moved = [], 0
    for number in range(ROUNDS):
        change(place * ROUNDS + number, people)
        seconds, counts = took(lambda: refresh(segment=segment, at=datetime.now(UTC)))
        times.append(seconds)
        moved += counts["added"] + counts["removed"]
    assert moved > 0
    run(LONG_AGO)
    quiet, _counts = took(lambda: refresh(segment=segment, at=datetime.now(UTC) + timedelta(hours=1)))
    return {"again": statistics.median(times), "worst": max(times), "moved": moved, "hour": quiet}


def change(number: int, people: int) -> None:
    """A thousand leads spread over all: half did something, half are elsewhere now. The sweep has scored them."""
    step = people // CHANGES
    given = {"step": step, "shift": number + 1, "half": CHANGES // 2}
    run(
        """WITH new AS (INSERT INTO leads_touch (person_id, kind, at, recorded_at, channel_id, label, utm_source,
            utm_medium, utm_campaign, utm_content, utm_term, referrer, click_id_kind, click_id)
        SELECT n * %(step)s + %(shift)s, 'download', now() - k * interval '1 minute', now(), 1, '', '', '', '', '', '',
            '', '', '' FROM generate_series(0, %(half)s - 1) n, generate_series(1, 2) k RETURNING id, person_id)
        UPDATE leads_lead l SET last_touch_id = new.id FROM new WHERE l.person_id = new.person_id""",
        **given,
    )
    rows = "generate_series(%(half)s, 2 * %(half)s - 1) n"
    run(
        f"UPDATE leads_person SET country = CASE country WHEN 'DE' THEN 'SE' ELSE 'DE' END, "
        f"sales_open = NOT sales_open WHERE id IN (SELECT n * %(step)s + %(shift)s FROM {rows})",
        **given,
    )
    run(LONG_AGO)
    run(
        "UPDATE leads_leadscore SET computed_at = now() WHERE lead_id IN (SELECT n * %(step)s + %(shift)s "
        "FROM generate_series(0, 2 * %(half)s - 1) n)",
        **given,
    )


def measure(people: int, touches: int) -> dict[str, Any]:
    import django

    django.setup()
    filled, _none = took(lambda: grow(people, touches))
    before = memory()
    found: dict[str, dict[str, float]] = {}
    for place, name in enumerate(ASKED):
        segment = make(name)
        told = first_looks(segment) | again(segment, people, place)
        found[name] = {key: round(value, 3) for key, value in told.items()}
        print(name, found[name], file=sys.stderr, flush=True)
    return {
        "bench": "segments", "leads": people, "touches": people * touches, "changes": CHANGES, "segments": found,
        "worst_ratio": max(one["ratio"] for one in found.values()),
        "worst_again": max(one["again"] for one in found.values()),
        "filled_s": round(filled), "memory_mb": round(memory()), "memory_grew_mb": round(memory() - before),
        **versions(),
    }  # fmt: skip


def show(found: dict[str, Any]) -> None:
    print(f"{found['leads']} leads, {found['touches']} touches; medians of {ROUNDS} rounds")
    print(f"{'':44s}{'people':>9}{'by hand':>10}{'first':>9}{'':>8}{'1,000 changed':>15}{'an hour':>10}")
    for name, one in found["segments"].items():
        print(
            f"{name:44s}{one['people']:9.0f}{one['by_hand']:8.2f} s{one['first']:7.2f} s{one['ratio']:6.2f} x"
            f"{one['again']:13.3f} s{one['hour']:8.3f} s"
        )
    print(f"memory {found['memory_mb']} MB, of it for the looks {found['memory_grew_mb']} MB")
    print(json.dumps(found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--touches", type=int, default=10, help="of each lead")
    asked = parser.parse_args()
    os.environ["SERVER"] = server = os.environ.get("DATABASE_URL", "postgres://root@127.0.0.1:5432/postgres")
    on_server(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)", f"CREATE DATABASE {DATABASE}")
    try:
        with tempfile.TemporaryDirectory() as data:
            os.environ |= {
                "DATABASE_URL": f"{server.rpartition('/')[0]}/{DATABASE}", "DATA_DIR": data, "ENV_FILE": "/dev/null",
                "REDIS_URL": "", "DJANGO_SETTINGS_MODULE": "crm.settings",
            }  # fmt: skip
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, check=True)
            show(measure(asked.people, asked.touches))
    finally:
        on_server(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


if __name__ == "__main__":
    main()
