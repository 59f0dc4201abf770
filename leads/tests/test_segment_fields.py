"""Every field a segment may ask: whom it holds, and that "not" holds exactly the others."""

from datetime import timedelta

import pytest

from campaigns.models import Channel, Persona
from leads.consent import record_consent, withdraw
from leads.models import Company, Fact, Lead, LeadScore, Person, SegmentMember
from leads.segments import problem_of
from leads.segments.conditions import matching
from leads.tests.builders import NOON, a_campaign, a_lead, an_asset
from leads.tests.scoring_world import a_model, touched
from leads.tests.segment_world import a_line, a_segment, names

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def found(field: str, value: str = "", at=NOON, **columns) -> set[str]:
    """Whom the line holds; "not" before it must hold all the others."""
    everybody = {email.partition("@")[0] for email in Lead.objects.values_list("person__email", flat=True)}
    line, turned = a_line(field, value, **columns), a_line(field, value, negate=True, **columns)
    assert problem_of(line) == ""
    holds, others = (
        {person.email.partition("@")[0] for person in matching([one], at=at)} for one in (line, turned)
    )
    assert (holds | others, holds & others) == (everybody, set())
    return holds


@pytest.fixture
def anna() -> Lead:
    return a_lead("anna@x.example", country="NL", job_title="Head of Maintenance", language="nl")


@pytest.fixture
def bert() -> Lead:
    return a_lead("bert@x.example")


def fact(lead: Lead, field: str, value: str, source: str = "imported", at=NOON, **columns) -> None:
    Fact.objects.create(person=lead.person, field=field, value=value, source=source, at=at, **columns)


def at_company(lead: Lead, **columns) -> None:
    company = Company.objects.create(name="C", **columns)
    Person.objects.filter(pk=lead.person_id).update(company=company)


def test_points_of_fit_from_until_and_exactly(anna, bert):
    LeadScore.objects.filter(lead=anna).update(fit=60, grade="B2")
    LeadScore.objects.filter(lead=bert).update(fit=0, grade="")
    assert (
        found("fit", "60", compare="from")
        == found("fit", "60")
        == found("fit", "60", compare="until")
        == {"anna"}
    )
    assert found("fit", "61", compare="from") == set()


def test_engagement_is_what_a_screen_shows_today(anna, bert):
    a_model(engagement_ceiling=100)  # half-lives 7, 30, 90
    LeadScore.objects.filter(lead=anna).update(grade="B2", e1=40, engagement=40, computed_at=NOON)
    LeadScore.objects.filter(lead=bert).update(grade="B4", engagement=0, computed_at=NOON)
    assert found("engagement", "40", compare="from") == {"anna"}
    week = NOON + 7 * DAY  # faded to just over 20 at that midnight
    assert found("engagement", "40", at=week, compare="from") == set()
    assert found("engagement", "20", at=week, compare="from") == {"anna"}
    assert found("engagement", "20, 21", at=week) == {"anna"}
    assert found("engagement", "19", at=week, compare="until") == {"bert"}


def test_engagement_is_never_shown_above_the_ceiling(anna):
    a_model(engagement_ceiling=100)
    LeadScore.objects.filter(lead=anna).update(grade="B1", e3=500, engagement=100, computed_at=NOON - DAY)
    assert found("engagement", "100", compare="from") == {"anna"}
    assert found("engagement", "101", compare="from") == set()
    assert found("engagement", "100", compare="until") == {"anna"}


def test_journey_exclusion_sales_stage_and_whether_sales_have_them(anna, bert):
    Lead.objects.filter(pk=anna.pk).update(journey_stage="decision", exclusion="competitor")
    Person.objects.filter(pk=bert.person_id).update(sales_stage="meeting", sales_open=True)
    assert found("journey", "consideration, decision") == found("journey", compare="known") == {"anna"}
    assert found("exclusion", "competitor") == found("exclusion", compare="known") == {"anna"}
    assert found("sales_stage", "meeting") == found("sales_stage", compare="known") == {"bert"}
    assert found("with_sales") == found("with_sales", "yes") == {"bert"}
    assert found("with_sales", "no") == {"anna"}


def test_what_is_known_of_persona_channel_campaign_and_grade(anna, bert):
    Lead.objects.filter(pk=anna.pk).update(persona=Persona.objects.create(name="P", slug="p"))
    touched(anna, "visit", campaign=a_campaign("spring"))
    LeadScore.objects.filter(lead=anna).update(grade="A2")
    for field in ("persona", "channel", "campaign", "grade", "country", "language", "title"):
        assert found(field, compare="known") == {"anna"}


def test_became_a_lead_within_days(anna):
    a_lead("carl@x.example", at=NOON - 10 * DAY)
    assert found("became", "7") == {"anna"}
    assert found("became", "30") == {"anna", "carl"}


def test_did_something_so_often_within_days_with_certain_pieces(anna, bert):
    paper = an_asset("paper")
    for days in (1, 2, 40):
        touched(anna, "download", NOON - days * DAY, asset=paper)
    touched(bert, "download", NOON - DAY)
    touched(bert, "visit", NOON + DAY)  # has a date that has not come
    assert found("did", name="download") == {"anna", "bert"}
    assert found("did", name="download", times=2) == {"anna"}
    assert found("did", name="download", times=3) == {"anna"}
    assert found("did", name="download", times=3, days=30) == set()
    assert found("did", "paper", name="download") == {"anna"}
    assert found("did", name="visit") == set()
    assert found("did", name="visit", at=NOON + 2 * DAY) == {"bert"}


