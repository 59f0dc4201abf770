"""A draft with its steps, readers in many zones, and the real thing under a moved clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import time_machine

from campaigns.models import EmailTemplate, Sequence, SequenceStep, StepKind
from campaigns.sequences import publish
from leads.consent import MARKETING, record_consent
from leads.models import Enrolment, Message, Person, Segment, SegmentCondition
from leads.nurture import advance, enrolment
from leads.sending import delivery
from leads.tests.builders import NOON, a_lead

# With and without summer time, half and quarter hours, both sides of the date line, half an hour of summer time.
ZONES = """Europe/Zurich Europe/London Europe/Lisbon Europe/Helsinki Atlantic/Azores America/New_York America/Chicago
America/Denver America/Phoenix America/Los_Angeles America/Anchorage America/St_Johns America/Sao_Paulo America/Santiago
America/Havana Africa/Cairo Africa/Lagos Asia/Beirut Asia/Kolkata Asia/Kathmandu Asia/Tokyo Australia/Adelaide
Australia/Lord_Howe Pacific/Auckland Pacific/Chatham Pacific/Apia Pacific/Kiritimati""".split()  # noqa: SIM905


def a_template(name: str) -> EmailTemplate:
    return EmailTemplate.objects.create(
        name=name,
        slug=name,
        subject="One reading moves first",
        body='<p>Hello {{ person.first_name | default: "there" }}</p>',
    )


def a_draft(*steps: dict[str, Any], slug: str = "draft", **columns: Any) -> Sequence:
    """`steps`: columns of SequenceStep; without a kind a mail. `then` and `otherwise` are places in the list."""
    sequence = Sequence.objects.create(name=slug, slug=slug, **columns)
    jumps = []
    for place, given in enumerate(steps, start=1):
        kind = given.get("kind", StepKind.MAIL)
        jumps.append((given.pop("then", None), given.pop("otherwise", None)))
        template = a_template(f"{slug}-{place}") if kind == StepKind.MAIL else None
        SequenceStep.objects.create(sequence=sequence, order=place, template=template, **given)
    made = list(sequence.steps.order_by("order"))
    for step, (then, otherwise) in zip(made, jumps, strict=True):
        step.then = made[then - 1] if then else None
        step.otherwise = made[otherwise - 1] if otherwise else None
        step.save()
    return sequence


def a_reader_in(
    number: int, zone: str = "", at: datetime = NOON, consent: bool = True, **said: Any
) -> Person:
    person = a_lead(f"reader{number}@maasland.example", at=at, time_zone=zone, **said).person
    if consent:
        record_consent(person=person, purpose=MARKETING, given=True, at=at)
    return person


def a_segment_of_all(name: str = "everybody") -> Segment:
    segment = Segment.objects.create(name=name)
    SegmentCondition.objects.create(
        segment=segment, field=SegmentCondition.Field.STATUS, value="new, nurturing"
    )
    return segment


def publish_and_enrol(sequence: Sequence, people: list[Person], at: datetime) -> None:
    publish(sequence=sequence, by=None, at=at)
    sequence.refresh_from_db()
    for person in people:
        enrolment.enrol(person=person, sequence=sequence, at=at)


def next_due() -> datetime | None:
    """When the real thing has something to do next."""
    walks = Enrolment.objects.filter(state=Enrolment.State.ACTIVE, due_at__isnull=False)
    mails = Message.objects.filter(state=Message.State.SCHEDULED)
    firsts = [rows.order_by("due_at").values_list("due_at", flat=True).first() for rows in (walks, mails)]
    return min((due for due in firsts if due is not None), default=None)


def real_clock(*, begins_at: datetime, until: datetime) -> Iterator[datetime]:
    """Advance and deliver for real, the clock jumping from one due time to the next; yields after each advance.

    It ticks every five seconds, as the schedule does: what is due in between is due at the next tick.
    """
    at = begins_at
    while (due := next_due()) is not None and due <= until:
        at = max(at, due + (begins_at - due) % TICK)
        with time_machine.travel(at, tick=False):
            advance.advance(at=at)
            yield at
            delivery.deliver(slot="test", at=at)
            advance.advance(at=at)
            yield at


AUTUMN = datetime(
    2026, 10, 23, 9, 17, 30, tzinfo=UTC
)  # Europe's clocks go back on the 25th, America's a week later
SPRING = datetime(2027, 3, 12, 15, 42, tzinfo=UTC)  # America's go forward on the 14th, Europe's on the 28th
HALF_PAST_TWO, NINE = time(2, 30), time(9, 0)
TICK = timedelta(seconds=5)
