"""The filters of a board in words: chips that take one away, and what there is to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from campaigns.models import Channel
from prospects.board.asked import COLD, NOBODY, Asked
from prospects.forms.listing import offered_reps
from prospects.models import Account, Team

Choice = tuple[str, str]


@dataclass(frozen=True)
class Chip:
    """A filter in use, and the address's query without it."""

    words: str
    without: str


def chips(asked: Asked) -> list[Chip]:
    """One query for each filter that names a row, none for a board that is not narrowed."""
    return [Chip(_said(name, value), asked.query(**{name: ""})) for name, value in asked.narrows.items()]


def _said(name: str, value: str) -> str:
    if name == "owner":
        who = get_user_model().objects.filter(pk=value).first() if value != NOBODY else None
        return _("Owner: %(who)s") % {"who": who or _("nobody")}
    if name == "team":
        return _("Team: %(name)s") % {"name": Team.objects.filter(pk=value).first() or "–"}
    if name == "account":
        account = Account.objects.select_related("company").filter(pk=value).first()
        return _("Account: %(name)s") % {"name": account.company.name if account else "–"}
    if name == "source":
        return _("Source: %(name)s") % {"name": _source(value)}
    if name == "grade":
        return _("Grade: %(grade)s") % {"grade": value}
    return _("No next step") if name == "no_step" else _("Words: %(words)s") % {"words": value}


def _source(slug: str) -> str:
    if slug == COLD:
        return _("cold contact")
    return str(Channel.objects.filter(slug=slug).first() or slug)


def choices(user: Any) -> dict[str, list[Choice]]:
    """What each filter offers; whose board only to those who see more than their own."""
    offered: dict[str, list[Choice]] = {
        "grade": [(letter, letter) for letter in "ABCD"],
        "source": [
            (COLD, _("cold contact")),
            *((channel.slug, channel.name) for channel in Channel.objects.in_use().order_by("name")),
        ],
    }
    if user.has_perm("prospects.manage_prospects"):
        offered["owner"] = [(NOBODY, _("nobody")), *((str(rep.pk), str(rep)) for rep in offered_reps("all"))]
        offered["team"] = [(str(team.pk), team.name) for team in Team.objects.in_use()]
    return offered
