"""A line of a segment says in words what it asks."""

from __future__ import annotations

import pytest
from django.urls import reverse

from leads.segments.words import in_words
from leads.tests.segment_world import a_line
from leads.tests.test_segment_pages import NEW, sent

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (a_line("status", "new,marketing_qualified"), "status: new, marketing-qualified"),
        (a_line("status", "customer", True), "not status: customer"),
        (a_line("grade", "b2"), "grade B2 or better"),
        (a_line("grade", "B2", compare="from"), "grade B2 or better"),
        (a_line("grade", compare="known"), "grade is known"),
        (a_line("touched", "30"), "last touch within 30 days"),
        (a_line("became", "1"), "became a lead within 1 day"),
        (a_line("with_sales", "no"), "not with sales"),
        (a_line("with_sales"), "with sales"),
        (a_line("size", "200", compare="from"), "company size at least 200"),
        (a_line("fact", "7", name="shifts", compare="until"), "shifts at most 7"),
        (a_line("did", "", name="download", times=2, days=30), "downloaded, 2 times within 30 days"),
        (a_line("country", "DE,AT"), "country: DE, AT"),
    ],
)
def test_each_kind_of_line_reads_as_a_sentence(line, words):
    assert in_words(line) == words


def test_what_was_counted_with_a_line_that_cannot_be_says_so_beside_the_form(client, maya):
    client.force_login(maya)
    answer = client.post(reverse(NEW), sent({"field": "grade", "value": "Z9"}, count="1")).content.decode()
    assert "A line is not finished." in answer and "Press Count" not in answer
