"""The bench's database: one landing page with everything a form can cause, and as many leads as asked for."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

TABLES = (
    "leads_person", "leads_submission", "leads_touch", "leads_lead", "leads_leadmove", "leads_leadscore",
    "leads_consentevent",
)  # fmt: skip
# %(first)s to %(last)s are numbers of people; touches are skewed: most people have few, some very many.
GROW = """
INSERT INTO leads_person (id, email, email_key, phone, first_name, last_name, job_title, company_name, country,
    language, time_zone, sales_stage, sales_open, no_profiling, created_at, enriched_at)
SELECT n, 'p' || n || '@firm' || n %% 20000 || '.example', 'p' || n || '@firm' || n %% 20000 || '.example', '', 'Ada',
    'Nordin ' || n, 'Head of maintenance', 'Firm ' || n %% 20000, 'SE', 'en', '', '', n %% 20 = 0, false,
    now() - n * interval '31 seconds', now()
FROM generate_series(%(first)s, %(last)s) n;
INSERT INTO leads_submission (id, person_id, page_id, door, label, at, state, reasons, marks, ticked, email_key, nonce,
    answers, inquiry, judged_at, source_url, ip, agent, variant, utm_source, utm_medium, utm_campaign, utm_content,
    utm_term, referrer, click_id_kind, click_id)
SELECT id, id, %(page)s, 'page', '', created_at, 'accepted', '', '', '[]', email_key, 'seed' || id,
    '{"first_name": "Ada"}', '', created_at, 'http://127.0.0.1/p/bench/', '192.0.2.7', 'Firefox', '', 'search', 'cpc',
    'bench', '', '', '', '', ''
FROM leads_person WHERE id BETWEEN %(first)s AND %(last)s;
INSERT INTO leads_touch (person_id, kind, at, recorded_at, channel_id, campaign_id, page_id, submission_id, label,
    utm_source, utm_medium, utm_campaign, utm_content, utm_term, referrer, click_id_kind, click_id)
SELECT id, CASE WHEN k = 1 THEN 'form' ELSE 'visit' END, created_at + k * interval '7 minutes', now(), %(channel)s,
    %(campaign)s, %(page)s, CASE WHEN k = 1 THEN id END, '', 'search', 'cpc', 'bench', '', '', '', '', ''
FROM leads_person, LATERAL generate_series(1, 1 + floor(-ln(1 - random() * (id / id)) * 10)::int) k
WHERE id BETWEEN %(first)s AND %(last)s;
INSERT INTO leads_lead (id, person_id, status, status_since, created_at, recorded_at, journey_stage, exclusion,
    first_touch_id, last_touch_id)
SELECT p.id, p.id, 'nurturing', p.created_at, p.created_at, p.created_at, '', '', t.first, t.last
FROM leads_person p
JOIN (SELECT person_id, min(id) AS first, max(id) AS last FROM leads_touch GROUP BY person_id) t ON t.person_id = p.id
WHERE p.id BETWEEN %(first)s AND %(last)s;
INSERT INTO leads_leadmove (lead_id, old, new, way, why, at, recorded_at, grade, receipts)
SELECT id, '', 'new', 'capture', '', created_at, created_at, '', '[]' FROM leads_lead
WHERE id BETWEEN %(first)s AND %(last)s;
INSERT INTO leads_leadscore (lead_id, fit, e1, e2, e3, engagement, grade, total)
SELECT id, id %% 100, 1, 1, 1, id %% 50, 'B' || 1 + id %% 4, id %% 150 FROM leads_lead
WHERE id BETWEEN %(first)s AND %(last)s;
INSERT INTO leads_consentevent (person_id, purpose, given, text_id, page_id, submission_id, pending, basis, at,
    recorded_at, source_url)
SELECT id, 'marketing', true, %(text)s, %(page)s, id, false, '', created_at, created_at, '' FROM leads_person
WHERE id BETWEEN %(first)s AND %(last)s;
"""


def make_page() -> dict[str, int]:
    """A page with a gated paper, two consent boxes and a sequence; returns the ids that rows point at."""
    from datetime import UTC, datetime

    from campaigns.models import (
        Asset,
        AssetKind,
        Campaign,
        Channel,
        ConsentText,
        EmailTemplate,
        FormField,
        LandingPage,
        PageState,
        Sequence,
        SequenceStep,
    )  # fmt: skip
    from campaigns.sequences import publish

    at = datetime.now(UTC)
    channel = Channel.objects.get(slug="paid-search")
    campaign = Campaign.objects.create(name="Bench", slug="bench", utm_campaign="bench", channel=channel)
    kind = AssetKind.objects.get(slug="white-paper")
    asset = Asset.objects.create(
        title="Bearings", slug="bearings", kind=kind, gated=True, file="assets/bearings.pdf", published_at=at
    )
    sequence = Sequence.objects.create(name="After the paper", slug="after", audience="leads")
    template = EmailTemplate.objects.create(
        name="One", slug="one", subject="One", body='<p>Hello</p><p><a href="https://x.example/">Read</a></p>'
    )
    SequenceStep.objects.create(sequence=sequence, order=0, template=template, delay_hours=48)
    publish(sequence=sequence, by=None, at=at)
    texts = {text.purpose: text for text in ConsentText.objects.filter(language="en").order_by("version")}
    page = LandingPage.objects.create(
        slug="bench", title="Catch it early", state=PageState.PUBLISHED, asset=asset, campaign=campaign,
        sequence=sequence, consent_text=texts["marketing"], tracking_text=texts.get("tracking"),
        hourly_limit=100_000_000,
    )  # fmt: skip
    for order, name in enumerate(("email", "first_name", "company", "job_title")):
        FormField.objects.create(page=page, maps_to=name, order=order, required=True)
    return {"page": page.pk, "campaign": campaign.pk, "channel": channel.pk, "text": texts["marketing"].pk}


def grow(ids: dict[str, int], first: int, last: int) -> None:
    """Leads number ``first`` to ``last``, with their touches. Checks of foreign keys are left out meanwhile."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute("SET statement_timeout = 0")
        kept = _drop_indexes(cursor) if last - first > 100_000 else []
        for statement in GROW.split(";\n"):
            if statement.strip():
                cursor.execute(statement, {**ids, "first": first, "last": last})
        for definition in kept:
            cursor.execute(definition)
        for table in TABLES:
            if table != "leads_leadscore":
                # Forms sent meanwhile take numbers far above those of the leads still to be made.
                cursor.execute(f"SELECT setval('{table}_id_seq', greatest(100000000, max(id))) FROM {table}")
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("CHECKPOINT")


def _drop_indexes(cursor) -> list[str]:
    """Indexes that belong to no constraint, to be made again when the rows are there."""
    cursor.execute(
        """SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND NOT EXISTS
        (SELECT 1 FROM pg_constraint c JOIN pg_class k ON k.oid = c.conindid WHERE k.relname = indexname)""",
        [list(TABLES)],
    )
    found = cursor.fetchall()
    for name, _definition in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [definition for _name, definition in found]


def sizes() -> dict[str, int]:
    from leads.models import Lead, Touch

    return {"leads": Lead.objects.count(), "touches": Touch.objects.count()}


django.setup()
