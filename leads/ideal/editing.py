"""The one profile that is active, and saving it: all lines at once, and everybody's score becomes due."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from campaigns.models import IdealProfile, IdealValue
from campaigns.signals import audience_changed

COLUMNS = ("field", "wish", "words", "minimum", "maximum", "exclusion")
Lines = Sequence[IdealValue]


def active() -> IdealProfile | None:
    return IdealProfile.objects.filter(is_active=True).first()


def others() -> list[IdealProfile]:
    """Profiles that could take its place."""
    return list(IdealProfile.objects.filter(is_active=False, archived_at=None).order_by("name", "pk"))


def activate(pk: int) -> IdealProfile:
    """Let this profile judge from now on; the one before stays as it is. Twice is once. Raises Refused if archived."""
    with transaction.atomic():
        profiles = {one.pk: one for one in IdealProfile.objects.select_for_update().order_by("pk")}
        chosen = profiles[pk]
        if chosen.archived_at is not None:
            raise Refused(_("This profile is archived. Bring it back first."))
        if chosen.is_active:
            return chosen
        for one in profiles.values():
            if one.is_active:
                one.is_active = False
                one.save(update_fields=["is_active"])
        chosen.is_active = True
        chosen.save(update_fields=["is_active"])
        audience_changed.send(sender=IdealProfile)
    return chosen


def lines_of(profile: IdealProfile | None) -> list[IdealValue]:
    return list(profile.values.order_by("pk")) if profile else []


def state_of(profile: IdealProfile | None) -> str:
    """What it says, as a word to compare: in another tab it may have become another. Empty: there is none."""
    return _told(profile.name, lines_of(profile)) + _put_away(profile) if profile else ""


def save(*, name: str, lines: Lines, seen: str) -> IdealProfile:
    """Put these lines in place of the old ones. `seen`: `state_of` as it was shown.

    Saved twice it is saved once. Raises Conflict if another was saved since, Refused without a line.
    """
    if not lines:
        raise Refused(_("Say at least one thing about whom you want, or whom you do not."))
    try:
        with transaction.atomic():
            return _save(name, lines, seen)
    except IntegrityError as error:  # two made the first profile at once
        raise Conflict(now=_("a profile that somebody just made")) from error


def _save(name: str, lines: Lines, seen: str) -> IdealProfile:
    profile = IdealProfile.objects.select_for_update().filter(is_active=True).first()
    now, told = state_of(profile), _told(name, lines)
    if profile is not None and now == told:
        return profile
    if now != seen:
        raise Conflict(now=_("other lines than you saw"))
    if profile is None:
        profile = IdealProfile(is_active=True)
    profile.name, profile.archived_at = name, None
    profile.save()
    profile.values.all().delete()
    for line in lines:
        IdealValue.objects.create(profile=profile, **{column: getattr(line, column) for column in COLUMNS})
    audience_changed.send(sender=IdealProfile)
    return profile


def _told(name: str, lines: Lines) -> str:
    return repr((name, [tuple(_plain(getattr(line, column)) for column in COLUMNS) for line in lines]))


def _plain(value: object) -> object:
    return str(value) if isinstance(value, str) else value


def _put_away(profile: IdealProfile) -> str:
    return "" if profile.archived_at is None else " archived"
