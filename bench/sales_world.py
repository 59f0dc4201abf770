"""The sales bench's world: leads with their companies, one in twenty with sales, and a rep with 400 open prospects.

The rep's own share is the same at every size, so that growth shows what the rest of the tables costs.
"""

from __future__ import annotations

from typing import Any

from bench.advance import run

REPS, OWN = 25, 400
COMPANIES = """INSERT INTO leads_company (id, name, domain, industry, size, country, city, founded_year, custom,
    created_at)
SELECT n, 'Firm ' || n, 'firm' || n || '.example', (ARRAY['Optics', 'Pumps', 'Paper', 'Rail'])[1 + n %% 4], 10 + n %%
    3000,
    'SE', 'Lund', 1950 + n %% 70, '{}', now() FROM generate_series(%(first)s / 20, %(last)s / 20 - 1) n"""
PEOPLE = """INSERT INTO leads_person (id, email, email_key, phone, phone_key, first_name, last_name, job_title,
    company_name, company_id,
    country, language, time_zone, sales_stage, sales_open, no_profiling, created_at, enriched_at)
SELECT n, 'p' || n || '@firm' || n / 20 || '.example', 'p' || n || '@firm' || n / 20 || '.example', '+4670' || n,
    '+4670' || n,
    (ARRAY['Ada', 'Bo', 'Cleo', 'Dag', 'Eva', 'Finn', 'Gro', 'Hal'])[1 + n %% 8], 'Nordin' || n / 50, 'Head of
    maintenance',
    'Firm ' || n / 20, n / 20, 'SE', 'en', '', CASE WHEN n %% 20 = 0 THEN 'contacting' ELSE '' END, n %% 20 = 0,
    false,
    now() - n * interval '31 seconds', now() FROM generate_series(%(first)s, %(last)s - 1) n"""
TOUCHES = """INSERT INTO leads_touch (person_id, kind, at, recorded_at, channel_id, label, utm_source, utm_medium,
    utm_campaign,
    utm_content, utm_term, referrer, click_id_kind, click_id)
SELECT n, (ARRAY['visit', 'click', 'form', 'download'])[1 + (n + k) %% 4], now() - (k * 3 + n %% 90) * interval '1
    day' - interval '2 hours',
    now(), %(channel)s, '', 'search', 'cpc', 'bench', '', '', '', '', ''
FROM generate_series(%(first)s, %(last)s - 1) n, LATERAL generate_series(1, CASE WHEN n %% 20 = 0 THEN 20 ELSE 2 END)
    k"""
