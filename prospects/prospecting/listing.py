"""A list is made, and people come onto it: judged once, written once, in the transaction that brings them in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from leads.ideal.fit import Fit
from leads.importing import Changes
from leads.many_rows import reserve_ids
from leads.models import ContactBasis
from leads.one_of import AnyOf
from leads.twins.finding import find_among
from prospects.models import ListedPerson, Prospect, ProspectingList
from prospects.prospecting.fitting import excluded_words, fits_of
from prospects.prospecting.ground import ground_of
from prospects.prospecting.standing import Standing, standing_of

State = ListedPerson.State
ROW = ("id", "person_id", "fit", "fit_why", "state", "why", "like_id")


def make_list(
    *, said: dict[str, Any], by: Any, at: datetime, submit_key: UUID | None = None
) -> ProspectingList:
    """`said`: name, source, basis, basis_note, cadence. A second press answers with the first list."""
    twin = ProspectingList.objects.filter(submit_key=submit_key).first() if submit_key else None
    if twin is not None:
        return twin
    try:
        with transaction.atomic():
            return ProspectingList.objects.create(created_at=at, created_by=by, submit_key=submit_key, **said)
    except IntegrityError:
        return ProspectingList.objects.get(submit_key=submit_key)


def change_list(*, of: ProspectingList, said: dict[str, Any]) -> None:
    """The words of a list. What people were brought in on stays as it was stated on their day."""
    ProspectingList.objects.filter(pk=of.pk).update(**said)


def archive(*, of: ProspectingList, at: datetime | None) -> None:
    """Put away (or, with None, bring back): nothing new is begun from it, its numbers stay."""
    ProspectingList.objects.filter(pk=of.pk).update(archived_at=at)


def note_started(*, of_list: ProspectingList, prospect: Prospect, at: datetime) -> None:
    """Somebody whose cycle was opened by hand stands on the list as begun. Twice is once."""
    fit = fits_of([prospect.person_id], at=at).get(prospect.person_id, Fit())
    begun = {"state": State.STARTED, "prospect": prospect, "started_at": at, "why": "", "like": None}
    row, made = ListedPerson.objects.get_or_create(
        list=of_list,
        person=prospect.person,
        defaults={**begun, "at": at, "fit": fit.score, "fit_why": fit.why},
    )
    if not made and row.prospect_id is None:
        ListedPerson.objects.filter(pk=row.pk, prospect=None).update(**begun)


@dataclass(frozen=True)
class _Line:
    """What is to be written of one person."""

    person: int
    fit: Fit
    state: str
    why: str
    like: int | None = None

    @property
    def told(self) -> str:
        if self.state != State.WAITING:
            return self.why
        return _("Perhaps known already: look at both before anybody calls.") if self.like else ""


def list_people(
    *,
    onto: ProspectingList,
    people: Sequence[int],
    fresh: Collection[int],
    by: Any,
    at: datetime,
    changes: Changes | None = None,
) -> dict[int, str]:
    """Take a batch onto the list; call inside the transaction that made the `fresh` ones. Whoever stands on it stays.

    Returns what is to be told, by person: known already, set aside, perhaps known. Whoever may be called gets the
    list's ground as evidence; who is known or set aside gets none, so an objection stays the last word. At most
    25 statements, and three a thousand fresh people for their namesakes.
    """
    if onto.archived_at is not None:
        raise Refused(_("This list is archived. Bring it back first."))
    changes = changes if changes is not None else Changes()
    there = set(
        ListedPerson.objects.filter(AnyOf("person", people), list=onto).values_list("person", flat=True)
    )
    new = list(dict.fromkeys(pk for pk in people if pk not in there))
    if not new:
        return {}
    lines = list(_judged(new, set(fresh), at))
    _write_rows(lines, onto, at, changes)
    _write_ground([line.person for line in lines if line.state == State.WAITING], onto, by, at, changes)
    return {line.person: line.told for line in lines if line.told}


def _judged(new: list[int], fresh: set[int], at: datetime) -> Iterable[_Line]:
    known = standing_of(new, at=at)
    fits = fits_of(new, at=at)
    like = find_among([pk for pk in new if pk in fresh and pk not in known], at=at)
    for pk in new:
        fit = fits.get(pk, Fit())
        said = known.get(pk) or _excluded(fit)
        if said:
            yield _Line(pk, fit, said.state, said.why[:200])
        else:
            yield _Line(pk, fit, State.WAITING, "", like.get(pk))


def _excluded(fit: Fit) -> Standing | None:
    return Standing(State.SET_ASIDE, excluded_words(fit)) if fit.excluded else None


def _write_rows(lines: list[_Line], onto: ProspectingList, at: datetime, changes: Changes) -> None:
    ids = reserve_ids(ListedPerson, len(lines))
    rows = [
        (number, one.person, one.fit.score, one.fit.why, one.state, one.why, one.like)
        for number, one in zip(ids, lines, strict=True)
    ]
    changes.insert_values(ListedPerson, ROW, rows, list_id=onto.pk, at=at)


def _write_ground(people: list[int], onto: ProspectingList, by: Any, at: datetime, changes: Changes) -> None:
    ground = ground_of(onto)
    rows = list(zip(reserve_ids(ContactBasis, len(people)), people, strict=True))
    changes.insert_values(
        ContactBasis, ("id", "person_id"), rows, kind=ground.kind, why=ground.why, source=ground.source, at=at,
        recorded_at=at, by_id=by.pk if by else None,
    )  # fmt: skip
