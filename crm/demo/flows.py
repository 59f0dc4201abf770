"""What else runs at Averdahl: a branch and other words in the field notes, a cadence, a welcome, two mailings."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from campaigns.models import (
    Campaign,
    EmailTemplate,
    Offer,
    Persona,
    Sequence,
    SequenceStep,
    StepWording,
    Topic,
)
from campaigns.sequences import publish
from crm.demo import cadence
from crm.demo.mails import BYE, HELLO
from leads import segments
from leads.models import EntryRule, LeadStatus, Mailing, Segment, SegmentCondition
from leads.nurture import mailings
from leads.nurture.enrolment import enrol
from prospects.models import Prospect

BRANCHING, LETTER = "field-notes-bearing", "autumn-letter"
LETTER_DAYS_AGO, AHEAD = 24, timedelta(days=90)
CADENCE, WELCOME = "first-week", "welcome"

# slug, name, subject, preview line, body between greeting and name
TEMPLATES = [
    (
        "notes-1-plant", "Field notes 1, for plant managers", "Forty-six days of warning, on one page",
        "What the maintenance team saw, and what it was worth.",
        """<p>Page nine is the one to show in the Monday round: the envelope reading rose <b>forty-six days</b>
before the
bearing broke. Planned, the change took two hours. Unplanned it takes nineteen.</p>
<p><a class="button" href="/r/dairy-38-percent/">See what it was worth to a dairy</a></p>""",
    ),
    (
        "notes-2-b", "Field notes 2, B: the question first", "Would your sensor have heard it?",
        "Two places cover nine machines in ten. A third one cost us four months of data.",
        """<p>Eleven places on one pump, and the reading changed by a factor of seven. Page 18 says which two
to take, and
which one never.</p>
<p><a class="button" href="/r/glue-a-sensor/">How to make it stay there</a></p>""",
    ),
    (
        "first-week-1", "First week 1: what you asked",
        "Your question about {{ person.company | default: 'your machines' }}",
        "Two lines back are enough.",
        """<p>You asked, and I would rather answer properly than fast. Which machine is it, and what did it
last cost you when it
stood? Two lines back are enough.</p>
<p><a href="/r/alarm-limits/">While you wait: limits for your machine, in a coffee’s time</a></p>""",
    ),
    (
        "first-week-2", "First week 2: three machines", "Three machines are enough to know",
        "A pilot is small on purpose.",
        """<p>If it helps you decide: a pilot is three machines and ninety days, and ends by itself. This is
what we fix before it
begins, and what you get if it finds nothing.</p>
<p><a class="button" href="/p/pilot/">How a pilot goes</a></p>""",
    ),
    (
        "welcome-1", "Welcome 1: the first morning", "Your first morning with the sensors",
        "What will ring, what will not, and whom to call.",
        """<p>They are mounted. In the first week nothing rings: the limits learn. On day eight you get the
first list, and
most of it will be grease.</p>
<p><a class="button" href="/r/two-limits/">Why there are two limits</a></p>""",
    ),
    (
        "welcome-2", "Welcome 2: the first month", "What your first month says",
        "Three readings to look at together.",
        """<p>A month of readings is enough to see which machines are quiet, which are old and which are wrong.
Shall we look at
three of them together?</p>
<p><a class="button" href="/p/ask/">Pick a time</a></p>""",
    ),
    (
        "autumn-letter", "The autumn letter", "What eleven plants stopped doing",
        "They stopped greasing by calendar. Nothing broke.",
        """<p>Eleven plants changed one habit last year: they grease by reading, not by calendar. Grease use
fell by a third, and
so did the failures that too much grease had caused.</p>
<p><a class="button" href="/r/dairy-38-percent/">One of them, with its figures</a></p>""",
    ),
    (
        "pilot-offer", "Three machines, ninety days", "Three machines before the next shutdown",
        "{{ offer.name | default: 'An offer' }}: {{ offer.code | default: '' }}",
        """<p>The next shutdown is the cheapest day to mount a sensor. {{ offer.terms | default: '' }}</p>
