"""Mails that found nobody: a colleague says whose each is, or sets it aside."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from leads.feedback.parts import parsed
from leads.models import OwnMail, Person, UnfiledMail
from leads.own_mail import threads
from leads.own_mail.filing import letter_of, put, refusal
from leads.own_mail.letters import Letter

KEPT = timedelta(days=90)  # as long as the words of inbound mail are
State = UnfiledMail.State


def waiting(user: Any, *, at: datetime) -> QuerySet[UnfiledMail]:
    """One's own, newest first."""
    return UnfiledMail.objects.filter(user=user, state=State.WAITING, at__gt=at - KEPT)


def file_with(*, unfiled: UnfiledMail, person: Person, by: Any, at: datetime) -> OwnMail:
    """Put the mail on this person's timeline. A second press finds it there; Conflict where it was set aside, or filed
    with somebody else meanwhile.

    Raises Refused for a person this colleague may not see, and where the words are gone.
    """
    with transaction.atomic():
        row = _locked(unfiled)
        if row.state == State.ASIDE:
            raise Conflict(now=row.get_state_display())
        body = bytes(row.inbound.body)
        if not body:
            raise Refused(_("The words of this mail are gone: they are kept for 90 days."))
        if no := refusal(user=by, person=person):
            raise Refused(no)
        letter = letter_of(row.inbound, parsed(body))
        if row.state == State.FILED and not _stands_with(person, letter):
            raise Conflict(now=row.get_state_display())
        mail = put(letter=letter, person=person, user=row.user, row=row.inbound)
        _settle(row, State.FILED, at)
    return mail


def set_aside(*, unfiled: UnfiledMail, by: Any, at: datetime) -> None:
    """It is nobody's that we keep. Twice is once; Conflict where it was filed meanwhile."""
    with transaction.atomic():
        row = _locked(unfiled)
        if row.state == State.FILED:
            raise Conflict(now=row.get_state_display())
        _settle(row, State.ASIDE, at)


def _locked(unfiled: UnfiledMail) -> UnfiledMail:
    rows = UnfiledMail.objects.select_for_update(of=("self",)).select_related("inbound", "user")
    return rows.get(pk=unfiled.pk)


def _stands_with(person: Person, letter: Letter) -> bool:
    return threads.twin(person=person, **letter.said) is not None


def _settle(row: UnfiledMail, state: str, at: datetime) -> None:
    UnfiledMail.objects.filter(pk=row.pk, state=State.WAITING).update(state=state, settled_at=at)
