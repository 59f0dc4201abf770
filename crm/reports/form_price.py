"""What each field of a form costs in forms left unsent, and what it buys in leads that qualify later.

A form was *begun* when it was sent or left at a field (the beacon of `static/js/form.js`, human by the latest verdict;
one visitor counts once a day and field). *Sent* are accepted forms of the page on which the e-mail was asked, so that
nobody counts who came by their own link and was asked less.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet

from campaigns.models import FormField, LandingPage
from campaigns.proportions import Difference, Share, difference, share
from crm.reports.reached import hits_in
from crm.reports.scope import Scope
from leads.answers import field_name
from leads.forms.fields import label_of
from leads.models import Door, Hit, Submission, Verdict

# Below this an interval is so wide that it says nothing.
ENOUGH_BEGUN = 50
ENOUGH_EACH = 30
Maps = FormField.Maps


@dataclass(frozen=True, kw_only=True)
class FieldPrice:
    """One field. ``cost``: forms left at it, of those begun. ``with_it`` and ``without_it``: of the forms sent with
    and without this answer, those whose sender became marketing-qualified later."""

    name: str
    label: str
    required: bool
    later: bool
    cost: Share
    with_it: Share
    without_it: Share

    @property
    def gain(self) -> Difference | None:
        """How many more qualify of those who answered; None while either side is too small to say."""
        if min(self.with_it.of, self.without_it.of) < ENOUGH_EACH:
            return None
        return difference(self.without_it, self.with_it)

    @property
    def everybody_answers(self) -> bool:
        """Nothing to compare with: it would have to be optional for a while."""
        return self.with_it.of >= ENOUGH_EACH and self.without_it.of == 0

    @property
    def extra(self) -> int:
        """Qualified leads more than without the answer; 0 where chance alone explains the difference."""
        return round(self.gain.value * self.with_it.of) if self.gain and self.gain.clear else 0

    @property
    def low_points(self) -> str:
        """The ends of the gain's interval in points of a hundred, with their sign."""
        return _points(self.gain.low) if self.gain else ""

    @property
    def high_points(self) -> str:
        return _points(self.gain.high) if self.gain else ""

    @property
    def is_dear(self) -> bool:
        """Forms are left at it, and it is not seen to buy anything."""
        return self.gain is not None and self.cost.low > 0 and self.extra <= 0


@dataclass(frozen=True, kw_only=True)
class FormPrice:
    """One form in a period. ``left`` counts also what was left at boxes, and at fields that are gone from the form.

    ``measured`` is False where no form left was ever told of: its page was never asked with the script.
    """

    page: LandingPage
    visitors: int
    sent: int
    left: int
    measured: bool
    fields: tuple[FieldPrice, ...]

    @property
    def begun(self) -> int:
        return self.sent + self.left

    @property
    def enough(self) -> bool:
        return self.begun >= ENOUGH_BEGUN


def forms_in(scope: Scope) -> list[tuple[LandingPage, int]]:
    """Pages with a form sent or left in the period, and how many were sent, most first."""
    sent = dict(_sent(scope).order_by().values_list("page").annotate(number=Count("pk")))
    left = set(_left(scope).order_by().values_list("page", flat=True).distinct())
    pages = LandingPage.objects.filter(pk__in={*sent, *left}).only("slug", "title")
    return sorted(((page, sent.get(page.pk, 0)) for page in pages), key=lambda one: (-one[1], one[0].title))


def form_price(*, page: LandingPage, scope: Scope) -> FormPrice:
    """The price of every field of a page's form. Seven queries at most, however many fields."""
    fields = list(page.fields.select_related("custom_field"))
    left = _left_at(scope, page)
    sent = _sent(scope).filter(page=page)
    answers = _answers(sent, [field_name(field) for field in fields])
    number = sent.count()
    begun = number + sum(left.values())
    return FormPrice(
        page=page,
        visitors=_visitors(scope, page),
        sent=number,
        left=sum(left.values()),
        measured=bool(left) or Hit.objects.filter(kind=Hit.Kind.LEFT, page=page).exists(),
        fields=tuple(_price(field, left, begun, answers) for field in fields),
    )


def _price(field: FormField, left: dict[str, int], begun: int, answers: dict[str, Any]) -> FieldPrice:
    name = field_name(field)
    with_it, qualified_with, without, qualified_without = answers[name]
    if field.later or field.maps_to == Maps.EMAIL:  # not everybody was asked; nobody is counted without
        without = qualified_without = 0
    return FieldPrice(
        name=name,
        label=label_of(field),
        required=field.required,
        later=field.later,
        cost=share(left.get(name, 0), begun),
        with_it=share(qualified_with, with_it),
        without_it=share(qualified_without, without),
    )


def _sent(scope: Scope) -> QuerySet[Submission]:
    return Submission.objects.filter(
        scope.within("at"),
        state=Submission.State.ACCEPTED,
        door__in=(Door.PAGE, Door.EMBED),
        answers__has_key=Maps.EMAIL.value,
    )


def _left(scope: Scope) -> QuerySet[Hit]:
    return hits_in(scope).filter(kind=Hit.Kind.LEFT, read_as=Verdict.Kind.HUMAN).exclude(page=None)


def _left_at(scope: Scope, page: LandingPage) -> dict[str, int]:
    """Field → visitors of a day who left the form there."""
    by_field = _left(scope).filter(page=page).order_by().values_list("label")
    return dict(by_field.annotate(number=Count("visitor_key", distinct=True)))


def _visitors(scope: Scope, page: LandingPage) -> int:
    seen = hits_in(scope).filter(kind=Hit.Kind.PAGE, read_as=Verdict.Kind.HUMAN, page=page)
    return seen.aggregate(number=Count("visitor_key", distinct=True))["number"]


def _answers(sent: QuerySet[Submission], names: Iterable[str]) -> dict[str, tuple[int, int, int, int]]:
    """Field → (answered, of them qualified later, not answered, of them qualified later).

    Who was qualified before is left out. A field counts from its first answer on: before, nobody was asked.
    """
    later = Q(person__lead__marketing_qualified_at__gte=F("at"))
    judged = sent.filter(Q(person__lead__marketing_qualified_at=None) | later)
    names = list(names)
    first = judged.aggregate(
        **{f"f{n}": Min("at", filter=Q(answers__has_key=name)) for n, name in enumerate(names)}
    )
    counts: dict[str, Count] = {}
    for n, name in enumerate(names):
        given, since = Q(answers__has_key=name), Q(at__gte=first[f"f{n}"]) if first[f"f{n}"] else Q(pk=None)
        missing = ~given & since
        parts = (given, given & later, missing, missing & later)
        counts |= {f"c{n}_{k}": Count("pk", filter=part) for k, part in enumerate(parts)}
    found = judged.aggregate(**counts) if counts else {}
    return {
        name: (found[f"c{n}_0"], found[f"c{n}_1"], found[f"c{n}_2"], found[f"c{n}_3"])
        for n, name in enumerate(names)
    }


def _points(gap: float) -> str:
    return f"{round(gap * 100):+d}".replace("-", "−")
