"""Visitors read German, French, Italian and Spanish; a translation keeps each placeholder and each tag."""

import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from campaigns.models import LandingPage
from campaigns.pages import page_context

LANGUAGES = ["de", "fr", "it", "es"]
_MARKS = re.compile(r"%\(\w+\)[sd]|%s|<[^>]+>")


def catalog(language):
    with (Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)._catalog


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_placeholder_and_tag_is_kept(language):
    singular = {key: text for key, text in catalog(language).items() if isinstance(key, str) and key}
    wrong = [
        key for key, text in singular.items() if sorted(_MARKS.findall(key)) != sorted(_MARKS.findall(text))
    ]
    assert singular
    assert wrong == []


def test_all_languages_say_the_same_things():
    said = [set(catalog(language)) for language in LANGUAGES]
    assert all(one == said[0] for one in said)


@pytest.mark.django_db
def test_a_german_page_says_what_happens_next_in_german():
    with translation.override("de"):
        steps = page_context(LandingPage.objects.create(slug="a", title="A", inquiry="demo"))["sections"][
            0
        ].lines
        assert steps[0].heading == "Sofort"
        assert _("What happens next") == "Wie es weitergeht"
