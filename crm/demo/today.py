"""The day of loading, laid out by hand, so that each rep has new ones with a clock, replies, calls and meetings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.demo import talk
from crm.demo.cast import Cast
from crm.demo.company import REPS
from crm.demo.correspondence import talk_before
from crm.demo.cycle import Cycle
from crm.demo.desk import Desk, first_minute
from crm.demo.journeys import Source, arrive
from crm.demo.story import Story
from crm.demo.world import dice
from leads.models import TouchKind, WorkRequest
from prospects.models import BantAnswer, Call, FollowUp, Meeting

NEW_LEADS = 14


@dataclass(frozen=True)
class Caller:
    """Somebody who came today: who, where, how many minutes ago, and by an inquiry or by a grade."""

    first: str
    last: str
    title: str
    company: str
    city: str
    country: str
    minutes: int
    page: str
    says: str = ""


CALLERS: dict[str, list[Caller]] = {
    "mara": [
        Caller("Piet", "Verhaag", "Plant manager", "Maasland Drivetrain", "Venlo", "NL", 6, "pilot",
               "We scrap about three percent of ring gears because a spindle bearing drifts and nobody hears it. Can "
               "your sensor sit on a spindle that turns at 4,000? We decide before the January shutdown."),
        Caller("Sofia", "Brandão", "Head of quality", "Alvor Castings", "Aarau", "CH", 19, "calibrate-in-place"),
        Caller("Helene", "Marquardt", "Head of maintenance", "Oderland Gear Works", "Eberswalde", "DE", 148, "quote",
               "Twelve measuring points on line 2, two shifts, planet gears. What does that cost mounted?"),
    ],
    "tomas": [
        Caller("Emeric", "Dubois", "Process engineer", "Lorne Hydraulics", "Roanne", "FR", 9, "ask",
               "Two flow meters disagree by four percent after every rinse. May I send you the curves?"),
        Caller("Chiara", "Montesi", "Quality engineer", "Valdera Cuscinetti", "Lecco", "IT", 64, "business-case"),
    ],
    "anna": [
        Caller("Katarzyna", "Wrona", "Production manager", "Wisłok Precision", "Rzeszów", "PL", 11, "pilot",
               "Three machines: a felt roll, a vacuum pump, a fan nobody can reach. Is that a fair three?"),
        Caller("Lars", "Engström", "Owner and head of production", "Engström Mekaniska", "Falun", "SE", 51, "bearing"),
    ],
    "felix": [
        Caller("Jürgen", "Pahl", "Maintenance manager", "Siegtal Wellen", "Siegen", "DE", 4, "ask",
               "Your sheet says 2.8 for our pumps, the maker says 4.5. Who is right, and why?"),
        Caller("Ilse", "Grabner", "Plant manager", "Murtal Getriebe", "Leoben", "AT", 77, "plants-report"),
    ],
}  # fmt: skip


def lay_out(cast: Cast, desk: Desk, stories: list[Story]) -> None:
    """Give each rep a day, and marketing the leads of this morning."""
    by_person = {story.person.pk: story for story in stories}
    for name in REPS:
        for caller in CALLERS[name]:
            stories.append(_call_in(cast, desk, name, caller))
        _day_of(cast, desk, name, by_person)
    _new_leads(cast, desk, stories)


def _call_in(cast: Cast, desk: Desk, rep: str, caller: Caller) -> Story:
    """A visit and a form some minutes ago; the account is the rep's, so the prospect is as well."""
    die, world = dice("caller", caller.last), cast.world
    company = cast.town.company(
        die, name=caller.company, country=caller.country, city=caller.city, size=die.randrange(110, 640),
        industry="Metal and machines", founded_year=world.today.year - die.randrange(19, 90),
    )  # fmt: skip
    at = world.now - timedelta(minutes=caller.minutes)
    person = cast.town.person(
        die, at=at, quality=0.9, company=company, first_name=caller.first, last_name=caller.last,
        job_title=caller.title,
    )  # fmt: skip
    account = desk.account_of(person)
    if account is not None:
        account.owner = cast.users[rep]
    story = Story(cast, desk, person, die, 0.9, until=world.now, untouched=True)
    story.plan(at, lambda now: _by_form(story, caller))
    story.play()
    return story


