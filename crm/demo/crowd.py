"""The nameless: visits of people who never left an address, and the machines among them."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from crm.demo.cast import AGENTS, Cast
from crm.demo.company import PLANS, Plan
from crm.demo.world import DAYS, dice
from leads.consent import email_hash
from leads.judging import VERSION
from leads.judging.agents import machine_reason
from leads.models import Hit, Message, Submission, Suppression, Touch, Verdict

VISITORS, MACHINES = 15_000, 3_800
ROBOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "python-requests/2.32", "curl/8.9.1",
)  # fmt: skip
SCANNER = "Mozilla/5.0 (compatible; Proofpoint URL Defense)"


def walk_by(cast: Cast) -> None:
    die = dice("crowd")
    for number in range(int(VISITORS * cast.world.scale)):
        _visitor(cast, die, number)
    for number in range(int(MACHINES * cast.world.scale)):
        robot = ROBOTS[number % 4]
        _hit(cast, die.choice(PLANS), _when(cast, die), die, robot, machine_reason(robot))
    _scanners(cast, die)
    _spam(cast, die)
    _troubles(cast, die)


def _when(cast: Cast, die: random.Random) -> datetime:
    return cast.world.at((DAYS - 1) * min(die.random(), 0.2 + 0.8 * die.random()), die)


def _visitor(cast: Cast, die: random.Random, number: int) -> None:
    """One or two pages, then gone."""
    plan = die.choices(PLANS, [plan.weight for plan in PLANS])[0]
    at = cast.world.at(plan.last + (plan.first - plan.last) * die.random(), die)
    _hit(cast, plan, at, die, AGENTS[number % 3])
    if die.random() < 0.3:
        _hit(cast, plan, at + timedelta(minutes=2), die, AGENTS[number % 3], read=True)


def _hit(
    cast: Cast,
    plan: Plan,
    at: datetime,
    die: random.Random,
    agent: str,
    against: str = "",
    read: bool = False,
) -> None:
    campaign, page, piece = cast.plans[plan.slug], cast.pages[plan.page], die.choice(cast.open_pieces)
    paid = plan.channel != "organic-search" and not read
    hit = cast.world.add(
        Hit(
            kind="read" if read else "page", at=at, agent=agent, judged=True, campaign_id=campaign.pk,
            path=f"/r/{piece.slug}/" if read else f"/p/{page.slug}/", page_id=None if read else page.pk,
            asset_id=piece.pk if read else None, visitor_key=f"{die.getrandbits(64):016x}",
            utm_source=campaign.utm_source if paid else "", utm_medium=campaign.utm_medium if paid else "",
            utm_campaign=campaign.utm_campaign if paid else "",
        )
    )  # fmt: skip
    kind = Verdict.Kind.MACHINE if against else Verdict.Kind.HUMAN
    cast.world.add(Verdict(hit_id=hit.pk, version=VERSION, verdict=kind.value, reasons=against))


def _scanners(cast: Cast, die: random.Random) -> None:
    """Some mail servers follow every link of a mail before the person sees it."""
    mails = [mail for mail in cast.world.rows[Message] if mail.kind == Message.Kind.SEQUENCE]
    for mail in mails:
        if mail.person_id % 23 or die.random() < 0.2:
            continue
        for n, link in enumerate(cast.links[mail.words_id][:2] * 2):
            hit = cast.world.add(
                Hit(kind=Hit.Kind.CLICK, at=mail.ended_at + timedelta(seconds=1, milliseconds=80 * n), path="/c/",
                    mail_link=link, message=mail, person=mail.person, agent=SCANNER, judged=True)
            )  # fmt: skip
            reasons = f"seconds after sending, {machine_reason(SCANNER)}"
            cast.world.add(Verdict(hit=hit, version=VERSION, verdict=Verdict.Kind.MACHINE, reasons=reasons))


def _spam(cast: Cast, die: random.Random) -> None:
    """Forms that fell into the trap: kept, and nothing else happened."""
    for number in range(int(90 * cast.world.scale) + 3):
        at = cast.world.at(die.uniform(0.5, 120), die)
        cast.world.add(
            Submission(
                page=cast.pages[die.choice(("ask", "bearing", "quote"))], at=at, judged_at=at, nonce=f"spam-{number}",
                state=Submission.State.QUARANTINED, reasons="honeypot, too fast", email_key=f"seo{number}@spam.example",
                answers={"email": f"seo{number}@spam.example", "message": "We can rank your site first!!!"},
            )
        )  # fmt: skip


def _troubles(cast: Cast, die: random.Random) -> None:
    """A few last mails of a walk that bounced, and some whose answer was never heard."""
    answered = {touch.message_id for touch in cast.world.rows[Touch]} | {
        hit.message_id for hit in cast.world.rows[Hit]
    }
    ends = [
        mail
        for mail in cast.world.rows[Message]
        if mail.enrolment_id and mail.enrolment.state == "finished" and mail.pk not in answered
        and mail.enrolment.ended_at == mail.ended_at and not mail.person.sales_stage
    ]  # fmt: skip
    last = {mail.person_id: mail for mail in ends}
    chosen = die.sample(sorted(last), min(len(last), int(26 * cast.world.scale) + 2))
    for number, person in enumerate(chosen):
        mail = last[person]
        if number % 4 == 0:
            mail.state, mail.code = Message.State.UNKNOWN, ""
            mail.reason = "the connection broke before the answer was kept"
            continue
        mail.state, mail.code, mail.reason = Message.State.FAILED, "550", "5.1.1 no such mailbox"
        cast.world.add(
            Suppression(email_hash=email_hash(mail.to_address), person=mail.person, at=mail.ended_at,
                        reason=Suppression.Reason.BOUNCED, evidence="550 5.1.1")
        )  # fmt: skip
