"""Two wordings of one page: who sees which, and how a test begins and ends. No cookie is needed.

The stop rule is fixed at the start and the figures are counted in `crm/reports/wordings.py`, up to the moment at
which both wordings had their visitors. Before that nothing is said.
"""

import hashlib
from collections.abc import Mapping
from copy import copy
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from campaigns.errors import Conflict, Refused
from campaigns.models import LandingPage, PageState, PageTest

A, B = PageTest.Kept.A.value, PageTest.Kept.B.value
WORDS = ("title", "lead_text", "form_title", "button")
State = PageTest.State


def running_test(page: LandingPage) -> PageTest | None:
    """The test that runs on a page. Costs no query when the page was loaded with ``for_render``."""
    if getattr(page, "running_test_id", True) is None:
        return None
    return PageTest.objects.filter(page_id=page.pk, state=State.RUNNING).first()


def choose(page: LandingPage, visitor_key: str) -> tuple[str, PageTest | None]:
    """``("a" | "b", test)`` for this visitor while a test runs, else ``("", None)``.

    ``visitor_key`` is the visitor's key of the day: one visitor sees one wording all day, without a cookie.
    """
    test = running_test(page)
    if test is None:
        return "", None
    digest = hashlib.sha256(f"{test.pk}:{visitor_key}".encode()).digest()
    return (B if digest[0] & 1 else A), test


def worded(page: LandingPage, variant: str, test: PageTest | None) -> LandingPage:
    """The page as this visitor reads it: a copy with B's words, or the page itself. Never save a copy."""
    if variant != B or test is None:
        return page
    other = copy(page)
    for name, words in second_words(test).items():
        setattr(other, name, words)
    return other


def second_words(test: PageTest) -> Mapping[str, str]:
    """B's own texts; an empty one is the page's."""
    return {name: getattr(test, name) for name in WORDS if getattr(test, name)}


def start(*, test: PageTest, by: Any, at: datetime) -> PageTest:
    """Show B to half of the visitors from now on. From here ``visitors_each`` and the words stay as they are."""
    with transaction.atomic():
        page = LandingPage.objects.select_for_update().get(pk=test.page_id)
        test = PageTest.objects.select_for_update().get(pk=test.pk)
        if missing := missing_for_start(page, test):
            raise Refused(_("This test cannot start yet. It lacks:"), missing=missing)
        _move(test, State.DRAFT, State.RUNNING, by=by, started_at=at)
        return test


def missing_for_start(page: LandingPage, test: PageTest) -> list[str]:
    """What stands between a test and its first visitor; empty when nothing does."""
    differs = any(words != getattr(page, name) for name, words in second_words(test).items())
    checks = [
        (page.state == PageState.PUBLISHED, _("a published page")),
        (differs, _("at least one text that differs from the page’s")),
    ]
    return [str(words) for holds, words in checks if not holds]


def keep(*, test: PageTest, wording: str, by: Any, at: datetime) -> PageTest:
    """End a running test with one of its wordings. B's texts become the page's own; the page keeps its history."""
    with transaction.atomic():
        page = LandingPage.objects.select_for_update().get(pk=test.page_id)
        test = PageTest.objects.select_for_update().get(pk=test.pk)
        _move(test, State.RUNNING, State.DONE, by=by, ended_at=at, kept=wording)
        if wording == B and (words := second_words(test)):
            for name, text in words.items():
                setattr(page, name, text)
            page._history_user = by  # type: ignore[attr-defined]
            page.save(update_fields=list(words))
        return test


def _move(test: PageTest, old: str, new: str, *, by: Any, **columns: Any) -> None:
    changed = {"state": new, **columns}
    try:
        with transaction.atomic():
            done = PageTest.objects.filter(pk=test.pk, state=old).update(**changed)
    except IntegrityError:
        raise Refused(_("Another test runs on this page. End that one first.")) from None
    if not done:
        raise Conflict(now=str(test.get_state_display()))
    for name, value in changed.items():
        setattr(test, name, value)
    test._history_user = by  # type: ignore[attr-defined]
    test.save(update_fields=list(changed))  # a conditional UPDATE leaves no version behind; this does
