"""The editor of the ideal profile: what it finds, saving it, two tabs, and who may."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from campaigns.models import IdealProfile, IdealValue, Persona
from leads.ideal import editing, people
from leads.ideal.counts import Fitting, fitting
from leads.ideal.figures import Estimate, Share
from leads.ideal.people import Kind
from leads.ideal.personas import personas
from leads.ideal.shares import shares, suggestions
from leads.models import Fact, Lead, LeadScore, Person
from leads.scoring.rules import load_setup
from leads.tests.builders import NOON, a_lead
from leads.tests.scoring_world import a_company

pytestmark = pytest.mark.django_db
PAGE = "staff-ideal-profile"
YEAR = 2026
PUMPS = {"wish": "required", "field": "industry", "words": "pumps"}
NO_STUDENTS = {"wish": "excluded", "field": "job_title", "words": "student", "exclusion": "student"}


def sent(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A form as a browser sends it."""
    data = {"name": "Ideal", "lines-number": len(rows), "seen": editing.state_of(editing.active()), **more}
    for place, row in enumerate(rows):
        data |= {f"lines-{place}-{key}": value for key, value in row.items()}
    return data


def saved(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return sent(*rows, save="1", **more)


def a_line(**columns: Any) -> IdealValue:
    return IdealValue(**{"wish": "required", **columns})


def found(*lines: IdealValue) -> dict[Kind, Fitting]:
    return {one.kind: one for one in fitting(lines, year=YEAR)}


def leads_of(industry: str, number: int, *, customers: int = 0, **said: Any) -> None:
    """Leads of one company, the first of them customers."""
    company = a_company(f"{industry}{Lead.objects.count()}.example", industry=industry, size=80)
    for place in range(number):
        lead = a_lead(f"p{place}@{company.domain}", company=company, **said)
        if place < customers:
            Lead.objects.filter(pk=lead.pk).update(status="customer")


def is_due() -> bool:
    return LeadScore.objects.filter(dirty_at__isnull=False).exists()


# What it finds


def test_leads_cold_contacts_and_companies_are_counted_apart():
    leads_of("pumps", 3)
    leads_of("optics", 2)
    cold = Person.objects.create(email="c@pumps0.example", email_key="c@pumps0.example")
    Fact.objects.create(person=cold, field="industry", value="Pumps", source="imported", at=NOON)
    there = found(a_line(field="industry", words="pumps"))
    told = [(one.matching.number, one.total) for one in there.values()]
    assert told == [(3, 5), (1, 1), (1, 2)]


def test_a_line_about_a_role_is_not_asked_of_companies():
    leads_of("pumps", 2, job_title="Head of Maintenance")
    there = found(a_line(field="seniority", words="head"), a_line(field="company_size", minimum=50))
    assert (there[Kind.LEADS].matching.number, there[Kind.COMPANIES].matching.number) == (2, 1)


def test_who_lacks_something_required_cannot_be_told_and_does_not_match():
    a_lead("a@x.example", country="NL")
    a_lead("b@x.example", country="DE")
    a_lead("c@x.example")
    leads = found(a_line(field="country", words="NL"))[Kind.LEADS]
    assert (leads.matching.number, leads.unknown.number) == (1, 1)


def test_preferred_values_are_averaged_over_those_that_match():
    a_lead("a@x.example", country="NL", job_title="Head of Pumps")
    a_lead("b@x.example", country="NL", job_title="Clerk")
    a_lead("c@x.example", country="DE", job_title="Head of Pumps")
    wishes = [
        a_line(wish="preferred", field="job_title", words="head"),
        a_line(wish="preferred", field="domain", words="x.example"),
    ]
    assert found(a_line(field="country", words="NL"), *wishes)[Kind.LEADS].preferred == 1.5


def test_the_excluded_are_those_whom_scoring_excludes_and_as_the_same():
    leads_of("pumps", 2, job_title="Student of mechanics")
    a_lead("a@rival.example", job_title="Student")
    a_lead("b@rival.example", job_title="Head of Sales")
    a_lead("c@x.example", job_title="Clerk")
    profile = IdealProfile.objects.create(name="Ideal", is_active=True)
    for field, words, reason in (
        ("job_title", "student", "student"),
        ("domain", "rival.example", "competitor"),
    ):
        IdealValue.objects.create(
            profile=profile, wish="excluded", field=field, words=words, exclusion=reason
        )
    IdealValue.objects.create(profile=profile, wish="excluded", field="country", words="*")
    leads = found(*editing.lines_of(profile))[Kind.LEADS]
    assert [(reason, number.number) for reason, number in leads.reasons] == [
        ("student", 3),
        ("competitor", 1),
    ]
    setup = load_setup()
    by_scoring = [
        setup.exclusion_for(known.seen(), year=YEAR, status="new", said="")
        for known, number in people.population(Kind.LEADS).groups.items()
        for _ in range(number)
    ]
    assert sorted(filter(None, by_scoring)) == ["competitor", "student", "student", "student"]


def test_of_many_a_sample_is_read_and_the_truth_lies_in_its_span(monkeypatch):
    for place in range(300):
        a_lead(f"p{place}@x.example", country="NL" if place % 3 == 0 else "DE")
    monkeypatch.setattr(people, "EXACT", 200)
    monkeypatch.setattr(people, "SAMPLE", 150)
    leads = found(a_line(field="country", words="NL"))[Kind.LEADS]
    assert (leads.total, leads.sample) == (300, 150)
    assert leads.matching.low is not None and leads.matching.high is not None
    assert leads.matching.low <= 100 <= leads.matching.high
    assert leads.matching == found(a_line(field="country", words="NL"))[Kind.LEADS].matching


def test_an_estimate_of_all_is_a_number_without_a_span():
    assert Estimate.of(7, 20, 20) == Estimate(7)
    assert Estimate.of(50, 100, 1000) == Estimate(500, 404, 596)


def test_a_value_stands_with_its_share_among_customers_and_leads():
    leads_of("pumps", 20, customers=12)
    leads_of("optics", 80, customers=8)
    (line,) = shares([a_line(field="industry", words="Pumps, optics")], year=YEAR)
    pumps, optics = (value.beside for value in line.values)
    assert (pumps.customers, pumps.leads) == (Share(12, 20), Share(20, 100))
    assert pumps.times == pytest.approx(3.0) and not pumps.may_be_chance
    assert optics.times == pytest.approx(0.5)


def test_of_few_customers_nothing_is_said():
    leads_of("pumps", 20, customers=3)
    (line,) = shares([a_line(field="industry", words="pumps")], year=YEAR)
    assert line.values[0].beside.too_few and line.values[0].beside.times is None


def test_what_customers_share_and_no_line_names_is_suggested():
    leads_of("pumps", 30, customers=20, country="NL")
    leads_of("optics", 70, customers=5, country="DE")
    offered = {(one.field, one.said) for one in suggestions([], year=YEAR)}
    assert {("industry", "Pumps"), ("country", "NL")} <= offered
    assert ("industry", "Optics") not in offered
    left = {one.field for one in suggestions([a_line(field="industry", words="Pumps")], year=YEAR)}
    assert "industry" not in left and "country" in left


def test_each_persona_says_how_many_leads_have_it_and_how_many_are_unknown(client, maya):
    plant = Persona.objects.create(name="Plant manager", slug="plant")
    Persona.objects.create(name="Old", slug="old", archived_at=NOON)
    leads_of("pumps", 3)
    leads_of("optics", 2)
    Lead.objects.filter(person__company__industry="pumps").update(persona=plant)
    there = personas()
    assert ([(one.slug, number) for one, number in there.rows if number], there.unknown) == (
        [("plant", 3)],
        2,
    )
    assert "old" not in {one.slug for one, _number in there.rows}
    client.force_login(maya)
    page = client.get(reverse(PAGE)).content.decode()
    assert "?persona=plant" in page and "?unknown=persona" in page


# Saving


def test_a_marketer_saves_lines_and_every_lead_is_due(client, maya):
    leads_of("pumps", 1)
    LeadScore.objects.update(dirty_at=None)
    client.force_login(maya)
    answer = client.post(reverse(PAGE), saved(PUMPS, NO_STUDENTS))
    assert answer.status_code == 302 and is_due()
    lines = list(IdealValue.objects.order_by("pk").values_list("wish", "field", "words", "exclusion"))
    assert lines == [("required", "industry", "pumps", ""), ("excluded", "job_title", "student", "student")]
    assert IdealProfile.objects.get().is_active
    assert load_setup().exclusions[0][1] == "student"


def test_sent_twice_it_is_saved_once_and_nobody_is_due_again(client, maya):
    client.force_login(maya)
    form = saved(PUMPS)
    client.post(reverse(PAGE), form)
    first = list(IdealValue.objects.values_list("pk", flat=True))
    leads_of("pumps", 1)
    LeadScore.objects.update(dirty_at=None)
    assert client.post(reverse(PAGE), form).status_code == 302
    assert list(IdealValue.objects.values_list("pk", flat=True)) == first and not is_due()


def test_what_another_tab_saved_meanwhile_is_not_written_over(client, maya):
    client.force_login(maya)
    old = saved({"wish": "required", "field": "country", "words": "NL"})
    client.post(reverse(PAGE), saved(PUMPS))
    page = client.post(reverse(PAGE), old, follow=True).content.decode()
    assert "Somebody was faster" in page
    assert IdealValue.objects.get().field == "industry"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"field": "country", "words": "Netherlands"}, "two letters"),
        ({"field": "company_size"}, "smallest or the largest"),
        ({"field": "company_size", "minimum": "90", "maximum": "10"}, "above the largest"),
        ({"field": "industry", "words": " "}, "any that is known"),
        ({"field": "industry", "words": ", ,"}, "values between the commas"),
        ({"field": "job_title", "words": "student", "wish": "excluded"}, "as what it excludes"),
        ({"field": "shoe_size", "words": "42"}, "not one of the available"),
    ],
)
def test_a_line_that_cannot_be_is_refused_with_what_would_do(line, said, client, maya):
    client.force_login(maya)
    answer = client.post(reverse(PAGE), saved({"wish": "preferred", **line}))
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not IdealValue.objects.exists()


