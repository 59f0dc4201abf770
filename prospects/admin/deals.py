"""What is sold: the products that deals may name."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from campaigns.admin.base import ArchiveAdmin
from prospects.models import Product


@admin.register(Product)
class ProductAdmin(ArchiveAdmin):
    list_display = ("name", "code", "price", "archived_at")
    search_fields = ("name", "code")
    fieldsets = (
        (
            None,
            {
                "fields": ("name", ("code", "price")),
                "description": _("A deal keeps the price agreed on; a new list price changes no deal."),
            },
        ),
    )
