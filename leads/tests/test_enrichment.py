"""What a form leaves out is found out by the worker; what a person said is never overwritten."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest

from leads.best_known import best
from leads.enrichment import EnrichQuery, Found, asking, enrich_due, look_again, stop_looking
from leads.enrichment.testing import FakeEnricher
from leads.models import Company, EnrichTry, Fact, Person, PrivacyRequest
from leads.scoring.facts import read
from leads.tests.builders import NOON, a_lead

pytestmark = pytest.mark.django_db
PUMPS = {"maasland.example": {"industry": "Pumps", "country": "NL"}}


@pytest.fixture
def asked(monkeypatch):
    """Only these enrichers are asked; a test puts in its own."""
    chosen = []
    monkeypatch.setattr("leads.enrichment.run.enrichers", lambda: chosen)
    monkeypatch.setattr(asking, "_hanging", asking.defaultdict(lambda: threading.BoundedSemaphore(2)))
    return chosen


@pytest.fixture
def fake(asked):
    asked.append(FakeEnricher(PUMPS, confidence="0.72"))
    return asked[0]


@pytest.fixture
def person():
    return a_lead().person


def found(person):
    return dict(person.facts.filter(source=Fact.Source.ENRICHED).values_list("field", "value"))


def test_a_found_value_has_source_time_and_confidence(fake, person):
    assert enrich_due(at=NOON) == {"people": 1, "values": 2}
    fact = person.facts.get(field="industry")
    assert (fact.source, fact.detail, fact.confidence, fact.at) == ("enriched", "fake", Decimal("0.72"), NOON)


def test_nobody_is_looked_up_twice(fake, person):
    enrich_due(at=NOON)
    assert enrich_due(at=NOON) == {}
    assert len(fake.asked) == 1
    look_again(person=person)
    enrich_due(at=NOON)
    assert person.facts.count() == 2  # the same answer again is not written again


def test_what_the_person_said_stays_and_is_not_even_kept_beside(fake, person):
    Person.objects.filter(pk=person.pk).update(country="DE")
    Fact.objects.create(person=person, field="industry", value="Dairies", source=Fact.Source.SAID, at=NOON)
    enrich_due(at=NOON)
    person.refresh_from_db()
    assert person.country == "DE"
    assert found(person) == {}


def test_no_column_of_a_person_is_ever_filled(fake, person):
    before = Person.objects.values("country", "company_name", "job_title", "language", "phone").get()
    enrich_due(at=NOON)
    assert Person.objects.values(*before).get() == before


@pytest.mark.parametrize("why", ["no_profiling", "erased_at", "erasure asked", "cold"])
def test_nobody_is_looked_up_who_objected_was_erased_or_is_no_lead(fake, person, why):
    if why == "no_profiling":
        Person.objects.filter(pk=person.pk).update(no_profiling=True)
    elif why == "erased_at":
        Person.objects.filter(pk=person.pk).update(erased_at=NOON)
    elif why == "cold":
        person = Person.objects.create(email="x@maasland.example", email_key="x@maasland.example")
        Person.objects.exclude(pk=person.pk).update(enriched_at=NOON)
    else:
        PrivacyRequest.objects.create(person=person, kind="erasure", receipt="R1", confirmed_at=NOON)
    assert enrich_due(at=NOON)["not_asked"] == 1
    assert fake.asked == []
    assert not Person.objects.filter(enriched_at=None).exists()


def test_a_cold_contact_who_answers_later_is_looked_up_then(fake):
    person = Person.objects.create(email="x@maasland.example", email_key="x@maasland.example")
    enrich_due(at=NOON)
    from leads.lifecycle import make_lead

    make_lead(person=person, at=NOON + timedelta(hours=1), way="capture")
    enrich_due(at=NOON + timedelta(hours=1))
    assert found(person)["industry"] == "Pumps"


def test_an_enricher_gets_only_what_it_names(fake, person):
    Person.objects.filter(pk=person.pk).update(phone_key="+41445550100", company_name="Maasland")
    enrich_due(at=NOON)
    assert fake.asked == [EnrichQuery(domain="maasland.example")]


def test_a_free_mailbox_is_no_domain(fake):
    a_lead(email="piet@gmail.com")
    enrich_due(at=NOON)
    assert fake.asked == []


def test_one_that_fails_stops_nobody_else_and_is_asked_again_later(fake, asked, person):
    broken = FakeEnricher(PUMPS)
    broken.name, broken.fails = "register", TimeoutError("no route")
    asked.insert(0, broken)
    counts = enrich_due(at=NOON)
    assert (counts["failed"], counts["values"]) == (1, 2)
    owed = EnrichTry.objects.get()
    assert (owed.enricher, owed.error, owed.due_at) == (
        "register", "TimeoutError: no route", NOON + timedelta(minutes=5),
    )  # fmt: skip
    broken.fails = None
    broken.answers = {"maasland.example": {"city": "Venlo"}}
    assert enrich_due(at=NOON + timedelta(minutes=4)) == {}
    enrich_due(at=NOON + timedelta(minutes=5))
    assert found(person)["city"] == "Venlo"
    assert not EnrichTry.objects.exists()


def test_one_that_keeps_failing_is_asked_five_times_ever_later_and_then_left(fake, asked, person):
    fake.fails = ValueError("down")
    at, gaps = NOON, []
    enrich_due(at=at)
    while due := EnrichTry.objects.get().due_at:
        gaps.append(due - at)
        at = due
        enrich_due(at=at)
    assert gaps == sorted(gaps)
    assert len(fake.asked) == 5
    assert EnrichTry.objects.get().tries == 5


def test_one_that_hangs_is_left_behind_and_not_started_without_end(asked, person):
    class Hangs(FakeEnricher):
        name, seconds = "hangs", 0.05
        go_on = threading.Event()

        def lookup(self, query):
            self.asked.append(query)
            self.go_on.wait(5)
            return []

    hangs = Hangs()
    asked.append(hangs)
    for number in range(4):
        a_lead(email=f"p{number}@maasland.example")
    counts = enrich_due(at=NOON)
    hangs.go_on.set()
    assert counts["failed"] == 5
    assert len(hangs.asked) == 2
    assert "within 0.05 s" in EnrichTry.objects.order_by("pk").first().error


def test_a_value_that_cannot_be_kept_is_dropped_and_counted(asked, person):
    class Odd(FakeEnricher):
        def lookup(self, query):
            yield Found(field="salary", value="1", confidence=Decimal(1))
            yield Found(field="country", value="Netherlands", confidence=Decimal(1))
            yield Found(field="city", value="", confidence=Decimal(1))
            yield Found(field="city", value="Venlo", confidence=Decimal(3))
            yield "nonsense"
            yield Found(field="city", value="Ven\x00lo\n", confidence=Decimal("0.5"))

    asked.append(Odd())
    assert enrich_due(at=NOON)["dropped"] == 5
    assert found(person) == {"city": "Ven lo"}


def test_an_objection_stops_the_next_try(fake, person):
    fake.fails = ValueError("down")
    enrich_due(at=NOON)
    stop_looking(person=person, at=NOON)
    assert not EnrichTry.objects.exists()


def test_said_counts_before_sales_before_imports_before_what_was_found():
    order = ["enriched", "imported", "sales", "said"]
    facts = [Fact(field="city", value=source, source=source, confidence=1, at=NOON) for source in order]
    for at_most in range(1, 5):
        assert best(facts[:at_most])["city"].value == order[at_most - 1]


def test_of_found_values_the_surest_counts_even_if_older():
    old = Fact(field="city", value="Venlo", source="enriched", confidence=Decimal("0.9"), at=NOON)
    new = Fact(
        field="city", value="Delft", source="enriched", confidence=Decimal("0.4"), at=NOON + timedelta(1)
    )
    assert best([new, old])["city"].value == "Venlo"


def test_scoring_reads_what_was_found_and_prefers_what_was_said(fake, person):
    Fact.objects.create(person=person, field="company_size", value="40", source=Fact.Source.SAID, at=NOON)
    company = Company.objects.create(name="Maasland", domain="maasland.example", size=900)
    Person.objects.filter(pk=person.pk).update(company=company)
    enrich_due(at=NOON)
    facts = read([person.lead.pk], at=NOON)[0].facts
    assert (facts.industry, facts.country, facts.company_size) == ("Pumps", "NL", 40)


def test_a_found_value_makes_the_score_due(fake, person):
    person.lead.score.__class__.objects.update(dirty_at=None)
    enrich_due(at=NOON)
    person.lead.score.refresh_from_db()
    assert person.lead.score.dirty_at is not None


def test_an_enricher_that_cannot_be_loaded_is_named(settings):
    settings.ENRICHERS = ["leads.enrichment.house.Nothing"]
    with pytest.raises(Exception, match=r"leads\.enrichment\.house\.Nothing"):
        asking.enrichers()
    settings.ENRICHERS = ["leads.models.Person"]
    with pytest.raises(Exception, match="which is no enricher"):
        asking.enrichers()


def test_who_names_a_company_later_is_linked_then(fake):
    person = a_lead(email="piet@gmail.com").person
    enrich_due(at=NOON)
    Person.objects.filter(pk=person.pk).update(company_name="Maasland Pumps")
    assert enrich_due(at=NOON) == {"linked": 1}
    person.refresh_from_db()
    assert person.company.name == "Maasland Pumps"
