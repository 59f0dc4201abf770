"""One lead's story: what they did, in the order of time. Mails: walks.py; status and handover: judged.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.models import Campaign, Channel, LandingPage
from crm.demo.cast import AGENTS
from crm.demo.content import HEARD_FROM
from crm.demo.judged import Judged
from leads.models import ConsentEvent, Fact, Lead, LeadMove, LeadStatus, Message, Submission, TouchKind

Way = LeadMove.Way


@dataclass
class Story(Judged):
    """A whole one: forms, the lead they make, consent, and all that follows from them."""

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
