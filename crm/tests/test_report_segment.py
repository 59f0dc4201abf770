"""A report narrowed to a segment: its leads as stored, the rows behind a number the same, and who may narrow it."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from crm.reports.funnel import funnel
from crm.reports.kpis import kpis
from crm.reports.rows import rows
from crm.reports.scope import Scope
from leads.models import Lead
from leads.segments import refresh
from leads.tests.builders import NOON, a_lead
from leads.tests.segment_world import a_segment

pytestmark = pytest.mark.django_db
DAYS = {"start": date(2026, 11, 1), "end": date(2026, 11, 30)}


@pytest.fixture
def dutch():
    for number, country in enumerate(["NL", "NL", "DE"]):
        a_lead(f"r{number}@x.example", country=country)
    Lead.objects.filter(person__email__startswith="r0").update(marketing_qualified_at=NOON)
    segment = a_segment(("country", "NL"), name="Dutch")
    refresh(segment=segment, at=NOON + timedelta(hours=1))
    return segment


def test_a_funnel_counts_the_leads_of_the_segment_only(dutch):
    report = funnel(**DAYS, segment=dutch.pk)
    assert (report.together.leads, report.together.qualified) == (2, 1)
    assert funnel(**DAYS).together.leads == 3
    assert sum(line.leads for line in report.channels) == 2


def test_the_rows_behind_the_number_are_as_many(dutch, maya):
    (part,) = rows(key="leads", scope=Scope(**DAYS, segment=dutch.pk), user=maya).parts
    assert part.queryset.count() == 2


def test_a_segment_has_no_visits_and_no_cost_of_its_own(dutch):
    report = funnel(**DAYS, segment=dutch.pk)
    assert report.inbound[0].count is None
    assert {kpi.value for kpi in kpis(report) if kpi.unit == "money"} == {None}


def leads_on(client, address: str) -> int:
    return client.get(address).context["report"].together.leads


def test_only_who_sees_leads_narrows_to_a_segment(client, maya, vera, dutch):
    address = f"{reverse('staff-funnel')}?start=2026-11-01&end=2026-11-30&segment={dutch.pk}"
    client.force_login(maya)
    assert leads_on(client, address) == 2
    assert "Dutch" in client.get(address).content.decode()
    client.force_login(vera)
    assert leads_on(client, address) == 3
    assert "Dutch" not in client.get(address).content.decode()


def test_nonsense_in_the_address_is_left_out(client, maya, dutch):
    client.force_login(maya)
    address = f"{reverse('staff-funnel')}?start=2026-11-01&end=2026-11-30&segment="
    assert leads_on(client, f"{address}Dutch") == 3
    assert leads_on(client, f"{address}{10**30}") == 3


def test_the_leads_list_shows_the_people_of_a_segment(client, maya, dutch):
    client.force_login(maya)
    page = client.get(f"{reverse('staff-leads')}?segment={dutch.pk}")
    assert page.context["total"] == 2
