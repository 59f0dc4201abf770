"""What waiting hits point at, looked up for a whole batch just before it is written.

A request notes only what it holds in its hands: tokens, codes, keys. Here they become rows; and whoever took the
consent to tracking back, or never gave it, is left out (RELIABILITY T5).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from campaigns.channels import table
from campaigns.models import EmbedSite
from leads.consent import TRACKING
from leads.models import ConsentEvent, Hit, Message, Person, ShareLink, Visitor

SEEN_EVERY = timedelta(minutes=1)
# A mail's links were made under its reader's consent, a download was asked for: both count until it is taken back.
UNLESS_WITHDRAWN = {Hit.Kind.CLICK, Hit.Kind.OPEN, Hit.Kind.DOWNLOAD, Hit.Kind.TRAP}


@dataclass
class Waiting:
    """An unsaved hit, and what of it still needs a look into the database."""

    hit: Hit
    visitor_uuid: str = ""
    via: str = ""


def look_up(waiting: Sequence[Waiting]) -> None:
    """Fill the keys of the hits: visitor, share link, message with its person and campaign, consent, UTM's campaign."""
    _visitors(waiting)
    _shares(waiting)
    _messages(waiting)
    _people([one.hit for one in waiting])
    _campaigns([one.hit for one in waiting])


def mark_visitors(waiting: Iterable[Waiting]) -> None:
    """The worker has something to look at for these browsers; their sites were seen."""
    hits = [one.hit for one in waiting]
    seen = {hit.visitor_id: hit.at for hit in hits if hit.visitor_id}
    if seen:
        Visitor.objects.filter(pk__in=seen, due_at=None).update(due_at=min(seen.values()))
    sites = {hit.site_id: hit.at for hit in hits if hit.site_id}
    if sites:
        last = max(sites.values())
        late = Q(last_seen_at=None) | Q(last_seen_at__lt=last - SEEN_EVERY)
        EmbedSite.objects.filter(late, pk__in=sites).update(last_seen_at=last)


def end_visitors(endings: Iterable[tuple[UUID, datetime]]) -> None:
    for key, at in endings:
        Visitor.objects.filter(key=key, ended_at=None).update(ended_at=at, due_at=at)


def _visitors(waiting: Sequence[Waiting]) -> None:
    """Browsers of other sites are met by the key they keep; one that has taken its agreement back is nobody."""
    new = {
        one.visitor_uuid: Visitor(
            key=UUID(one.visitor_uuid), site_id=one.hit.site_id, first_seen_at=one.hit.at
        )
        for one in reversed(waiting)
        if one.visitor_uuid
    }
    if new:
        Visitor.objects.bulk_create(new.values(), ignore_conflicts=True)
    ids = {one.hit.visitor_id for one in waiting if one.hit.visitor_id}
    if not new and not ids:
        return
    going = Visitor.objects.filter(Q(pk__in=ids) | Q(key__in=list(new)), ended_at=None)
    known = {str(key): (pk, site) for pk, key, site in going.values_list("pk", "key", "site_id")}
    alive = {pk for pk, _site in known.values()}
    for one in waiting:
        pk, site = known.get(one.visitor_uuid, (None, None))
        if pk and site == one.hit.site_id:
            one.hit.visitor_id = pk
        elif one.hit.visitor_id not in alive:
            one.hit.visitor_id = None


def _shares(waiting: Iterable[Waiting]) -> None:
    codes = {one.via for one in waiting if one.via}
    found = dict(ShareLink.objects.filter(code__in=codes).values_list("code", "pk")) if codes else {}
    for one in waiting:
        one.hit.share_id = found.get(one.via, one.hit.share_id)


def _messages(waiting: Iterable[Waiting]) -> None:
    """A hit of a mail is its reader's, and of the campaign of its sequence. An erased mail leaves a nameless hit."""
    ids = {one.hit.message_id for one in waiting if one.hit.message_id}
    if not ids:
        return
    rows = Message.objects.filter(pk__in=ids).values_list(
        "pk", "person_id", "step__version__sequence__campaign_id"
    )
    found = {pk: (person, campaign) for pk, person, campaign in rows}
    for one in waiting:
        if one.hit.message_id:
            person, campaign = found.get(one.hit.message_id, (None, None))
            one.hit.person_id, one.hit.campaign_id = person, campaign
            one.hit.message_id = one.hit.message_id if person else None


def _people(hits: Iterable[Hit]) -> None:
    """Nobody who did not agree to it is named in a hit. One merged into another is that other."""
    ids = {hit.person_id for hit in hits if hit.person_id}
    if not ids:
        return
    people = Person.objects.filter(pk__in=ids, erased_at=None)
    stayed = {pk: merged or pk for pk, merged in people.values_list("pk", "merged_into_id")}
    said = tracking_said(set(stayed.values()))
    for hit in hits:
        if hit.person_id:
            person = stayed.get(hit.person_id)
            yes = said.get(person or 0, hit.kind in UNLESS_WITHDRAWN)
            if person is None or not yes:
                hit.message_id = None
            hit.person_id = person if yes else None


def tracking_said(people: Iterable[int]) -> dict[int, bool]:
    """Person → what their latest word on tracking is; people who never said a word are not in it."""
    rows = ConsentEvent.objects.filter(person__in=people, purpose=TRACKING, pending=False)
    return dict(rows.order_by("at", "pk").values_list("person_id", "given"))


def _campaigns(hits: Iterable[Hit]) -> None:
    """The campaign of the UTM set, else the one that the page, the link or the mail belongs to."""
    by_name: Callable[[str], object] | None = None
    for hit in hits:
        if hit.utm_campaign:
            by_name = by_name or table().campaigns.get
            campaign = by_name(hit.utm_campaign)
            if campaign is not None:
                hit.campaign = campaign  # type: ignore[assignment]
