"""What came in by a door, and what came of it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.models import Campaign, Channel, ConsentText, EmbedSite, LandingPage, PageTest
from leads.identity import Keys
from leads.models import Door, Lead, Person, ShareLink, Submission
from leads.tracking import VisitContext

NONCE_LENGTH = 64


@dataclass(frozen=True, kw_only=True)
class Stated:
    """A consent that staff were told of: to what, on what basis (where it was said and how), and when."""

    purpose: str
    basis: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Captured:
    """What came of a form. A twin carries the rows of the first one; a quarantined one has no person."""

    submission: Submission
    person: Person | None
    lead: Lead | None
    twin: bool = False
    quarantined: bool = False
    new_lead: bool = False


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One form as it came in. ``at``: when it was sent; ``now``: when it is taken in (later for a release)."""

    page: LandingPage | None
    answers: Mapping[str, str]
    consents: Sequence[ConsentText | Stated]
    visit: VisitContext
    nonce: str
    keys: Keys
    at: datetime
    now: datetime
    door: str = Door.PAGE
    campaign: Campaign | None = None
    channel: Channel | None = None
    label: str = ""
    marks: Sequence[str] = ()
    site: EmbedSite | None = None
    share: ShareLink | None = None
    test: PageTest | None = None
    variant: str = ""
    by: object = None
    known: Person | None = None
    released: Submission | None = None

    @property
    def typed_by_staff(self) -> bool:
        """Somebody else wrote this down for the person."""
        return self.door in (Door.EVENT, Door.STAFF)

    @property
    def title(self) -> str:
        """What this form was, in a few words."""
        if self.page is not None:
            return str(self.page)
        return self.label or str(self.campaign or Door(self.door).label)

    @property
    def inquiry(self) -> str:
        return self.page.inquiry if self.page is not None else ""

    @property
    def ticked(self) -> list[int]:
        """The consent texts that were agreed to, by id."""
        return sorted(text.pk for text in self.consents if isinstance(text, ConsentText))

    @property
    def email_key(self) -> str:
        """As a submission keeps it."""
        return self.keys.email_key or (self.known.email_key if self.known else None) or ""

    @property
    def stored_nonce(self) -> str:
        """Unique with page and address. A form without an address is told apart by its number or its person."""
        word = self.nonce or f"slot:{int(self.at.timestamp()) // 600}"
        if self.email_key:
            return word[:NONCE_LENGTH]
        whose = self.keys.phone_key or (f"person {self.known.pk}" if self.known else "")
        return hashlib.sha256(f"{word}|{whose}".encode()).hexdigest()[:NONCE_LENGTH]
