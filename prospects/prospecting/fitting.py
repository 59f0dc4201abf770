"""How well people fit the ideal profile in use, a batch at a time; and the fit of a list worked out again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from leads.ideal.editing import active, lines_of
from leads.ideal.fit import Fit, Judge
from leads.ideal.people import known_of
from prospects.models import ListedPerson, ProspectingList

State = ListedPerson.State
BATCH = 1000


def fits_of(people: Sequence[int], *, at: datetime) -> dict[int, Fit]:
    """Person → fit. Five queries; without a profile nobody has one, and it says so."""
    lines = lines_of(active())
    if not lines:
        return dict.fromkeys(people, Fit(None, _("There is no ideal profile yet.")))
    judge = Judge.of(lines, year=at.year)
    return {pk: judge.fit(known) for pk, known in known_of(list(people), at=at)}


def fit_again(*, of_list: ProspectingList, at: datetime) -> int:
    """After the profile, or what is known of somebody, has changed: all who wait. Returns how many changed.

    Whom the profile excludes now is set aside with the reason.
    """
    waiting = ListedPerson.objects.filter(list=of_list, state=State.WAITING).order_by("pk")
    changed, last = 0, 0
    while rows := list(waiting.filter(pk__gt=last)[:BATCH]):
        last = rows[-1].pk
        changed += _write(rows, at)
    return changed


def fit_all(*, at: datetime) -> dict[str, int]:
    """Every list in use, once a night: what enrichment found out since counts."""
    lists = ProspectingList.objects.in_use().filter(people__state=State.WAITING).distinct().order_by("pk")
    return {"changed": sum(fit_again(of_list=one, at=at) for one in lists)}


def _write(rows: list[ListedPerson], at: datetime) -> int:
    fits = fits_of([row.person_id for row in rows], at=at)
    changed = []
    for row in rows:
        fit = fits.get(row.person_id)
        if fit is None or (fit.score, fit.why) == (row.fit, row.fit_why):
            continue
        row.fit, row.fit_why = fit.score, fit.why
        if fit.excluded:
            row.state, row.why = State.SET_ASIDE, excluded_words(fit)
        changed.append(row)
    with transaction.atomic():
        ids = [row.pk for row in changed]
        locked = (
            ListedPerson.objects.select_for_update().filter(pk__in=ids, state=State.WAITING).order_by("pk")
        )
        still = set(locked.values_list("pk", flat=True))
        mine = [row for row in changed if row.pk in still]
        ListedPerson.objects.bulk_update(mine, ["fit", "fit_why", "state", "why"])
    return len(mine)


def excluded_words(fit: Fit) -> str:
    return (_("The ideal profile excludes: %(why)s") % {"why": fit.excluded})[:200]