<p>Name it on the form: <b>{{ offer.code | default: '' }}</b></p>
<p><a class="button" href="/p/pilot/">Say which three</a></p>""",
    ),
]  # fmt: skip


def write(
    plans: dict[str, Campaign],
    users: dict[str, Any],
    who: dict[str, Persona],
    made: dict[str, Sequence],
    now: datetime,
) -> None:
    """Adds to the sequences `made`: what happens besides mails, and the flows for prospects and customers."""
    mails = _templates()
    _branch(made[BRANCHING], mails, who)
    publish(sequence=made[BRANCHING], by=users["ines"], at=now - timedelta(days=428))
    made[CADENCE] = _cadence(plans, mails)
    made[WELCOME] = _welcome(plans, mails)
    made[LETTER] = _letter(plans, mails)
    for slug in (CADENCE, WELCOME, LETTER):
        publish(sequence=made[slug], by=users["ines"], at=now - timedelta(days=LETTER_DAYS_AGO))
    made[cadence.COLD] = cadence.write(users["ines"], now - timedelta(days=LETTER_DAYS_AGO))
    EntryRule.objects.create(
        sequence=made["business-case"], kind=EntryRule.Kind.RETURNED, again_after_days=180
    )


def _templates() -> dict[str, EmailTemplate]:
    for slug, name, subject, preview, body in TEMPLATES:
        EmailTemplate.objects.create(
            slug=slug, name=name, subject=subject, preheader=preview, body=f"{HELLO}\n{body}\n{BYE}",
            offer=Offer.objects.order_by("pk").first() if slug == "pilot-offer" else None,
        )  # fmt: skip
    return {row.slug: row for row in EmailTemplate.objects.all()}


def _branch(sequence: Sequence, mails: dict[str, EmailTemplate], who: dict[str, Persona]) -> None:
    """The field notes ask who reads them: words of their own, a test, a wait for a click, and a question."""
    sequence.steps.all().delete()
    click = {"looks_at": "click"}
    steps = _steps(sequence, [
        {"template": mails["notes-1"], "delay_hours": 48},
        {"template": mails["notes-2"], "delay_hours": 120, "test_mails": 200},
        {"kind": "wait_for", "limit_hours": 168, **click},
        {"template": mails["notes-4"], "delay_hours": 48},
        {"template": mails["notes-3"], "delay_hours": 168, "next_piece": True},
        {"kind": "branch", "looks_at": "download", "within_days": 60},
        {"template": mails["notes-5"], "delay_hours": 216},
        {"kind": "end"},
    ])  # fmt: skip
    SequenceStep.objects.filter(pk=steps[2].pk).update(otherwise=steps[4])
    SequenceStep.objects.filter(pk=steps[5].pk).update(otherwise=steps[7])
    StepWording.objects.create(step=steps[0], persona=who["plant"], template=mails["notes-1-plant"])
    StepWording.objects.create(step=steps[1], template=mails["notes-2-b"])


def _cadence(plans: dict[str, Campaign], mails: dict[str, EmailTemplate]) -> Sequence:
    sequence = Sequence.objects.create(
        slug=CADENCE, name="First week with a new prospect", audience=Sequence.Audience.PROSPECTS, priority=70,
        goal=Sequence.Goal.MEETING, campaign=plans["bearing-organic"],
    )  # fmt: skip
    _steps(sequence, [
        {"template": mails["first-week-1"], "delay_hours": 24},
        {"kind": "follow_up", "delay_hours": 72, "note": "Call: which machine is it?"},
        {"template": mails["first-week-2"], "delay_hours": 96, "weekdays": "234"},
    ])  # fmt: skip
    return sequence


def _welcome(plans: dict[str, Campaign], mails: dict[str, EmailTemplate]) -> Sequence:
    sequence = Sequence.objects.create(
        slug=WELCOME, name="Welcome to the readings", audience=Sequence.Audience.CUSTOMERS, stops_on_reply=False,
        topic=Topic.objects.get(slug="monitoring"), campaign=plans["bearing-organic"],
    )  # fmt: skip
    _steps(sequence, [
        {"template": mails["welcome-1"], "delay_hours": 72},
        {"template": mails["welcome-2"], "delay_hours": 672},
    ])  # fmt: skip
    return sequence


def _letter(plans: dict[str, Campaign], mails: dict[str, EmailTemplate]) -> Sequence:
    """A mailing that went out `LETTER_DAYS_AGO`; who got it is told by their stories."""
    sequence = Sequence.objects.create(
        slug=LETTER, name="The autumn letter", kind=Sequence.Kind.MAILING, campaign=plans["bearing-organic"],
        topic=Topic.objects.get(slug="monitoring"), stops_on_reply=False, stops_on_meeting=False,
    )  # fmt: skip
    _steps(sequence, [{"template": mails[LETTER]}])
    return sequence


def _steps(sequence: Sequence, rules: list[dict[str, Any]]) -> list[SequenceStep]:
    return [
        SequenceStep.objects.create(sequence=sequence, order=n, **rule) for n, rule in enumerate(rules, 1)
    ]


def set_off(made: dict[str, Sequence], users: dict[str, Any], now: datetime) -> None:
    """After the past is written: segments, people on the cadence and the welcome, and a mailing for a day far ahead."""
    readers = _segment("Readers we nurture", ("status", f"{LeadStatus.NEW},{LeadStatus.NURTURING}"))
    _segment("Warm: A or B, seen in 30 days", ("grade", "B2"), ("touched", "30"))
    _segment("Germany and Austria", ("country", "DE, AT"))
    for segment in Segment.objects.all():
        segments.refresh(segment=segment, at=now)
    letter_at = now - timedelta(days=LETTER_DAYS_AGO)
    Mailing.objects.create(
        sequence=made[LETTER], segment=readers, submit_key=uuid5(NAMESPACE_URL, LETTER), created_at=letter_at,
        started_at=letter_at, enrolled_at=letter_at, started_by=users["ines"],
    )  # fmt: skip
    _walk_on(made, now)
    cadence.set_off(now)
    _offer_ahead(readers, users["ines"], made[LETTER].campaign, now)


def _segment(name: str, *lines: tuple[str, str]) -> Segment:
    segment = Segment.objects.create(name=name)
    for field, value in lines:
        SegmentCondition.objects.create(segment=segment, field=field, value=value)
    return segment


def _walk_on(made: dict[str, Sequence], now: datetime) -> None:
    """Two prospects of each rep, and who became a customer lately; their first mail is a day or more away."""
    seen: dict[int, int] = {}
    at_work = Prospect.objects.filter(stage__slug="contacting", closed_at=None, owner__isnull=False)
    for prospect in at_work.select_related("person", "owner").order_by("-stage_since", "pk"):
        owner = int(prospect.owner_id or 0)
        seen[owner] = seen.get(owner, 0) + 1
        if seen[owner] <= 2:
            enrol(person=prospect.person, sequence=made[CADENCE], at=now, by=prospect.owner)
    won = Prospect.objects.filter(stage__slug="won", closed_at__gt=now - timedelta(days=45))
    for prospect in won.select_related("person"):
        enrol(person=prospect.person, sequence=made[WELCOME], at=now)


def _offer_ahead(readers: Segment, by: Any, campaign: Campaign | None, now: datetime) -> None:
    """A mailing for each reader's own morning in three months: nothing of it goes out while one looks around."""
    Offer.objects.filter(pk=EmailTemplate.objects.get(slug="pilot-offer").offer_id).update(
        valid_until=(now + 2 * AHEAD).date()
    )
    mailing = mailings.create(
        name="Three machines before the shutdown", template=EmailTemplate.objects.get(slug="pilot-offer"),
        segment=readers, submit_key=uuid5(NAMESPACE_URL, "pilot-offer"), by=by, at=now, kind=Mailing.Kind.OFFER,
        send_on=(now + AHEAD).date(), send_at=time(9, 30),
        in_each_zone=True, campaign=campaign, topic=Topic.objects.get(slug="monitoring"),
    )  # fmt: skip
    mailings.start(mailing=mailing, by=by, at=now)
