"""Whether somebody may be rung now: do-not-call, and the hours of the day where they are.

Lists, the call queue and the telephone link ask here, so that one answer holds everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from leads.enrichment.house import phone_country
from leads.models import LeadMove, Person, Suppression
from prospects.models import Prospect, Reason
from prospects.models.prospect import ProspectQuerySet

# What the rules on sales calls of most countries leave open at once: working days, neither early nor late.
OPENS, CLOSES = time(8), time(20)
WORKING_DAYS = 5  # Monday to Friday

# Of wide countries the first and the last clock that many people live by, east before west: a call must be polite on
# both. Far islands are left aside, else no hour of the day would be left.
EDGES = {
    "AU": ("Australia/Sydney", "Australia/Perth"),
    "BR": ("America/Sao_Paulo", "America/Manaus"),
    "CA": ("America/Halifax", "America/Vancouver"),
    "CL": ("America/Santiago",),
    "CN": ("Asia/Shanghai",),
    "EC": ("America/Guayaquil",),
    "ES": ("Europe/Madrid",),
    "GL": ("America/Nuuk",),
    "ID": ("Asia/Makassar", "Asia/Jakarta"),
    "MX": ("America/Mexico_City", "America/Tijuana"),
    "NZ": ("Pacific/Auckland",),
    "PF": ("Pacific/Tahiti",),
    "PT": ("Europe/Lisbon",),
    "RU": ("Asia/Novosibirsk", "Europe/Moscow"),
    "US": ("America/New_York", "America/Los_Angeles"),
}


@dataclass(frozen=True)
class Line:
    """May this number be dialled? `words` say why not; `anyway` whether a click may decide otherwise."""

    number: str
    shown: str
    free: bool
    words: str = ""
    anyway: bool = False


def line(prospect: Prospect, at: datetime) -> Line:
    """The telephone link of one prospect. One query; none where it was read `with_silence`."""
    if hasattr(prospect, "silent_by_address"):
        said = [prospect.silent_by_address, getattr(prospect, "silent_by_end", None)]
        return _line(prospect, max((when for when in said if when), default=None), at)
    return lines([prospect], at)[prospect.pk]


def with_silence(prospects: ProspectQuerySet, at: datetime) -> ProspectQuerySet:
    """The same as `_silent_since` reads, as two columns of each row."""
    asked = _standing(at).filter(person=OuterRef("person")).order_by("-at").values("at")
    ended = _ended().filter(person=OuterRef("person")).order_by("-closed_at").values("closed_at")
    return prospects.annotate(silent_by_address=Subquery(asked[:1]), silent_by_end=Subquery(ended[:1]))


def _standing(at: datetime) -> QuerySet[Suppression]:
    """Those who asked not to be called, as long as it holds."""
    holds = Q(until=None) | Q(until__gt=at)
    return Suppression.objects.filter(holds, reason=Suppression.Reason.SALES, topic=None, lifted_at=None)


def _ended() -> ProspectQuerySet:
    """Cycles that ended with it."""
    return Prospect.objects.filter(reason__outcome=Reason.Outcome.SUPPRESS).exclude(closed_at=None)


def lines(prospects: Iterable[Prospect], at: datetime) -> dict[int, Line]:
    """By prospect; one query for all. Wants `person__company` and `lead_move` loaded (`for_card`)."""
    cycles = list(prospects)
    silent = _silent_since(cycles)
    return {cycle.pk: _line(cycle, silent.get(cycle.person_id), at) for cycle in cycles}


def asked_for_silence(prospect: Prospect) -> bool:
    """Said "do not call", and did not ask for contact since."""
    return _still_silent(prospect, _silent_since([prospect]).get(prospect.person_id))


def _line(prospect: Prospect, silent: datetime | None, at: datetime) -> Line:
    person = prospect.person
    number, shown = person.phone_key or person.phone, person.phone or person.phone_key or ""
    if _still_silent(prospect, silent):
        return Line("", shown, False, _("Asked us not to call"))
    if not number:
        return Line("", "", False, _("No phone number known"))
    words = outside(person, at)
    return Line(number, shown, not words, words, anyway=bool(words))


def _still_silent(prospect: Prospect, silent: datetime | None) -> bool:
    move = prospect.lead_move
    asked_since = move is not None and move.way == LeadMove.Way.INQUIRY and silent and move.at > silent
    return silent is not None and not asked_since


def _silent_since(cycles: Sequence[Prospect]) -> dict[int, datetime]:
    """Person → when they last asked for silence: by address where there is one, else by how a cycle ended."""
    people = {cycle.person_id for cycle in cycles}
    standing, ended = _standing(timezone.now()).filter(person__in=people), _ended().filter(person__in=people)
    said = standing.order_by().values_list("person_id", "at").union(
        ended.order_by().values_list("person_id", "closed_at"), all=True
    )  # fmt: skip
    latest: dict[int, datetime] = {}
    for person, at in said:
        latest[person] = max(at, latest.get(person, at))
    return latest


def outside(person: Person, at: datetime) -> str:
    """Empty within the calling hours where the person is; else what time it is there, and from when on it is fine."""
    zones = zones_of(person)
    opens = next_opening(zones, at)
    if opens <= at:
        return ""
    now, first = at.astimezone(zones[-1]), opens.astimezone(zones[-1])
    there = " – ".join(sorted({at.astimezone(zone).strftime("%H:%M") for zone in zones}))
    clock = f"{first.hour}:{first:%M}"
    # The next morning needs no name, unless a weekend is why nobody is rung now.
    if now.weekday() >= WORKING_DAYS or first - now > timedelta(hours=20):
        there, clock = f"{date_format(now, 'l')} {there}", f"{date_format(first, 'l')} {clock}"
    return _("It is %(time)s there, from %(opens)s") % {"time": there, "opens": clock}


def next_opening(zones: Sequence[ZoneInfo], at: datetime) -> datetime:
    """The first moment from `at` on at which all these clocks show a calling hour: `at` itself if they do now."""
    first = at.astimezone(zones[0]).date() - timedelta(days=1)
    for day in (first + timedelta(days=ahead) for ahead in range(10)):
        opens = max(datetime.combine(day, OPENS, zone) for zone in zones)
        closes = min(datetime.combine(day, CLOSES, zone) for zone in zones)
        if day.weekday() < WORKING_DAYS and max(opens, at) < closes:
            return max(opens, at)
    raise AssertionError("some working day comes within ten")


def zones_of(person: Person) -> tuple[ZoneInfo, ...]:
    """The person's own zone; else those of their country, of their number's country, of the company's; else ours."""
    own = _zone(person.time_zone)
    if own:
        return (own,)
    company = person.company.country if person.company else ""
    country = person.country or phone_country(person.phone_key or "") or company
    return _zones_of_country(country.upper()) or (
        _zone(str(timezone.get_default_timezone())) or ZoneInfo("UTC"),
    )


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@lru_cache(maxsize=300)
def _zones_of_country(country: str) -> tuple[ZoneInfo, ...]:
    """By the table above, else all that the CLDR lists for it; most countries have one."""
    names = EDGES.get(country) or get_global("territory_zones").get(country, ())
    return tuple(zone for zone in map(_zone, names) if zone)
