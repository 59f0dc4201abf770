"""The enrichers that come with the project: each keeps the contract, and says what its source says."""

import shutil
from datetime import timedelta
from decimal import Decimal

import maxminddb
import pytest

from leads.enrichment import EnrichQuery, enrich_due, house
from leads.enrichment.testing import EnricherContract, FakeEnricher
from leads.models import Company, Fact, Person
from leads.tests.builders import NOON, a_lead

pytestmark = pytest.mark.django_db


def said(enricher, **known):
    return {(one.field, one.value): one.confidence for one in enricher.lookup(EnrichQuery(**known))}


def a_company(**columns):
    return Company.objects.create(name="Maasland Pumps", domain="maasland.example", **columns)


class TestFake(EnricherContract):
    knows = EnrichQuery(domain="maasland.example")

    def make(self):
        return FakeEnricher({"maasland.example": {"industry": "Pumps"}})


class TestOwnCompanies(EnricherContract):
    knows = EnrichQuery(domain="maasland.example")

    def make(self):
        Company.objects.filter(domain="maasland.example").exists() or a_company(industry="Pumps", size=200)
        return house.OwnCompanies()

    def test_a_company_of_ours_lends_what_it_has(self):
        company = a_company(industry="Pumps", size=200, country="NL", city="Venlo")
        assert set(said(house.OwnCompanies(), company_id=company.pk)) == {
            ("industry", "Pumps"), ("company_size", "200"), ("country", "NL"), ("city", "Venlo"),
        }  # fmt: skip


class TestMailDomain(EnricherContract):
    knows = EnrichQuery(domain="maasland-pumps.nl")

    def make(self):
        return house.MailDomain()

    @pytest.mark.parametrize(
        ("domain", "name", "country"),
        [
            ("maasland-pumps.nl", "Maasland Pumps", "NL"),
            ("mail.dalar.co.uk", "Dalar", "GB"),
            ("oderworks.com", "Oderworks", None),
            ("oderworks.io", "Oderworks", None),
            ("xn--bcher-kva.ch", None, "CH"),
        ],
    )
    def test_a_domain_has_a_name_and_perhaps_a_country(self, domain, name, country):
        values = dict(said(house.MailDomain(), domain=domain))
        assert {value for field, value in values if field == "company"} == ({name} if name else set())
        assert {value for field, value in values if field == "country"} == ({country} if country else set())


class TestEarlierPeople(EnricherContract):
    knows = EnrichQuery(domain="maasland.example")

    def make(self):
        company = Company.objects.filter(domain="maasland.example").first() or a_company()
        Person.objects.get_or_create(
            email_key="a@maasland.example", defaults={"company": company, "country": "NL"}
        )
        return house.EarlierPeople()

    def test_the_majority_counts_and_their_share_is_the_confidence(self):
        company = a_company()
        for number, country in enumerate(["NL", "NL", "NL", "BE", ""]):
            Person.objects.create(email_key=f"{number}@maasland.example", company=company, country=country)
        assert said(house.EarlierPeople(), company_id=company.pk) == {("country", "NL"): Decimal("0.67")}

    def test_one_colleague_alone_is_a_weaker_hint_than_five(self):
        company = a_company()
        Person.objects.create(email_key="a@maasland.example", company=company, language="nl")
        alone = said(house.EarlierPeople(), company_id=company.pk)[("language", "nl")]
        for number in range(4):
            Person.objects.create(email_key=f"{number}@maasland.example", company=company, language="nl")
        assert alone < said(house.EarlierPeople(), company_id=company.pk)[("language", "nl")]


class TestGeography(EnricherContract):
    knows = EnrichQuery(phone="+41445550100")

    def make(self):
        return house.Geography()

    @pytest.mark.parametrize(
        ("phone", "country"),
        [
            ("+41445550100", "CH"),
            ("+12125550100", "US"),
            ("+14165550100", "CA"),
            ("+88216555010", ""),
            ("", ""),
        ],
    )
    def test_a_phone_number_knows_its_country(self, phone, country):
        assert house.phone_country(phone) == country

    def test_without_a_file_an_address_says_nothing(self, settings):
        settings.GEO_DATABASE = ""
        assert said(house.Geography(), ip="8.8.8.8") == {}


class Book:
    """Stands for an opened file: what the two kinds of such files answer."""

    def __init__(self, answers):
        self.answers = answers

    def get(self, ip):
        return self.answers.get(ip)


@pytest.fixture
def geo_file(settings, tmp_path, monkeypatch):
    file = tmp_path / "country.mmdb"
    file.write_bytes(b"x")
    settings.GEO_DATABASE = str(file)
    book = Book({
        "1.1.1.1": {"country": {"iso_code": "AU"}}, "9.9.9.9": {"country_code": "CH"},
        "10.0.0.1": {"country_code": "XX"}, "8.8.8.8": None,
    })  # fmt: skip
    monkeypatch.setattr(maxminddb, "open_database", lambda path: book)
    house._opened.cache_clear()
    yield file
    house._opened.cache_clear()


@pytest.mark.parametrize(
    ("ip", "country"),
    [("1.1.1.1", "AU"), ("9.9.9.9", "CH"), ("8.8.8.8", ""), ("10.0.0.1", ""), ("127.0.0.1", ""), ("::1", ""), ("", "")],
)  # fmt: skip
def test_a_file_knows_countries_and_private_addresses_are_not_asked(geo_file, ip, country):
    assert house.address_country(ip) == country


def test_a_file_that_went_or_is_damaged_is_no_error(settings, tmp_path):
    settings.GEO_DATABASE = str(tmp_path / "gone.mmdb")
    assert house.address_country("1.1.1.1") == ""
    shutil.copy(__file__, settings.GEO_DATABASE)
    assert house.address_country("1.1.1.1") == ""


def test_the_network_address_itself_is_not_kept(geo_file):
    person = a_lead().person
    from leads.models import Submission

    Submission.objects.create(person=person, at=NOON, state="accepted", nonce="n", ip="9.9.9.9", door="staff")
    enrich_due(at=NOON + timedelta(seconds=2))
    fact = person.facts.get(detail="Network address")
    assert fact.value == "CH"
    assert not Fact.objects.filter(value__contains="9.9.9.9").exists()
    assert not Fact.objects.filter(detail__contains="9.9.9.9").exists()


def test_a_lead_is_linked_to_the_company_of_its_domain():
    person = a_lead().person
    enrich_due(at=NOON)
    person.refresh_from_db()
    assert person.company.domain == "maasland.example"
