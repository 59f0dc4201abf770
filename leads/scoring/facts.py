"""What a run sees of a batch of leads: facts and touches, read in a number of queries that does not grow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from leads.best_known import BY_HAND, best
from leads.models import Fact, Lead, LeadScore, Person, Touch
from leads.scoring.matching import FactsSeen, number_in
from leads.scoring.points import TouchSeen


@dataclass(frozen=True, slots=True)
class Seen:
    """A lead (with person, company and score) as it was read. `by_hand`: persona and stage as a colleague set them."""

    lead: Lead
    facts: FactsSeen
    touches: tuple[TouchSeen, ...]
    by_hand: Mapping[str, str]

    @property
    def version(self) -> tuple:
        """Changes whenever somebody makes the score due or writes it."""
        return (self.lead.score.dirty_at, self.lead.score.computed_at)


def read(lead_ids: Sequence[int], *, at: datetime, in_words: bool = False) -> list[Seen]:
    """The leads that exist, ordered by id. Future facts are left out; future touches are kept, they have a date.

    `in_words` also reads what each touch was about, for a panel. Three queries, two more where a row of scores
    is missing.
    """
    leads = _leads(lead_ids)
    people = [lead.person_id for lead in leads]
    facts = _facts(people, at)
    touches = _touches(people, in_words)
    return [
        Seen(
            lead,
            seen_facts(lead.person, facts[lead.person_id], _first_channel(lead)),
            tuple(touches[lead.person_id]),
            {name: fact.value for name, fact in facts[lead.person_id].items() if fact.source in BY_HAND},
        )
        for lead in leads
    ]


def _leads(lead_ids: Sequence[int]) -> list[Lead]:
    found = (
        Lead.objects.filter(pk__in=lead_ids)
        .select_related("person__company", "score", "first_touch__channel")
        .order_by("pk")
    )
    leads = list(found)
    missing = [lead.pk for lead in leads if not hasattr(lead, "score")]
    if missing:
        LeadScore.objects.bulk_create([LeadScore(lead_id=pk) for pk in missing], ignore_conflicts=True)
        leads = list(found.all())
    return leads


def _first_channel(lead: Lead) -> str:
    return lead.first_touch.channel.slug if lead.first_touch else ""


def _facts(people: Iterable[int], at: datetime) -> dict[int, dict[str, Fact]]:
    every: dict[int, list[Fact]] = defaultdict(list)
    rows = Fact.objects.filter(person_id__in=people, at__lte=at).order_by("person_id", "field", "-at", "-pk")
    for fact in rows.only("person_id", "field", "value", "source", "confidence", "at"):
        every[fact.person_id].append(fact)
    return defaultdict(dict, {person: best(facts) for person, facts in every.items()})


def _touches(people: Iterable[int], in_words: bool) -> dict[int, list[TouchSeen]]:
    seen: dict[int, list[TouchSeen]] = defaultdict(list)
    columns = ["person_id", "id", "kind", "at", "asset__kind_id", "asset__journey_stage"]
    words = ["label", "asset__title", "page__title"] if in_words else []
    rows = Touch.objects.filter(person_id__in=people).order_by("person_id", "at", "pk")
    for person, pk, kind, at, asset_kind, stage, *said in rows.values_list(*columns, *words).iterator():
        source = next(filter(None, said), "")
        seen[person].append(TouchSeen(pk, kind, at, asset_kind, stage or "", source))
    return seen


def seen_facts(person: Person, facts: Mapping[str, Fact], channel: str = "") -> FactsSeen:
    """What the person said comes first, then what is kept of their company, then what anybody else says.

    `channel` is the slug of the first touch's.
    """
    company = person.company
    named = {name: fact.value for name, fact in facts.items()}
    said = {name: fact.value for name, fact in facts.items() if fact.source == Fact.Source.SAID}

    def first(field: str, kept: object) -> str:
        return said.get(field, "") or ("" if kept is None else str(kept)) or named.get(field, "")

    year = first("founded_year", company.founded_year if company else None)
    return FactsSeen(
        email=person.email_key or "",
        phone=person.phone_key or person.phone,
        company=company.name if company else person.company_name or named.get("company", ""),
        company_domain=(company.domain or "") if company else "",
        job_title=person.job_title or named.get("job_title", ""),
        country=person.country or first("country", company.country if company else ""),
        industry=first("industry", company.industry if company else ""),
        company_size=number_in(first("company_size", company.size if company else None)),
        founded_year=int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None,
        channel=channel,
        named=named,
        custom=company.custom if company else {},
    )
