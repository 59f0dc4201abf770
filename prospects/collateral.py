"""What a rep can hand over: pieces for this reader at this point of the sale, those for sales only among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db.models import Max, Q, QuerySet

from campaigns.models import Asset, JourneyStage, Persona
from leads.models import Lead, Touch
from leads.sending.pieces import MET, Piece, suggested
from prospects.models import Prospect

MOST = 5


@dataclass(frozen=True)
class Collateral:
    """`next`: the piece this person has not seen that moves such people on; `pieces`: for the talk; `persona` whose.

    `met`: piece → when they last read it, took it or followed a link to it.
    """

    next: Piece | None
    pieces: list[Asset]
    stage: JourneyStage
    persona: Persona | None
    met: dict[int, datetime] = field(default_factory=dict)


def collateral(prospect: Prospect, at: datetime) -> Collateral:
    lead: Lead | None = getattr(prospect.person, "lead", None)
    stage, persona = stage_of(prospect), lead.persona if lead else None
    language = prospect.person.language or settings.LANGUAGE_CODE
    rows = usable(at).filter(Q(persona=None) | Q(persona=persona), journey_stage=stage)
    rows = rows.filter(language__in={language, settings.LANGUAGE_CODE})
    order = sorted(
        rows[:60],
        key=lambda one: (
            one.language != language,
            one.persona_id is None,
            one.audience != Asset.Audience.SALES,
        ),
    )
    offered = suggested(prospect.person, language=language, at=at)
    pieces = order[:MOST]
    return Collateral(offered, pieces, stage, persona, _met(prospect, pieces))


def _met(prospect: Prospect, pieces: list[Asset]) -> dict[int, datetime]:
    acts = Touch.objects.filter(person=prospect.person_id, asset__in=pieces, kind__in=MET).order_by()
    return dict(acts.values_list("asset").annotate(last=Max("at")))


def stage_of(prospect: Prospect) -> JourneyStage:
    """Sales-qualified people decide. Before that it is as marketing saw it, though whoever talks to us considers."""
    if prospect.sales_qualified_at:
        return JourneyStage.DECISION
    lead: Lead | None = getattr(prospect.person, "lead", None)
    return JourneyStage(lead.journey_stage) if lead and lead.journey_stage else JourneyStage.CONSIDERATION


def usable(at: datetime) -> QuerySet[Asset]:
    """Published and not expired, for visitors or for sales only, and with something to give away."""
    day = at.date()
    rows = Asset.objects.in_use().filter(Q(expires_on=None) | Q(expires_on__gte=day), published_at__lte=at)
    given = ~Q(file="") | ~Q(link="") | ~Q(body="")
    return rows.filter(given).select_related("kind").order_by("-published_at", "-pk")
