"""The bench's leads, touches, companies and facts, its scoring model, and the same sums written by hand for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

# kind, points, half-life (1, 2, 3), cool-down in hours, ceiling: touches, in days. The lines of a new installation.
LINES = [
    ("inquiry", 40, 2, 0, None, None),
    ("reply", 30, 2, 0, None, None),
    ("event", 20, 3, 0, None, None),
    ("download", 12, 3, 24, None, None),
    ("form", 10, 2, 1, None, None),
    ("click", 8, 2, 1, 5, 30),
    ("read", 6, 2, 12, None, None),
    ("usage", 15, 1, 24, None, None),
    ("visit", 3, 1, 1, 5, 7),
]
FIT = [
    {"label": "Leads a team", "points": 30, "field": "job_title", "words": "head, director, chief, owner, manager"},
    {"label": "Company mailbox", "points": 20, "field": "mailbox", "words": "company"},
    {"label": "50 people or more", "points": 30, "field": "company_size", "minimum": 50},
    {"label": "10 to 49 people", "points": 15, "field": "company_size", "minimum": 10, "maximum": 49},
    {"label": "Country is known", "points": 5, "field": "country", "words": "*"},
    {"label": "Industry", "points": 15, "field": "industry", "words": "paper, steel, food"},
    {"label": "Budget said", "points": 10, "field": "fact", "fact_name": "budget", "words": "*"},
]  # fmt: skip
COMPANIES = """INSERT INTO leads_company (id, name, domain, industry, size, country, city, founded_year, custom,
    created_at)
SELECT n, 'Firm ' || n, 'firm' || n || '.example', (ARRAY['paper', 'steel', 'food', 'toys', ''])[1 + n %% 5],
    CASE WHEN n %% 3 > 0 THEN 5 + n %% 400 END, '', '', 1950 + n %% 70, '{}', now()
FROM generate_series(1, %(leads)s / 20 + 1) n"""
PEOPLE = """INSERT INTO leads_person (id, email, email_key, phone, first_name, last_name, job_title, company_name,
    country, language, time_zone, sales_stage, sales_open, no_profiling, created_at, enriched_at, company_id)
SELECT n, '', 'p' || n || CASE WHEN n %% 4 = 0 THEN '@gmail.com' ELSE '@firm' || 1 + n / 20 || '.example' END, '',
    'Ada', 'Nordin',
    (ARRAY['Head of ', 'Director of ', 'Clerk in ', 'Engineer, ', 'Manager, '])[1 + n %% 5] || n %% 3000,
    'Firm', CASE WHEN n %% 3 = 0 THEN 'SE' ELSE '' END, 'en', '', '', n %% 20 = 0, n %% 500 = 0, now(), now(),
    CASE WHEN n %% 4 > 0 THEN 1 + n / 20 END
FROM generate_series(1, %(leads)s) n"""
# In order of time, as they come: the touches of one person lie far apart. Half an hour holds up to three.
TOUCHES = """INSERT INTO leads_touch (person_id, kind, at, recorded_at, channel_id, asset_id, label, utm_source,
    utm_medium, utm_campaign, utm_content, utm_term, referrer, click_id_kind, click_id)
SELECT person, kind, at, at, %(channel)s, CASE WHEN kind IN ('read', 'download')
        THEN %(asset)s + person %% %(assets)s END, '', 'search', 'cpc', 'bench', '', '', '', '', ''
FROM (
    SELECT n AS person, (ARRAY['visit', 'visit', 'visit', 'visit', 'visit', 'read', 'click', 'click', 'open', 'open',
            'download', 'form', 'visit', 'visit', 'read', 'visit', 'event', 'visit', 'reply', 'inquiry'])
            [1 + (hashint8(n * 1000 + k) & 1023) %% CASE WHEN n %% 7 = 0 THEN 20 ELSE 16 END] AS kind,
        %(at)s - ((hashint8(n * 1000 + k / 3) & 65535) / 65536.0) ^ 2 * interval '500 days'
            - (k %% 3) * interval '11 minutes' AS at
    FROM generate_series(1, %(leads)s) n, LATERAL generate_series(1,
        least(400, 1 + floor(-ln(1 - (hashint8(n) & 65535) / 65536.0) * 9.4)::int)) k
) AS t ORDER BY at"""
LEADS = """INSERT INTO leads_lead (id, person_id, status, status_since, created_at, recorded_at, journey_stage,
    exclusion)
