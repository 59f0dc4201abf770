"""Social touches: what passed between a rep and a person on a social network, as the rep notes it.

Nothing is fetched from a network: their terms forbid it, and the rep has the page open anyway.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from campaigns.models import Channel
from leads.models import Fact, Person, TouchKind
from leads.nurture import goals
from leads.tracking import record_touch
from prospects.clocks.local_days import tomorrow
from prospects.first_act import leave_to_contact, note_first_act
from prospects.follow_ups import plan, refuse_closed_kindly
from prospects.models import FollowUp, Prospect, SocialTouch
from prospects.pressed_twice import lock_for

Network, What = SocialTouch.Network, SocialTouch.What
# Which field of the person's facts holds the address of their own page there, by network.
PROFILE_FIELDS: dict[str, str] = {Network.LINKEDIN: "linkedin", Network.XING: "xing", Network.X: "x"}


def log_social(
    *,
    prospect: Prospect,
    network: str,
    what: str,
    by: Any,
    at: datetime,
    text: str = "",
    follow_up: Mapping[str, Any] | None = None,
    submit_key: Any = None,
) -> SocialTouch:
    """Keep what was done there, and the next step (kind, due_at, text).

    As an act of a person (`by`) it stops the clock of the first answer, ticks off the social follow-ups that were due,
    and brings a cold contact from "to contact" to "contacting". "They answered" is a touch of theirs besides: it ends
    the sequences that stop on a reply. Raises Refused for a stranger, a closed cycle, an unknown network or act; a twin
    of the form answers with the first one.
    """
    if network not in Network.values or what not in What.values:
        raise Refused(_("Say where and what it was."), missing=[_("the network and what happened")])
    with transaction.atomic():
        twin = lock_for(prospect, SocialTouch, submit_key, by=by)
        if twin is not None:
            return twin
        refuse_closed_kindly(prospect)
        row = SocialTouch.objects.create(
            prospect=prospect, network=network, what=what, text=text, by=by, at=at, submit_key=submit_key
        )
        note_first_act(prospect, by=by, at=at)
        _tick_off(prospect, by=by, at=at)
        leave_to_contact(prospect, by=by, at=at, why=_("First social touch"))
        if what == What.ANSWERED:
            _answered(row)
        if follow_up:
            plan(prospect, by=by, at=at, **follow_up)
    return row


def _tick_off(prospect: Prospect, *, by: Any, at: datetime) -> None:
    """Done by this: the social follow-ups of today and before."""
    due = prospect.follow_ups.filter(kind=FollowUp.Kind.SOCIAL, done_at=None, due_at__lt=tomorrow(at))
    due.update(done_at=at, done_by=by)


def _answered(row: SocialTouch) -> None:
    """They wrote, so this is theirs, as a reply to a mail is. The rep has read it: nobody is asked to answer."""
    person = row.prospect.person
    record_touch(
        person=person, kind=TouchKind.REPLY, at=row.at, channel=Channel.objects.get(slug="social"),
        label=row.get_network_display(),
    )  # fmt: skip
    goals.reached(person=person, goal=goals.Goal.REPLY, at=row.at)


def due(prospect: Prospect, at: datetime) -> FollowUp | None:
    """The social follow-up that waits, with the words of the cadence's step or of whoever planned it."""
    waiting = prospect.follow_ups.filter(kind=FollowUp.Kind.SOCIAL, done_at=None)
    return waiting.filter(due_at__lte=tomorrow(at)).order_by("due_at", "pk").first()


def profiles(person: Person) -> dict[str, str]:
    """Network → the address of their page there, as far as a fact names one. Only https and http lead anywhere."""
    facts = Fact.objects.filter(person=person, field__in=PROFILE_FIELDS.values()).order_by("at", "pk")
    known = dict(facts.values_list("field", "value"))
    return {
        network: known[name]
        for network, name in PROFILE_FIELDS.items()
        if known.get(name, "").startswith(("https://", "http://"))
    }
