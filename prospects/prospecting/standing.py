"""What we know of people already, so that nobody is called who is a lead, with a colleague, or asked for silence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from leads.consent import email_hashes, standing
from leads.models import Lead, LeadStatus, Person, Suppression
from leads.one_of import AnyOf
from prospects.models import ListedPerson, Prospect, Reason

State = ListedPerson.State
COLUMNS = ("email_key", "sales_open", "sales_stage", "sales_owner")


@dataclass(frozen=True)
class Standing:
    """Why somebody is not to be called from a list; `final`: nobody may decide otherwise on the list's page."""

    state: str
    why: str
    final: bool = True


def standing_of(people: Sequence[int], *, at: datetime) -> dict[int, Standing]:
    """Of those of whom there is something to say; four queries and one a kind of "no", however many are asked.

    The words hold no value of the person: who owns them, and no more.
    """
    rows = Person.objects.filter(AnyOf("pk", people)).select_related("sales_owner").only(*COLUMNS)
    asked = {person.pk: person for person in rows}
    leads = dict(Lead.objects.filter(AnyOf("person", asked)).values_list("person", "status"))
    found = {pk: _with_sales(person, leads.get(pk)) for pk, person in asked.items()}
    said = {pk: one for pk, one in found.items() if one}
    said |= _past(pk for pk in asked if pk not in said)
    return said | _silent(list(asked.values()), at)


def _with_sales(person: Person, lead: str | None) -> Standing | None:
    owner = person.sales_owner or _("nobody in sales")
    if person.sales_open:
        return Standing(State.KNOWN, _("Exists, owned by %(owner)s.") % {"owner": owner})
    if lead == LeadStatus.CUSTOMER or person.sales_stage == "won":
        return Standing(State.KNOWN, _("Is a customer, owned by %(owner)s.") % {"owner": owner})
    if lead is not None:
        return Standing(State.KNOWN, _("Is a lead already: marketing hands over who is ready."))
    return None


def _past(people: Iterable[int]) -> dict[int, Standing]:
    """Worked before and given up: a manager may try once more."""
    cycles = (
        Prospect.objects.filter(AnyOf("person", people)).select_related("owner").order_by("opened_at", "pk")
    )
    return {
        cycle.person_id: Standing(
            State.KNOWN,
            _("Worked before, owned by %(owner)s.") % {"owner": cycle.owner or _("nobody in sales")},
            final=False,
        )
        for cycle in cycles
    }


def _silent(people: Sequence[Person], at: datetime) -> dict[int, Standing]:
    """Whoever asked for silence, on any door, and whose address takes no mail at all. It outweighs the rest."""
    whose = {digest: one.pk for one in people if one.email_key for digest in email_hashes(one.email_key)}
    rows = Suppression.objects.filter(standing(at), topic=None)
    by_mail = rows.filter(AnyOf("email_hash", whose)) if whose else rows.none()
    ids = [one.pk for one in people]
    found = {whose[row.email_hash]: row for row in by_mail}
    found |= {row.person_id: row for row in rows.filter(AnyOf("person", ids)) if row.person_id}
    said = {
        pk: Standing(State.SET_ASIDE, _("Not to be contacted: %(why)s.") % {"why": row.get_reason_display()})
        for pk, row in found.items()
    }
    asked = Prospect.objects.filter(AnyOf("person", ids), reason__outcome=Reason.Outcome.SUPPRESS)
    silent = Standing(State.SET_ASIDE, _("Asked not to be contacted."))
    return said | dict.fromkeys(asked.values_list("person", flat=True), silent)
