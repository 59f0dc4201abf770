"""What an answer must be like: numbers of phones, typed custom fields, countries by name, mailboxes by policy."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from campaigns.models import ConsentText, CustomField, FormField
from campaigns.models.page import MailboxPolicy
from leads.answers import check_phone, custom_value
from leads.capture import capture
from leads.countries import country_names
from leads.forms import CaptureForm
from leads.identity import phone_key
from leads.models import Fact
from leads.nonce import make
from leads.tests.builders import NOON, a_page
from leads.tracking import VisitContext

pytestmark = pytest.mark.django_db


def a_field(page, maps_to, **columns):
    columns.setdefault("required", False)
    return FormField.objects.create(page=page, maps_to=maps_to, order=9, **columns)


def a_custom_field(page, kind, **columns):
    custom = CustomField.objects.create(entity="person", key="plant", label="Plant", kind=kind, **columns)
    a_field(page, "custom", custom_field=custom)
    return custom


def typed(page, **answers):
    return CaptureForm({"email": "mira@brackwerk.example", **answers}, page=page)


# Phones


@pytest.mark.parametrize(
    ("number", "country", "key"),
    [
        ("044 668 18 00", "CH", "+41446681800"),
        ("0041 44 668 18 00", "", "+41446681800"),
        ("0041 44 668 18 00", "CH", "+41446681800"),
        ("+41 (0)44 668 18 00", "DE", "+41446681800"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("668 1800", "US", None),  # without its area code it identifies nobody
        ("044 668 18 00", "", None),
    ],
)
def test_a_number_is_read_as_of_its_country(number, country, key):
    assert phone_key(number, country) == key


@pytest.mark.parametrize(
    ("number", "country", "said"),
    [
        ("044 668 18 00", "", "begin with +"),
        ("044 66", "CH", "too short"),
        ("668 1800", "US", "area code missing"),
        ("+41 44 668 18 00 00 00 00", "", "too many or too few"),
        ("call me", "CH", "no phone number"),
    ],
)
def test_a_number_that_cannot_be_dialled_is_told_what_helps(number, country, said):
    with pytest.raises(ValidationError, match=said):
        check_phone(number, country)


def test_the_country_answered_reads_the_number_on_the_same_form():
    page = a_page()
    a_field(page, "phone")
    a_field(page, "country")
    assert typed(page, phone="06 12 34 56 78", country="FR").is_valid()
    form = typed(page, phone="06 12 34 56 78")
    assert form.errors["phone"] == [
        "Please begin with + and the number of the country, such as +41 44 668 18 00."
    ]


def test_the_country_of_the_page_reads_a_number_without_one():
    page = a_page(phone_country="CH")
    a_field(page, "phone")
    form = typed(page, phone="044 668 18 00")
    assert form.is_valid()
    result = capture(page=page, answers=form.answers, consents=[], visit=VisitContext(), nonce="n", at=NOON)
    assert (result.person.phone, result.person.phone_key) == ("044 668 18 00", "+41446681800")


# Countries


def test_every_country_has_its_name_in_the_language_of_the_page():
    english, german = dict(country_names("en")), dict(country_names("de"))
    assert len(english) == len(german) == 250  # ISO 3166-1 and Kosovo
    assert (english["CH"], german["CH"]) == ("Switzerland", "Schweiz")
    assert not {"EU", "UN", "ZZ", "XA"} & set(english)


def test_countries_stand_in_the_order_of_a_dictionary():
    names = [name for _code, name in country_names("de")]
    assert names.index("Norwegen") < names.index("Österreich") < names.index("Oman") + 2


def test_a_page_in_german_offers_german_names():
    page = a_page(language="de")
    a_field(page, "country")
    with translation.override("de"):
        assert '<option value="AT">Österreich</option>' in str(typed(page)["country"])


# Custom fields


@pytest.mark.parametrize(
    ("kind", "language", "raw", "kept"),
    [
        ("number", "en", "1,200.5", "1200.5"),
        ("number", "de", "1.200,5", "1200.5"),
        ("number", "fr", "12", "12"),
        ("date", "en", "2026-11-18", "2026-11-18"),
        ("date", "de", "18.11.2026", "2026-11-18"),
        ("yes_no", "de", "Ja", "yes"),
        ("yes_no", "en", "FALSE", "no"),
        ("choice", "en", "food", "Food"),
        ("text", "en", " Zu\u0308rich\x00 ", "Zürich"),
        ("number", "en", "", ""),
    ],
)
def test_a_custom_answer_is_kept_in_one_form(kind, language, raw, kept):
    custom = CustomField(entity="person", key="k", label="K", kind=kind, choices="Food\nPaper")
    with translation.override(language):
        assert custom_value(custom, raw) == kept


@pytest.mark.parametrize(
    ("kind", "raw", "said"),
    [
        ("number", "many", "type a number"),
        ("number", "1e999", "type a number"),
        ("date", "31.02.2026", "year, month and day"),
        ("yes_no", "perhaps", "one of the list"),
        ("choice", "Weapons", "one of the list"),
    ],
)
def test_a_custom_answer_of_the_wrong_kind_is_told_what_helps(kind, raw, said):
    custom = CustomField(entity="person", key="k", label="K", kind=kind, choices="Food\nPaper")
    with pytest.raises(ValidationError, match=said):
        custom_value(custom, raw)


@pytest.mark.parametrize(
    ("kind", "drawn"),
    [
        ("date", 'type="date"'),
        ("number", 'inputmode="decimal"'),
        ("yes_no", '<option value="yes">Yes</option>'),
    ],
)
def test_each_kind_has_its_own_input(kind, drawn):
    page = a_page()
    a_custom_field(page, kind)
    assert drawn in str(CaptureForm(page=page)["custom_plant"])


def test_a_custom_answer_becomes_a_fact_with_its_source():
    page = a_page()
    a_custom_field(page, "number")
    form = typed(page, custom_plant="1,200")
    assert form.is_valid()
    capture(page=page, answers=form.answers, consents=[], visit=VisitContext(), nonce="n", at=NOON)
    fact = Fact.objects.get(field="custom_plant")
    assert (fact.value, fact.source, fact.detail) == ("1200", Fact.Source.SAID, page.slug)


def test_a_wrong_custom_answer_stands_at_its_field():
    page = a_page()
    a_custom_field(page, "date")
    form = typed(page, custom_plant="soon")
    assert [problem.short for problem in form.problems] == ["is no date"]
    assert 'value="soon"' in str(form["custom_plant"])


# Mailboxes


@pytest.mark.parametrize("domain", ["gmail.com", "mailinator.com"])
def test_a_page_that_accepts_all_mailboxes_says_nothing(domain):
    page = a_page(throwaway_mailboxes=MailboxPolicy.ALLOW)
    form = typed(page, email=f"mira@{domain}")
    assert form.is_valid()
    assert form.marks == []


@pytest.mark.parametrize(
    ("domain", "mark"), [("gmail.com", "free mailbox"), ("mailinator.com", "throw-away mailbox")]
)
def test_a_page_that_marks_notes_it_and_takes_the_form(domain, mark):
    page = a_page(free_mailboxes=MailboxPolicy.MARK, throwaway_mailboxes=MailboxPolicy.MARK)
    form = typed(page, email=f"mira@{domain}")
    assert form.is_valid()
    assert form.marks == [mark]


@pytest.mark.parametrize(
    ("domain", "said"),
    [("gmail.com", "use your work address"), ("mailinator.com", "thrown away within minutes")],
)
def test_a_page_that_refuses_says_at_the_field_what_helps(domain, said):
    page = a_page(free_mailboxes=MailboxPolicy.REFUSE, throwaway_mailboxes=MailboxPolicy.REFUSE)
    form = typed(page, email=f"mira@{domain}")
    assert said in str(form.errors["email"])


# Words of consent


def test_the_evidence_names_the_words_that_a_cached_page_showed():
    """RELIABILITY C13: a page from a cache shows the version of its day."""
    page = a_page()
    old = page.consent_text
    new = ConsentText.objects.create(purpose="marketing", language="en", version=9, text="Other words.")
    page.consent_text = new
    form = typed(page, consent="on", nonce=make(texts=[old.pk]))
    assert form.is_valid()
    assert form.consents == [old]


def test_words_of_another_purpose_are_never_taken_for_consent():
    page = a_page()
    tracking = ConsentText.objects.get(purpose="tracking")
    form = typed(page, consent="on", nonce=make(texts=[tracking.pk]))
    assert form.is_valid()
    assert form.consents == [page.consent_text]


# Lists


def test_a_list_keeps_what_was_chosen_and_escapes_its_lines():
    page = a_page()
    a_field(page, "industry", choices='food|Food & drink\n"><script>|<b>Odd</b>')
    html = str(typed(page, industry="food")["industry"])
    assert '<option value="food" selected>Food &amp; drink</option>' in html
    assert "<script>" not in html
    assert "<b>" not in html


def test_a_value_that_is_no_line_of_the_list_is_refused_and_not_shown():
    page = a_page()
    a_field(page, "country")
    form = typed(page, country='"><script>')
    assert form.errors["country"] == ["Please choose one of the list."]
    assert "<script>" not in str(form["country"])


def test_a_required_list_is_told_to_the_browser_and_checked_here():
    page = a_page()
    a_field(page, "country", required=True)
    assert " required" in str(CaptureForm(page=page)["country"])
    assert typed(page).errors["country"] == ["Please choose one."]
