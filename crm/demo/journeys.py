"""Where leads come from, when, and how often they come back: fourteen months of stories."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.models import Asset, Campaign, Channel, LandingPage
from crm.demo import talk
from crm.demo.cast import Cast
from crm.demo.company import OTHER_SOURCES, PLANS, Plan
from crm.demo.desk import Desk
from crm.demo.story import Story
from crm.demo.world import DAYS, dice
from leads.models import TouchKind

LEADS = 5000
# How good the people are that a channel brings: 0…1, the middle of a bell.
QUALITY = {
    "organic-search": 0.50, "paid-search": 0.46, "display": 0.20, "paid-social": 0.38, "email": 0.60,
    "offline-event": 0.52, "referral": 0.60, "partner": 0.55, "directory": 0.30, "website": 0.6, "direct": 0.4,
    "social": 0.3,
}  # fmt: skip
REFERRERS = {
    "organic-search": "https://www.google.com/", "display": "https://www.industriemagazin.example/",
    "paid-social": "https://www.linkedin.com/", "social": "https://www.linkedin.com/",
    "referral": "https://forum.instandhaltung.example/", "directory": "https://www.wer-liefert.example/",
    "partner": "https://www.drive-partners.example/",
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """How somebody came: a campaign or none, the channel, and the page they land on."""

    channel: Channel
    campaign: Campaign | None
    page: str

    def origin(self) -> dict[str, str]:
        """The columns that a visit from here carries."""
        said = {"referrer": REFERRERS.get(self.channel.slug, "")}
        if self.campaign and self.channel.slug != "organic-search":
            said |= {
                "utm_source": self.campaign.utm_source,
                "utm_medium": self.campaign.utm_medium,
                "utm_campaign": self.campaign.utm_campaign,
            }
        return said


def births(cast: Cast) -> Iterator[tuple[int, float, Source]]:
    """(number, days ago, source) of each lead. More of them lately, and none outside a campaign's dates."""
    die = dice("births")
    sources: list[tuple[Plan | None, Source, float]] = [
        (plan, Source(cast.channels[plan.channel], cast.plans[plan.slug], plan.page), plan.weight)
        for plan in PLANS
    ]
    free = ("bearing", "plants-report", "flow-metering", "wash-down", "ask", "steam-trap-guide",
            "calibration-intervals", "pump-cavitation", "audit-ready", "gateway-or-cable")  # fmt: skip
    sources += [(None, Source(cast.channels[slug], None, ""), share) for slug, share in OTHER_SOURCES]
    weights = [weight for _plan, _source, weight in sources]
    for number in range(int(LEADS * cast.world.scale)):
        plan, source, _weight = die.choices(sources, weights)[0]
        first, last = (plan.first, plan.last) if plan else (DAYS - 1, 0)
        days_ago = last + (first - last) * die.random() ** 1.3
        if not source.page or (plan and die.random() < 0.12):
            source = Source(source.channel, source.campaign, die.choice(free))
        yield number, max(days_ago, 0.4), source


def tell(cast: Cast, desk: Desk) -> list[Story]:
    """Play all stories in the order in which people became leads, so that turns are taken as they were."""
    begun = sorted(births(cast), key=lambda birth: -birth[1])
    stories = []
    for number, days_ago, source in begun:
        story = _begin(cast, desk, number, days_ago, source)
        stories.append(story)
    return stories


def _begin(cast: Cast, desk: Desk, number: int, days_ago: float, source: Source) -> Story:
    die = dice("lead", number)
    at = cast.world.at(days_ago, die)
    quality = min(max(die.gauss(QUALITY[source.channel.slug], 0.2), 0.0), 1.0)
    person = cast.town.person(die, at=at, quality=quality)
    story = Story(cast, desk, person, die, quality, until=cast.world.midnight)
    story.plan(at, lambda now: arrive(story, source, now))
    story.plan(cast.letter_at, story.get_letter)
    story.play()
    return story


