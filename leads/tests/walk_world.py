"""Sequences of any shape, published, and the rounds of the schedule that walk people through them."""

from datetime import UTC, datetime, timedelta

from campaigns.models import PublishedStep, PublishedWords, Sequence, SequenceVersion
from leads.models import Enrolment, Message
from leads.nurture.advance import advance
from leads.sending.gate import Why

WEDNESDAY = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


def a_path(*said, slug: str = "path", **columns) -> Sequence:
    """A live sequence with one version. Each step is a kind, or a kind and its columns; mails have one wording."""
    columns = {"name": slug, "slug": slug, "state": "live", **columns}
    sequence = Sequence.objects.create(**columns)
    version = SequenceVersion.objects.create(sequence=sequence, number=1, published_at=WEDNESDAY)
    for position, one in enumerate(said, start=1):
        kind, more = (one, {}) if isinstance(one, str) else one
        step = PublishedStep.objects.create(version=version, position=position, kind=kind, **more)
        if kind == "mail":
            words_of(step)
    return sequence


def words_of(step: PublishedStep, **columns) -> PublishedWords:
    return PublishedWords.objects.create(step=step, subject="One", body="<p>Hello</p>", **columns)


def sent(at: datetime, **which) -> int:
    """The scheduled mails have gone out."""
    rows = Message.objects.filter(state="scheduled", **which)
    return rows.update(state="sent", ended_at=at, claimed_at=at, lease=None)


def held_for_good(at: datetime, reason: str = Why.TOPIC, **which) -> int:
    rows = Message.objects.filter(state="scheduled", **which)
    return rows.update(state="suppressed", reason=reason, ended_at=at)


def a_round(at: datetime) -> dict[str, int]:
    """Advance, every due mail goes out, advance again."""
    counts = advance(at=at)
    sent(at, due_at__lte=at)
    advance(at=at)
    return counts


def mails() -> list[tuple[int, int]]:
    """(enrolment, position) of every sequence mail."""
    return list(Message.objects.order_by("pk").values_list("enrolment_id", "step__position"))


def fresh(row: Enrolment) -> Enrolment:
    return Enrolment.objects.get(pk=row.pk)


MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
