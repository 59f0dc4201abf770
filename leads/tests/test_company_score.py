"""The score of a company: the best letter of its people, their engagement together, a line for each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from leads.models import Company, Lead, Person
from leads.scoring.company import CompanyScore, company_score
from leads.scoring.panel import receipts_for
from leads.scoring.rescore import rescore
from leads.tests.builders import NOON
from leads.tests.scoring_world import a_company, a_good_lead, a_model, keen, touched

pytestmark = pytest.mark.django_db
AT = NOON + timedelta(minutes=5)


@pytest.fixture
def works() -> Company:
    a_model()
    return a_company("works.example")


def at_the_works(works: Company, name: str, **said: Any) -> Lead:
    lead = a_good_lead(f"{name}@works.example", **said)
    Person.objects.filter(pk=lead.person_id).update(company=works)
    return lead


def scored(works: Company, at: Any = AT) -> CompanyScore:
    rescore(all=True, at=AT)
    return company_score(works, at)


def test_the_best_letter_and_the_engagement_of_all(works: Company) -> None:
    keen(at_the_works(works, "head"))
    touched(at_the_works(works, "buyer", job_title="Buyer"), "form")
    score = scored(works)
    assert (score.grade, score.fit, score.engagement) == ("A2", 80, 50)
    assert [(one.grade, one.engagement) for one in score.people] == [("A2", 40), ("B4", 10)]
    assert score.by_grade == [("A2", 1), ("B4", 1)]


def test_many_a_little_make_a_hot_company(works: Company) -> None:
    for number in range(7):
        touched(at_the_works(works, f"p{number}", job_title="Buyer"), "form")
    assert {one.grade for one in scored(works).people} == {"B4"}
    assert company_score(works, AT).grade == "B1"


def test_engagement_is_at_most_the_ceiling_and_the_rest_is_told(works: Company) -> None:
    for number in range(3):
        keen(at_the_works(works, f"p{number}"))
    score = scored(works)
    assert (score.engagement, score.over) == (100, 20)


def test_it_fades_as_its_people_do(works: Company) -> None:
    leads = [at_the_works(works, name) for name in ("one", "two")]
    for lead in leads:
        keen(lead)
    later = AT + timedelta(days=30)
    assert (
        scored(works, later).engagement == sum(receipts_for(lead, later).engagement for lead in leads) == 40
    )


def test_the_erased_the_merged_and_objectors_bring_nothing(works: Company) -> None:
    gone, merged, objector = (at_the_works(works, name) for name in ("gone", "merged", "objector"))
    keen(stays := at_the_works(works, "stays"))
    rescore(all=True, at=AT)
    Person.objects.filter(pk=gone.person_id).update(erased_at=timezone.now())
    Person.objects.filter(pk=merged.person_id).update(merged_into=stays.person)
    Person.objects.filter(pk=objector.person_id).update(no_profiling=True)
    assert [one.person for one in company_score(works, AT).people] == [stays.person_id]


def test_a_company_without_a_scored_person_has_no_grade(works: Company) -> None:
    at_the_works(works, "unscored")
    assert company_score(works, AT) == CompanyScore()


def test_more_people_cost_no_more_queries(works: Company, django_assert_num_queries: Any) -> None:
    for number in range(12):
        at_the_works(works, f"p{number}")
    rescore(all=True, at=AT)
    with django_assert_num_queries(2):
        assert len(company_score(works, AT).people) == 12
