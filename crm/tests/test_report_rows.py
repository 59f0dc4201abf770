"""Each number opens its rows: as many as it says, and only to those who may see them."""

from datetime import date

import pytest

from crm.reports.funnel import funnel
from crm.reports.kpis import kpis
from crm.reports.rows import OTHERS, rows
from crm.reports.scope import Scope
from crm.tests.small_world import NOW, build

pytestmark = pytest.mark.django_db
VIEWS = ("cohort", "events")


def scope_of(view="cohort", **filters):
    return Scope(start=date(2026, 3, 1), end=date(2026, 3, 31), view=view, **filters)


def report_of(scope):
    return funnel(start=scope.start, end=scope.end, view=scope.view, campaign=scope.campaign, at=NOW)


def seen(found):
    return sum(part.queryset.count() for part in found.parts)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("campaign", ["", "search", "-"])
def test_each_step_has_as_many_rows_as_it_says(sara, view, campaign):
    build()
    scope = scope_of(view, campaign=campaign)
    for step in report_of(scope).steps:
        found = rows(key=step.key, scope=scope, user=sara)
        assert (seen(found), found.hidden) == (step.count or 0, 0), step.key


@pytest.mark.parametrize("view", VIEWS)
def test_each_line_of_the_tables_has_as_many_rows_as_it_says(sara, view):
    build()
    for line in report_of(scope_of(view)).campaigns:
        scope = scope_of(view, campaign=line.key)
        for key, number in (("leads", line.leads), ("decided", line.decided), ("won", line.won)):
            assert rows(key=key, scope=scope, user=sara).number == number, (line.key, key)


def test_each_reason_has_as_many_rows_as_it_says(sara):
    build()
    for side in ("rejected", "lost"):
        for line in getattr(report_of(scope_of()), side):
            found = rows(key=side, scope=scope_of(), user=sara, reason=line.key)
            assert seen(found) == line.count == 1


def test_the_open_ones_and_the_spend_open_too(sara, maya):
    build()
    tiles = {kpi.key: kpi for kpi in kpis(report_of(scope_of()))}
    assert seen(rows(key="open", scope=scope_of(), user=sara)) == tiles["conversion"].open == 1
    spent = rows(key="spend", scope=scope_of(), user=maya).parts[0].queryset
    assert sum(row.base_amount for row in spent) == tiles["cost_per_lead"].part == 390


def test_a_rep_sees_the_rows_behind_their_own_prospects_and_how_many_are_hidden(sam):
    build(sam)
    found = rows(key="won", scope=scope_of(), user=sam)
    assert [(part.kind, part.number, part.hidden) for part in found.parts] == [
        ("lead", 1, 0),
        ("prospect", 1, 0),
    ]
    found = rows(key="leads", scope=scope_of(), user=sam)
    assert (found.number, found.hidden, seen(found)) == (7, 6, 1)


def test_marketing_sees_all_leads_and_of_cold_prospects_no_name(maya):
    build()
    inbound, outbound = rows(key="won", scope=scope_of(), user=maya).parts
    assert (inbound.queryset.count(), inbound.names) == (1, True)
    assert (outbound.queryset.count(), outbound.names) == (1, False)


@pytest.mark.parametrize("key", ["leads", "won", "contacted", *OTHERS])
def test_a_viewer_and_a_stranger_see_no_row_behind_any_number(vera, nora, key):
    build()
    for user in (vera, nora):
        found = rows(key=key, scope=scope_of(), user=user)
        assert (seen(found), found.hidden) == (0, found.number), user


def test_a_word_that_is_no_number_is_refused(sara):
    with pytest.raises(KeyError):
        rows(key="password", scope=scope_of(), user=sara)