def _by_form(story: Story, caller: Caller) -> None:
    cast, at = story.cast, story.cast.world.now - timedelta(minutes=caller.minutes)
    page, search = cast.pages[caller.page], cast.channels["paid-search" if caller.says else "organic-search"]
    story.touch(TouchKind.VISIT, at - timedelta(minutes=3), channel=search, page=page, campaign=page.campaign,
                seconds=95)  # fmt: skip
    story.send_form(page, at, channel=search, origin={}, agrees=True, message=caller.says)
    if not caller.says:  # over the threshold by what they do
        direct = cast.channels["direct"]
        story.touch(
            TouchKind.DOWNLOAD, at + timedelta(minutes=1), channel=direct, page=page, asset=page.asset
        )
        story.touch(TouchKind.READ, at + timedelta(minutes=2), channel=direct, asset=cast.assets["dairy-38-percent"],
                    seconds=210)  # fmt: skip
        story.touch(TouchKind.EVENT, at + timedelta(minutes=3), channel=direct, asset=cast.assets["calibrate-in-place"],
                    label="Calibrate in place, live", seconds=1860)  # fmt: skip


def _day_of(cast: Cast, desk: Desk, rep: str, by_person: dict[int, Story]) -> None:
    """Take open cycles of the rep one by one: replies, calls, hot ones, meetings; and two that come back today."""
    user, world = cast.users[rep], cast.world
    own = [cycle for cycle in desk.of_rep[user.pk] if cycle.prospect.person_id in by_person]
    at_work = [cycle for cycle in own if cycle.prospect.closed_at is None and cycle.prospect.accepted_at]
    at_work.sort(key=lambda cycle: (cycle.prospect.stage.order, cycle.prospect.pk))
    dice("day", rep).shuffle(at_work)
    take = iter(at_work)
    _back_today(cast, desk, own, by_person)
    for hours, words in ((2.2, talk.REPLIES[0]), (17, talk.REPLIES[1])):
        _reply(cast, desk, next(take, None), by_person, hours, words)
    promises = _open_promises(cast)
    for slot, cycle in zip(_slots(cast), take, strict=False):
        due = promises.get(cycle.prospect.pk)
        if due is not None:
            due.kind, due.due_at = FollowUp.Kind.CALL, slot
    for minutes, cycle in zip((12, 38), take, strict=False):
        story = by_person[cycle.prospect.person_id]
        page = cast.pages["quote" if minutes < 20 else "pilot"]
        story.touch(TouchKind.VISIT, world.now - timedelta(minutes=minutes), channel=cast.channels["direct"],
                    page=page, campaign=page.campaign, seconds=60 + minutes * 5)  # fmt: skip
    for (hour, minute, subject), cycle in zip(
        ((10, 30, talk.MEETINGS[2]), (13, 0, talk.MEETINGS[0]), (15, 15, talk.MEETINGS[3])),
        take,
        strict=False,
    ):
        world.add(
            Meeting(prospect=cycle.prospect, at=world.clock(hour, minute), minutes=45, subject=subject, by=user,
                    recorded_at=cycle.prospect.stage_since)
        )  # fmt: skip
    _done_already(cast, desk, list(take)[:5])


def _slots(cast: Cast) -> list[datetime]:
    """Five times of today that still lie ahead, in working hours where there are any left."""
    begins = max(cast.world.clock(9), cast.world.now + timedelta(minutes=10))
    ends = max(cast.world.clock(17), min(begins + timedelta(hours=4), cast.world.clock(23, 45)))
    step = max((ends - begins) / 5, timedelta(minutes=1))
    return [(begins + step * n).replace(second=0) for n in range(5)]


