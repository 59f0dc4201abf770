"""Visitors read German, French, Italian and Spanish; a translation keeps each placeholder and each tag."""

import gettext
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from campaigns import library
from campaigns.models import AssetKind, LandingPage, PageState
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


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "5 March 2026, 14:07"),
        ("de", "5. März 2026 um 14:07"),
        ("fr", "5 mars 2026 à 14:07"),
        ("it", "5 marzo 2026 alle 14:07"),
        ("es", "5 de marzo de 2026 a las 14:07"),
    ],
)
def test_a_moment_is_written_as_the_language_writes_it(language, written):
    moment = datetime(2026, 3, 5, 14, 7, tzinfo=UTC)
    with translation.override(language):
        assert date_format(moment, "DATETIME_FORMAT") == written


def test_a_usual_kind_of_piece_has_a_name_in_each_language():
    paper = AssetKind(name="White paper", verb="read")
    said = {}
    for language in ["en", *LANGUAGES]:
        with translation.override(language):
            said[language] = (paper.shown, paper.word, paper.shown_verb)
    assert said["en"] == ("White paper", "white paper", "read")
    assert said["de"] == ("Whitepaper", "Whitepaper", "lesen")
    assert said["es"] == ("Libro blanco", "libro blanco", "leer")


def test_a_kind_of_ones_own_stays_as_it_was_typed():
    with translation.override("de"):
        assert AssetKind(name="Prüfbericht, kurz").shown == "Prüfbericht, kurz"


def test_the_button_nobody_has_worded_speaks_the_language_of_the_page():
    with translation.override("fr"):
        assert LandingPage().shown_button == "Envoyer"
        assert LandingPage(button="Send it over").shown_button == "Send it over"


@pytest.mark.django_db
def test_readers_are_led_to_the_question_page_of_their_language():
    for language in ("en", "de"):
        LandingPage.objects.create(
            slug=language, title="Ask", language=language, inquiry="contact", state=PageState.PUBLISHED
        )
    found = {}
    for language in ("en", "de", "it"):
        with translation.override(language):
            page = library.ask_page(at=timezone.now())
            found[language] = page.language if page else ""
    assert found == {"en": "en", "de": "de", "it": "en"}
