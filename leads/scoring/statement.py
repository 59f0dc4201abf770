"""The stored rows of many leads in one statement on PostgreSQL: the same sums as `fold.py`, over sets.

Rules, bounds and midnights go in as data, so the text is always the same. It takes leads that `people.py` has read
and judged, adds up their touches, and writes the rows that differ, of leads that nobody wrote since.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from campaigns.models import Asset
from leads.models import Enrolment, Fact, Lead, LeadMove, LeadScore, LeadStatus, Person, Touch, TouchKind
from leads.scoring.days import local_midnight, next_midnight, next_new_year
from leads.scoring.fold import LONG_AGO, SMALL, SOME_DAY, bounds_of, carrying
from leads.scoring.graduation import MARKETINGS, again_from
from leads.scoring.people import STAGES, Batch
from leads.scoring.points import DAY, OPEN, Rules
from leads.scoring.returned import BY_PEOPLE
from leads.scoring.rules import Setup
from leads.scoring.unchanged import NOISE

SCORE, LEAD, PERSON, MOVE = (model._meta.db_table for model in (LeadScore, Lead, Person, LeadMove))
TOUCH, ASSET, ENROLMENT, FACT = (model._meta.db_table for model in (Touch, Asset, Enrolment, Fact))
NIGHTS = 1500  # midnights that go in; who is to be looked at later than that is looked at then
DISQUALIFIED, NURTURING, ACTIVE = (
    LeadStatus.DISQUALIFIED.value,
    LeadStatus.NURTURING.value,
    Enrolment.State.ACTIVE.value,
)
_LN2 = repr(math.log(2))
# A server's usual 4 MB would sort on disk; a compiler would take longer than the statement.
_SETTINGS = "SET LOCAL work_mem = '64MB'; SET LOCAL jit = off"


def _holds(condition: str) -> str:
    """The planner takes two equal versions for a rare thing, and would go through everything for each of few rows."""
    return f"CASE WHEN {condition} THEN true ELSE false END"


def _crossed(place: int) -> str:
    """The next midnight shows another side of the bound than today does."""
    return f"(night >= %(bound{place})s) <> (shown >= %(bound{place})s)"


def _days(place: int) -> str:
    """Shortest half-lives from the next midnight until the bound can be crossed; NULL: never."""
    fall, rise = f"(%(bound{place})s - 0.5 + losses)", f"(gains - (%(bound{place})s - 0.500001))"
    return f"""CASE WHEN night >= %(bound{place})s
                THEN CASE WHEN {fall} > 0 AND gains > 0 THEN ln(gains / {fall}) / {_LN2} END
                ELSE CASE WHEN {rise} > 0 AND losses > 0 THEN ln(losses / {rise}) / {_LN2} END END"""


# What goes in: leads with their versions and the place of their profile, the profiles, and the rules.
_GIVEN = f"""given AS MATERIALIZED (
    SELECT g.lead, g.person, g.lead_version, g.score_version, p.fit, p.letter, p.complete, p.has_age, p.scored,
        p.by_hand, l.status,
        CASE WHEN p.scored THEN coalesce(p.persona, l.persona_id) ELSE l.persona_id END AS persona,
        CASE WHEN NOT p.scored OR (l.status = '{DISQUALIFIED}' AND l.exclusion <> '') THEN l.exclusion
            ELSE p.exclusion END AS exclusion,
        l.persona_id AS old_persona, l.journey_stage AS old_stage, l.exclusion AS old_exclusion,
        s.model_id AS old_model, s.fit AS old_fit, s.e1 AS old_e1, s.e2 AS old_e2, s.e3 AS old_e3,
        s.grade AS old_grade, s.dirty_at, s.next_check_at AS old_check, s.qualifies_at AS old_qualifies
    FROM unnest(%(leads)s::bigint[], %(people)s::bigint[], %(lead_versions)s::xid[], %(score_versions)s::xid[],
            %(profiles)s::int[]) AS g(lead, person, lead_version, score_version, profile)
        JOIN unnest(%(fit)s::int[], %(letter)s::text[], %(persona)s::bigint[], %(exclusion)s::text[],
            %(complete)s::bool[], %(has_age)s::bool[], %(by_hand)s::text[], %(scored)s::bool[]) WITH ORDINALITY
            AS p(fit, letter, persona, exclusion, complete, has_age, by_hand, scored, profile) USING (profile)
        JOIN {LEAD} l ON l.id = g.lead AND {_holds("l.xmin = g.lead_version")}
        JOIN {SCORE} s ON s.lead_id = g.lead AND {_holds("s.xmin = g.score_version")}
), asks AS MATERIALIZED (
    SELECT * FROM unnest(%(ask_kind)s::text[], %(ask_asset)s::bigint[], %(ask_stage)s::text[], %(ask_rule)s::int[],
        %(ask_cool)s::float8[]) AS a(kind, asset_kind, stage, rule, cool)
), rule AS MATERIALIZED (
    SELECT * FROM unnest(%(rule_id)s::int[], %(rule_points)s::float8[], %(rule_half)s::int[], %(rule_span)s::float8[],
        %(rule_cool)s::float8[], %(rule_most)s::int[], %(rule_in)s::float8[])
        AS r(rule, points, half, span, cool, most, within)
), journey AS MATERIALIZED (
    SELECT * FROM unnest(%(go_kind)s::text[], %(go_asset)s::bigint[], %(go_times)s::int[], %(go_rank)s::int[])
        WITH ORDINALITY AS j(kind, asset_kind, times, rank, line)
), piece AS MATERIALIZED (
    SELECT id, kind_id, journey_stage, array_position(%(stages)s::text[], journey_stage::text) AS rank FROM {ASSET}
)"""
# What they did. A cool-down lets the first of a span count; without one, acts of the same instant are taken together.
_TOUCHES = f"""done AS MATERIALIZED (
    SELECT g.lead, t.kind::text AS kind, date_part('epoch', t.at) AS at, t.at > %(at)s AS ahead,
        a.kind_id AS asset_kind, a.journey_stage AS stage, a.rank
    FROM given g JOIN {TOUCH} t ON t.person_id = g.person LEFT JOIN piece a ON a.id = t.asset_id
    WHERE t.kind <> '{OPEN}'
), cooled AS (
    SELECT c.lead, r.rule, c.at, CASE WHEN r.cool > 0 THEN 1 ELSE c.times END AS times, r.points, r.half, r.span,
        r.most, r.within
    FROM (SELECT d.lead, a.rule, min(d.at) AS at, count(*)::int AS times
        FROM done d JOIN asks a ON a.kind = d.kind AND (a.asset_kind IS NULL OR a.asset_kind = d.asset_kind)
            AND (a.stage = '' OR a.stage = d.stage)
        WHERE NOT d.ahead
        GROUP BY d.lead, a.rule, CASE WHEN a.cool > 0 THEN floor(d.at / a.cool) ELSE d.at END) AS c
    JOIN rule r ON r.rule = c.rule
), capped AS (
    SELECT lead, points, half, span, at, greatest(0, least(times, most - (sum(times) OVER bucket - times))) AS times
    FROM cooled WHERE most IS NOT NULL
    WINDOW bucket AS (PARTITION BY lead, rule, CASE WHEN within > 0 THEN floor(at / within) ELSE 0 END ORDER BY at)
), counted AS (
    SELECT lead, half, points * times AS points, at,
        points * times * power(2, greatest((at - %(midnight)s) / span, {LONG_AGO})) AS worth
    FROM (SELECT lead, points, half, span, at, times FROM cooled WHERE most IS NULL
        UNION ALL SELECT lead, points, half, span, at, times FROM capped) AS c
), summed AS (
    SELECT lead,
        sum(worth) FILTER (WHERE half = 0 AND points > 0) AS gain1,
        sum(-worth) FILTER (WHERE half = 0 AND points < 0) AS loss1,
        sum(worth) FILTER (WHERE half = 1 AND points > 0) AS gain2,
        sum(-worth) FILTER (WHERE half = 1 AND points < 0) AS loss2,
        sum(worth) FILTER (WHERE half = 2 AND points > 0) AS gain3,
        sum(-worth) FILTER (WHERE half = 2 AND points < 0) AS loss3,
        sum(points - worth) FILTER (WHERE at >= %(midnight)s) AS today
    FROM counted GROUP BY lead
), reached AS (
    SELECT lead, max(rank) AS rank FROM (
        SELECT lead, rank FROM done WHERE rank IS NOT NULL AND NOT ahead
        UNION ALL
        SELECT d.lead, j.rank FROM done d JOIN journey j
            ON j.kind = d.kind AND (j.asset_kind IS NULL OR j.asset_kind = d.asset_kind)
        WHERE NOT d.ahead GROUP BY d.lead, j.line, j.rank, j.times HAVING count(*) >= j.times
    ) AS r GROUP BY lead
), ahead AS (
    SELECT lead, min(at) AS at FROM done WHERE ahead GROUP BY lead
)"""
# The row of each, beside the old one. FULL JOIN: there is nobody but the given, and it is never done row by row.
# `shown`: halves up, after rounding away the noise.
_ROWS = """seen AS (
    SELECT g.*, coalesce(m.gain1, 0) AS gain1, coalesce(m.gain2, 0) AS gain2, coalesce(m.gain3, 0) AS gain3,
        coalesce(m.loss1, 0) AS loss1, coalesce(m.loss2, 0) AS loss2, coalesce(m.loss3, 0) AS loss3,
        coalesce(m.today, 0) AS today, a.at AS ahead,
        CASE WHEN NOT g.scored THEN g.old_stage WHEN g.by_hand <> '' THEN g.by_hand
            ELSE coalesce((%(stages)s::text[])[r.rank], g.old_stage) END AS stage
    FROM given g FULL JOIN summed m ON m.lead = g.lead FULL JOIN reached r ON r.lead = g.lead
        FULL JOIN ahead a ON a.lead = g.lead OFFSET 0
), open_ended AS (
    SELECT *, least(gain1 - loss1 + gain2 - loss2 + gain3 - loss3 + today, %(ceiling)s) AS engagement FROM seen OFFSET 0
), rowed AS (
    SELECT *, CASE WHEN scored THEN (gain1 - loss1) * %(carry1)s ELSE 0 END AS e1,
        CASE WHEN scored THEN (gain2 - loss2) * %(carry2)s ELSE 0 END AS e2,
        CASE WHEN scored THEN (gain3 - loss3) * %(carry3)s ELSE 0 END AS e3,
        floor(round(engagement * 1e6) / 1e6 + 0.5) AS shown
    FROM open_ended OFFSET 0
), graded AS (
    SELECT *, CASE WHEN NOT scored THEN '' WHEN shown >= %(bound1)s THEN letter || '1'
        WHEN shown >= %(bound2)s THEN letter || '2' WHEN shown >= %(bound3)s THEN letter || '3'
        ELSE letter || '4' END AS grade
    FROM rowed OFFSET 0
)"""
_QUALIFIES = f"""judged AS (
    SELECT g.*, scored AND letter <= %(from_letter)s AND substr(grade, 2) <= %(from_digit)s AND complete
        AND exclusion = '' AND status = ANY(%(marketings)s) AND (
            SELECT NOT p.sales_open AND NOT p.no_profiling AND p.erased_at IS NULL AND p.merged_into_id IS NULL
            FROM {PERSON} p WHERE p.id = g.person)
        AND coalesce((
            SELECT shown >= %(again_from)s AND coalesce((
                SELECT true FROM {TOUCH} t WHERE t.person_id = g.person AND t.at > max(m.at) AND t.at <= %(at)s
                    AND t.kind <> '{OPEN}' LIMIT 1), false)
            FROM {MOVE} m WHERE m.lead_id = g.lead AND m.new = '{NURTURING}' AND m.way = ANY(%(by_people)s)
            HAVING count(*) > 0), true) AS qualifies,
        gain1 * %(fade1)s + gain2 * %(fade2)s + gain3 * %(fade3)s AS gains,
        loss1 * %(fade1)s + loss2 * %(fade2)s + loss3 * %(fade3)s AS losses
    FROM graded g OFFSET 0
), compared AS (
    SELECT *, CASE WHEN qualifies THEN coalesce(old_qualifies, %(at)s) END AS qualifies_at,
        old_model IS NOT DISTINCT FROM %(model)s AND fit = old_fit AND grade = old_grade
            AND abs(e1 - old_e1) <= {NOISE} * greatest(abs(e1), abs(old_e1), %(carry1)s)
            AND abs(e2 - old_e2) <= {NOISE} * greatest(abs(e2), abs(old_e2), %(carry2)s)
            AND abs(e3 - old_e3) <= {NOISE} * greatest(abs(e3), abs(old_e3), %(carry3)s) AS same,
        dirty_at IS NULL AND (old_check > %(at)s OR (old_check IS NULL AND old_model IS NOT NULL))
            AND (ahead IS NULL OR old_check <= to_timestamp(ahead)) AS undisturbed,
        floor(round(least(gains - losses, %(ceiling)s) * 1e6) / 1e6 + 0.5) AS night
    FROM judged OFFSET 0
)"""
# When the grade may change by itself: `fold.next_check`. Gains and losses fade apart.
_CHECKS = f"""checked AS (
    SELECT c.*, CASE WHEN same AND undisturbed THEN old_check WHEN scored THEN least(to_timestamp(ahead),
        CASE WHEN has_age THEN %(new_year)s::timestamptz END,
        to_timestamp(CASE WHEN {_crossed(1)} OR {_crossed(2)} OR {_crossed(3)} OR {_crossed(4)} THEN %(first)s ELSE (
            SELECT CASE WHEN days <= {SOME_DAY} THEN greatest((%(nights)s::float8[])[2],
                (%(nights)s::float8[])[least({NIGHTS}, 1 + width_bucket(
                    %(first)s + greatest(0, days) * {DAY} - 60, %(nights)s::float8[]))]) END
            FROM (SELECT %(shortest)s * least({_days(1)}, {_days(2)}, {_days(3)}, {_days(4)}) AS days OFFSET 0) AS d
        ) END)) END AS next_check_at
    FROM compared c OFFSET 0
)"""
# Leads first, then their scores, both in the order of the leads: that is the order of all writers.
_WRITES = f"""news AS MATERIALIZED (
    SELECT *, persona IS DISTINCT FROM old_persona OR stage <> old_stage OR exclusion <> old_exclusion AS moves
    FROM checked
), moved AS (
    UPDATE {LEAD} l SET persona_id = n.persona, journey_stage = n.stage, exclusion = n.exclusion
    FROM (SELECT lead, lead_version, persona, stage, exclusion FROM news WHERE moves ORDER BY lead) AS n
    WHERE l.id = n.lead AND l.xmin = n.lead_version
    RETURNING l.id
), due AS (
    SELECT * FROM news WHERE CASE WHEN moves THEN lead IN (SELECT id FROM moved) ELSE NOT same
        OR dirty_at IS NOT NULL OR qualifies_at IS DISTINCT FROM old_qualifies
        OR next_check_at IS DISTINCT FROM old_check END
    ORDER BY lead
), written AS (
    UPDATE {SCORE} s SET model_id = %(model)s, fit = d.fit, e1 = d.e1, e2 = d.e2, e3 = d.e3, grade = d.grade,
        engagement = CASE WHEN scored THEN greatest(-{SMALL}, least({SMALL}, d.shown)) ELSE 0 END,
        total = CASE WHEN scored THEN
            floor(round((d.fit + greatest(-{SMALL}, least({SMALL}, d.engagement))) * 1e6) / 1e5 + 0.5)::int::numeric
            / 10 ELSE 0 END,
        next_check_at = d.next_check_at, qualifies_at = d.qualifies_at, computed_at = %(at)s,
        dirty_at = CASE WHEN d.dirty_at > %(loaded_at)s OR (d.dirty_at > %(at)s AND (
            SELECT true FROM {FACT} f WHERE f.person_id = d.person AND f.at > %(at)s LIMIT 1)) THEN d.dirty_at END
    FROM due d WHERE s.lead_id = d.lead AND s.xmin = d.score_version
    RETURNING s.lead_id AS lead, d.person, s.qualifies_at, d.dirty_at IS NOT NULL OR d.grade <> d.old_grade AS told
)
SELECT (SELECT count(*) FROM news), (SELECT count(*) FROM moved), count(*),
    (SELECT count(*) FROM news WHERE qualifies_at IS NOT NULL),
    array_agg(lead) FILTER (WHERE told AND (SELECT true FROM {ENROLMENT} e WHERE e.person_id = written.person
        AND e.state = '{ACTIVE}' AND e.waits_until IS NOT NULL LIMIT 1))
