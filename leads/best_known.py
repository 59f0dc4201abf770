"""Which of several values counts: the person said it, a colleague knows it, an import brought it, we found it out."""

from collections.abc import Iterable

from leads.models import Fact

Source = Fact.Source
RANK = {
    Source.SAID: 0,
    Source.SALES: 1,
    Source.STAFF: 1,
    Source.SEQUENCE: 1,
    Source.IMPORTED: 2,
    Source.ENRICHED: 3,
}
SAID_BY_NOBODY = (Source.ENRICHED,)
# What a colleague decides: their word counts before whatever a form calls by the same name.
BY_HAND = (Source.STAFF, Source.SALES)
SET_BY_HAND = ("persona", "journey_stage")
# Fields whose said value is a column of Person.
COLUMN_OF = {
    "company": "company_name",
    "job_title": "job_title",
    "phone": "phone",
    "country": "country",
    "language": "language",
}


def best(facts: Iterable[Fact]) -> dict[str, Fact]:
    """Field → the fact that counts. Within a rank the latest; of found values the surest, then the latest."""
    chosen: dict[str, Fact] = {}
    for fact in facts:
        rival = chosen.get(fact.field)
        if rival is None or _weight(fact) < _weight(rival):
            chosen[fact.field] = fact
    return chosen


def _weight(fact: Fact) -> tuple:
    rank = RANK[Source(fact.source)]
    if fact.field in SET_BY_HAND and fact.source in BY_HAND:
        rank = -1
    sure = -fact.confidence if rank == RANK[Source.ENRICHED] else 0
    return (rank, sure, -fact.at.timestamp(), -(fact.pk or 0))
