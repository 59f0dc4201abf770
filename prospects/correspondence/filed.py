"""Mail that a colleague filed from their own program: with whom they may, and what it means for the prospect."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.models import OwnMail, Person
from prospects.correspondence.acts import note_written
from prospects.models import Prospect
from prospects.transitions import lock

log = logging.getLogger(__name__)
LIMIT = 500


def whose(*, user: Any, person: Person) -> str:
    """The rule of filing: empty where this user sees a prospect of this person, else whose the person is, in words.

    A manager sees everybody.
    """
    cycles = Prospect.objects.filter(person=person)
    if user.has_perm("prospects.manage_prospects") or cycles.visible_to(user).exists():
        return ""
    at_work = cycles.open().select_related("owner").order_by("-opened_at", "-pk").first()
    owner = at_work.owner if at_work else None
    return _("Exists, owned by %(owner)s.") % {"owner": owner or _("nobody yet")}


def take(*, mail: OwnMail, at: datetime) -> bool:
    """A mail that the owner wrote is an act: the clock of the first answer stops, promises to write are kept. Once.

    Without an open prospect of the writer there is nothing to keep; the mail stands on the timeline all the same.
    """
    with transaction.atomic():
        mine = Prospect.objects.open().filter(person=mail.person_id, owner=mail.user)
        prospect = mine.select_related("person", "stage").order_by("-opened_at", "-pk").first()
        if prospect is not None:
            lock(prospect)
        if not OwnMail.objects.filter(pk=mail.pk, taken_at=None).update(taken_at=at):
            return False
        if prospect is None or not prospect.is_open or prospect.owner_id != mail.user_id:
            return False
        if mail.at < prospect.opened_at:
            return False  # passed on from before this cycle
        note_written(prospect, by=mail.user, at=mail.at)
    return True


def sweep(*, at: datetime) -> dict[str, int]:
    """Whatever the receiver could not do; one bad row is logged and stops nobody else."""
    rows = OwnMail.objects.filter(taken_at=None, sent_as=None, direction=OwnMail.Direction.OUT)
    done = failed = 0
    for mail in rows.select_related("user").order_by("pk")[:LIMIT]:
        try:
            done += take(mail=mail, at=at)
        except Exception:
            log.exception("Filed mail %s was not taken in", mail.pk)
            failed += 1
    return {"filed": done, "failed": failed}


def take_by_id(mail_id: int) -> None:
    take(mail=OwnMail.objects.select_related("user").get(pk=mail_id), at=timezone.now())
