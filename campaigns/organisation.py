"""Who speaks on public pages and in mails: the words of the organisation, from the settings."""

from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def facts() -> dict[str, str]:
    """Brand, legal name, postal address, one sentence about us, the library's first words, and a mailbox."""
    return {
        "brand": settings.ORG_BRAND,
        "name": settings.ORG_NAME,
        "postal_address": settings.POSTAL_ADDRESS,
        "about": settings.ORG_ABOUT,
        "library_lead": settings.ORG_LIBRARY_LEAD,
        "contact": parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
    }


def organisation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``org`` in every template."""
    return {"org": facts()}
