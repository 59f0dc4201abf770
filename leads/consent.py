"""What a person allowed and whom we must not write to. Both are append-only; the latest row counts."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable
from django.utils import timezone

from campaigns.models import ConsentText, LandingPage, Topic
from leads.keyrings import keys
from leads.models import ConsentEvent, Message, Person, Submission, Suppression
from leads.tracking import note_change

MARKETING = ConsentText.Purpose.MARKETING
TRACKING = ConsentText.Purpose.TRACKING
PROFILING = ConsentText.Purpose.PROFILING
# What the person said by leaving or by silence, and may take back by a confirmed opt-in.
OWN_WISH = (Suppression.Reason.UNSUBSCRIBED, Suppression.Reason.NO_SIGN)


@transaction.atomic
def record_consent(
    *,
    person: Person,
    purpose: str,
    given: bool,
    at: datetime,
    text: ConsentText | None = None,
    page: LandingPage | None = None,
    submission: Submission | None = None,
    pending: bool = False,
    confirmed: bool = False,
    basis: str = "",
    source_url: str = "",
    ip: str | None = None,
    by=None,
) -> ConsentEvent:
    """Write one piece of evidence. A confirmed opt-in to marketing lifts an earlier unsubscribe, nothing else."""
    event = ConsentEvent.objects.create(
        person=person, purpose=purpose, given=given, at=at, text=text, page=page, submission=submission,
        pending=pending, confirmed_at=at if confirmed else None, basis=basis, source_url=source_url[:500], ip=ip, by=by,
    )  # fmt: skip
    if given and confirmed and purpose == MARKETING and person.email_key:
        _now(person.email_key, at).filter(reason__in=OWN_WISH).update(lifted_at=at, lifted_by_consent=event)
    note_change(person_ids=[person.pk], at=at)
    return event


def withdraw(
    *, person: Person, purpose: str, at: datetime, source_url: str = "", ip: str | None = None, by=None
) -> None:
    """As easy as giving it (GDPR art. 7.3). Writing it twice does no harm: the second changes nothing."""
    if has_consent(person=person, purpose=purpose):
        record_consent(
            person=person, purpose=purpose, given=False, at=at, source_url=source_url, ip=ip, by=by
        )


def has_consent(*, person: Person, purpose: str) -> bool:
    """Whether the latest row that counts says yes. A row that waits for its confirmation counts for nothing."""
    latest = (
        ConsentEvent.objects.filter(person=person, purpose=purpose, pending=False)
        .order_by("-at", "-pk")
        .first()
    )
    return bool(latest and latest.given)


def consenting(*, people: Iterable[int], purpose: str) -> frozenset[int]:
    """Which of these people (by number) has the consent, in one query."""
    rows = ConsentEvent.objects.filter(person__in=list(people), purpose=purpose, pending=False)
    latest = dict(rows.order_by("at", "pk").values_list("person_id", "given"))
    return frozenset(person for person, given in latest.items() if given)


def email_hash(email_key: str) -> str:
    """HMAC-SHA256 of a canonical address under a key of its own, as hex. It outlives the person's row."""
    return hmac.new(keys("suppression")[0].encode(), email_key.encode(), hashlib.sha256).hexdigest()


def email_hashes(email_key: str) -> list[str]:
    """The hash under every key of the ring, so that a new key forgets nobody."""
    return [hmac.new(k.encode(), email_key.encode(), hashlib.sha256).hexdigest() for k in keys("suppression")]


def suppress(
    *,
    email_key: str,
    reason: str,
    at: datetime,
    person: Person | None = None,
    topic: Topic | None = None,
    evidence: str = "",
    until: datetime | None = None,
    message: Message | None = None,
    said: str = "",
) -> Suppression:
    """Never write to this address again (on this topic), or not before `until`. A twin answers with the row there.

    A hold that ends by itself is no twin of one for good. `message`: the mail it came by; `said`: their words.
    """
    standing = _now(email_key, at).filter(_as_long_as(until), topic=topic).first()
    return standing or _suppress(
        Suppression(
            email_hash=email_hash(email_key),
            person=person,
            topic=topic,
            reason=reason,
            at=at,
            evidence=evidence[:200],
            until=until,
            message=message,
            said=said[:200],
        )
    )


def suppress_hash(
    *,
    email_hash: str,
    reason: str,
    at: datetime,
    person: Person | None = None,
    evidence: str = "",
    message: Message | None = None,
) -> Suppression:
    """The same for an address of which only the hash is known, by whatever key of the ring it was made."""
    standing_now = Suppression.objects.filter(standing(at), email_hash=email_hash, topic=None, until=None)
    return standing_now.first() or _suppress(
        Suppression(
            email_hash=email_hash,
            person=person,
            reason=reason,
            at=at,
            evidence=evidence[:200],
            message=message,
        )
    )


@transaction.atomic
def _suppress(row: Suppression) -> Suppression:
    row.save(force_insert=True)
    note_change(person_ids=[row.person_id] if row.person_id else [], at=row.at)
    return row


def _as_long_as(until: datetime | None) -> Q:
    return Q(until=None) | Q(until__gte=until) if until else Q(until=None)


def lift_unsubscribe(*, person: Person, at: datetime) -> int:
    """Undo of the person's own unsubscribe, from their own signed page; returns how many rows were lifted."""
    if not person.email_key:
        return 0
    with transaction.atomic():
        lifted = _now(person.email_key, at).filter(reason__in=OWN_WISH).update(lifted_at=at)
        note_change(person_ids=[person.pk] if lifted else [], at=at)
    return lifted


def suppression_of(
    email_key: str, topic: Topic | None = None, at: datetime | None = None
) -> Suppression | None:
    """The row that forbids marketing mail to this address (on this topic), if any."""
    return (
        _now(email_key, at or timezone.now())
        .filter(Q(topic=None) | Q(topic=topic) if topic else Q(topic=None))
        .order_by("at")
        .first()
    )


def is_suppressed(email_key: str, topic: Topic | None = None) -> bool:
    return suppression_of(email_key, topic) is not None


def standing(at: datetime | Combinable) -> Q:
    """Of suppressions: not lifted, and no hold that has ended."""
    return Q(lifted_at=None) & (Q(until=None) | Q(until__gt=at))


def _now(email_key: str, at: datetime) -> QuerySet[Suppression]:
    return Suppression.objects.filter(standing(at), email_hash__in=email_hashes(email_key))