def test_the_last_line_is_not_taken_away_by_saving_none(client, maya):
    client.force_login(maya)
    client.post(reverse(PAGE), saved(PUMPS))
    assert client.post(reverse(PAGE), saved()).status_code == 422
    assert IdealValue.objects.count() == 1


def test_lines_are_added_taken_away_and_counted_without_saving(client, maya):
    leads_of("pumps", 4)
    client.force_login(maya)
    page = client.post(reverse(PAGE), sent(PUMPS, add="1")).content.decode()
    assert 'name="lines-number" value="2"' in page
    page = client.post(reverse(PAGE), sent(PUMPS, NO_STUDENTS, remove="0")).content.decode()
    assert 'name="lines-number" value="1"' in page and 'value="student"' in page
    page = client.post(reverse(PAGE), sent(PUMPS, count="1")).content.decode()
    assert '<span class="bignum num">4' in page
    assert not IdealValue.objects.exists()


def test_a_suggestion_becomes_a_line_of_the_form(client, maya):
    client.force_login(maya)
    page = client.post(reverse(PAGE), sent(PUMPS, add="company_size:50:199:")).content.decode()
    assert 'name="lines-1-minimum" value="50"' in page and 'name="lines-1-maximum" value="199"' in page
    page = client.post(reverse(PAGE), sent(PUMPS, add='industry:::"banking, investment"')).content.decode()
    assert "&quot;banking, investment&quot;" in page


