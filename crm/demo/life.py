"""One lead's life as it is played: who they are, what is still to happen, what they did. story.py lets it happen."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from campaigns.models import Asset, Campaign, Channel, LandingPage
from crm.demo.cast import AGENTS, Cast
from leads.judging import VERSION
from leads.models import (
    Enrolment,
    Hit,
    Lead,
    LeadMove,
    LeadStatus,
    Message,
    Person,
    ShareLink,
    Submission,
    Touch,
    TouchKind,
    Verdict,
)
from leads.scoring.matching import FactsSeen, fit_value
from leads.scoring.points import TouchSeen
from leads.scoring.rules import missing_facts

HITS = {
    TouchKind.VISIT: Hit.Kind.PAGE, TouchKind.READ: Hit.Kind.READ, TouchKind.CLICK: Hit.Kind.CLICK,
    TouchKind.OPEN: Hit.Kind.OPEN, TouchKind.DOWNLOAD: Hit.Kind.DOWNLOAD,
}  # fmt: skip


class Sales(Protocol):
    """Whoever takes a marketing-qualified lead over."""

    def hand_over(self, story: Any, move: LeadMove, at: datetime) -> None: ...


@dataclass
class Life:
    """The state of one lead while their past is played. `agenda` holds what is still to happen, soonest first."""

    cast: Cast
    desk: Sales
    person: Person
    die: random.Random
    quality: float
    until: datetime
    lead: Lead | None = None
    touches: list[Touch] = field(default_factory=list)
    seen: list[TouchSeen] = field(default_factory=list)
    agenda: list[tuple[datetime, int, Callable[[datetime], None]]] = field(default_factory=list)
    consented: bool = False
    silent: bool = False
    walks: list[Enrolment] = field(default_factory=list)
    returned_at: datetime | None = None
    sales_open: bool = False
    untouched: bool = False  # handed over, and nobody has acted yet
    planned: int = 0

    def __post_init__(self) -> None:
        self.facts = self._facts()
        rules = self.cast.setup.rules
        assert rules is not None
        self.rules = rules
        year = self.cast.world.today.year
        self.fit = min(
            sum(rule.points for rule in rules.fit if fit_value(rule, self.facts, year) is not None),
            rules.fit_ceiling,
        )
        self.excluded = self.cast.setup.exclusion_for(self.facts, year=year, status="new", said="")
        self.complete = not missing_facts(self.facts, rules)

    def _facts(self) -> FactsSeen:
        """The same view of a person as `leads.scoring.facts` has."""
        person, company = self.person, self.person.company
        return FactsSeen(
            email=person.email_key or "", phone=person.phone_key or "",
            company=company.name if company else person.company_name,
            company_domain=(company.domain or "") if company else "", job_title=person.job_title,
            country=person.country, industry=company.industry if company else "",
            company_size=float(company.size) if company and company.size is not None else None,
            founded_year=company.founded_year if company else None,
        )  # fmt: skip

    # The agenda

    def plan(self, at: datetime, act: Callable[[datetime], None], *, until: datetime | None = None) -> None:
        """Let `act` happen at `at`, unless that lies beyond the past. Mails go out until this very moment."""
        if at < (until or self.until):
            self.planned += 1
            heapq.heappush(self.agenda, (at, self.planned, act))

    def play(self) -> None:
        """Let everything happen in order, whatever comes up on the way included."""
        while self.agenda:
            at, _number, act = heapq.heappop(self.agenda)
            act(at)

    # What they do

    def touch(
        self,
        kind: str,
        at: datetime,
        *,
        channel: Channel,
        campaign: Campaign | None = None,
        page: LandingPage | None = None,
        asset: Asset | None = None,
        submission: Submission | None = None,
        message: Message | None = None,
        label: str = "",
        seconds: int | None = None,
        share: ShareLink | None = None,
        origin: dict[str, str] | None = None,
    ) -> Touch:
        """A human act with its hit and verdict; afterwards the lead is judged as a rescoring would."""
        add = self.cast.world.add
        kind = TouchKind(kind)
        hit = None
        if kind in HITS:
            hit = self._hit(HITS[kind], at, page, asset, campaign, message, origin or {})
        touch = add(
            Touch(
                person_id=self.person.pk, kind=kind.value, at=at, recorded_at=at, channel_id=channel.pk,
                campaign_id=campaign and campaign.pk, page_id=page and page.pk, asset_id=asset and asset.pk,
                hit_id=hit and hit.pk, submission_id=submission and submission.pk,
                message_id=message and message.pk, label=label, seconds=seconds,
                share_id=share and share.pk, **(origin or {}),
            )
        )  # fmt: skip
        self.touches.append(touch)
        self.seen.append(
            TouchSeen(touch.pk, kind, at, asset.kind_id if asset else None, asset.journey_stage if asset else "",
                      label or (asset.title if asset else "") or (page.title if page else ""))
        )  # fmt: skip
        if self.lead is not None and kind not in (TouchKind.OPEN, TouchKind.INQUIRY):
            self.judge(at + timedelta(seconds=4))
        return touch

    def _hit(
        self, kind: Hit.Kind, at: datetime, page: Any, asset: Any, campaign: Any, message: Any, origin: dict
    ) -> Hit:
        path = f"/p/{page.slug}/" if page else f"/r/{asset.slug}/" if asset else "/"
        hit = self.cast.world.add(
            Hit(
                kind=kind.value, at=at, path=path, page_id=page and page.pk, asset_id=asset and asset.pk,
                campaign_id=campaign and campaign.pk, person_id=self.person.pk, message_id=message and message.pk,
                agent=AGENTS[self.person.pk % 3], judged=True,
                visitor_key=f"{self.person.pk:x}-{at:%j}", **origin,
            )
        )  # fmt: skip
        self.cast.world.add(Verdict(hit_id=hit.pk, version=VERSION, verdict="human"))
        return hit

    def move(self, new: str, way: str, at: datetime, **more: Any) -> LeadMove:
        """A status move as `leads.transitions` writes it."""
        assert self.lead is not None
        old = "" if way == LeadMove.Way.CAPTURE else self.lead.status
        self.lead.status, self.lead.status_since = new, at
        if new == LeadStatus.MARKETING_QUALIFIED and self.lead.marketing_qualified_at is None:
            self.lead.marketing_qualified_at = at
        return self.cast.world.add(
            LeadMove(lead=self.lead, old=old, new=new, way=way, at=at, recorded_at=at, **more)
        )

    def judge(self, at: datetime) -> None:
        """What a rescoring would do after a touch."""
        raise NotImplementedError
