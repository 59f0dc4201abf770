"""Clocks that ran out: the rep hears of it at once, and so does whoever leads them; each once.

Two clocks: the first answer to a handover, and the time a prospect may stand in a stage. A sweep finds them by an
index and leaves out what was told; the keys of the notices make a second run, or a twin, do nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from prospects.models import Notice, Prospect, Rep, Stage
from prospects.notices import notice, tell_all

LIMIT = 500
# What ran out longer ago, while nobody swept or before there was a limit, is red on every page but no news.
NEWS = timedelta(days=14)


def sweep(*, at: datetime) -> dict[str, int]:
    """Tell of the clocks that ran out since the last time; bounded, and harmless when run twice or at once."""
    heads = _Heads()
    return {"answers": _unanswered(heads, at), "stages": _too_long(heads, at)}


@dataclass
class _Heads:
    """Who leads whom: the head of the rep's team, else everybody who manages prospects. Read when first asked."""

    managers: list[Any] = field(default_factory=list)
    of_team: dict[int, Any] = field(default_factory=dict)
    read: bool = False

    def of(self, owner: Any | None) -> list[Any]:
        if not self.read:
            self._read()
        head = self.of_team.get(owner.pk) if owner is not None else None
        found = [head] if head is not None else self.managers
        return [one for one in found if one != owner]

    def _read(self) -> None:
        managing = get_user_model().objects.with_perm("prospects.manage_prospects", include_superusers=False)
        self.managers = list(managing.filter(is_active=True).order_by("pk"))
        headed = Rep.objects.filter(team__archived_at=None, team__head__is_active=True)
        self.of_team = {rep.user_id: rep.team.head for rep in headed.select_related("team__head")}
        self.read = True


def _unanswered(heads: _Heads, at: datetime) -> int:
    broken = Prospect.objects.open().filter(first_acted_at=None, answer_by__lte=at, answer_by__gt=at - NEWS)
    told = Notice.objects.filter(prospect=OuterRef("pk"), kind=Notice.Kind.CLOCK)
    late = broken.filter(_untold(told, heads)).order_by("answer_by", "pk")
    return _tell(late, heads, at, kind=Notice.Kind.CLOCK, about=_about_clock, key=lambda one: "")


def _too_long(heads: _Heads, at: datetime) -> int:
    told = Notice.objects.filter(
        prospect=OuterRef("pk"), kind=Notice.Kind.TOO_LONG, at__gte=OuterRef("stage_since")
    )
    number = 0
    for stage in Stage.objects.in_use().filter(limit_days__isnull=False, kind=Stage.Kind.OPEN):
        limit = at - timedelta(days=stage.limit_days or 0)
        over = Prospect.objects.open().filter(
            stage=stage, stage_since__lt=limit, stage_since__gte=limit - NEWS
        )
        late = over.filter(_untold(told, heads)).order_by("stage_since", "pk")
        number += _tell(
            late, heads, at, kind=Notice.Kind.TOO_LONG, about=_about_stage,
            key=lambda one: f":{one.stage_id}:{one.stage_since:%Y%m%d%H%M}",
        )  # fmt: skip
    return number


def _untold(told: QuerySet[Notice], heads: _Heads) -> Q:
    """The owner was not told yet; of what nobody owns: nobody was, and there is somebody to tell."""
    mine = Q(~Exists(told.filter(user=OuterRef("owner"))), owner__isnull=False)
    nobodys = Q(~Exists(told), owner__isnull=True)
    return mine | nobodys if heads.of(None) else mine


def _tell(late: QuerySet[Prospect], heads: _Heads, at: datetime, *, kind: str, about: Any, key: Any) -> int:
    found = list(late.select_related("person", "owner", "stage")[:LIMIT])
    rows = [
        notice(
            user=user, kind=kind, prospect=prospect, at=at, text=about(prospect),
            key=f"{kind}:{prospect.pk}:{user.pk}{key(prospect)}",
        )
        for prospect in found
        for user in _hearers(prospect, heads)
    ]  # fmt: skip
    tell_all(rows)
    return len(found)


def _hearers(prospect: Prospect, heads: _Heads) -> Iterable[Any]:
    own = [prospect.owner] if prospect.owner is not None else []
    return [*own, *heads.of(prospect.owner)]


def _about_clock(prospect: Prospect) -> str:
    said = {"name": prospect.person.name, "owner": prospect.owner or _("nobody yet")}
    return _("%(name)s waits for a first answer: the time is up. Owner: %(owner)s.") % said


def _about_stage(prospect: Prospect) -> str:
    said = {
        "name": prospect.person.name, "stage": prospect.stage.name, "days": prospect.stage.limit_days,
        "owner": prospect.owner or _("nobody yet"),
    }  # fmt: skip
    return _("%(name)s is in “%(stage)s” for more than %(days)s days. Owner: %(owner)s.") % said