LEADS = """INSERT INTO leads_lead (id, person_id, status, status_since, created_at, recorded_at, journey_stage,
    exclusion,
    marketing_qualified_at, first_touch_id, last_touch_id)
SELECT t.person_id, t.person_id, CASE WHEN t.person_id %% 20 = 0 THEN 'marketing_qualified' ELSE 'nurturing' END,
    now(),
    now() - t.person_id * interval '31 seconds', now(), '', '', CASE WHEN t.person_id %% 20 = 0 THEN now() END,
    min(t.id), max(t.id)
FROM leads_touch t WHERE t.person_id BETWEEN %(first)s AND %(last)s - 1 GROUP BY t.person_id"""
SCORES = """INSERT INTO leads_leadscore (lead_id, model_id, fit, e1, e2, e3, engagement, grade, total, computed_at)
SELECT n, %(model)s, n %% 100, 1, 1, 1, n %% 70, (ARRAY['A', 'B', 'C', 'D'])[1 + n / 20 %% 4] || 1 + n / 20 %% 3, n
    %% 150, now()
FROM generate_series(%(first)s, %(last)s - 1) n"""
ACCOUNTS = """INSERT INTO prospects_account (id, company_id, owner_id, tier, is_target, created_at)
SELECT n, n, %(reps)s + n %% 25, '', n %% 50 = 0, now() FROM generate_series(%(first)s / 20, %(last)s / 20 - 1) n"""
# Number p of the prospects is person 20 * p. The first 400 are the rep's and open; of the others one in five is open.
PROSPECTS = """INSERT INTO prospects_prospect (id, round, origin, assigned_why, stage_since, opened_at, recorded_at,
    marketing_qualified_at, answer_by, first_acted_at, verdict, accepted_at, closed_at, custom, account_id, owner_id,
    person_id,
    pipeline_id, stage_id)
SELECT p, 1, 'inbound', '', CASE WHEN open THEN now() - p %% 60 * interval '5 hours' ELSE now() - p %% 300 *
    interval '1 day' END, now() - p %% 90 * interval '1 day', now(), now(),
    now() + interval '40 minutes', CASE WHEN NOT fresh THEN now() - p %% 90 * interval '1 day' END,
    CASE WHEN fresh THEN '' ELSE 'accepted' END, CASE WHEN NOT fresh THEN now() - p %% 90 * interval '1 day' END,
    CASE WHEN NOT open THEN now() - p %% 300 * interval '1 day' END, '{}', p,
    CASE WHEN p <= %(own)s THEN %(reps)s ELSE %(reps)s + 1 + p %% 24 END, 20 * p, %(pipeline)s,
    CASE WHEN NOT open THEN (%(ends)s)[1 + p %% 4] WHEN fresh THEN (%(stages)s)[1] ELSE (%(stages)s)[2 + p %% 4] END
FROM (SELECT p, p <= %(own)s OR p %% 5 = 0 AS open, p %% 20 = 0 AS fresh FROM generate_series(greatest(1, %(first)s /
    20),
    %(last)s / 20 - 1) p) AS made"""
MOVES = """INSERT INTO prospects_stagemove (at, recorded_at, why, imported, new_id, old_id, prospect_id)
SELECT p.stage_since - k * interval '1 day', now(), '', false, CASE WHEN k = 0 THEN p.stage_id ELSE (%(stages)s)[4 - k]
    END, CASE WHEN k < 3 THEN (%(stages)s)[3 - k] END, p.id
FROM prospects_prospect p, generate_series(0, 3) k WHERE p.person_id BETWEEN %(first)s AND %(last)s"""
STEPS = """INSERT INTO prospects_followup (kind, due_at, text, created_at, snoozed, owner_id, prospect_id)
SELECT (ARRAY['call', 'mail', 'answer'])[1 + id %% 3], now() + (id %% 40 - 3) * interval '1 day' + interval '1 hour',
    'As agreed', now(), 0,
    owner_id, id FROM prospects_prospect WHERE closed_at IS NULL AND id %% 40 <> 7 AND person_id BETWEEN %(first)s
    AND %(last)s"""
# Every second prospect has one open deal at most; all of them two closed ones, of three years.
DEALS = """INSERT INTO prospects_deal (title, amount, currency, rate, status, opened_at, closed_at, expected_on, source,
    custom, account_id, prospect_id)
SELECT 'Gauges', 1000 + id %% 90000, 'EUR', 1,
    CASE WHEN k = 0 THEN 'open' WHEN (id + k) %% 3 = 0 THEN 'won' ELSE 'lost' END,
    now() - (id %% 700 + 400 * k) * interval '1 day', CASE WHEN k > 0 THEN now() - id %% 1000 * interval '1 day' END,
    CASE WHEN k = 0 THEN (now() + (id %% 200 - 20) * interval '1 day')::date END, '', '{}', account_id, id
FROM prospects_prospect, generate_series(0, 2) k
WHERE (k > 0 OR closed_at IS NULL AND id %% 2 = 0) AND person_id BETWEEN %(first)s AND %(last)s"""
# Thirty of the first rep's own, at every size.
NOTICES = """INSERT INTO prospects_notice (user_id, kind, prospect_id, text, key, at)
SELECT owner_id, 'assigned', id, 'Somebody is yours', 'assigned:' || id, now() - id * interval '1 hour'
FROM prospects_prospect WHERE id %% 13 = 0 AND person_id BETWEEN %(first)s AND %(last)s"""
CALLS = """INSERT INTO prospects_call (at, recorded_at, direction, outcome, note, recording, by_id, prospect_id)
SELECT now() - k * interval '2 days', now(), 'out', (ARRAY['conversation', 'no_answer'])[1 + k %% 2], 'They scrap
    three percent.', '',
    owner_id, id FROM prospects_prospect, generate_series(1, 3) k WHERE person_id BETWEEN %(first)s AND %(last)s"""
