"""Who the leads of a batch are, read as plain rows and judged: what `statement.py` takes beside the touches.

A row carries the versions (`xmin`) of its lead and its score: who was written meanwhile is left alone. PostgreSQL only.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from campaigns.models import Channel, JourneyStage
from leads.best_known import BY_HAND, RANK, SET_BY_HAND
from leads.mailboxes import domain_of
from leads.models import Company, Fact, Lead, LeadScore, Person, Touch
from leads.scoring import facts as known
from leads.scoring.matching import FactsSeen, fact_named
from leads.scoring.points import Rules
from leads.scoring.profile import UNSCORED, Profile, Profiles
from leads.scoring.rules import Setup

log = logging.getLogger(__name__)

LEAD, SCORE, PERSON = (model._meta.db_table for model in (Lead, LeadScore, Person))
TOUCH, CHANNEL, FACT = (model._meta.db_table for model in (Touch, Channel, Fact))
STAGES = tuple(JourneyStage.values)
_COMPANIES_KEPT = 50_000
_ALWAYS = {
    "company",
    "job_title",
    "country",
    "industry",
    "company_size",
    "founded_year",
    *SET_BY_HAND,
}
_WHO = f"""SELECT l.id, l.person_id, l.xmin, s.xmin, p.email_key, p.phone_key <> '' OR p.phone <> '',
    p.company_name <> '', p.company_id, p.job_title, p.country, p.no_profiling, %(channel)s
