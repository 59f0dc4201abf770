"""A form tried out by staff: it runs through the front door, we look at what it wrote, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from leads.capture import Captured, capture
from leads.forms import CaptureForm
from leads.models import ConsentEvent, Enrolment, Fact, Message, Touch, WorkRequest
from leads.tracking import VisitContext


@dataclass(frozen=True)
class Line:
    """One thing that would happen. ``tone``: good, warn or empty."""

    about: str | Promise
    says: str
    tone: str = ""


def try_form(*, form: CaptureForm, visit: VisitContext, at: datetime) -> list[Line]:
    """What this valid form would do, now, to whoever sent it. Raises Refused as the front door does.

    Everything is written inside a transaction that is rolled back: no row stays, no mail goes out.
    """
    with transaction.atomic():
        result = capture(
            page=form.page,
            answers=form.answers,
            consents=form.consents,
            visit=visit,
            nonce=get_random_string(16),
            marks=form.marks,
            at=at,
        )
        lines = [*_suspected(form), *_told(result, known_before=_was_known(result, at))]
        transaction.set_rollback(True)
    return lines


def _was_known(result: Captured, at: datetime) -> bool:
    return result.person is not None and result.person.created_at < at


def _suspected(form: CaptureForm) -> Iterator[Line]:
    if form.suspicions:
        words = _("It would wait in quarantine (%(why)s), and nothing below would happen before its release.")
        yield Line(_("Quarantine"), words % {"why": ", ".join(form.suspicions)}, "warn")
    for mark in form.marks:
        yield Line(_("Mark"), mark, "warn")


def _told(result: Captured, *, known_before: bool) -> Iterator[Line]:
    person, lead, submission = result.person, result.lead, result.submission
    assert person is not None and lead is not None
    found = _("found: %(name)s") % {"name": person.name} if known_before else _("new")
    yield Line(_("Person"), found)
    yield Line(
        _("Lead"),
        _("%(status)s, since %(day)s") % {"status": lead.get_status_display(), "day": _day(lead.created_at)},
    )
    touch = Touch.objects.select_related("channel", "campaign").get(submission=submission)
    yield Line(_("Channel"), touch.channel.name)
    yield Line(_("Campaign"), str(touch.campaign) if touch.campaign else _("none"))
    if submission.inquiry:
        words = _("%(kind)s: judged within seconds, whatever the score") % {
            "kind": submission.get_inquiry_display()
        }
        yield Line(_("Inquiry"), words, "good")
    for fact in Fact.objects.filter(person=person, recorded_at__gte=submission.at).order_by("field"):
        yield Line(_("Kept as a fact"), f"{fact.field}: {fact.value}")
    yield from _consents(result)
    yield from _what_follows(result)


def _consents(result: Captured) -> Iterator[Line]:
    for event in ConsentEvent.objects.filter(submission=result.submission).select_related("text"):
        waits = _("%(text)s, waits for the mailbox") if event.pending else _("%(text)s, counts at once")
        yield Line(_("Consent"), waits % {"text": event.text}, "warn" if event.pending else "good")


def _what_follows(result: Captured) -> Iterator[Line]:
    run = Enrolment.objects.filter(submission=result.submission).select_related("sequence").first()
    sequence = result.submission.page.sequence if result.submission.page else None
    if run is not None:
        due = _day(run.due_at) if run.due_at else _("by the worker's clock")
        yield Line(
            _("Sequence"),
            _("%(name)s begins, first mail %(due)s") % {"name": run.sequence, "due": due},
            "good",
        )
    elif sequence is not None:
        yield Line(
            _("Sequence"),
            _("%(name)s does not begin: no consent that counts yet, or with sales") % {"name": sequence},
        )
    mails = Message.objects.filter(submission=result.submission).exclude(kind=Message.Kind.SEQUENCE)
    for mail in mails:
        yield Line(_("Mail"), str(mail.get_kind_display()))
    if WorkRequest.objects.filter(person=result.person, key=f"form:{result.submission.pk}").exists():
        yield Line(_("Notice"), _("to the colleague who has this person"), "good")


def _day(moment: datetime) -> str:
    return date_format(localtime(moment), "DATETIME_FORMAT")
