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
    sure = -fact.confidence if rank == RANK[Source.ENRICHED] else 0
    return (rank, sure, -fact.at.timestamp(), -(fact.pk or 0))
