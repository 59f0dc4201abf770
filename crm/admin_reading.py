"""How open pieces are read, on the pages where a marketer looks at a piece and at a campaign."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from campaigns.admin.content import AssetAdmin
from campaigns.models import Asset, Campaign
from crm.reports.reading import DAYS, Reading, reading
from leads.models import Hit

MOST_PIECES = 20


def duration(seconds: float | None) -> str:
    """``1:40 min``, or a dash."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d} {_('min')}"


def table(lines: list[tuple[str, Reading]]) -> str | SafeString:
    """Pieces with their readers; words where there are none."""
    if not lines:
        return _("Nobody has read it in the last %(days)d days.") % {"days": DAYS}
    rows = [
        [title, number_format(one.readers), duration(one.seconds), _in_words(one)] for title, one in lines
    ]
    headers = [_("Piece"), _("Readers"), _("Median time in view"), _("Read to the end")]
    return render_to_string(
        "crm/admin_reading.html", {"table": {"headers": headers, "rows": rows}, "days": DAYS}
    )


def _in_words(one: Reading) -> str:
    if one.share_to_the_end is None:
        return _("not measured")
    share = number_format(round(100 * one.share_to_the_end))
    return _("%(share)s %% (%(read)d of %(measured)d)") % {
        "share": share, "read": one.to_the_end, "measured": one.measured,
    }  # fmt: skip


def of_asset(asset: Asset) -> str | SafeString:
    found = reading(assets=[asset.pk], at=timezone.now())
    return table([(asset.title, one) for one in found.values()])


def of_campaign(campaign: Campaign) -> str | SafeString:
    """The pieces that those read whom the campaign brought, most read first."""
    brought = Hit.objects.filter(campaign=campaign, kind=Hit.Kind.READ)
    titles = dict(Asset.objects.filter(pk__in=brought.values("asset")).values_list("pk", "title"))
    found = reading(assets=list(titles), at=timezone.now(), campaign=campaign.pk)
    most = sorted(found.items(), key=lambda item: -item[1].readers)[:MOST_PIECES]
    return table([(titles[pk], one) for pk, one in most])


admin.site.unregister(Asset)


@admin.register(Asset)
class AssetWithReading(AssetAdmin):
    """An asset's page with how it is read; a gated one is downloaded, not read here."""

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return [*super().get_readonly_fields(request, obj), "how_it_is_read"]

    def get_fieldsets(self, request: Any, obj: Any = None) -> Any:
        fieldsets = list(super().get_fieldsets(request, obj))
        if obj is not None and not obj.gated:
            fieldsets.append((gettext_lazy("How it is read"), {"fields": ("how_it_is_read",)}))
        return fieldsets

    @display(description=gettext_lazy("readers"))
    def how_it_is_read(self, asset: Asset) -> str | SafeString:
        return of_asset(asset)
