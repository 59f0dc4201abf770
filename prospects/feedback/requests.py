"""What sales asks of marketing: a piece that is missing, a fact that is wrong. Answered once; the rep hears it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from campaigns.models import Asset
from leads.person_facts import COLUMNS, FACT_WORDS
from prospects import notices
from prospects.models import MarketingRequest, Notice, Prospect
from prospects.pressed_twice import twin_of
from prospects.transitions import lock, refuse_stranger

Kind, State = MarketingRequest.Kind, MarketingRequest.State
MAY_ANSWER = "prospects.answer_requests"
ANSWERS = (State.DONE, State.DECLINED)
FACTS = {**COLUMNS, **FACT_WORDS}


def ask(
    *,
    prospect: Prospect,
    kind: str,
    text: str,
    by: Any,
    at: datetime,
    field: str = "",
    submit_key: Any = None,
) -> MarketingRequest:
    """One item for marketing's list. A twin of the form answers with the first one."""
    if kind not in Kind.values or not text.strip():
        raise Refused(_("Say in a sentence what is missing or wrong."), missing=[_("a sentence")])
    with transaction.atomic():
        lock(prospect)
        refuse_stranger(prospect, by)
        twin = twin_of(MarketingRequest, submit_key, prospect=prospect)
        return twin or MarketingRequest.objects.create(
            prospect=prospect, person=prospect.person, kind=kind, text=text, by=by, at=at,
            field=field if kind == Kind.WRONG_FACT else "", submit_key=submit_key,
        )  # fmt: skip


def answer(
    *, request: MarketingRequest, state: str, words: str, by: Any, at: datetime, asset: Asset | None = None
) -> MarketingRequest:
    """Done, or declined with why. Raises Conflict where a colleague answered first."""
    if not by.has_perm(MAY_ANSWER):
        raise Refused(_("Only marketing may answer."))
    if state not in ANSWERS:
        raise Refused(_("An answer is done or declined."))
    if state == State.DECLINED and not words.strip():
        raise Refused(_("Say why, so that the rep knows."), missing=[_("why")])
    with transaction.atomic():
        waiting = MarketingRequest.objects.filter(pk=request.pk, state=State.OPEN)
        changed = {"state": state, "answer": words, "asset": asset, "answered_at": at, "answered_by": by}
        if not waiting.update(**changed):
            now = MarketingRequest.objects.get(pk=request.pk)
            raise Conflict(
                now=_("%(state)s by %(who)s") % {"state": now.get_state_display(), "who": now.answered_by}
            )
        for name, value in changed.items():
            setattr(request, name, value)
        _tell(request, at)
    return request


def _tell(request: MarketingRequest, at: datetime) -> None:
    """Whoever asked hears it; where they have left, whoever works on the person now."""
    asker = request.by if request.by and request.by.is_active else None
    user = asker or (request.prospect.owner if request.prospect else None)
    if user is None:
        return
    said = [str(request.get_state_display()), request.answer, request.asset.title if request.asset else ""]
    notices.tell(
        user=user, kind=Notice.Kind.ANSWERED, prospect=request.prospect, at=at, key=f"answered:{request.pk}",
        text=_("“%(asked)s”: %(answer)s") % {
            "asked": request.text[:100], "answer": " · ".join(filter(None, said)),
        },
    )  # fmt: skip


def of_prospect(prospect: Prospect) -> QuerySet[MarketingRequest]:
    """What was asked about this person in any cycle, newest first."""
    found = MarketingRequest.objects.filter(person=prospect.person_id)
    return found.select_related("by", "answered_by", "asset")


def for_marketing(state: str) -> QuerySet[MarketingRequest]:
    """Marketing's list. `person.lead` tells whether the person is marketing's to see; a cold contact is not."""
    found = MarketingRequest.objects.filter(state=state)
    return found.select_related("person__company", "person__lead__score", "by", "answered_by", "asset")
