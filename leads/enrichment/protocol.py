"""What an enricher is: one class, asked with little, answering with values and how sure it is of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, runtime_checkable

# What may be found out. Names are those of form fields; anything else an enricher says is dropped and counted.
FIELDS = frozenset(
    {"company", "industry", "company_size", "founded_year", "country", "city", "language", "job_title"}
)
LONGEST = 500


@dataclass(frozen=True, kw_only=True)
class EnrichQuery:
    """What is known. An enricher gets only the fields it names in `needs`; the others arrive empty."""

    domain: str = ""  # of the mail; empty for a free or throw-away mailbox
    email: str = ""
    phone: str = ""  # E.164
    ip: str = ""  # of the latest form; never stored with the answer
    company: str = ""  # as the person gave it
    company_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Found:
    """One value. `confidence` from above 0 to 1; `source` says where it was found, in words for the person page."""

    field: str
    value: str
    confidence: Decimal
    source: str = ""


@runtime_checkable
class Enricher(Protocol):
    """`seconds`: how long a look-up may take, in a thread of its own; None: it only asks our own database.

    A look-up that knows nothing returns nothing. One that fails raises: it is tried again later, and the other
    enrichers are not affected.
    """

    name: str
    needs: frozenset[str]
    seconds: float | None

    def lookup(self, query: EnrichQuery) -> Iterable[Found]: ...


class Unusable(ValueError):
    """What an enricher said cannot be kept; the text says why."""


def checked(found: Found) -> Found:
    """The value as it is stored, or Unusable."""
    if not isinstance(found, Found) or found.field not in FIELDS:
        raise Unusable("not a field that may be found out")
    value = " ".join("".join(c if c.isprintable() else " " for c in str(found.value)).split())
    if not value or len(value) > LONGEST:
        raise Unusable("empty or too long")
    if found.field == "country" and not (len(value) == 2 and value.isascii() and value.isalpha()):
        raise Unusable("a country is two letters (ISO 3166-1)")
    try:
        sure = Decimal(str(found.confidence)).quantize(Decimal("0.01"))
    except ArithmeticError:
        raise Unusable("confidence is a number") from None
    if not 0 < sure <= 1:
        raise Unusable("confidence is above 0 and at most 1")
    value = value.upper() if found.field == "country" else value
    return Found(field=found.field, value=value, confidence=sure, source=found.source[:60])
