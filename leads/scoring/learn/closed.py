"""The organisation's own closed leads, each with what was known of it before its outcome.

Won: a customer. Not won: disqualified, or given back by sales and not qualified since. The outcome stands when the
move of status says; what happened or was recorded later is never read. Imported history was recorded at once: of it
counts what was imported no later than the outcome.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from leads.models import Fact, Lead, LeadMove, LeadStatus, Submission
from leads.scoring.learn.then import FactRow, Form, facts_then
from leads.scoring.matching import FactsSeen

MOST = 20_000  # closed leads, the newest
LOT = 1000
Way = LeadMove.Way
_FACT = ("person_id", "field", "value", "source", "confidence", "at", "recorded_at", "id")


@dataclass(frozen=True, slots=True)
class Outcome:
    """When it was closed, and by when what was written down of imported history counts."""

    won: bool
    at: datetime
    recorded_at: datetime
    is_imported: bool

    def knew(self, at: datetime, recorded_at: datetime) -> bool:
        """Whether what happened at `at` was known before this outcome."""
        return at <= self.at and recorded_at <= (self.recorded_at if self.is_imported else self.at)


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed lead. `facts` as known before; `later`: names of facts that came only after; `year` is local."""

    lead: int
    at: datetime
    won: bool
    facts: FactsSeen
    later: frozenset[str]
    year: int


def closed_leads(*, until: datetime, since: datetime | None = None) -> list[Closed]:
    """In the order of their outcomes after `since` and by `until`. People erased, merged or not to be scored: left out.

    A handful of queries a thousand leads.
    """
    found = [one for lot in _lots(until, since) for one in _lot(lot, until)]
    wanted = (one for one in found if since is None or one.at > since)
    return sorted(wanted, key=lambda one: (one.at, one.lead))


def outcome_of(moves: Sequence[LeadMove]) -> Outcome | None:
    """Of one lead's moves in their order; None while it is open."""
    won = next((one for one in moves if one.new == LeadStatus.CUSTOMER), None)
    if won is not None:
        return _outcome(True, won)
    ending: LeadMove | None = None
    for one in moves:
        ending = (ending or one) if _is_rejection(one) else None
    return _outcome(False, ending) if ending else None


def _outcome(won: bool, move: LeadMove) -> Outcome:
    return Outcome(won, move.at, move.recorded_at, move.way == Way.IMPORTED)


def _is_rejection(move: LeadMove) -> bool:
    given_back = move.new == LeadStatus.NURTURING and (
        move.way == Way.SALES or move.old == LeadStatus.MARKETING_QUALIFIED
    )
    return given_back or move.new == LeadStatus.DISQUALIFIED


def _lots(until: datetime, since: datetime | None) -> Iterator[list[Lead]]:
    """Leads that look closed, the latest to change first."""
    returned = LeadMove.objects.filter(lead=OuterRef("pk"), new=LeadStatus.NURTURING).filter(
        Q(way=Way.SALES) | Q(old=LeadStatus.MARKETING_QUALIFIED)
    )
    over = Q(status__in=[LeadStatus.CUSTOMER, LeadStatus.DISQUALIFIED])
    back = Q(status=LeadStatus.NURTURING) & Exists(returned)
    alive = Q(person__erased_at=None, person__merged_into=None, person__no_profiling=False)
    leads = Lead.objects.filter(alive, over | back)
    if since is not None:
        leads = leads.filter(Exists(LeadMove.objects.filter(lead=OuterRef("pk"), at__gt=since)))
    chosen = list(leads.order_by("-status_since", "-pk").values_list("pk", flat=True)[:MOST])
    for start in range(0, len(chosen), LOT):
        rows = Lead.objects.filter(pk__in=chosen[start : start + LOT]).order_by("pk")
        yield list(rows.select_related("person__company", "first_touch__channel"))


def _lot(leads: Sequence[Lead], until: datetime) -> Iterator[Closed]:
    outcomes = _outcomes([lead.pk for lead in leads], until)
    closed = [lead for lead in leads if lead.pk in outcomes]
    people = [lead.person_id for lead in closed]
    facts, forms = _facts(people), _forms(people)
    zone = ZoneInfo(settings.TIME_ZONE)
    for lead in closed:
        outcome, own = outcomes[lead.pk], facts[lead.person_id]
        seen = facts_then(lead, own, forms[lead.person_id], outcome.knew)
        later = {fact.field for fact in own if not outcome.knew(fact.at, fact.recorded_at)} - {*seen.named}
        year = outcome.at.astimezone(zone).year
        yield Closed(lead.pk, outcome.at, outcome.won, seen, frozenset(later), year)


def _outcomes(leads: Sequence[int], until: datetime) -> dict[int, Outcome]:
    moves: dict[int, list[LeadMove]] = defaultdict(list)
    for move in LeadMove.objects.filter(lead__in=leads, at__lte=until).order_by("at", "pk"):
        moves[move.lead_id].append(move)
    found = ((lead, outcome_of(rows)) for lead, rows in moves.items())
    return {lead: outcome for lead, outcome in found if outcome is not None}


def _facts(people: Sequence[int]) -> Mapping[int, list[FactRow]]:
    found: dict[int, list[FactRow]] = defaultdict(list)
    for row in Fact.objects.filter(person__in=people).order_by().values_list(*_FACT):
        found[row[0]].append(FactRow(*row))
    return found


def _forms(people: Sequence[int]) -> Mapping[int, list[Form]]:
    rows = Submission.objects.filter(person__in=people, state=Submission.State.ACCEPTED).order_by()
    found: dict[int, list[Form]] = defaultdict(list)
    for person, at, released_at, answers in rows.values_list("person_id", "at", "released_at", "answers"):
        found[person].append(Form(at, released_at or at, answers))
    return found
