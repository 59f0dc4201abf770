"""How a landing page renders: blocks in the marketer's order, what it gives, and HTML that is safe to show."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile

from campaigns.models import Asset, AssetKind, LandingPage, PageBlock, PageState
from campaigns.pages import _usual_steps, clean_html, file_facts, find_page, page_context

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


def a_page(*blocks, **columns):
    page = LandingPage.objects.create(
        slug="paper", title="Catch it early", state=PageState.PUBLISHED, **columns
    )
    for order, (kind, heading) in enumerate(blocks):
        PageBlock.objects.create(page=page, order=order, kind=kind, heading=heading)
    return page


def a_paper(**columns):
    return Asset.objects.create(
        title="Paper", slug="paper", kind=AssetKind.objects.get(slug="white-paper"), **columns
    )


def kinds(page):
    return [section.kind for section in page_context(page)["sections"]]


def test_lines_of_one_kind_that_follow_each_other_are_one_block():
    page = a_page(
        ("inside", "One"), ("inside", "Two"), ("quote", "Good"), ("next", "Soon"), ("inside", "Three")
    )
    assert kinds(page) == ["inside", "quote", "next", "inside"]
    assert [line.heading for line in page_context(page)["sections"][0].lines] == ["One", "Two"]


def test_benefits_stand_beside_the_form_wherever_they_are_in_the_list():
    context = page_context(a_page(("quote", "Good"), ("point", "First"), ("point", "Second")))
    assert [point.heading for point in context["points"]] == ["First", "Second"]


def test_what_happens_next_is_never_missing_and_comes_before_the_questions():
    assert kinds(a_page(("inside", "One"), ("faq", "Why?"), ("closing", "Go"))) == [
        "inside",
        "next",
        "faq",
        "closing",
    ]


def test_the_marketers_own_steps_replace_the_usual_ones():
    page = a_page(("next", "We call you"))
    assert [line.heading for line in page_context(page)["sections"][0].lines] == ["We call you"]


def test_each_kind_of_page_says_what_happens_next_in_its_own_words():
    paper, letter = a_paper(), AssetKind.objects.get(slug="newsletter")
    notes = Asset.objects.create(title="Notes", slug="notes", kind=letter)
    pages = [
        LandingPage(slug="a", asset=paper),
        LandingPage(slug="b", asset=notes),
        LandingPage(slug="c", inquiry="demo"),
    ]
    said = [_usual_steps(page)[1].heading for page in pages]
    assert said == ["Within two minutes", "Now and then", "Within a working day"]


def test_a_figure_stands_beside_the_lines_before_it_and_an_unknown_one_is_left_out():
    page = a_page(("inside", "One"), ("figure", "Two readings"))
    assert page_context(page)["sections"][0].drawing == ""
    PageBlock.objects.filter(kind="figure").update(note="two-readings")
    assert page_context(page)["sections"][0].drawing == "campaigns/figures/two-readings.html"


@pytest.mark.parametrize(
    "columns",
    [
        {"state": PageState.DRAFT},
        {"state": PageState.ARCHIVED},
        {"publish_from": NOW + timedelta(hours=1)},
        {"publish_until": NOW},
    ],
)
def test_a_page_outside_its_time_is_not_found(columns):
    LandingPage.objects.create(slug="paper", title="Paper", **{"state": PageState.PUBLISHED, **columns})
    assert find_page("paper", at=NOW) is None


def test_a_page_is_rendered_with_a_constant_number_of_queries(django_assert_num_queries):
    a_page(*[("point", str(number)) for number in range(20)], asset=a_paper())
    with django_assert_num_queries(3):
        page_context(find_page("paper", at=NOW))


def test_the_facts_of_a_file_are_its_kind_and_size(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    paper = a_paper()
    assert file_facts(paper) == ""
    paper.file.save("paper.pdf", ContentFile(b"x" * 2048))
    assert file_facts(paper) == "PDF, 2.0\xa0KB"


def test_a_lost_file_does_not_break_its_page(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    assert file_facts(a_paper(file="assets/gone.pdf")) == ""


@pytest.mark.parametrize(
    "bad",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<p style="position:fixed">x</p>',
        '<iframe src="https://evil.example"></iframe>',
    ],
)
def test_html_of_a_marketer_loses_what_could_run(bad):
    cleaned = clean_html(f"<p>Kept</p>{bad}")
    assert cleaned.startswith("<p>Kept</p>")
    assert not any(word in cleaned for word in ("script", "onerror", "style", "iframe", "alert(1)</"))
