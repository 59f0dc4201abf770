"""The nameless: visits of people who never left an address, and the machines among them."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from crm.demo.cast import Cast
from crm.demo.company import PLANS, Plan
from crm.demo.story import AGENTS
from crm.demo.world import DAYS, dice
from leads.models import Hit, Message, Verdict

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
        _hit(cast, die.choice(PLANS), _when(cast, die), die, ROBOTS[number % 4], "known agent")
    _scanners(cast, die)


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
    cast.world.add(Verdict(hit_id=hit.pk, version=1, verdict=kind.value, reasons=against))


def _scanners(cast: Cast, die: random.Random) -> None:
    """Some mail servers follow every link of a mail before the person sees it."""
    mails = [mail for mail in cast.world.rows[Message] if mail.kind == Message.Kind.SEQUENCE]
    for mail in mails:
        if mail.person_id % 23 or die.random() < 0.2:
            continue
        for n, link in enumerate(cast.links[mail.step_id][:2] * 2):
            hit = cast.world.add(
                Hit(kind=Hit.Kind.CLICK, at=mail.ended_at + timedelta(seconds=1, milliseconds=80 * n), path="/c/",
                    mail_link=link, message=mail, person=mail.person, agent=SCANNER, judged=True)
            )  # fmt: skip
            reasons = "known agent, seconds after sending"
            cast.world.add(Verdict(hit=hit, version=1, verdict=Verdict.Kind.MACHINE, reasons=reasons))