def test_the_live_count_is_of_the_form_as_it_stands(client, maya):
    leads_of("pumps", 4)
    client.force_login(maya)
    page = client.post(reverse("staff-ideal-try"), sent(PUMPS)).content.decode()
    assert '<span class="bignum num">4' in page and 'hx-swap-oob="true"' in page
    unfinished = client.post(
        reverse("staff-ideal-try"), sent({"wish": "required", "field": "industry", "words": ""})
    )
    assert "not finished" in unfinished.content.decode()


def test_an_archived_profile_is_brought_back_by_saving_it(client, maya):
    client.force_login(maya)
    client.post(reverse(PAGE), saved(PUMPS))
    IdealProfile.objects.update(archived_at=NOON)
    assert "brings it back" in client.get(reverse(PAGE)).content.decode()
    client.post(reverse(PAGE), saved(PUMPS))
    assert IdealProfile.objects.get().archived_at is None


# Who may


def test_who_sees_it_and_who_may_change_it(client, maya, sara, sam, omar, vera, nora):
    IdealProfile.objects.create(name="Plants", is_active=True).values.create(
        wish="required", field="country", words="NL"
    )
    before = {
        maya: (200, 302),
        sara: (200, 403),
        sam: (403, 403),
        omar: (403, 403),
        vera: (403, 403),
        nora: (403, 403),
    }
    for user, expected in before.items():
        client.force_login(user)
        told = client.get(reverse(PAGE)).status_code, client.post(reverse(PAGE), saved(PUMPS)).status_code
        assert told == expected, user.username
    client.force_login(sara)
    page = client.get(reverse(PAGE)).content.decode()
    assert "industry: Pumps" in page and "<select" not in page
    assert client.post(reverse("staff-ideal-try"), sent(PUMPS)).status_code == 403


def test_another_profile_takes_its_place_once_and_an_archived_one_does_not(client, maya):
    now = IdealProfile.objects.create(name="Plants", is_active=True)
    other = IdealProfile.objects.create(name="Hospitals")
    away = IdealProfile.objects.create(name="Schools", archived_at=NOON)
    a_lead("vera@maasland.example")
    LeadScore.objects.update(dirty_at=None)
    client.force_login(maya)
    assert "Hospitals" in client.get(reverse(PAGE)).content.decode()
    client.post(reverse("staff-ideal-use", args=[other.pk]))
    assert editing.active() == other and is_due()
    LeadScore.objects.update(dirty_at=None)
    client.post(reverse("staff-ideal-use", args=[other.pk]))
    client.post(reverse("staff-ideal-use", args=[away.pk]))
    assert editing.active() == other and not is_due()
    assert editing.others() == [now]


def test_who_may_put_another_profile_in_its_place(client, maya, sara, sam, nora):
    other = IdealProfile.objects.create(name="Hospitals")
    for who, status in ((sam, 403), (nora, 403), (sara, 403), (maya, 302)):
        client.force_login(who)
        assert client.post(reverse("staff-ideal-use", args=[other.pk])).status_code == status
        assert (editing.active() is not None) == (who == maya)


def test_it_stands_in_the_rail_of_those_who_see_it_and_is_edited_nowhere_else(client, maya, sam):
    client.force_login(maya)
    assert reverse(PAGE) in client.get(reverse("staff-segments")).content.decode()
    profile = IdealProfile.objects.create(name="Plants", is_active=True)
    form = {"name": "Other", "values-TOTAL_FORMS": 0, "values-INITIAL_FORMS": 0}
    assert client.post(f"/admin/campaigns/idealprofile/{profile.pk}/change/", form).status_code == 403