FROM {LEAD} l JOIN {PERSON} p ON p.id = l.person_id LEFT JOIN {SCORE} s ON s.lead_id = l.id %(joins)s
WHERE l.id %(which)s ORDER BY l.id"""
_BY_CHANNEL = f"LEFT JOIN {TOUCH} t ON t.id = l.first_touch_id LEFT JOIN {CHANNEL} c ON c.id = t.channel_id"
_RANKS = " ".join(f"WHEN '{source.value}' THEN {rank}" for source, rank in RANK.items())
_HANDS = f"f.field IN {SET_BY_HAND!r} AND f.source IN {tuple(source.value for source in BY_HAND)!r}"
_RANK = f"CASE WHEN {_HANDS} THEN -1 ELSE CASE f.source {_RANKS} END END"
# The order of `leads.best_known.best`.
_FACTS = f"""SELECT DISTINCT ON (f.person_id, f.field) f.person_id, f.field, f.value, f.source
FROM {LEAD} l JOIN {FACT} f ON f.person_id = l.person_id
WHERE l.id %(which)s AND f.at <= %%(at)s AND f.field = ANY(%%(names)s)
ORDER BY f.person_id, f.field, {_RANK}, CASE WHEN {_RANK} = {RANK[Fact.Source.ENRICHED]} THEN -f.confidence ELSE 0 END,
    f.at DESC, f.id DESC"""


class Row(NamedTuple):
    """What the first statement returns of a lead."""

    lead: int
    person: int
    lead_version: str
    score_version: str | None
    email: str | None
    has_phone: bool | None
    has_company: bool
    company: int | None
    title: str
    country: str
    no_profiling: bool
    channel: str | None


class FactRow(NamedTuple):
    value: str
    source: str


@dataclass(slots=True)
class Human:
    """The columns of a person that scores look at, in the shape of the model."""

    email_key: str | None
    phone_key: str
    phone: str
    company: Company | None
    company_name: str
    job_title: str
    country: str


@dataclass(slots=True)
class Batch:
    """Leads with what was found out about them; `profiles` are places in `kinds`. `broken` could not be judged."""

    leads: list[int] = field(default_factory=list)
    people: list[int] = field(default_factory=list)
    lead_versions: list[str] = field(default_factory=list)
    score_versions: list[str] = field(default_factory=list)
    profiles: list[int] = field(default_factory=list)
    kinds: dict[Profile, int] = field(default_factory=dict)
    broken: list[tuple[int, str]] = field(default_factory=list)

    def add(self, row: Row, profile: int) -> None:
        lead, person, lead_version, score_version, *_ = row
        self.leads.append(lead)
        self.people.append(person)
        self.lead_versions.append(lead_version)
        self.score_versions.append(str(score_version))
        self.profiles.append(profile)

    def halves(self) -> tuple[Batch, Batch]:
        middle = len(self.leads) // 2
        return self._part(slice(middle)), self._part(slice(middle, None))

    def _part(self, some: slice) -> Batch:
        return Batch(
            leads=self.leads[some],
            people=self.people[some],
            lead_versions=self.lead_versions[some],
            score_versions=self.score_versions[some],
            profiles=self.profiles[some],
            kinds=self.kinds,
        )


class People:
    """Reads and judges batch after batch of one run."""

    def __init__(self, setup: Setup, at: datetime) -> None:
        assert setup.rules is not None
        self.profiles, self.at = Profiles.at(setup, at), at
        self.names = _names(setup, setup.rules)
        self._needs_channel = any(
            rule.field == "channel"
            for rule in (
                *setup.rules.fit,
                *(r for r, _ in setup.exclusions),
                *(r for r, _ in setup.persona_rules),
            )
        )
        self._companies: dict[int, Company] = {}

    def read(self, which: str, given: Mapping[str, Any]) -> Batch:
        """`which` is a condition on the lead's id (`= ANY(%(ids)s)`), `given` its values."""
        rows = self._rows(which, given)
        if any(row.score_version is None for row in rows):
            missing = [LeadScore(lead_id=row.lead) for row in rows if row.score_version is None]
            LeadScore.objects.bulk_create(missing, ignore_conflicts=True)
            rows = self._rows(which, given)
        facts = self._facts(which, given)
        self._meet_companies({row.company for row in rows if row.company})
        batch, places = Batch(), dict[int, int]()  # by identity: equal profiles are one object
        for row in rows:
            try:
                profile = self._judge(row, facts.get(row[1]))
            except (ArithmeticError, LookupError, TypeError, ValueError):
                log.exception("Lead %s cannot be scored", row.lead)
                batch.broken.append((row.lead, str(row.score_version)))
                continue
            place = places.get(id(profile))
            if place is None:
                place = places[id(profile)] = batch.kinds.setdefault(profile, len(batch.kinds) + 1)
            batch.add(row, place)
        return batch

    def _rows(self, which: str, given: Mapping[str, Any]) -> list[Row]:
        channel, joins = ("c.slug", _BY_CHANNEL) if self._needs_channel else ("''", "")
        with connection.cursor() as cursor:
            cursor.execute(_WHO % {"channel": channel, "joins": joins, "which": which}, given)
            return list(map(Row._make, cursor.fetchall()))

    def _facts(self, which: str, given: Mapping[str, Any]) -> dict[int, dict[str, FactRow]]:
        found: dict[int, dict[str, FactRow]] = defaultdict(dict)
        with connection.cursor() as cursor:
            cursor.execute(_FACTS % {"which": which}, {**given, "at": self.at, "names": self.names})
            for person, name, value, source in cursor.fetchall():
                found[person][name] = FactRow(value, source)
        return found

    def _meet_companies(self, ids: set[int]) -> None:
        new = ids - self._companies.keys()
        if len(self._companies) + len(new) > _COMPANIES_KEPT:
            self._companies.clear()
            new = ids
        if new:
            columns = ("name", "domain", "industry", "size", "country", "founded_year", "custom")
            self._companies |= Company.objects.only(*columns).in_bulk(list(new))

    def _judge(self, row: Row, facts: Mapping[str, FactRow] | None) -> Profile:
        _, _, _, _, email, has_phone, has_company, company, title, country, no_profiling, channel = row
        if no_profiling:
            return UNSCORED
        if facts:
            return self._judge_with_facts(row, facts)
        key = (domain_of(email), has_phone, has_company, company, country, channel)
        rest = self.profiles.rest(key, lambda: self._seen(row, {}))
        return self.profiles.whole(self.profiles.title(title), rest)

    def _judge_with_facts(self, row: Row, facts: Mapping[str, FactRow]) -> Profile:
        seen = self._seen(row, facts)
        rest = self.profiles.rest(self._key(seen), lambda: seen)
        profile = self.profiles.whole(self.profiles.title(seen.job_title), rest)
        said = {name: fact.value for name, fact in facts.items() if fact.source in BY_HAND}
        return self.profiles.by_hand(profile, said.get("persona", ""), said.get("journey_stage", ""), STAGES)

    def _seen(self, row: Row, facts: Mapping[str, FactRow]) -> FactsSeen:
        human = Human(
            row.email, "", "+" if row.has_phone else "", self._companies.get(row.company or 0),
            "+" if row.has_company else "", row.title, row.country,
        )  # fmt: skip
        return known.seen_facts(human, facts, row.channel or "")  # type: ignore[arg-type]

    def _key(self, seen: FactsSeen) -> Hashable:
        return (
            domain_of(seen.email), bool(seen.phone), bool(seen.company), seen.company_domain, seen.country,
            seen.industry, seen.company_size, seen.founded_year, seen.channel,
            *(fact_named(name, seen) for name in self.names),
        )  # fmt: skip


def _names(setup: Setup, rules: Rules) -> list[str]:
    """The facts that anything here asks for."""
    lines = (*rules.fit, *(rule for rule, _ in setup.exclusions), *(rule for rule, _ in setup.persona_rules))
    return sorted(_ALWAYS | {rule.fact_name for rule in lines if rule.fact_name} | set(rules.required))
