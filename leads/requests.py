"""Somebody asks for a copy of their data, or to be forgotten (GDPR art. 15, 17, 20): asked, confirmed, done.

Whoever holds a forwarded mail could ask, so a request counts only once its own mailbox has confirmed it.
"""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from leads.models import Message, Person, PrivacyRequest
from leads.nudge import nudge
from leads.sending.outbox import MOST_RESENDS_ASKED, request_row

CLEAR = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that reads like something else on the phone
TRIES = 5


@transaction.atomic
def ask(
    *, person: Person, kind: str, at: datetime, source_url: str = "", ip: str | None = None
) -> PrivacyRequest:
    """Note the wish and mail a link that confirms it. Asked again while one is open: the same request, a new mail.

    Raises Refused where there is no mailbox that could confirm.
    """
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if not person.email_key:
        raise Refused(_("We have no address to write to. Please write to us instead."), missing=["email"])
    request = PrivacyRequest.objects.filter(person=person, kind=kind, done_at=None).first()
    if request is None:
        request = _new(person, kind, at, source_url, ip)
    if request.confirmed_at is None:
        _mail(request, at, stage="confirm")
    return request


@transaction.atomic
def confirm(*, request: PrivacyRequest, at: datetime) -> PrivacyRequest:
    """The mailbox said yes: from now on it counts, and the receipt is mailed. A second press changes nothing."""
    Person.objects.select_for_update(no_key=True).get(pk=request.person_id)
    if PrivacyRequest.objects.filter(pk=request.pk, confirmed_at=None, done_at=None).update(confirmed_at=at):
        _mail(request, at, stage="receipt")
    request.refresh_from_db()
    return request


@transaction.atomic
def finish(*, request: PrivacyRequest, by: Any, note: str, at: datetime) -> PrivacyRequest:
    """An operator has done it, and says what. Raises Refused (not confirmed, no note) or Conflict."""
    if request.confirmed_at is None:
        raise Refused(_("The mailbox has not confirmed it yet."), missing=[])
    if not note.strip():
        raise Refused(_("Say in a few words what was done."), missing=["note"])
    open_ones = PrivacyRequest.objects.filter(pk=request.pk, done_at=None)
    if not open_ones.update(done_at=at, done_by=by, note=note.strip()[:300]):
        raise Conflict(now=_("done"))
    request.refresh_from_db()
    return request


def _new(person: Person, kind: str, at: datetime, source_url: str, ip: str | None) -> PrivacyRequest:
    for _attempt in range(TRIES):
        try:
            with transaction.atomic():
                return PrivacyRequest.objects.create(
                    person=person,
                    kind=kind,
                    receipt=_receipt(),
                    asked_at=at,
                    source_url=source_url[:500],
                    ip=ip,
                )
        except IntegrityError:
            continue  # the receipt is taken
    raise AssertionError("no free receipt among a million million")


def _receipt() -> str:
    letters = get_random_string(8, CLEAR)
    return f"{letters[:4]}-{letters[4:]}"


def _mail(request: PrivacyRequest, at: datetime, *, stage: str) -> None:
    """One that waits is enough; the gate holds back more than three an hour."""
    prefix = f"req:{request.pk}:{stage}"
    earlier = Message.objects.filter(
        kind=Message.Kind.REQUEST, person=request.person_id, key__startswith=prefix
    )
    states = list(earlier.values_list("state", flat=True))
    if Message.State.SCHEDULED in states or len(states) > MOST_RESENDS_ASKED:
        return
    row = request_row(person=request.person, key=f"{prefix}:{len(states) + 1}", at=at)
    row.save(force_insert=True)
    nudge("leads.sending.delivery.deliver_due")