BANT = """INSERT INTO prospects_bantanswer (question, state, quote, currency, at, recorded_at, prospect_id)
SELECT q, 'confirmed', 'They said so.', '', now(), now(), id FROM prospects_prospect, unnest(ARRAY['budget', 'need'])
    q
WHERE person_id BETWEEN %(first)s AND %(last)s"""
PARTS = (
    COMPANIES,
    PEOPLE,
    TOUCHES,
    LEADS,
    SCORES,
    ACCOUNTS,
    PROSPECTS,
    MOVES,
    STEPS,
    DEALS,
    CALLS,
    BANT,
    NOTICES,
)
TABLES = (
    "leads_company", "leads_person", "leads_touch", "leads_lead", "leads_leadscore", "prospects_account",
    "prospects_prospect", "prospects_stagemove", "prospects_followup", "prospects_deal", "prospects_call",
    "prospects_bantanswer", "prospects_notice",
)  # fmt: skip


def _user(username: str, group: Any) -> Any:
    """Without a password: nobody types one here, and hashing 26 takes a while."""
    from django.contrib.auth import get_user_model

    said = {"email": f"{username}@x.example", "password": "!"}
    user, made = get_user_model().objects.get_or_create(username=username, defaults=said)
    if made:
        user.groups.add(group)
    return user


def made() -> int:
    """How many leads are there: of a database that was kept."""
    from leads.models import Person

    last = Person.objects.order_by("-pk").first()
    return last.pk + 1 if last else 0


def make_house() -> dict[str, Any]:
    """Reps, a manager, a live scoring model; returns the ids that rows point at."""
    from django.contrib.auth.models import Group

    from campaigns.models import Channel
    from crm import roles
    from leads.models import ScoringModel
    from prospects.models import Stage

    live = ScoringModel.objects.filter(state="live").first()
    live = live or ScoringModel.objects.create(number=1, state="live")
    sales, managers = (Group.objects.get(name=name) for name in (roles.SALES, roles.SALES_MANAGER))
    people = [_user(f"rep{number}", sales) for number in range(REPS)]
    first, boss = people[0].pk, _user("boss", managers)
    stages = Stage.objects.filter(pipeline__is_default=True).order_by("order")
    return {
        "channel": Channel.objects.get(slug="paid-search").pk, "model": live.pk, "reps": first, "boss": boss.pk,
        "own": OWN, "pipeline": stages[0].pipeline_id, "stages": [s.pk for s in stages if s.kind == "open"],
        "ends": [s.pk for s in stages if s.kind != "open"],
    }  # fmt: skip


def grow(ids: dict[str, Any], first: int, last: int) -> None:
    """Leads number `first` to `last` - 1 with all that is theirs; checks of foreign keys are left out."""
    run("SET session_replication_role = replica")
    run("SET synchronous_commit = off")
    run("SET maintenance_work_mem = '256MB'")
    for part in PARTS:
        run(part, **ids, first=max(first, 20), last=last)
    run("SET session_replication_role = DEFAULT")
    run("SET synchronous_commit = on")
    for table in TABLES:
        if table != "leads_leadscore":
            run(f"SELECT setval('{table}_id_seq', 100000000)")
        run(f"VACUUM ANALYZE {table}")
    run("CHECKPOINT")
