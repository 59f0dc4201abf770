"""Offers: what a mail says of one, and whether it still stands."""

from __future__ import annotations

from datetime import date

from django.utils import translation
from django.utils.formats import date_format

from campaigns.models import Offer


def is_over(offer: Offer, day: date) -> bool:
    """Whether nobody can take it any more on this day of the organisation's: its time is up, or it was put away."""
    return offer.archived_at is not None or (offer.valid_until is not None and offer.valid_until < day)


def words(offer: Offer, language: str) -> dict[str, str]:
    """Its merge fields (`campaigns.mail.merge.OFFER`), written for a reader of this language."""
    with translation.override(language):
        until = date_format(offer.valid_until, "DATE_FORMAT") if offer.valid_until else ""
    percent = f"{offer.discount_percent:f}".rstrip("0").rstrip(".") if offer.discount_percent else ""
    return {
        "name": offer.name,
        "code": offer.code,
        "terms": " ".join(offer.terms.split()),
        "valid_until": until,
        "discount": f"{percent} %" if percent else "",
    }
