"""Somebody told a colleague that we may write to them: their mailbox is asked, and nothing counts before it says yes.

What a colleague heard is no proof of consent (GDPR art. 7 (1)); the press in the person's own mailbox is. The form row
says who asked and when. It is no touch: the person did nothing of their own yet.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from campaigns.models import ConsentText
from leads.consent import MARKETING, has_consent, record_consent
from leads.models import Door, Person, Submission
from leads.sending.outbox import queue_optin

LENGTH = Submission._meta.get_field("label").max_length


def ask(
    *, person: Person, heard: str, by: Any, at: datetime, submit_key: UUID | None = None
) -> Submission | None:
    """Send the double opt-in mail. `heard`: where it was said, as the evidence keeps it. A twin answers with the first.

    None where they have agreed already. Raises Refused without an address.
    """
    if not person.email_key:
        raise Refused(_("There is no e-mail address to ask. Note it on the person first."), missing=["email"])
    with transaction.atomic():
        person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        if has_consent(person=person, purpose=MARKETING):
            return None
        form, made = Submission.objects.get_or_create(
            door=Door.STAFF, page=None, nonce=(submit_key or uuid4()).hex, email_key=person.email_key or "",
            defaults={
                "person": person, "label": heard[:LENGTH], "by": by, "at": at, "judged_at": at,
                "state": Submission.State.ACCEPTED,
            },
        )  # fmt: skip
        if made:
            record_consent(
                person=person, purpose=MARKETING, given=True, pending=True, at=at, by=by, basis=heard,
                text=_words(person.language), submission=form,
            )  # fmt: skip
            queue_optin(submission=form, at=at)
    return form


def _words(language: str) -> ConsentText | None:
    """The newest words about marketing mail, in their language or else in any."""
    texts = ConsentText.objects.filter(purpose=MARKETING).order_by("-version", "-pk")
    return texts.filter(language=language or "en").first() or texts.first()
