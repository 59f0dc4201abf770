"""The mails of a story: downloads, the steps of a sequence, what people do with them, and how they leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from campaigns.models import LandingPage, PublishedStep
from crm.demo.cast import AGENTS
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

if TYPE_CHECKING:
    from crm.demo.story import Story


class Walks:
    """The part of a story that the nurture machinery would have written."""

    def _mail(self: Story, kind: str, key: str, at: datetime, **more: Any) -> Message:
        seconds = self.die.randrange(2, 45)
        return self.cast.world.add(
            Message(
                key=key, message_id=message_id(key), kind=kind, person=self.person, to_address=self.person.email,
                state=Message.State.SENT, attempts=1, due_at=at, created_at=at,
                claimed_at=at + timedelta(seconds=seconds), ended_at=at + timedelta(seconds=seconds + 1),
                code="250", settled=True, **more,
            )
        )  # fmt: skip

    def _download_mail(self: Story, page: LandingPage, submission: Submission, at: datetime) -> None:
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

    def _passed_on(self: Story, page: LandingPage, at: datetime) -> None:
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

    def _enrol(self: Story, page: LandingPage, submission: Submission, at: datetime) -> None:
        assert page.sequence is not None and self.lead is not None
        if (
            self.silent
            or any(walk.sequence_id == page.sequence_id for walk in self.walks)
            or self.lead.status
            not in (
                LeadStatus.NEW,
                LeadStatus.NURTURING,
            )
        ):
            return
        steps = self.cast.steps[page.sequence_id or 0]
        walk = self.cast.world.add(
            Enrolment(
                person=self.person, sequence=page.sequence, version_id=steps[0].version_id, started_at=at,
                due_at=at + timedelta(hours=steps[0].delay_hours), submission=submission, entry=Entry.FORM,
            )
        )  # fmt: skip
        self.walks.append(walk)
        if self.lead.status == LeadStatus.NEW:
            self.move(LeadStatus.NURTURING, LeadMove.Way.NURTURE, at, why=str(page.sequence))
        self.plan(walk.due_at, lambda now: self._step(walk, steps, now), until=self.cast.world.now)

    def _step(self: Story, walk: Enrolment, steps: Sequence[PublishedStep], at: datetime) -> None:
        """The next mail of a walk, what came of it, and when the one after is due."""
        if walk.state != Enrolment.State.ACTIVE or self.silent:
            return
        step = steps[walk.position]
        mail = self._mail(Message.Kind.SEQUENCE, f"seq:{walk.pk}:{step.pk}", at, enrolment=walk, step=step,
            words=self.cast.words[step.pk], allowed_at=at, ground="consent",
        )  # fmt: skip
        walk.position = step.position
        walk.entered |= 1 << step.position
        walk.next_position = step.position + 1 if step.position < len(steps) else 0
        if step.position < len(steps):
            walk.due_at = mail.ended_at + timedelta(hours=steps[step.position].delay_hours)
            self.plan(walk.due_at, lambda now: self._step(walk, steps, now), until=self.cast.world.now)
        else:
            walk.state, walk.due_at, walk.ended_at = Enrolment.State.FINISHED, None, mail.ended_at
        self._answer(mail, step, at)

    def _answer(self: Story, mail: Message, step: PublishedStep, at: datetime) -> None:
        die, sequence = self.die, step.version.sequence
        origin = {"utm_source": sequence.slug, "utm_medium": "email", "utm_content": f"step-{step.position}"}
        about = {"channel": self.cast.channels["email"], "campaign": sequence.campaign, "message": mail}
        read_at = at + timedelta(hours=die.expovariate(1 / 7) + 0.05)
        if die.random() < 0.52 + 0.3 * self.quality:
            self.plan(read_at, lambda now: self.touch(TouchKind.OPEN, now, **about) and None)
        if die.random() < 0.07 + 0.15 * self.quality:
            link = die.choice(self.cast.links[step.pk])
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

    def _unsubscribe(self: Story, at: datetime) -> None:
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

    def leave_walks(self: Story, reason: str, at: datetime) -> None:
        """Out of all sequences; a mail that was due stays unsent and so has no row."""
        for walk in self.walks:
            if walk.state == Enrolment.State.ACTIVE:
                walk.state, walk.exit_reason, walk.ended_at = Enrolment.State.EXITED, reason, at
