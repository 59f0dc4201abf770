"""Is there enough to learn from? Said in plain words; until then the rules stay as they are."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.errors import Refused
from leads.models import Lead, LeadMove, LeadStatus

FEWEST = 50  # closed leads
MANY = 1000  # more need not be counted
FEWEST_OF_EACH = 5  # so that each of the five parts has both outcomes


@dataclass(frozen=True, slots=True)
class Numbers:
    closed: int
    won: int

    @property
    def shortage(self) -> str:
        """What is missing, in words; empty: enough."""
        if self.closed < FEWEST:
            return ngettext(
                "Learning needs %(fewest)d closed leads; there is %(closed)d. The rules stay as they are.",
                "Learning needs %(fewest)d closed leads; there are %(closed)d. The rules stay as they are.",
                self.closed,
            ) % {"fewest": FEWEST, "closed": self.closed}
        words = {"closed": self.closed, "fewest": FEWEST_OF_EACH}
        lost = self.closed - self.won
        if self.won == 0:
            return (
                _(
                    "None of the %(closed)d closed leads became a customer, so there is nothing to tell apart. "
                    "The rules stay as they are."
                )
                % words
            )
        if lost == 0:
            return (
                _(
                    "All %(closed)d closed leads became customers, so there is nothing to tell apart: mark the "
                    "leads that came to nothing as disqualified or give them back. The rules stay as they are."
                )
                % words
            )
        if min(self.won, lost) < FEWEST_OF_EACH:
            return _(
                "Of %(closed)d closed leads %(won)d became customers. Learning needs %(fewest)d of each outcome. "
                "The rules stay as they are."
            ) % {**words, "won": self.won}
        return ""


def counted() -> Numbers:
    """Closed leads as they stand now, at most `MANY` of each outcome.

    Two short queries where there is enough; a third, over leads in nurture, only where those do not show it.
    """
    alive = Q(person__erased_at=None, person__merged_into=None, person__no_profiling=False)
    leads = Lead.objects.filter(alive)
    won = leads.filter(status=LeadStatus.CUSTOMER)[:MANY].count()
    lost = leads.filter(status=LeadStatus.DISQUALIFIED)[:MANY].count()
    if Numbers(won + lost, won).shortage:
        returned = LeadMove.objects.filter(lead=OuterRef("pk"), new=LeadStatus.NURTURING).filter(
            Q(way=LeadMove.Way.SALES) | Q(old=LeadStatus.MARKETING_QUALIFIED)
        )
        lost += leads.filter(Exists(returned), status=LeadStatus.NURTURING)[:MANY].count()
    return Numbers(won + lost, won)


def refuse_if_short(numbers: Numbers | None = None) -> None:
    """Raises Refused with what is missing."""
    if words := (numbers or counted()).shortage:
        raise Refused(words)
