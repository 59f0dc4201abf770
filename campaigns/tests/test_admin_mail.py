"""The editor of mails: shown as typed, looked through, nothing saved, nobody real."""

from __future__ import annotations

import pytest

from campaigns.models import EmailTemplate, Offer

pytestmark = pytest.mark.django_db
ADD = "/admin/campaigns/emailtemplate/add/"
TYPED = {
    "name": "Guide",
    "slug": "guide",
    "language": "en",
    "format": "simple",
    "subject": "Hi",
    "preheader": "",
}
MJML = (
    "<mjml><mj-body><mj-section><mj-column><mj-text>Hello</mj-text></mj-column></mj-section></mj-body></mjml>"
)


def typed(**more: object) -> dict[str, object]:
    return {**TYPED, "body": "<p>Hello {{ person.first_name | default: 'there' }}</p>", **more}


def test_the_preview_shows_what_is_typed_and_saves_nothing(client, maya):
    client.force_login(maya)
    answer = client.post(f"{ADD}preview/", typed())
    assert "Hello Lena" in answer.content.decode()
    assert "sandbox" in answer["Content-Security-Policy"]
    assert not EmailTemplate.objects.exists()


def test_the_preview_reads_mjml_and_turns_dark(client, maya):
    client.force_login(maya)
    html = client.post(
        f"{ADD}preview/", typed(format="mjml", body=MJML, preview_theme="dark")
    ).content.decode()
    assert "Hello" in html
    assert "@media all" in html


def test_what_cannot_be_shown_says_so_without_running_it(client, maya):
    client.force_login(maya)
    html = client.post(f"{ADD}preview/", typed(body="{{ person.first_name | <script> }}")).content.decode()
    assert "It cannot be shown yet" in html
    assert "<script>" not in html


def test_the_check_lists_problems_with_their_line(client, maya):
    client.force_login(maya)
    html = client.post(f"{ADD}check/", typed(body="<p>Hi\n{{ person.first_name }}</p>")).content.decode()
    assert "line 2, column 4" in html


def test_a_template_with_an_offer_shows_its_terms(client, maya):
    client.force_login(maya)
    offer = Offer.objects.create(name="Ten for eight", code="TEN", discount_percent=20)
    html = client.post(
        f"{ADD}preview/",
        typed(offer=offer.pk, body="<p>{{ offer.name }} {{ offer.code }} {{ offer.discount }}</p>"),
    ).content.decode()
    assert "Ten for eight TEN 20 %" in html
    assert "needs an offer" in client.post(f"{ADD}check/", typed(body="{{ offer.code }}")).content.decode()


def test_the_form_offers_fields_to_click_and_keeps_the_format(client, maya):
    client.force_login(maya)
    assert "data-insert" in client.get(ADD).content.decode()
    client.post(ADD, typed(format="mjml", body=MJML))
    assert EmailTemplate.objects.get().format == "mjml"


@pytest.mark.parametrize("way", ["preview/", "check/"])
def test_sales_may_not(client, sam, way):
    client.force_login(sam)
    assert client.post(f"{ADD}{way}", typed()).status_code in (302, 403)


@pytest.mark.parametrize("way", ["preview/", "check/"])
def test_a_template_that_is_not_there_is_not_found(client, maya, way):
    client.force_login(maya)
    assert client.post(f"/admin/campaigns/emailtemplate/999/{way}", typed()).status_code == 404