def _back_today(cast: Cast, desk: Desk, own: list[Cycle], by_person: dict[int, Story]) -> None:
    waiting = [
        cycle.prospect
        for cycle in own
        if cycle.prospect.return_on and not cycle.prospect.returned_at and cycle.prospect.return_on > cast.world.today
        and desk.last[cycle.prospect.person_id] is cycle.prospect
        and by_person[cycle.prospect.person_id].lead.status == "nurturing"
    ]  # fmt: skip
    for past in waiting[:2]:
        story = by_person[past.person_id]
        past.return_on, story.untouched = cast.world.today, True
        desk.come_back(story, past, min(first_minute(cast.world, cast.world.today), cast.world.now))


def _reply(
    cast: Cast, desk: Desk, cycle: Cycle | None, by_person: dict[int, Story], hours: float, words: str
) -> None:
    """They answered a mail: a touch, the request that came of it, and the promise to answer."""
    if cycle is None:
        return
    prospect, at = cycle.prospect, cast.world.now - timedelta(hours=hours)
    at = max(at, prospect.stage_since + timedelta(minutes=5))
    by_person[prospect.person_id].touch(
        TouchKind.REPLY, at, channel=cast.channels["email"], label=words[:160]
    )
    if hours < 12:
        talk_before(cast.world, prospect, at, words)
    request = cast.world.add(
        WorkRequest(person=prospect.person, kind=WorkRequest.Kind.REPLY, note=words, at=at, taken_at=at,
                    key=f"reply:demo:{prospect.pk}")
    )  # fmt: skip
    desk.promise(prospect, at, at, kind=FollowUp.Kind.ANSWER, text=words[:200], work_request=request)


def _open_promises(cast: Cast) -> dict[int, FollowUp]:
    return {row.prospect_id: row for row in cast.world.rows[FollowUp] if row.done_at is None}


def _done_already(cast: Cast, desk: Desk, cycles: list[Cycle]) -> None:
    """Calls of this morning, where there was a morning yet."""
    for cycle, at in zip(cycles, _morning(cast), strict=False):
        if cycle.prospect.stage_since > at:
            continue
        promise = desk.promise(cycle.prospect, at, at - timedelta(days=1), text="Try again in the morning")
        promise.done_at, promise.done_by = at, cycle.owner
        call = cast.world.add(
            Call(prospect=cycle.prospect, at=at, recorded_at=at, outcome=Call.Outcome.CONVERSATION, minutes=7,
                 note=talk.CALL_NOTES[cycle.prospect.pk % len(talk.CALL_NOTES)], by=cycle.owner)
        )  # fmt: skip
        cast.world.add(
            BantAnswer(prospect=cycle.prospect, question="timing", state="claimed", call=call, at=at, recorded_at=at,
                       by=cycle.owner, quote=talk.TIMINGS[cycle.prospect.pk % len(talk.TIMINGS)])
        )  # fmt: skip


def _morning(cast: Cast) -> Iterator:
    """Times between eight and eleven that have passed."""
    for minute in (5, 22, 48, 75, 130):
        at = cast.world.clock(8) + timedelta(minutes=minute)
        if at < cast.world.now - timedelta(minutes=5):
            yield at


def _new_leads(cast: Cast, desk: Desk, stories: list[Story]) -> None:
    """People who became leads since midnight, for the marketers' page."""
    die, span = dice("morning"), (cast.world.now - cast.world.midnight).total_seconds()
    for number in range(max(3, int(NEW_LEADS * min(cast.world.scale, 1)))):
        at = cast.world.midnight + timedelta(seconds=span * die.uniform(0.05, 0.9))
        plan = die.choice(("bearing-organic", "flow-organic", "bearing-search", "course-mail"))
        campaign = cast.plans[plan]
        source = Source(campaign.channel, campaign, "flow-metering" if plan == "flow-organic" else "bearing")
        person = cast.town.person(die, at=at, quality=0.3)
        story = Story(cast, desk, person, dice("new", number), 0.3, until=cast.world.now)
        story.plan(at, lambda now, story=story, source=source: arrive(story, source, now))
        story.play()
        stories.append(story)
