"""What a row of another system's file says, what all rows of a file share, and what became of a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from leads.models import Lead, LeadStatus, Person


@dataclass(frozen=True, kw_only=True, slots=True)
class PastLead:
    """One row. Keys are canonical; `said` are columns of Person; `channel` and `campaign` are ids. `flag` says what
    deserves a look; `agreed`: the file says that this person wants mail."""

    line: int
    at: datetime
    channel: int
    campaign: int | None = None
    external_id: str = ""
    email: str = ""
    email_key: str | None = None
    phone: str = ""
    phone_key: str | None = None
    said: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    won_at: datetime | None = None
    agreed: bool = False
    flag: str = ""

    def known_by(self) -> Iterator[tuple[str, str]]:
        """What the row can be known by, the strongest first."""
        for kind, value in (("ref", self.external_id), ("email", self.email_key), ("phone", self.phone_key)):
            if value:
                yield kind, value


@dataclass(frozen=True, kw_only=True)
class Basis:
    """Why those who agreed elsewhere may be written to: legal basis, source and date in one line, and the moment."""

    words: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Source:
    """What all rows of a file share. `history` rows enter with `status` and moves marked as imported; `cold` ones
    make people and no leads. Without a `basis` no consent is recorded, whatever a row says."""

    name: str
    detail: str
    touch: str
    status: str = LeadStatus.NEW
    history: bool = False
    cold: bool = False
    basis: Basis | None = None


@dataclass(slots=True)
class Entered:
    """What became of a row: `what` is created, changed, known or refused (then `why`); `flag` deserves a look."""

    row: PastLead
    what: str = "known"
    why: str = ""
    flag: str = ""
    person_id: int = 0
    person: Person | None = None  # only somebody known before
    lead_id: int = 0
    lead: Lead | None = None  # only a lead known before
    qualified_move: int | None = None
    email_taken: bool = False
    phone_taken: bool = False

    @property
    def is_new(self) -> bool:
        return self.person is None and self.what != "refused"

    def now_changed(self) -> None:
        if self.what == "known":
            self.what = "changed"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a row that makes no lead: the same words as in `Entered`."""

    line: int
    what: str
    why: str = ""
    flag: str = ""
