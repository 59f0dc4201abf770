"""FIELD 12: what a field costs and buys, counted on planted forms and compared with a query written by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from campaigns.models import FormField, LandingPage
from crm.reports.form_price import FormPrice, form_price, forms_in
from crm.reports.scope import Scope
from crm.tests.small_world import march
from leads.models import Hit, Lead, Person, Submission, Verdict

pytestmark = pytest.mark.django_db
MARCH = Scope(start=date(2026, 3, 1), end=date(2026, 3, 31))


@pytest.fixture
def page() -> LandingPage:
    page = LandingPage.objects.create(
        slug="ask", title="Ask an engineer", inquiry="contact", state="published"
    )
    for order, (name, required) in enumerate((("email", True), ("phone", False), ("company", False))):
        FormField.objects.create(page=page, maps_to=name, order=order, required=required)
    return page


def a_form(
    page: LandingPage,
    number: int,
    *,
    qualified: bool = False,
    before: bool = False,
    address: bool = True,
    **answers: str,
) -> Any:
    """One accepted form; its sender qualified a day later, or a day before, or not."""
    at = march(2) + timedelta(minutes=number)
    key = f"p{number}@corp.example"
    person = Person.objects.create(email_key=key, created_at=at)
    day = timedelta(days=-1 if before else 1)
    Lead.objects.create(
        person=person, created_at=at, marketing_qualified_at=at + day if qualified or before else None
    )
    given = {"email": key} if address else {}
    return Submission.objects.create(
        page=page, person=person, at=at, state="accepted", email_key=key, nonce=str(number),
        answers={**given, **answers},
    )  # fmt: skip


def left_at(page: LandingPage, name: str, visitor: str, *verdicts: str) -> None:
    hit = Hit.objects.create(kind=Hit.Kind.LEFT, at=march(3), page=page, label=name, visitor_key=visitor)
    for version, verdict in enumerate(verdicts or ("human",), 1):
        Verdict.objects.create(hit=hit, version=version, verdict=verdict)


def planted(page: LandingPage) -> FormPrice:
    """100 forms: 40 with a phone, of which 4 qualified, 60 without, of which 6; 12 left at the phone, 3 elsewhere."""
    for number in range(100):
        phone = {"phone": "+41446681800"} if number < 40 else {}
        a_form(page, number, qualified=number % 10 == 0, **phone)
    for number in range(12):
        left_at(page, "phone", f"v{number}")
    for number in range(3):
        left_at(page, "company", f"w{number}")
    return form_price(page=page, scope=MARCH)


def of(price: FormPrice, name: str) -> Any:
    return next(field for field in price.fields if field.name == name)


def test_a_field_costs_the_forms_left_at_it_of_those_begun(page):
    price = planted(page)
    assert (price.begun, price.sent, price.left) == (115, 100, 15)
    phone = of(price, "phone").cost
    assert (phone.hits, phone.of) == (12, 115)
    assert phone.low < 12 / 115 < phone.high
    assert of(price, "email").cost.hits == 0


def test_the_counts_equal_a_query_written_by_hand(page):
    price = planted(page)
    has = "answers ->> 'phone' IS NOT NULL" if connection.vendor == "postgresql" else (
        "json_extract(answers, '$.phone') IS NOT NULL"
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT COUNT(*), SUM(CASE WHEN lead.marketing_qualified_at >= form.at THEN 1 ELSE 0 END)
                FROM leads_submission form JOIN leads_lead lead ON lead.person_id = form.person_id
                WHERE form.page_id = %s AND {has}""",
            [page.pk],
        )
        by_hand = cursor.fetchone()
    phone = of(price, "phone")
    assert (phone.with_it.of, phone.with_it.hits) == tuple(map(int, by_hand)) == (40, 4)
    assert (phone.without_it.of, phone.without_it.hits) == (60, 6)


def test_no_difference_is_no_extra_lead_and_such_a_field_is_dear(page):
    phone = of(planted(page), "phone")
    assert phone.gain.low < 0 < phone.gain.high
    assert (phone.extra, phone.is_dear) == (0, True)


def test_a_clear_difference_is_told_in_leads(page):
    for number in range(100):
        with_it = number < 50
        a_form(page, number, qualified=with_it and number % 2 == 0, **({"company": "X"} if with_it else {}))
    company = of(form_price(page=page, scope=MARCH), "company")
    assert company.gain.low > 0
    assert company.extra == 25
    assert not company.is_dear


