"""One lead's story: what they did, in the order of time. Mails: walks.py; status and handover: judged.py."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from campaigns.models import Asset, Campaign, Channel, LandingPage
from crm.demo.cast import AGENTS, Cast
from crm.demo.content import HEARD_FROM
from crm.demo.judged import Judged
from crm.demo.walks import Walks
from leads.judging import VERSION
from leads.models import (
    ConsentEvent,
    Enrolment,
    Fact,
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

if TYPE_CHECKING:
    from crm.demo.desk import Desk

Way = LeadMove.Way
HITS = {
    TouchKind.VISIT: Hit.Kind.PAGE, TouchKind.READ: Hit.Kind.READ, TouchKind.CLICK: Hit.Kind.CLICK,
    TouchKind.OPEN: Hit.Kind.OPEN, TouchKind.DOWNLOAD: Hit.Kind.DOWNLOAD,
}  # fmt: skip


@dataclass
class Story(Judged, Walks):
    """The state of one lead while their past is played. `agenda` holds what is still to happen, soonest first."""

    cast: Cast
    desk: Desk
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
            self._judge(at + timedelta(seconds=4))
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

    def send_form(
        self,
        page: LandingPage,
        at: datetime,
        *,
        channel: Channel,
        origin: dict[str, str],
        message: str = "",
        agrees: bool | None = None,
    ) -> Submission:
        """A form as `leads.capture` takes it in: submission, touch, lead, consent, download mail, enrolment."""
        submission = self._submission(page, at, origin, message)
        new = self.lead is None
        if new:
            self._become_lead(page, at)
        if agrees:
            self._agree(page, submission, at)
        self.touch(
            TouchKind.INQUIRY if page.inquiry else TouchKind.FORM, at, channel=channel,
            campaign=page.campaign if not origin.get("utm_campaign") else self._campaign(origin) or page.campaign,
            page=page, asset=page.asset, submission=submission, origin=origin,
            label=str(page.get_inquiry_display()) if page.inquiry else "",
        )  # fmt: skip
        if page.asset and page.asset.gated and (page.asset.file or page.asset.link):
            self._download_mail(page, submission, at)
        if page.inquiry:
            self.reach_goal("inquiry", at)
        if page.sequence and self.consented and not self.sales_open:
            self._enrol(page, submission, at)
        if page.inquiry:
            self._judge_inquiry(submission, at + timedelta(seconds=4))
        return submission

    def _campaign(self, origin: dict[str, str]) -> Campaign | None:
        return next(
            (one for one in self.cast.plans.values() if one.utm_campaign == origin["utm_campaign"]), None
        )

    def _submission(self, page: LandingPage, at: datetime, origin: dict, message: str) -> Submission:
        person = self.person
        answers = {
            "email": person.email, "first_name": person.first_name, "last_name": person.last_name,
            "company": person.company_name, "job_title": person.job_title, "message": message,
            "phone": person.phone if page.inquiry else "",
            "heard_from": self._heard(at) if page.inquiry and self.die.random() < 0.5 else "",
        }  # fmt: skip
        return self.cast.world.add(
            Submission(
                person=person, page=page, at=at, state=Submission.State.ACCEPTED, email_key=person.email_key or "",
                nonce=f"demo-{person.pk}-{at:%Y%m%d%H%M%S}", inquiry=page.inquiry,
                answers={name: value for name, value in answers.items() if value},
                judged_at=at + timedelta(seconds=4) if page.inquiry else at, agent=AGENTS[person.pk % 3], **origin,
            )
        )  # fmt: skip

    def _heard(self, at: datetime) -> str:
        """An answer that no column holds is kept as a fact."""
        words = self.die.choice(HEARD_FROM)
        self.cast.world.add(
            Fact(
                person=self.person, field="heard_from", value=words, source=Fact.Source.SAID.value, at=at,
                recorded_at=at,
            )
        )  # fmt: skip
        return words

    def _become_lead(self, page: LandingPage, at: datetime) -> None:
        self.lead = self.cast.world.add(
            Lead(
                person=self.person,
                status=LeadStatus.NEW,
                status_since=at,
                created_at=at,
                recorded_at=at,
                exclusion=self.excluded,
            )
        )
        self.move(LeadStatus.NEW, Way.CAPTURE, at, why=str(page))

    def _agree(self, page: LandingPage, submission: Submission, at: datetime) -> None:
        """The box was ticked; where the page asks for it the mail was answered as well."""
        confirmed = at + timedelta(minutes=7) if page.double_opt_in else None
        if confirmed:
            self._mail(Message.Kind.OPT_IN, f"optin:{submission.pk}", at, submission=submission)
        self.cast.world.add(
            ConsentEvent(
                person=self.person, purpose="marketing", given=True, text=self.cast.consent, page=page,
                submission=submission, at=at, recorded_at=at, confirmed_at=confirmed,
            )
        )  # fmt: skip
        self.consented = True