SELECT n, n, CASE WHEN n %% 20 = 0 THEN 'marketing_qualified' ELSE 'nurturing' END, now(), now(), now(), '', ''
FROM generate_series(1, %(leads)s) n"""
SCORES = """INSERT INTO leads_leadscore (lead_id, fit, e1, e2, e3, engagement, grade, total)
SELECT n, 0, 0, 0, 0, 0, '', 0 FROM generate_series(1, %(leads)s) n"""
FACTS = """INSERT INTO leads_fact (person_id, field, value, source, detail, confidence, at, recorded_at)
SELECT n, (ARRAY['budget', 'industry'])[1 + n %% 2], (ARRAY['some', 'steel'])[1 + n %% 2],
    (ARRAY['said', 'imported', 'enriched'])[1 + n %% 3], '', 0.8, now() - interval '9 days', now()
FROM generate_series(1, %(leads)s, 5) n"""
NEWS = """INSERT INTO leads_touch (person_id, kind, at, recorded_at, channel_id, label, utm_source, utm_medium,
    utm_campaign, utm_content, utm_term, referrer, click_id_kind, click_id)
SELECT n, 'form', %(now)s, %(now)s, %(channel)s, '', '', '', '', '', '', '', '', ''
FROM generate_series(1, %(leads)s, 100) n"""
MARK = "UPDATE leads_leadscore SET dirty_at = %(now)s WHERE lead_id %% 100 = 1"

# By hand: the bench's lines are in the text, the stored fit is taken, and nothing is asked but the touches.
BY_HAND = """
WITH first AS (
    SELECT person_id, kind, min(at) AS at, count(*)::int AS times FROM (
        SELECT t.person_id, t.kind, date_part('epoch', t.at) AS at FROM leads_touch t %(narrow)s
        t.kind IN ('inquiry', 'reply', 'event', 'download', 'form', 'click', 'read', 'usage', 'visit')
            AND t.at <= %(at)s
    ) AS t
    GROUP BY person_id, kind, CASE WHEN kind IN ('visit', 'click', 'form') THEN floor(at / 3600)
        WHEN kind IN ('download', 'usage') THEN floor(at / 86400) WHEN kind = 'read' THEN floor(at / 43200) ELSE at END
), counted AS (
    SELECT person_id, kind, at, CASE WHEN kind IN ('inquiry', 'reply', 'event') THEN times ELSE 1 END AS times
    FROM first WHERE kind NOT IN ('visit', 'click')
    UNION ALL
    SELECT person_id, kind, at, 1 FROM (
        SELECT *, row_number() OVER (PARTITION BY person_id, kind,
            floor(at / CASE kind WHEN 'visit' THEN 604800 ELSE 2592000 END) ORDER BY at) AS nth
        FROM first WHERE kind IN ('visit', 'click')) AS f
    WHERE nth <= 5
), worth AS (
    SELECT person_id, kind, at, times * CASE kind WHEN 'inquiry' THEN 40 WHEN 'reply' THEN 30 WHEN 'event' THEN 20
            WHEN 'download' THEN 12 WHEN 'form' THEN 10 WHEN 'click' THEN 8 WHEN 'read' THEN 6 WHEN 'usage' THEN 15
            ELSE 3 END AS points,
        CASE WHEN kind IN ('visit', 'usage') THEN 7 * 86400 WHEN kind IN ('event', 'download') THEN 90 * 86400
            ELSE 30 * 86400 END AS span
    FROM counted
), summed AS (
    SELECT person_id,
        coalesce(sum(points * power(2, (at - %(ref)s) / span)) FILTER (WHERE span = 7 * 86400), 0) AS e1,
        coalesce(sum(points * power(2, (at - %(ref)s) / span)) FILTER (WHERE span = 30 * 86400), 0) AS e2,
        coalesce(sum(points * power(2, (at - %(ref)s) / span)) FILTER (WHERE span = 90 * 86400), 0) AS e3,
        sum(points * least(1, power(2, (at - %(midnight)s) / span))) AS standing
    FROM worth GROUP BY person_id
)
UPDATE leads_leadscore s SET e1 = n.e1, e2 = n.e2, e3 = n.e3, engagement = n.engagement, grade = n.grade,
    total = s.fit + n.engagement, computed_at = %(at)s, dirty_at = NULL
