"""A rep writes to a person: the mail in the ledger, the clock, what was promised, and what comes next, in one go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from campaigns.mail.merge import one_line
from leads.models import OwnMail
from leads.own_mail import writing
from prospects.clocks.local_days import tomorrow
from prospects.first_act import leave_to_contact, note_first_act
from prospects.follow_ups import plan, refuse_closed_kindly
from prospects.models import FollowUp, Prospect
from prospects.pressed_twice import lock_for

BY_A_MAIL = (FollowUp.Kind.MAIL, FollowUp.Kind.ANSWER)


def write_mail(
    *,
    prospect: Prospect,
    subject: str,
    text: str,
    by: Any,
    at: datetime,
    answers: OwnMail | None = None,
    follow_up: Mapping[str, Any] | None = None,
    submit_key: UUID | None = None,
) -> OwnMail:
    """A mail to the prospect's person in the name of `by`, and the next step (kind, due_at, text).

    `answers` is the mail of this person that it continues. Raises Refused for a stranger, a closed cycle, words that
    are missing, and where the gate would not let the mail through; a twin of the form answers with the first mail.
    """
    with transaction.atomic():
        twin = lock_for(prospect, OwnMail, submit_key, by=by, person=prospect.person)
        if twin is not None:
            return twin
        refuse_closed_kindly(prospect)
        _refuse_empty(subject, text)
        _refuse_foreign(prospect, answers)
        no = writing.refusal(prospect.person, at)
        if no is not None:
            raise Refused(no.words)
        mail = writing.write(
            person=prospect.person, user=by, subject=subject, text=text, at=at, answers=answers,
            submit_key=submit_key,
        )  # fmt: skip
        note_written(prospect, by=by, at=at)
        if follow_up:
            plan(prospect, by=by, at=at, **follow_up)
    return mail


def note_written(prospect: Prospect, *, by: Any, at: datetime) -> None:
    """What a mail by a person of ours brings with it, written here or filed; the prospect is locked.

    It stops the clock of the first answer, takes a cold contact from "to contact" to "contacting", and keeps what was
    promised for today or before: mails and answers, but none that was asked for after the mail.
    """
    note_first_act(prospect, by=by, at=at)
    leave_to_contact(prospect, by=by, at=at, why=_("First mail"))
    if by is None:
        return
    due = prospect.follow_ups.filter(
        kind__in=BY_A_MAIL, due_at__lt=tomorrow(at), created_at__lte=at, done_at=None
    )
    due.update(done_at=at, done_by=by)


def talk_with(prospect: Prospect) -> QuerySet[OwnMail]:
    """Every mail to and fro with this person, newest first."""
    return OwnMail.objects.filter(person=prospect.person_id).order_by("-at", "-pk")


def _refuse_empty(subject: str, text: str) -> None:
    if not one_line(subject):
        raise Refused(_("Say what the mail is about."), missing=[_("a subject")])
    if not text.strip():
        raise Refused(_("Write something first."), missing=[_("words")])


def _refuse_foreign(prospect: Prospect, answers: OwnMail | None) -> None:
    if answers is not None and answers.person_id != prospect.person_id:
        raise Refused(_("That mail was from somebody else: load the page again."))
