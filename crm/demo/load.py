"""Loads the demo: plans and content by the product's own verbs, people and their past in bulk, in one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from campaigns.models import Channel, ConsentText, Sequence
from crm.demo import (
    company,
    content,
    crowd,
    flows,
    front,
    journeys,
    money,
    outbound,
    prospecting,
    rating,
    today,
)
from crm.demo.cast import Cast, published
from crm.demo.desk import Desk
from crm.demo.people import Town
from crm.demo.world import World
from crm.models import JobRun
from leads.models import Lead
from leads.scoring.rescore import rescore
from leads.scoring.rules import load_setup
from prospects.models import Pipeline

MARK = "demo"
COMPANIES = 1500


def is_loaded() -> bool:
    """Whether this database holds the demo."""
    return JobRun.objects.filter(name=MARK).exists()


def is_strange() -> bool:
    """Whether this database holds somebody's own data, which the demo must not mix with."""
    return not is_loaded() and Lead.objects.exists()


def load(
    *, at: datetime, scale: float = 1.0, say: Callable[[str], Any] = lambda words: None
) -> dict[str, int]:
    """Fill an empty database. Returns the number of rows by table; `say` hears what is being done."""
    began = time.monotonic()
    with transaction.atomic():
        say("Averdahl is founded …")
        cast, desk = _set_up(at, scale)
        say("Fourteen months go by …")
        stories = journeys.tell(cast, desk)
        outbound.call_lists(cast, desk)
        crowd.walk_by(cast)
        today.lay_out(cast, desk, stories)
        front.look_back(cast)
        desk.settle()
        _last_touches(stories)
        newcomers = prospecting.newcomers(cast)
        say("Everything is written down …")
        counts = cast.world.write()
        flows.set_off({row.slug: row for row in Sequence.objects.all()}, cast.users, at)
        prospecting.keep_lists(cast, newcomers)
        counts["campaigns.spend"] = money.spend(cast.world, cast.plans)
    say("Scores are worked out …")
    rescore(all=True, at=at)
    say("Marketing looks ahead …")
    rating.prepare(cast.users, at)
    seconds = round(time.monotonic() - began, 1)
    JobRun.objects.create(
        name=MARK, period=f"{at:%Y-%m-%d}", state=JobRun.State.DONE, started_at=at, finished_at=at,
        seconds=seconds, counts=counts,
    )  # fmt: skip
    return counts


def _set_up(at: datetime, scale: float) -> tuple[Cast, Desk]:
    world = World(now=at.replace(microsecond=0), zone=ZoneInfo(settings.TIME_ZONE), scale=scale)
    users = company.staff()
    who = company.personas()
    company.ideal_profile()
    plans = company.plans(users, who, at)
    assets = content.library(who, at)
    mails = content.sequences(plans, users, who, at)
    pages = content.pages(assets, plans, mails, users)
    model = company.scoring(users, at)
    company.assignment(users)
    town = Town(world)
    town.found_companies(max(40, int(COMPANIES * scale)))
    steps, links, words = published(mails)
    cast = Cast(
        world=world, town=town, users=users, channels={row.slug: row for row in Channel.objects.all()}, plans=plans,
        pages=pages, assets=assets, steps=steps, links=links, words=words, model=model,
        letter=mails[flows.LETTER], letter_at=at - timedelta(days=flows.LETTER_DAYS_AGO), setup=load_setup(),
        consent=ConsentText.objects.filter(purpose="marketing").order_by("-version")[0],
    )  # fmt: skip
    return cast, Desk(world, users, Pipeline.objects.get(is_default=True))


def _last_touches(stories: list[Any]) -> None:
    for story in stories:
        if story.lead is not None and story.touches:
            ordered = sorted(story.touches, key=lambda touch: (touch.at, touch.pk))
            story.lead.first_touch, story.lead.last_touch = ordered[0], ordered[-1]