FROM written"""

TEXT = f"WITH {', '.join([_GIVEN, _TOUCHES, _ROWS, _QUALIFIES, _CHECKS, _WRITES])}"


@dataclass(frozen=True, slots=True)
class Done:
    """What the statement did. `seen`: leads that were still as read. `woken`: those whose news somebody waits for."""

    seen: int
    moved: int
    changed: int
    candidates: int
    woken: list[int]


def write(batch: Batch, setup: Setup, at: datetime) -> Done:
    """Compute and write the rows of a batch. To be called in a transaction: it holds until the end of it.

    Marks stay that were set since the rules were read, or for a fact that is later than `at`.
    """
    assert setup.rules is not None
    # A time to come says nothing about the clock.
    loaded_at = setup.loaded_at if setup.loaded_at >= at else datetime.max.replace(tzinfo=UTC)
    of_rules = _of_rules(setup.rules) | {"loaded_at": loaded_at}
    with connection.cursor() as cursor:
        cursor.execute(_SETTINGS)
        cursor.execute(TEXT, {**of_rules, **_of_time(setup.rules, at), **_of_batch(batch)})
        seen, moved, changed, candidates, woken = cursor.fetchone()
    return Done(seen, moved, changed, candidates, woken or [])


def push_forward(broken: Iterable[tuple[int, str]], until: datetime) -> None:
    """Leads (with the version read) that cannot be scored do not stop the others; they are tried again later."""
    with connection.cursor() as cursor:
        for lead, version in broken:
            cursor.execute(
                f"UPDATE {SCORE} SET dirty_at = NULL, next_check_at = %s WHERE lead_id = %s AND xmin = %s::xid",
                [until, lead, version],
            )


def _of_batch(batch: Batch) -> dict[str, Any]:
    kinds = list(batch.kinds)
    return {
        "leads": _array(batch.leads),
        "people": _array(batch.people),
        "lead_versions": _array(batch.lead_versions),
        "score_versions": _array(batch.score_versions),
        "profiles": _array(batch.profiles),
        "fit": [kind.fit for kind in kinds],
        "letter": [kind.letter for kind in kinds],
        "persona": [kind.persona for kind in kinds],
        "exclusion": [kind.exclusion for kind in kinds],
        "complete": [kind.complete for kind in kinds],
        "has_age": [kind.has_age for kind in kinds],
        "by_hand": [kind.stage for kind in kinds],
        "scored": [kind.scored for kind in kinds],
    }


def _array(values: Iterable[object]) -> str:
    """Numbers as PostgreSQL reads an array: much quicker than one by one."""
    return "{" + ",".join(map(str, values)) + "}"


@lru_cache(maxsize=8)
def _of_rules(rules: Rules) -> dict[str, Any]:
    """Lines of the model as columns. A line for any touch is one for each kind: they are looked up by kind."""
    lines = rules.engagement
    asks = [(rule, kind) for rule in lines for kind in ([rule.kind] if rule.kind else _KINDS)]
    return {
        "ask_kind": [kind for _, kind in asks],
        "ask_asset": [rule.asset_kind for rule, _ in asks],
        "ask_stage": [rule.journey_stage for rule, _ in asks],
        "ask_rule": [rule.id for rule, _ in asks],
        "ask_cool": [rule.cool_down_hours * 3600.0 for rule, _ in asks],
        "rule_id": [rule.id for rule in lines],
        "rule_points": [float(rule.points) for rule in lines],
        "rule_half": [rule.half_life for rule in lines],
        "rule_span": [rules.half_lives[rule.half_life] * DAY for rule in lines],
        "rule_cool": [rule.cool_down_hours * 3600.0 for rule in lines],
        "rule_most": [rule.ceiling_touches for rule in lines],
        "rule_in": [(rule.ceiling_days or 0) * DAY for rule in lines],
        "go_kind": [rule.kind for rule in rules.journey if rule.times],
        "go_asset": [rule.asset_kind for rule in rules.journey if rule.times],
        "go_times": [rule.times for rule in rules.journey if rule.times],
        "go_rank": [STAGES.index(rule.stage) + 1 for rule in rules.journey if rule.times],
        "stages": list(STAGES),
        "ceiling": float(rules.engagement_ceiling),
        **{f"bound{place}": float(bound) for place, bound in enumerate(bounds_of(rules), 1)},
        "from_letter": rules.qualify_fit,
        "from_digit": rules.qualify_engagement,
        "again_from": again_from(rules),
        "marketings": [status.value for status in MARKETINGS],
        "by_people": [way.value for way in BY_PEOPLE],
        "shortest": min(rules.half_lives),
        "model": rules.id,
    }


def _of_time(rules: Rules, at: datetime) -> dict[str, Any]:
    midnight, first = local_midnight(at, rules.zone), next_midnight(at, rules.zone)
    passed = (first - midnight).total_seconds() / DAY
    return {
        "at": at,
        "midnight": midnight.timestamp(),
        "first": first.timestamp(),
        "nights": _nights(first, rules.zone),
        "new_year": next_new_year(at, rules.zone),
        **{f"carry{place + 1}": carrying(midnight, rules, place) for place in range(3)},
        **{f"fade{place + 1}": 2.0 ** (-passed / rules.half_lives[place]) for place in range(3)},
    }


@lru_cache(maxsize=4)
def _nights(first: datetime, zone: ZoneInfo) -> str:
    """Local midnights from `first` on, as seconds."""
    day = first.astimezone(zone).date()
    nights = (datetime.combine(day + timedelta(days=number), time(0), zone) for number in range(NIGHTS))
    return _array(int(night.timestamp()) for night in nights)


_KINDS = [kind for kind in TouchKind.values if kind != OPEN]