FROM (
    SELECT l.id, u.e1, u.e2, u.e3, round(least(u.standing, 100)) AS engagement,
        left(o.grade, 1) || CASE WHEN u.standing >= 59.5 THEN '1' WHEN u.standing >= 34.5 THEN '2'
            WHEN u.standing >= 14.5 THEN '3' ELSE '4' END AS grade
    FROM summed u JOIN leads_lead l ON l.person_id = u.person_id JOIN leads_leadscore o ON o.lead_id = l.id
) AS n
WHERE s.lead_id = n.id AND (abs(s.e1 - n.e1) > 1e-9 * (s.e1 + n.e1) OR abs(s.e2 - n.e2) > 1e-9 * (s.e2 + n.e2)
    OR abs(s.e3 - n.e3) > 1e-9 * (s.e3 + n.e3) OR s.grade <> n.grade)"""
ALL = "WHERE"
DIRTY = """JOIN leads_lead l ON l.person_id = t.person_id JOIN leads_leadscore d ON d.lead_id = l.id
        WHERE d.dirty_at IS NOT NULL AND"""


def by_hand(narrow: str) -> str:
    return BY_HAND.replace("%(narrow)s", narrow)


def make_model(at: datetime) -> None:
    """The live model. Nobody has a phone, which it asks for: verdicts are made one by one, and are another job."""
    from leads.models import JourneyRule, ScoringModel, ScoringRule

    ScoringModel.objects.update(state="retired")
    model = ScoringModel.objects.create(
        number=ScoringModel.objects.count() + 1, state="live", reference_at=at, required_facts="phone"
    )
    for line in FIT:
        ScoringRule.objects.create(model=model, group="fit", **line)
    for kind, points, half_life, hours, most, days in LINES:
        ScoringRule.objects.create(
            model=model, group="engagement", label=kind, points=points, touch_kind=kind, half_life=half_life,
            cool_down_hours=hours, ceiling_touches=most, ceiling_days=days,
        )  # fmt: skip
    JourneyRule.objects.create(model=model, stage="decision", touch_kind="inquiry")
    JourneyRule.objects.create(model=model, stage="consideration", touch_kind="read", times=3)


def grow(leads: int, at: datetime) -> dict[str, Any]:
    """All rows, with their indexes made afterwards; returns what later statements need."""
    from django.db import connection

    from bench.world import _drop_indexes
    from campaigns.models import Asset, AssetKind, Channel

    kind = AssetKind.objects.get(slug="white-paper")
    assets = [
        Asset.objects.create(
            title=f"P{n}", slug=f"p{n}", kind=kind, journey_stage=("awareness", "consideration")[n % 2]
        )
        for n in range(20)
    ]
    given = {
        "leads": leads, "at": at - timedelta(minutes=1), "asset": assets[0].pk, "assets": len(assets),
        "channel": Channel.objects.get(slug="paid-search").pk, "now": at,
    }  # fmt: skip
    tables = ("leads_person", "leads_lead", "leads_touch", "leads_fact", "leads_company")
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        cursor.execute("SET maintenance_work_mem = '512MB'; SET work_mem = '256MB'")
        kept = _drop_indexes(cursor)
        for statement in (COMPANIES, PEOPLE, TOUCHES, LEADS, SCORES, FACTS):
            cursor.execute(statement, given)
        for definition in kept:
            cursor.execute(definition)
        for table in tables:
            cursor.execute(f"SELECT setval('{table}_id_seq', greatest(100000000, max(id))) FROM {table}")
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("RESET session_replication_role; RESET synchronous_commit; RESET work_mem; CHECKPOINT")
    return given


def now() -> datetime:
    """Noon of yesterday: whenever the bench runs, nothing lies ahead."""
    return datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
