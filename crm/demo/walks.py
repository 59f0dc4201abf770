"""The mails of a story: downloads, the steps of a sequence, what people do with them, and how they leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from campaigns.models import LandingPage, LooksAt, PublishedStep, Sequence, StepKind
from crm.demo.cast import AGENTS
from crm.demo.life import Life
from crm.demo.world import message_id
from leads.consent import email_hash
from leads.judging import VERSION
from leads.models import (
    ConsentEvent,
    Enrolment,
    Entry,
    Hit,
    LeadMove,
    LeadStatus,
    Message,
    ShareLink,
    Submission,
    Suppression,
    TouchKind,
    Verdict,
)
from leads.nurture.walk import mail_ended, started, step_on
from leads.sending.gate import zone_of
from leads.sending.wording import choose

LOOK_AGAIN = timedelta(hours=20)  # a story looks at a wait less often than the worker


@dataclass
class Walks(Life):
    """The part of a story that the nurture machinery would have written."""

    def _mail(self, kind: str, key: str, at: datetime, **more: Any) -> Message:
        seconds = self.die.randrange(2, 45)
        return self.cast.world.add(
            Message(
                key=key, message_id=message_id(key), kind=kind, person=self.person, to_address=self.person.email,
                state=Message.State.SENT, attempts=1, due_at=at, created_at=at,
                claimed_at=at + timedelta(seconds=seconds), ended_at=at + timedelta(seconds=seconds + 1),
                code="250", settled=True, **more,
            )
        )  # fmt: skip

    def _download_mail(self, page: LandingPage, submission: Submission, at: datetime) -> None:
        mail = self._mail(Message.Kind.DOWNLOAD, f"dl:{submission.pk}", at, submission=submission)
        if self.die.random() < 0.74:
            when = at + timedelta(minutes=self.die.expovariate(1 / 9) + 1)
            self.plan(
                when,
                lambda now: (
                    self.touch(
                        TouchKind.DOWNLOAD,
                        now,
                        channel=self.cast.channels["website"],
                        campaign=page.campaign,
                        page=page,
                        asset=page.asset,
                        message=mail,
                    )
                    and None
                ),
            )
            if page.asset and self.die.random() < 0.03:
                later = when + timedelta(hours=self.die.uniform(2, 90))
                self.plan(later, lambda now: self._passed_on(page, now))

    def _passed_on(self, page: LandingPage, at: datetime) -> None:
        """A colleague came by the link that this person passed on: a referral touch of theirs."""
        asset, world = page.asset, self.cast.world
        assert asset is not None
        if any(link.person_id == self.person.pk for link in world.rows[ShareLink]):
            return
        link = world.add(
            ShareLink(
                code=f"{self.die.getrandbits(60):012x}", person=self.person, asset=asset,
                created_at=at - timedelta(hours=1),
            )
        )  # fmt: skip
        hit = world.add(
            Hit(
                kind=Hit.Kind.PAGE.value, at=at, path=f"/p/{page.slug}/", page_id=page.pk, share=link, judged=True,
                campaign_id=page.campaign_id, visitor_key=f"share-{link.pk:x}", agent=AGENTS[link.pk % 3],
            )
        )  # fmt: skip
        world.add(Verdict(hit_id=hit.pk, version=VERSION, verdict=Verdict.Kind.HUMAN.value))
        touch = self.touch(
            TouchKind.REFERRAL, at, channel=self.cast.channels["referral"], campaign=page.campaign, page=page,
            asset=asset, share=link,
        )  # fmt: skip
        touch.hit = hit

    def _enrol(self, page: LandingPage, submission: Submission, at: datetime) -> None:
        assert page.sequence is not None
        if self._may_walk(page.sequence) and self.lead is not None:
            self._begin_walk(page.sequence, at, entry=Entry.FORM, submission=submission)
            if self.lead.status == LeadStatus.NEW:
                self.move(LeadStatus.NURTURING, LeadMove.Way.NURTURE, at, why=str(page.sequence))

    def get_letter(self, at: datetime) -> None:
        """The one mailing of the past, to whoever could be written to that day."""
        if self.consented and not self.sales_open and self._may_walk(self.cast.letter):
            self._begin_walk(self.cast.letter, at, entry=Entry.MAILING)

    def _may_walk(self, sequence: Sequence) -> bool:
        if self.silent or self.lead is None or any(walk.sequence_id == sequence.pk for walk in self.walks):
            return False
        return self.lead.status in (LeadStatus.NEW, LeadStatus.NURTURING)

    def _begin_walk(self, sequence: Sequence, at: datetime, **more: Any) -> None:
        steps = {step.position: step for step in self.cast.steps[sequence.pk]}
        begun = started(steps, at=at, zone=zone_of(self.person))
        walk = self.cast.world.add(
            Enrolment(
                person=self.person, sequence=sequence, version_id=steps[1].version_id, started_at=at,
                due_at=begun.due_at, **more,
            )
        )  # fmt: skip
        self.walks.append(walk)
        self.plan(walk.due_at, lambda now: self._step(walk, steps, now), until=self.cast.world.now)

    def _step(self, walk: Enrolment, steps: dict[int, PublishedStep], at: datetime) -> None:
        """What is due on a walk, by the rules of the real one; what came of its mail; and when it goes on."""
        if walk.state != Enrolment.State.ACTIVE or self.silent or walk.due_at is None:
            return
        zone, mail = zone_of(self.person), None
        acts = step_on(walk, steps, at=at, zone=zone, holds=self._holds, look_again=LOOK_AGAIN)
        for act in acts:
            if act.kind == StepKind.MAIL:
                mail = self._step_mail(walk, act.step, at)
                mail_ended(walk, steps, ended_at=mail.ended_at, zone=zone)
        if walk.state == Enrolment.State.ACTIVE and walk.due_at:
            self.plan(walk.due_at, lambda now: self._step(walk, steps, now), until=self.cast.world.now)
        if mail is not None:
            self._answer(mail, at)

    def _holds(self, step: PublishedStep, walk: Enrolment) -> bool:
        """Whether they clicked or downloaded since they began: what the demo's branches and waits ask."""
        kind = TouchKind.CLICK if step.looks_at == LooksAt.CLICK else TouchKind.DOWNLOAD
        return any(touch.kind == kind and touch.at >= walk.started_at for touch in self.touches)

    def _step_mail(self, walk: Enrolment, step: PublishedStep, at: datetime) -> Message:
        assert self.lead is not None
        words = choose(words=self.cast.words[step.pk], persona_id=self.lead.persona_id, enrolment_id=walk.pk)
        return self._mail(
            Message.Kind.SEQUENCE, f"seq:{walk.pk}:{step.pk}", at, enrolment=walk, step=step, words=words,
            allowed_at=at, ground="consent",
        )  # fmt: skip

    def _answer(self, mail: Message, at: datetime) -> None:
        step = mail.step
        assert step is not None and mail.words_id
        die, sequence = self.die, step.version.sequence
        origin = {"utm_source": sequence.slug, "utm_medium": "email", "utm_content": f"step-{step.position}"}
        about = {"channel": self.cast.channels["email"], "campaign": sequence.campaign, "message": mail}
        read_at = at + timedelta(hours=die.expovariate(1 / 7) + 0.05)
        if die.random() < 0.52 + 0.3 * self.quality:
            self.plan(read_at, lambda now: self.touch(TouchKind.OPEN, now, **about) and None)
        if die.random() < 0.07 + 0.15 * self.quality:
            link = die.choice(self.cast.links[mail.words_id])
            label = link.target.split("?")[0]
            self.plan(
                read_at + timedelta(minutes=2),
                lambda now: self.touch(TouchKind.CLICK, now, label=label, origin=origin, **about) and None,
            )
        roll = die.random()
        if roll < 0.006 * self.quality:
            self.plan(
                read_at + timedelta(hours=1), lambda now: self.touch(TouchKind.REPLY, now, **about) and None
            )
        elif roll > 0.987:
            self.plan(read_at + timedelta(minutes=3), self._unsubscribe)

    def _unsubscribe(self, at: datetime) -> None:
        if self.silent:
            return
        self.silent = True
        self.cast.world.add(
            ConsentEvent(person=self.person, purpose="marketing", given=False, at=at, recorded_at=at)
        )
        self.cast.world.add(
            Suppression(
                email_hash=email_hash(self.person.email_key or ""), person=self.person, at=at,
                reason=Suppression.Reason.UNSUBSCRIBED,
            )
        )  # fmt: skip
        self.leave_walks("unsubscribed", at)

    def reach_goal(self, goal: str, at: datetime) -> None:
        """What a sequence is for has happened: the walk ends with success."""
        for walk in self.walks:
            if walk.state == Enrolment.State.ACTIVE and walk.sequence.goal == goal:
                walk.state, walk.exit_reason = Enrolment.State.EXITED, f"goal: {goal}"
                walk.goal_at = walk.ended_at = at

    def leave_walks(self, reason: str, at: datetime) -> None:
        """Out of all sequences; a mail that was due stays unsent and so has no row."""
        for walk in self.walks:
            if walk.state == Enrolment.State.ACTIVE:
                walk.state, walk.exit_reason, walk.ended_at = Enrolment.State.EXITED, reason, at
