"""Lists of cold contacts: one that was worked through since spring, and one of a fair whose best still wait."""

from __future__ import annotations

from campaigns.models import Sequence
from crm.demo.cadence import COLD
from crm.demo.cast import Cast
from crm.demo.world import dice
from leads.models import ContactBasis, Person
from prospects.models import ListedPerson, Prospect, ProspectingList
from prospects.prospecting.fitting import fits_of
from prospects.prospecting.ground import ground_of
from prospects.prospecting.listing import list_people, make_list

NEWCOMERS = 120
OLD = {
    "name": "Plants of the register, spring", "source": "The public register of plants with night shifts",
    "basis": "interest", "cadence": None,
    "basis_note": "We make what their night shift needs, and write to roles that decide on it, at work, on few days. "
    "Whoever says no is not called again.",
}  # fmt: skip
NEW = {
    "name": "Exhibitors of Hannover Messe", "source": "The list of exhibitors that the fair publishes",
    "basis": "interest",
    "basis_note": "Exhibitors publish these addresses to be spoken to about machines. We write about nothing else.",
}  # fmt: skip


def newcomers(cast: Cast) -> list[Person]:
    """People of whom nobody has heard yet; they come onto the second list once they have their rows."""
    die = dice("listed")
    return [
        cast.town.person(die, at=cast.world.at(1, die), quality=die.uniform(0.5, 0.95))
        for _number in range(max(int(NEWCOMERS * cast.world.scale), 12))
    ]


def keep_lists(cast: Cast, people: list[Person]) -> None:
    """By the product's own verbs; what was begun in the past is written as it would stand there."""
    manager = cast.users["henrik"]
    worked = make_list(said=OLD, by=manager, at=cast.world.at(420, dice("lists")))
    _as_begun(worked, cast)
    cadence = Sequence.objects.filter(slug=COLD, state=Sequence.State.LIVE).first()
    fresh = make_list(said={**NEW, "cadence": cadence}, by=manager, at=cast.world.at(2, dice("lists", 2)))
    ids = [person.pk for person in people]
    list_people(onto=fresh, people=ids, fresh=ids, by=manager, at=min(cast.world.now, cast.world.midnight))


def _as_begun(worked: ProspectingList, cast: Cast) -> None:
    """Everybody who was called cold: on the list since their first cycle, with its ground."""
    cycles = Prospect.objects.filter(origin=Prospect.Origin.OUTBOUND).order_by("person", "round")
    first = {cycle.person_id: cycle for cycle in reversed(cycles)}
    fits, ground = fits_of(list(first), at=cast.world.now), ground_of(worked)
    ListedPerson.objects.bulk_create(
        ListedPerson(
            list=worked, person_id=pk, prospect=cycle, state=ListedPerson.State.STARTED, fit=fits[pk].score,
            fit_why=fits[pk].why, started_at=cycle.opened_at, at=cycle.opened_at,
        )
        for pk, cycle in sorted(first.items())
    )  # fmt: skip
    ContactBasis.objects.bulk_create(
        ContactBasis(
            person_id=pk, kind=ground.kind, why=ground.why, source=ground.source, at=cycle.opened_at,
            recorded_at=cycle.opened_at,
        )
        for pk, cycle in sorted(first.items())
    )  # fmt: skip
