"""The rows behind each number, as far as the reader may see them (DECISIONS 34)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from crm.reports.scope import Scope


@dataclass(frozen=True, kw_only=True)
class Rows:
    """`queryset` holds Leads, Prospects, Hits or Spend as `kind` says (lead, prospect, hit, spend).

    `number` is what the report shows, `hidden` how many of them this reader may not see. Where `names` is False
    the page shows stage, owner, verdict, reason and amount only, never who it is.
    """

    key: str
    kind: str
    queryset: QuerySet[Any]
    number: int
    hidden: int
    names: bool


def rows(*, key: str, scope: Scope, user: Any) -> Rows:
    """Rows of the step or tile `key`; for a line of a table set the scope's channel or campaign.

    Raises KeyError for a key that is no number of the reports.
    """
    raise NotImplementedError
