"""The number shown for a day: read from the stored row it equals the sum of the receipts of that day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from leads.models import LeadScore
from leads.scoring.panel import receipts_for
from leads.scoring.reading import engagement_at, engagements_at, total_at
from leads.scoring.rescore import rescore
from leads.scoring.rules import rules_of
from leads.tests.builders import NOON
from leads.tests.scoring_world import a_good_lead, a_model, keen, touched

pytestmark = pytest.mark.django_db


def test_on_the_day_of_the_run_the_stored_number_stands() -> None:
    model, lead = a_model(), a_good_lead()
    keen(lead)
    rescore(lead_ids=[lead.pk], at=NOON)
    row = LeadScore.objects.get(lead=lead)
    assert engagement_at(row, rules_of(model), NOON + timedelta(hours=5)) == row.engagement == 40
    assert total_at(row, rules_of(model), NOON + timedelta(hours=5)) == row.total


def test_a_quiet_lead_shows_less_each_day_though_nobody_writes_its_row() -> None:
    model, lead = a_model(), a_good_lead()
    keen(lead)
    rescore(lead_ids=[lead.pk], at=NOON)
    row, rules = LeadScore.objects.get(lead=lead), rules_of(model)
    shown = [engagement_at(row, rules, NOON + timedelta(days=days)) for days in (1, 30, 60, 3000)]
    assert shown == [40, 20, 10, 0]
    assert total_at(row, rules, NOON + timedelta(days=3000)) == row.fit


def test_a_page_of_rows_costs_one_statement() -> None:
    a_model()
    leads = [a_good_lead(f"vera{n}@maasland.example") for n in range(4)]
    rescore(lead_ids=[lead.pk for lead in leads], at=NOON)
    rows = list(LeadScore.objects.all())
    with CaptureQueriesContext(connection) as seen:
        shown = engagements_at([*rows, None], NOON)
    assert len(seen) == 1
    assert shown == {row.lead_id: row.engagement for row in rows}


def test_a_lead_that_no_run_has_seen_shows_what_its_row_says() -> None:
    a_model()
    lead = a_good_lead()
    assert engagements_at(LeadScore.objects.filter(lead=lead), NOON) == {lead.pk: 0}


class ShownIsRecomputed(TestCase):
    @given(
        acts=st.lists(
            st.tuples(
                st.sampled_from(["form", "download", "visit", "inquiry", "click"]),
                st.integers(0, 120 * 24),
            ),
            max_size=12,
        ),
        later=st.integers(0, 400),
    )
    def test_a_row_read_later_says_what_the_receipts_of_that_day_say(
        self, acts: list[tuple[str, int]], later: int
    ) -> None:
        model = a_model()
        lead = a_good_lead()
        for kind, hours in acts:
            touched(lead, kind, NOON - timedelta(hours=hours))
        rescore(lead_ids=[lead.pk], at=NOON)
        day = NOON + timedelta(days=later)
        row = LeadScore.objects.get(lead=lead)
        panel = receipts_for(lead, day)
        assert engagement_at(row, rules_of(model), day) == panel.engagement
        assert total_at(row, rules_of(model), day) == panel.total
