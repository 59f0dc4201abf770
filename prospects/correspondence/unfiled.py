"""What the page of mails that found nobody shows: each with whom it may be, as far as this colleague sees them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from leads.feedback.matching import key_of
from leads.models import UnfiledMail
from prospects.models import Prospect


@dataclass(frozen=True)
class Row:
    """`theirs`: prospects with the mail's address, who may have become known since it came."""

    mail: UnfiledMail
    theirs: tuple[Prospect, ...]
    first_name: str
    last_name: str


def rows_of(mails: Iterable[UnfiledMail], *, user: Any) -> list[Row]:
    """One query, however many mails."""
    found = list(mails)
    keys = {key_of(mail.address) for mail in found} - {""}
    seen = Prospect.objects.visible_to(user).filter(person__email_key__in=keys)
    theirs: dict[str, list[Prospect]] = defaultdict(list)
    for prospect in seen.select_related("person__company").order_by("-opened_at", "-pk"):
        known = theirs[prospect.person.email_key or ""]
        if prospect.person_id not in {one.person_id for one in known}:
            known.append(prospect)
    return [Row(mail, tuple(theirs.get(key_of(mail.address), ())), *_names(mail.name)) for mail in found]


def _names(name: str) -> tuple[str, str]:
    """First and last name of "Maas, Piet" and of "Piet Maas"."""
    last, comma, first = name.partition(",")
    if comma:
        return first.strip()[:80], last.strip()[:80]
    first, _blank, last = name.rpartition(" ")
    return first.strip()[:80], last.strip()[:80]