def test_agreed_to_a_purpose_is_what_they_said_last(anna, bert):
    for lead in (anna, bert):
        record_consent(person=lead.person, purpose="marketing", given=True, at=NOON)
    withdraw(person=bert.person, purpose="marketing", at=NOON + DAY)
    carl = a_lead("carl@x.example")
    record_consent(person=carl.person, purpose="marketing", given=True, at=NOON, pending=True)
    assert found("consent", "marketing") == {"anna"}


def test_a_title_has_the_whole_word_whatever_its_case(anna, bert):
    fact(bert, "job_title", "Leiter Instandhaltung (Süd)")
    assert found("title", "head") == {"anna"}
    assert found("title", "HEAD, instandhaltung") == {"anna", "bert"}
    assert found("title", "maint") == set()
    assert found("title", "of (") == set()


def test_what_the_person_says_counts_before_the_company_and_that_before_others(anna, bert):
    at_company(anna, industry="Optics", size=200, domain="c.example")
    fact(anna, "industry", "Pumps", "enriched")
    assert found("industry", "optics") == {"anna"}
    assert found("industry", "pumps") == set()
    fact(anna, "industry", "Pumps", "said")
    assert found("industry", "pumps") == {"anna"}
    fact(bert, "industry", "Pumps", "enriched", confidence="0.40")
    fact(bert, "industry", "Paper", "enriched", confidence="0.90", at=NOON - DAY)
    assert found("industry", "paper") == {"bert"}
    assert found("industry", compare="known") == {"anna", "bert"}
    assert found("company", "c.example") == found("company", compare="known") == {"anna"}


def test_a_company_size_is_a_number_wherever_it_is_from(anna, bert):
    at_company(anna, size=200)
    fact(bert, "company_size", "1,000+")
    carl = a_lead("carl@x.example")
    fact(carl, "company_size", "some")
    assert found("size", "200", compare="from") == {"anna", "bert"}
    assert found("size", "500", compare="until") == {"anna"}
    assert found("size", "1000") == {"bert"}


def test_a_fact_by_its_name_is_the_persons_else_the_companys(anna, bert):
    at_company(anna, custom={"fleet": 40, "odd__name": "yes"})
    fact(bert, "fleet", "12 lorries")
    fact(bert, "fleet", "15 lorries", at=NOON + DAY)
    assert found("fact", name="fleet", compare="known") == {"anna", "bert"}
    assert found("fact", "20", name="fleet", compare="from") == {"anna"}
    assert found("fact", "15 LORRIES", name="fleet") == {"bert"}
    assert found("fact", "12 lorries", name="fleet") == set()
    assert found("fact", "30", name="fleet", compare="until") == {"bert"}
    assert found("fact", "yes", name="odd__name") == {"anna"}
    fact(anna, "fleet", "3")
    assert found("fact", "20", name="fleet", compare="from") == set()


def test_a_country_is_the_persons_else_told_else_the_companys(anna, bert):
    at_company(bert, country="BE")
    assert found("country", "nl") == {"anna"}
    assert found("country", "be") == {"bert"}


def test_a_language_covers_its_regions(anna):
    a_lead("carl@x.example", language="de-at")
    assert found("language", "de") == {"carl"}


def test_another_segment_is_read_as_it_is_stored(anna, bert):
    dutch = a_segment(("country", "NL"), name="dutch")
    SegmentMember.objects.create(segment=dutch, person=bert.person)
    assert found("segment", str(dutch.pk)) == {"bert"}


def test_any_line_may_do(anna, bert):
    Person.objects.filter(pk=bert.person_id).update(sales_open=True)
    a_lead("carl@x.example")
    either = a_segment(("country", "NL"), ("with_sales", ""), match="any")
    assert names(either) == {"anna", "bert"}
    assert names(a_segment(("country", "NL"), ("with_sales", ""), name="both")) == set()


@pytest.mark.parametrize(
    "line",
    [
        a_line("fit", "high", compare="from"), a_line("status", "new", compare="from"), a_line("did", name="dance"),
        a_line("did", "no-such-piece", name="download"), a_line("did", name="download", days=0),
        a_line("did", name="download", times=0), a_line("fact", "x"), a_line("fact", "x", name="n", compare="until"),
        a_line("segment", "99"), a_line("segment", "x"), a_line("journey", "later"), a_line("consent", "all"),
        a_line("language", "german"), a_line("with_sales", "maybe"), a_line("exclusion", ""), a_line("size", "9" * 30),
        a_line("sales_stage", "no such!"), a_line("nothing", "x"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_is_told_and_holds_nobody(anna, line):
    assert problem_of(line) != ""
    line.negate = True
    assert not matching([line], at=NOON).exists()


def test_a_first_channel_is_of_the_first_touch(anna):
    touched(anna, "visit")
    assert found("channel", "direct") == {"anna"}
    assert Channel.objects.filter(slug="direct").exists()
