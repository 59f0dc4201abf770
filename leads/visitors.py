"""Browsers that agreed to be remembered: their row, their link to a person with its evidence, and their visits.

Nothing here happens without consent to tracking. A link is evidence, not identity: two people are never merged by a
browser, and `leads.sittings` says whose a visit was. The worker does it, never the request.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from leads.hit_rows import tracking_said
from leads.judging.touches import give, take_back
from leads.models import ConsentEvent, Hit, Submission, Touch, Verdict, Visitor, VisitorLink
from leads.models.tracking import HitQuerySet
from leads.reading import A_READING, note_views
from leads.sittings import SITTING, Identified, Open, whose
from leads.tracking import VisitContext

Evidence = VisitorLink.Evidence
BECOME_TOUCHES = (Hit.Kind.PAGE, Hit.Kind.READ, Hit.Kind.DOWNLOAD)
UNJUDGED_WAIT = timedelta(seconds=15)
# Hits are written a moment after they happened, so the last look overlaps with the one before.
OVERLAP = timedelta(minutes=10)
# The form of a browser is written a moment after its row was touched.
SOON = timedelta(seconds=5)


def agree(visit: VisitContext, *, at: datetime, site_id: int | None = None) -> VisitContext:
    """The box for tracking was ticked: this browser has a row from now on. Keeps the one it has."""
    kept = keep(visit, at=at, site_id=site_id)
    if kept.visitor_id:
        return kept
    row = Visitor.objects.create(first_seen_at=at, due_at=at + SOON, site_id=site_id)
    return replace(visit, visitor_id=row.pk, visitor_uuid=str(row.key))


def keep(visit: VisitContext, *, at: datetime, site_id: int | None = None) -> VisitContext:
    """The visit with the row of its browser, if that still agrees; the worker will look at it."""
    if not visit.visitor_id and not visit.visitor_uuid:
        return visit
    if visit.visitor_uuid:
        fresh = {"site_id": site_id, "first_seen_at": at}
        row, _made = Visitor.objects.get_or_create(key=UUID(visit.visitor_uuid), defaults=fresh)
        mine = row.site_id == site_id
        visit = replace(visit, visitor_id=row.pk if mine else None)
    alive = Visitor.objects.filter(pk=visit.visitor_id, ended_at=None).update(due_at=at + SOON)
    return visit if alive else replace(visit, visitor_id=None, visitor_uuid="")


def end(*, visitor_id: int, at: datetime) -> None:
    """The agreement of this browser is taken back. What it did before stays whose it was."""
    Visitor.objects.filter(pk=visitor_id, ended_at=None).update(ended_at=at, due_at=at)


def was_met(form: Submission) -> bool:
    """Whether the sender of this form was met on its browser before."""
    same = {"visitor": form.visitor_id, "person": form.person_id}
    forms = Submission.objects.filter(state=Submission.State.ACCEPTED, **same).exclude(pk=form.pk)
    return forms.exists() or VisitorLink.objects.filter(unlinked_at=None, **same).exists()


def unlink(*, link: VisitorLink, by: Any, at: datetime) -> int:
    """This browser is not that person's: visits given by it are taken back. The link's row stays as evidence.

    Returns how many touches went.
    """
    with transaction.atomic():
        Visitor.objects.select_for_update().get(pk=link.visitor_id)
        links = VisitorLink.objects.filter(visitor=link.visitor_id, person=link.person_id, unlinked_at=None)
        links.update(unlinked_at=at, unlinked_by=by)
        given = Touch.objects.filter(person=link.person_id, hit__visitor=link.visitor_id, hit__person=None)
        return take_back(list(given), at=at)


def link_due(*, at: datetime, limit: int = 100) -> dict[str, int]:
    """Link browsers to the people who identified themselves on them, and make touches of their human visits."""
    counts = {"visitors": 0, "links": 0, "touches": 0}
    with transaction.atomic():
        due = Visitor.objects.filter(due_at__lte=at).order_by("due_at").select_for_update(skip_locked=True)
        for visitor in due[:limit]:
            links, touches = _settle(visitor, at)
            counts["visitors"] += 1
            counts["links"] += links
            counts["touches"] += touches
    return counts


@dataclass(frozen=True)
class _Seen:
    """Somebody on this browser, and by what."""

    at: datetime
    person_id: int
    evidence: str


def _settle(visitor: Visitor, at: datetime) -> tuple[int, int]:
    """Links and touches made for one browser, whose row is locked."""
    seen = sorted([*_forms(visitor), *_clicks(visitor)], key=lambda one: one.at)
    consents = _Consents(one.person_id for one in seen)
    links = list(VisitorLink.objects.filter(visitor=visitor))
    unlinked = {link.person_id for link in links if link.unlinked_at}
    named = {one.person_id for one in seen if consents.stand(one.person_id)} - unlinked
    made = _link(visitor, [one for one in seen if one.person_id in named], links)
    identified = [Identified(one.at, one.person_id if one.person_id in named else None) for one in seen]
    if visitor.ended_at:
        identified = sorted([*identified, Identified(visitor.ended_at, None)], key=lambda one: one.at)
    theirs, waiting = [], []
    for hit in _open_hits(visitor):
        owner = whose(hit.at, identified, now=at)
        if owner is Open.WAIT:
            waiting.append(hit.at)
        elif isinstance(owner, int) and consents.stood(owner, hit.at):
            theirs.append((hit, owner))
    touches = give(theirs, at=at)
    note_views(_new_hits(visitor, A_READING).filter(kind=Hit.Kind.VIEW), at=at)
    _next_look(visitor, at, waiting, bool(identified))
    return made, touches


def _forms(visitor: Visitor) -> list[_Seen]:
    rows = Submission.objects.filter(visitor=visitor, state=Submission.State.ACCEPTED, person__isnull=False)
    return [_Seen(when, person, Evidence.FORM) for when, person in rows.values_list("at", "person_id")]


def _clicks(visitor: Visitor) -> list[_Seen]:
    hits = Hit.objects.filter(visitor=visitor, kind=Hit.Kind.CLICK, person__isnull=False).with_verdict()
    human = hits.filter(read_as=Verdict.Kind.HUMAN)
    return [_Seen(when, person, Evidence.CLICK) for when, person in human.values_list("at", "person_id")]


def _link(visitor: Visitor, seen: Iterable[_Seen], links: Iterable[VisitorLink]) -> int:
    """One row for each person and kind of evidence; one taken apart by hand is not made again."""
    known = {(link.person_id, link.evidence) for link in links}
    new: dict[tuple[int, str], VisitorLink] = {}
    for one in seen:
        key = (one.person_id, one.evidence)
        if key not in known and key not in new:
            new[key] = VisitorLink(visitor=visitor, person_id=one.person_id, evidence=one.evidence, at=one.at)
    VisitorLink.objects.bulk_create(new.values())
    return len(new)


def _open_hits(visitor: Visitor) -> list[Hit]:
    """Human visits of this browser that are nobody's yet and have not been left to nobody."""
    hits = _new_hits(visitor, OVERLAP).filter(kind__in=BECOME_TOUCHES, person=None, judged=True)
    free = hits.exclude(Exists(Touch.objects.filter(hit=OuterRef("pk"))))
    human = free.with_verdict().filter(read_as=Verdict.Kind.HUMAN)
    return list(human.select_related("mail_link").order_by("at", "pk"))


