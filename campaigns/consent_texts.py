"""The words people agree to. They are never rewritten: a change is a new version, and evidence keeps the old one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _

from campaigns.errors import Refused
from campaigns.models import ConsentText, LandingPage


def pages_with(text: ConsentText) -> QuerySet[LandingPage]:
    """Landing pages whose form shows this version."""
    return LandingPage.objects.filter(Q(consent_text=text) | Q(tracking_text=text)).order_by("title")


def next_version(*, purpose: str, language: str) -> int:
    """The number that the next wording of a purpose and language gets."""
    last = ConsentText.objects.filter(purpose=purpose, language=language).aggregate(last=Max("version"))[
        "last"
    ]
    return (last or 0) + 1


def new_version(*, text: ConsentText, words: str, by: Any, at: datetime) -> ConsentText:
    """Put new words in the place of ``text`` on every page that shows it. Refused where nothing changed."""
    if words.strip() == text.text.strip():
        raise Refused(_("The words are the same."))
    with transaction.atomic():
        text = ConsentText.objects.select_for_update().get(pk=text.pk)
        number = next_version(purpose=text.purpose, language=text.language)
        new = ConsentText.objects.create(
            purpose=text.purpose, language=text.language, version=number, text=words.strip(), created_at=at
        )
        for page in pages_with(text).select_for_update():
            _replace(page, text, new, by)
        return new


def _replace(page: LandingPage, old: ConsentText, new: ConsentText, by: Any) -> None:
    """One page, with a version of its own in the page's history."""
    columns = [name for name in ("consent_text", "tracking_text") if getattr(page, f"{name}_id") == old.pk]
    for name in columns:
        setattr(page, name, new)
    page._history_user = by  # type: ignore[attr-defined]
    page.save(update_fields=columns)
