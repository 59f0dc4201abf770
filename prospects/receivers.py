"""What prospects hear from below. Each receiver has a savepoint of its own: a bug here never undoes a lead's change.

The sweeps (`prospects.handover.sweep`, `prospects.correspondence.filed.sweep`) find whatever a receiver could not do.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from leads.models import LeadMove, WorkRequest
from prospects import handover, meetings, merged
from prospects.correspondence import filed


def on_lead_qualified(sender: Any, move_id: int, **_: Any) -> None:
    with transaction.atomic():
        move = LeadMove.objects.get(pk=move_id)
        handover.open_from_move(move=move, at=move.at)


def on_work_requested(sender: Any, request_id: int, **_: Any) -> None:
    with transaction.atomic():
        request = WorkRequest.objects.get(pk=request_id)
        handover.take_request(request=request, at=request.at)


def on_people_merging(sender: Any, keep_id: int, gone_id: int, **_: Any) -> None:
    merged.make_room(keep_id=keep_id, gone_id=gone_id)


def on_people_parted(
    sender: Any, keep_id: int, gone_id: int, at: datetime, changed_since: bool, **_: Any
) -> None:
    if changed_since:
        merged.tell_leads_again(person_ids=[keep_id, gone_id], at=at)


def on_own_mail_filed(sender: Any, mail_id: int, **_: Any) -> None:
    with transaction.atomic():
        filed.take_by_id(mail_id)


def on_invitation_answered(
    sender: Any, uid: str, address: str, partstat: str, sequence: int | None, at: datetime, **_: Any
) -> None:
    with transaction.atomic():
        meetings.note_answer(uid=uid, address=address, partstat=partstat, sequence=sequence, at=at)