def test_little_data_says_nothing(page):
    for number in range(29):
        a_form(page, number, qualified=True, phone="+41446681800")
    phone = of(form_price(page=page, scope=MARCH), "phone")
    assert phone.gain is None
    assert (phone.is_dear, phone.extra) == (False, 0)


def test_machines_and_hits_not_judged_yet_do_not_count_and_one_visitor_counts_once(page):
    left_at(page, "phone", "a")
    left_at(page, "phone", "a")
    left_at(page, "phone", "b", "machine")
    left_at(page, "phone", "c", "human", "machine")
    Hit.objects.create(kind=Hit.Kind.LEFT, at=march(3), page=page, label="phone", visitor_key="d")
    assert form_price(page=page, scope=MARCH).left == 1


def test_a_field_counts_from_its_first_answer_on(page):
    """A field added yesterday was not left empty by those of last week."""
    for number in range(10):
        a_form(page, number)
    a_form(page, 10, phone="+41446681800")
    a_form(page, 11)
    phone = of(form_price(page=page, scope=MARCH), "phone")
    assert (phone.with_it.of, phone.without_it.of) == (1, 1)


def test_who_came_by_their_own_link_or_was_qualified_before_is_left_out(page):
    a_form(page, 1, phone="+41446681800")
    a_form(page, 2, address=False)
    a_form(page, 3, before=True)
    price = form_price(page=page, scope=MARCH)
    assert price.sent == 2
    assert of(price, "phone").without_it.of == 0


def test_a_quarantined_form_and_another_period_do_not_count(page):
    Submission.objects.filter(pk=a_form(page, 1).pk).update(state="quarantined")
    Submission.objects.filter(pk=a_form(page, 2).pk).update(at=march(1) - timedelta(days=2))
    assert form_price(page=page, scope=MARCH).sent == 0


def test_forms_are_listed_by_how_many_were_sent(page):
    other = LandingPage.objects.create(slug="b", title="B")
    left_at(other, "email", "x")
    a_form(page, 1)
    assert forms_in(MARCH) == [(page, 1), (other, 0)]


def test_the_page_is_for_those_who_may_see_reports(client: Client, maya: Any, sam: Any, nora: Any) -> None:
    for user, status in ((maya, 200), (sam, 200), (nora, 403)):
        client.force_login(user)
        assert client.get("/staff/reports/forms/").status_code == status, user


def test_the_page_tells_the_numbers_of_the_report(page, client: Client, maya: Any) -> None:
    planted(page)
    client.force_login(maya)
    answer = client.get("/staff/reports/forms/?start=2026-03-01&end=2026-03-31")
    html = answer.content.decode()
    assert answer.context["price"].begun == 115
    assert "10.4%" in html
    assert "0 extra qualified" in html
    assert "not enough data yet" in html  # of the company
    assert f"/admin/campaigns/landingpage/{page.pk}/change/" in html


def test_sales_see_no_way_to_the_editor(page, client: Client, sam: Any) -> None:
    planted(page)
    client.force_login(sam)
    html = client.get("/staff/reports/forms/?start=2026-03-01&end=2026-03-31").content.decode()
    assert "/admin/campaigns/landingpage/" not in html


@pytest.mark.parametrize("query", ["page=nothing", "page=%00", "period=x", ""])
def test_nothing_to_show_says_what_will_be_here(query: str, client: Client, maya: Any) -> None:
    client.force_login(maya)
    assert "No form was sent or left" in client.get(f"/staff/reports/forms/?{query}").content.decode()


def test_more_fields_and_forms_cost_no_more_queries(page, django_assert_max_num_queries: Any) -> None:
    planted(page)
    with django_assert_max_num_queries(7):
        form_price(page=page, scope=MARCH)


def test_a_form_of_which_nothing_left_was_ever_told_is_not_measured(page, client: Client, maya: Any) -> None:
    for number in range(60):
        a_form(page, number)
    assert not form_price(page=page, scope=MARCH).measured
    client.force_login(maya)
    html = client.get("/staff/reports/forms/?start=2026-03-01&end=2026-03-31").content.decode()
    assert html.count("not measured") == 1 + page.fields.count()
