"""The page as it is typed: drawn without saving, in a frame that may do nothing, for those who may change it."""

import pytest
from django.urls import reverse

from campaigns.models import FormField, LandingPage, PageBlock
from leads.tests.builders import a_page

pytestmark = pytest.mark.django_db


def typed(page=None, blocks=(), fields=("email",), **texts):
    """The form as a browser posts it."""
    own = {"title": "Typed just now", "slug": "typed", "language": "en", "button": "Send", "most_asked": 4}
    post = own | {"free_mailboxes": "allow", "throwaway_mailboxes": "mark", "hourly_limit": 100} | texts
    for name, lines in (("blocks", blocks), ("fields", [{"maps_to": one} for one in fields])):
        post |= {f"{name}-TOTAL_FORMS": len(lines), f"{name}-INITIAL_FORMS": 0}
        for number, line in enumerate(lines):
            given = {"order": number, **line}
            post |= {f"{name}-{number}-{key}": value for key, value in given.items()}
    return post


def place(page, what):
    add = reverse("admin:campaigns_landingpage_add").replace("add/", f"add/{what}/")
    return add if page is None else add.replace("/add/", f"/{page.pk}/")


@pytest.fixture
def editor(maya, client):
    client.force_login(maya)
    return client


def test_what_is_typed_is_shown_and_nothing_is_saved(editor):
    page = a_page()
    blocks = [{"kind": "point", "heading": "A typed benefit"}]
    html = editor.post(place(page, "preview"), typed(blocks=blocks)).content.decode()
    assert "Typed just now" in html
    assert "A typed benefit" in html
    page.refresh_from_db()
    assert (page.title, page.blocks.count(), page.fields.count()) == ("Catch it early", 0, 4)


def test_a_page_that_is_not_saved_yet_can_be_looked_at(editor):
    html = editor.post(place(None, "preview"), typed(fields=("email", "company"))).content.decode()
    assert 'name="company"' in html
    assert not LandingPage.objects.exists()


def test_an_unfinished_form_is_shown_as_far_as_it_goes(editor):
    response = editor.post(place(None, "preview"), {"title": "Only this"})
    assert response.status_code == 200
    assert "Only this" in response.content.decode()


def test_lines_stand_in_their_dragged_order_and_a_line_taken_out_is_gone(editor):
    blocks = [
        {"kind": "faq", "heading": "Second?", "text": "b", "order": 2},
        {"kind": "faq", "heading": "First?", "text": "a", "order": 1},
        {"kind": "faq", "heading": "Out?", "text": "c", "order": 0, "DELETE": "on"},
    ]
    html = editor.post(place(None, "preview"), typed(blocks=blocks)).content.decode()
    assert html.index("First?") < html.index("Second?")
    assert "Out?" not in html


def test_the_saved_lines_are_shown_with_what_was_changed_on_them(editor):
    page = a_page()
    block = PageBlock.objects.create(page=page, kind="point", heading="Before")
    post = typed(blocks=[{"id": block.pk, "page": page.pk, "kind": "point", "heading": "After"}])
    html = editor.post(place(page, "preview"), post | {"blocks-INITIAL_FORMS": 1}).content.decode()
    assert "After" in html
    assert "Before" not in html


def test_the_preview_may_be_framed_by_us_and_may_do_nothing(editor):
    response = editor.post(place(None, "preview"), typed())
    policy = dict(
        (part.strip() + " ").split(" ", 1) for part in response["Content-Security-Policy"].split(";")
    )
    assert policy["sandbox"].strip() == ""
    assert policy["frame-ancestors"].strip() == "'self'"
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert "no-store" in response["Cache-Control"]


def test_the_preview_cannot_be_used(editor):
    html = editor.post(place(None, "preview"), typed()).content.decode()
    assert "<body inert>" in html


def test_hostile_words_are_shown_as_words(editor):
    html = editor.post(place(None, "preview"), typed(title="<img src=x onerror=alert(1)>")).content.decode()
    assert "<img src=x" not in html


@pytest.mark.parametrize("what", ["preview", "check"])
@pytest.mark.parametrize("who", ["sam", "sara", "nora"])
def test_who_may_not_change_a_page_may_not_preview_one(what, who, request, client):
    client.force_login(request.getfixturevalue(who))
    assert client.post(place(a_page(), what), typed()).status_code in (302, 403)


@pytest.mark.parametrize("what", ["preview", "check"])
def test_looking_by_get_or_at_a_page_that_is_none_is_refused(editor, what):
    page = a_page()
    assert editor.get(place(page, what)).status_code == 405
    page.pk = 999_999
    assert editor.post(place(page, what), typed()).status_code == 404


def test_the_check_says_what_is_wrong_with_what_is_typed(editor):
    html = editor.post(place(None, "check"), typed(title="Short", lead_text="")).content.decode()
    assert "There is no text for search engines" in html
    assert "The headline is short" in html


def test_the_check_finds_no_error_on_a_page_that_is_well_written(editor):
    good = {
        "title": "Catch a failing bearing six weeks early",
        "search_text": "Which reading moves first when a bearing fails, and where to set the alarm. 31 tests.",
    }
    html = editor.post(place(a_page(), "check"), typed(**good)).content.decode()
    assert "0 errors" in html
    assert "0 warnings" in html
    assert FormField.objects.count() == 4
