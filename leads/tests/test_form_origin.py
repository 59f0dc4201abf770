"""The campaign that brought a visitor stays with them from page to page, without a cookie."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from campaigns.models import Asset
from leads.models import Submission, Touch
from leads.nonce import make
from leads.tests.builders import NOON, a_page
from leads.views.origin import carry_on

CLICK_IDS = ("gclid", "fbclid", "msclkid", "li_fat_id", "tblci")


def carried(html, query):
    return carry_on(RequestFactory().get(f"/?{query}"), HttpResponse(html)).content.decode()


@pytest.mark.parametrize(
    ("link", "becomes"),
    [
        ('href="/p/paper/"', 'href="/p/paper/?utm_source=fair"'),
        ('href="/r/guide/#top"', 'href="/r/guide/?utm_source=fair#top"'),
        ('href="/p/paper/?a=1"', 'href="/p/paper/?a=1&amp;utm_source=fair"'),
        ('action="/p/news/"', 'action="/p/news/?utm_source=fair"'),
        ('href="/"', 'href="/?utm_source=fair"'),
        ('href="?topic=x"', 'href="?topic=x&amp;utm_source=fair"'),
    ],
)
def test_links_to_pages_of_ours_carry_the_campaign_on(link, becomes):
    assert carried(f"<a {link}>", "utm_source=fair&other=1") == f"<a {becomes}>"


@pytest.mark.parametrize(
    "link",
    [
        'href="https://elsewhere.example/p/paper/"',
        'href="//elsewhere.example/"',
        'href="/static/css/public.css"',
        'href="/p/paper/thanks/token/"',
        'href="#form"',
        'href="/p/paper/?utm_source=own"',
        'href="mailto:a@b.example"',
    ],
)
def test_all_other_links_stay_as_they_are(link):
    assert carried(f"<a {link}>", "utm_source=fair") == f"<a {link}>"


def test_a_hostile_value_cannot_break_out_of_the_link():
    html = carried('<a href="/p/paper/">', 'utm_source="><script>alert(1)</script>')
    assert "<script>" not in html
    assert html.count('"') == 2


def test_an_address_without_a_campaign_leaves_the_page_alone():
    assert carried('<a href="/p/paper/">', "topic=x&email=a@b.example") == '<a href="/p/paper/">'


@pytest.mark.django_db
def test_a_gated_piece_leads_to_its_page_with_the_campaign(client):
    page = a_page()
    Asset.objects.filter(pk=page.asset_id).update(published_at=NOON)
    response = client.get(reverse("asset", args=[page.asset.slug]) + "?utm_source=fair")
    assert response["Location"] == f"/p/{page.slug}/?utm_source=fair"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", CLICK_IDS)
def test_a_click_id_of_the_address_is_kept_with_the_form_and_the_touch(client, kind):
    page = a_page()
    address = f"{reverse('landing', args=[page.slug])}?{kind}=abc123&utm_source=x&utm_medium=cpc"
    client.post(address, {"email": "mira@brackwerk.example", "nonce": make()})
    client.post(address, {"email": "mira@brackwerk.example"})  # no nonce: not too fast
    submission = Submission.objects.get(state="accepted")
    touch = Touch.objects.get(submission=submission)
    for row in (submission, touch):
        assert (row.click_id_kind, row.click_id, row.utm_medium) == (kind, "abc123", "cpc")
