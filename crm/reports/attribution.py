"""Which touch gets the credit for a lead, and the leads that a channel or campaign may call its own."""

from __future__ import annotations

from django.db.models import QuerySet

from crm.reports.scope import NONE, Scope
from leads.models import Lead


def channel_path(scope: Scope) -> str:
    """Lookup path from a lead to the channel that gets the credit."""
    return f"{scope.by}__channel"


def campaign_path(scope: Scope) -> str:
    """Lookup path from a lead to the campaign that gets the credit; a touch needs no campaign."""
    return f"{scope.by}__campaign"


def credited(leads: QuerySet[Lead], scope: Scope) -> QuerySet[Lead]:
    """Those of `leads` whose credit goes to the scope's channel and campaign."""
    for path, wanted in ((channel_path(scope), scope.channel), (campaign_path(scope), scope.campaign)):
        if wanted == NONE:
            leads = leads.filter(**{path: None})
        elif wanted:
            leads = leads.filter(**{f"{path}__slug": wanted})
    return leads
