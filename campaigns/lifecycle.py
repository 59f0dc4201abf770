"""Publishing and archiving of landing pages and assets: what a visitor may see changes only here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from campaigns.form_checks import form_problems
from campaigns.models import Asset, Campaign, LandingPage, PageState

DEMAND = Campaign.Objective.DEMAND_GENERATION


def publish_page(*, page: LandingPage, by: Any, at: datetime) -> LandingPage:
    """Show a page to visitors. Refused with what is missing: an e-mail field, something to give, a live sequence."""
    return _move(page, {PageState.DRAFT, PageState.ARCHIVED}, PageState.PUBLISHED, by=by, check_at=at)


def unpublish_page(*, page: LandingPage, by: Any, at: datetime) -> LandingPage:
    """Take a page back to draft. Visitors get "not found" from now on; what they sent stays."""
    return _move(page, {PageState.PUBLISHED, PageState.ARCHIVED}, PageState.DRAFT, by=by)


def archive_page(*, page: LandingPage, by: Any, at: datetime) -> LandingPage:
    """Put a page away. Reports keep its name."""
    return _move(page, {PageState.DRAFT, PageState.PUBLISHED}, PageState.ARCHIVED, by=by)


def missing_for_publishing(page: LandingPage, *, at: datetime) -> list[str]:
    """What stands between a page and its visitors, in words; empty when nothing does."""
    checks = [
        (page.asset_id or page.inquiry, _("an asset to give, or an inquiry to answer")),
        (not page.asset or page.inquiry or _holds_something(page.asset), _("the file or text of the asset")),
        (
            not page.double_opt_in or page.consent_text_id,
            _("a consent text, since it is confirmed by e-mail"),
        ),
        (not page.sequence or page.sequence.versions.exists(), _("a published version of its sequence")),
        (not _gates_demand(page), _("an open asset: a campaign for demand never gates")),
        (
            _window_is_open(page, at),
            _("a time to be shown in: it ends before it begins, or has ended already"),
        ),
    ]
    return [*form_problems(page), *(str(words) for holds, words in checks if not holds)]


def gates_demand(*, asset: Asset | None = None, campaign: Campaign | None = None) -> str:
    """Why a piece may not be gated, or a campaign not be one for demand; empty where nothing stands against it.

    A piece that a campaign for demand gives out stays open for as long as its page is public.
    """
    public = LandingPage.objects.filter(state=PageState.PUBLISHED)
    if asset and asset.pk and asset.gated:
        page = public.filter(asset=asset, campaign__objective=DEMAND).first()
    elif campaign and campaign.pk and campaign.objective == DEMAND:
        page = public.filter(campaign=campaign, asset__gated=True).first()
    else:
        page = None
    return (
        _("A campaign for demand never gates: see the page “%(page)s”.") % {"page": page.title}
        if page
        else ""
    )


def standing(page: LandingPage, *, at: datetime) -> str:
    """What visitors see of a page now and from when on, in words."""
    if page.state != PageState.PUBLISHED:
        return str(page.get_state_display())
    first, last = _moment(page.publish_from), _moment(page.publish_until)
    if page.publish_until and page.publish_until <= at:
        return _("ended on %(when)s") % {"when": last}
    if page.publish_from and page.publish_from > at:
        return _("goes public on %(when)s") % {"when": first}
    if page.publish_until:
        return _("public until %(when)s") % {"when": last}
    return _("public")


def _moment(at: datetime | None) -> str:
    return date_format(localtime(at), "j F Y, H:i") if at else ""


def publish_asset(*, asset: Asset, by: Any, at: datetime) -> Asset:
    """List an asset in the library from `at` on. Refused while it holds nothing."""
    with transaction.atomic():
        asset = Asset.objects.select_for_update().get(pk=asset.pk)
        if not _holds_something(asset):
            raise Refused(_("There is nothing to give yet."), missing=[_("a file, a link or a text")])
        if asset.published_at is not None and asset.published_at <= at and asset.archived_at is None:
            raise Conflict(now=_("published"))
        Asset.objects.filter(pk=asset.pk).update(published_at=asset.published_at or at, archived_at=None)
        asset.refresh_from_db()
        return asset


def archive_asset(*, asset: Asset, by: Any, at: datetime) -> Asset:
    """Take an asset out of the library. Refused while a published page still promises it."""
    with transaction.atomic():
        asset = Asset.objects.select_for_update().get(pk=asset.pk)
        if promising := asset.pages.filter(state=PageState.PUBLISHED).first():
            raise Refused(_("The page “%(page)s” still promises it.") % {"page": promising.title})
        if not Asset.objects.filter(pk=asset.pk, archived_at=None).update(archived_at=at):
            raise Conflict(now=_("archived"))
        asset.refresh_from_db()
        return asset


def _move(
    page: LandingPage, from_states: set[str], to: str, *, by: Any, check_at: datetime | None = None
) -> LandingPage:
    with transaction.atomic():
        page = LandingPage.objects.select_for_update().get(pk=page.pk)
        if page.state not in from_states:
            raise Conflict(now=str(page.get_state_display()))
        if check_at and (missing := missing_for_publishing(page, at=check_at)):
            raise Refused(_("This page cannot be published yet. It lacks:"), missing=missing)
        if not LandingPage.objects.filter(pk=page.pk, state=page.state).update(state=to):
            raise Conflict(now=str(page.get_state_display()))
        page.state = to
        page._history_user = by  # type: ignore[attr-defined]
        page.save(update_fields=["state"])  # a conditional UPDATE leaves no version behind; this does
        return page


def _holds_something(asset: Asset) -> bool:
    return bool(asset.file or asset.link or asset.body or asset.kind.slug == "newsletter")


def _window_is_open(page: LandingPage, at: datetime) -> bool:
    until = page.publish_until
    return until is None or (until > at and (page.publish_from is None or page.publish_from < until))


def _gates_demand(page: LandingPage) -> bool:
    return bool(page.asset and page.asset.gated and page.campaign and page.campaign.objective == DEMAND)