def _new_hits(visitor: Visitor, before: timedelta) -> HitQuerySet:
    """Since what is settled, and a little before it."""
    hits = Hit.objects.filter(visitor=visitor)
    return hits.filter(at__gt=visitor.settled_at - before) if visitor.settled_at else hits


def _next_look(visitor: Visitor, at: datetime, waiting: list[datetime], somebody: bool) -> None:
    """When the next sitting is over, or the next verdict will be there. Without anybody nothing is settled."""
    unjudged = Hit.objects.filter(visitor=visitor, judged=False).exists()
    times = [when + SITTING for when in waiting] + ([at + UNJUDGED_WAIT] if unjudged else [])
    visitor.due_at = min(times, default=None)
    if somebody and not unjudged:
        visitor.settled_at = at - SITTING
    visitor.save(update_fields=["due_at", "settled_at"])


class _Consents:
    """What these people said of tracking, and when."""

    def __init__(self, people: Iterable[int]) -> None:
        ids = set(people)
        self._now = tracking_said(ids)
        events = ConsentEvent.objects.filter(person__in=ids, purpose="tracking", pending=False)
        self._said = list(events.order_by("at", "pk").values_list("person_id", "at", "given"))

    def stand(self, person: int) -> bool:
        """Whether this person agrees now."""
        return self._now.get(person, False)

    def stood(self, person: int, at: datetime) -> bool:
        """Whether a visit at ``at`` may be named: the browser had agreed, and the person had not said no since."""
        before = [given for one, when, given in self._said if one == person and when <= at]
        return self.stand(person) and (not before or before[-1])