def arrive(story: Story, source: Source, at: datetime) -> None:
    """The first visit, the form, and the visits that follow it over weeks."""
    die, cast = story.die, story.cast
    page = cast.pages[source.page]
    if die.random() < 0.4:
        before = at - timedelta(minutes=die.randrange(2, 9))
        _visit(story, source, before, page)
    agrees = die.random() < (1.0 if page.double_opt_in else 0.55 + 0.25 * story.quality)
    words = die.choice(talk.ASKS) if page.inquiry else ""
    story.send_form(page, at, channel=source.channel, origin=source.origin(), agrees=agrees, message=words)
    if source.channel.slug == "offline-event":
        story.touch(
            TouchKind.EVENT, at + timedelta(minutes=1), channel=source.channel, campaign=source.campaign,
            label="Sensor fair, hall 4", seconds=die.randrange(120, 1500),
        )  # fmt: skip
    _come_again(story, at)


def _visit(story: Story, source: Source, at: datetime, page: LandingPage) -> None:
    """The visit before the form; it is the first touch of those who let us remember them."""
    story.touch(
        TouchKind.VISIT, at, channel=source.channel, campaign=source.campaign or page.campaign, page=page,
        seconds=story.die.randrange(20, 260), origin=source.origin(),
    )  # fmt: skip


def _come_again(story: Story, at: datetime) -> None:
    """A few come back often, most hardly ever; the keen ones soon."""
    die, keen = story.die, 0.35 + story.quality
    sessions = min(int((die.paretovariate(1.12) - 1) * 2.4 * keen + die.random() * 1.2), 26)
    moment = at
    for _n in range(sessions):
        moment += timedelta(days=die.expovariate(1 / (16 - 6 * story.quality)), hours=die.uniform(-3, 3))
        hour = min(max(die.gauss(13, 3.6), 6.2), 22.5)
        day = moment.astimezone(story.cast.world.zone).replace(hour=0, minute=die.randrange(60))
        story.plan(
            max(day + timedelta(hours=hour), at + timedelta(minutes=30)), lambda now: _session(story, now)
        )


def _session(story: Story, at: datetime) -> None:
    """One sitting: one to four acts, minutes apart."""
    die = story.die
    if story.returned_at is not None and die.random() < 0.8:
        return  # who said no to sales seldom comes back by themselves
    for n in range(die.choices([1, 2, 3, 4], [3, 4, 3, 2])[0]):
        when = at + timedelta(minutes=n * die.uniform(1.5, 7))
        story.plan(when, lambda now: _act(story, now))


def _act(story: Story, at: datetime) -> None:
    die, cast = story.die, story.cast
    roll, free = (
        die.random(),
        not story.sales_open and story.lead and story.lead.status in ("new", "nurturing"),
    )
    direct = cast.channels[die.choices(["direct", "organic-search", "email"], [5, 4, 2])[0]]
    if free and roll < 0.006 + 0.013 * story.quality:
        page = cast.pages[die.choice(("ask", "pilot", "quote"))]
        story.send_form(page, at, channel=direct, origin={}, message=die.choice(talk.ASKS))
    elif free and roll < 0.13:
        page = cast.pages[die.choice(_more_pages(cast))]
        story.send_form(
            page, at, channel=direct, origin={}, agrees=None if story.consented else die.random() < 0.4
        )
    elif roll < 0.17 and story.quality > 0.35:
        asset = cast.assets["calibrate-in-place"]
        story.touch(
            TouchKind.EVENT, at, channel=direct, asset=asset, campaign=cast.plans["webinar-linkedin"],
            label="Calibrate in place, live", seconds=die.randrange(300, 2520),
        )  # fmt: skip
    elif roll < 0.58:
        _read(story, at, direct, die)
    else:
        page = cast.pages[die.choice(("pilot", "quote", "bearing", "plants-report", "ask"))]
        story.touch(
            TouchKind.VISIT,
            at,
            channel=direct,
            page=page,
            campaign=page.campaign,
            seconds=die.randrange(15, 240),
        )


def _read(story: Story, at: datetime, channel: Channel, die: random.Random) -> None:
    deciding = [piece for piece in story.cast.open_pieces if piece.journey_stage == "decision"]
    pieces: list[Asset] = deciding if die.random() < 0.2 * story.quality else story.cast.open_pieces
    story.touch(TouchKind.READ, at, channel=channel, asset=die.choice(pieces), seconds=die.randrange(40, 480))


def _more_pages(cast: Cast) -> list[str]:
    return [
        slug for slug, page in cast.pages.items() if not page.inquiry and slug not in ("fair", "field-notes")
    ]
