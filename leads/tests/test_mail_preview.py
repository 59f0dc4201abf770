"""A template shown as one given person would get it, and sent to oneself."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from campaigns.models import EmailTemplate
from leads import tokens
from leads.models import Message, StaffMail
from leads.sending import preview
from leads.sending.letters import letter
from leads.tests.builders import a_lead
from leads.tests.mail_world import a_due_mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def template() -> EmailTemplate:
    return EmailTemplate.objects.create(
        name="Guide",
        slug="guide",
        subject='{{ person.first_name | default: "you" }}, one reading moves first',
        preheader='For {{ person.company | default: "your plant" }}',
        body='<p>Hello {{ person.first_name | default: "there" }}, <a href="/p/guide/">read</a></p>',
    )


@pytest.fixture
def piet():
    return a_lead(
        "piet@maasland.example", first_name="Piet", last_name="Visser", company_name="Maasland"
    ).person


def test_the_page_shows_subject_preview_line_and_text_for_the_chosen_lead(client, maya, template, piet):
    client.force_login(maya)
    html = client.get(f"/staff/mails/{template.pk}/", {"person": piet.pk, "part": "text"}).content.decode()
    assert "Piet, one reading moves first" in html
    assert "For Maasland" in html
    assert "Hello Piet, read &lt;http://127.0.0.1:8000/p/guide/&gt;" in html


def test_a_lead_is_found_by_name_company_or_address(client, maya, template, piet):
    client.force_login(maya)
    for words in ("visser", "piet vis", "maasl", "piet@"):
        assert (
            f"person={piet.pk}" in client.get(f"/staff/mails/{template.pk}/", {"q": words}).content.decode()
        )
    assert (
        "No lead begins like that"
        in client.get(f"/staff/mails/{template.pk}/", {"q": "zzz"}).content.decode()
    )


def test_what_is_shown_is_what_would_go_out():
    message = Message.objects.select_related("words", "person", "enrolment__sequence").get(pk=a_due_mail().pk)
    shown = preview.draft(message.words, message.person, sequence=message.enrolment.sequence)
    sent = letter(message, timezone.now())
    way_out = f"http://127.0.0.1:8000{preview.NOWHERE}"
    start = sent.html.index("http://127.0.0.1:8000/u/")
    real = sent.html[start : sent.html.index('"', start)]
    assert shown.html == sent.html.replace(real, way_out)
    assert shown.text == sent.text.replace(real, way_out)


def test_the_way_out_of_a_preview_unsubscribes_nobody(client, maya, template, piet):
    client.force_login(maya)
    html = client.get(f"/staff/mails/{template.pk}/frame/", {"person": piet.pk}).content.decode()
    assert f"/u/{tokens.unsubscribe_token(piet.pk)}/" not in html
    assert preview.NOWHERE in html
    assert client.post(preview.NOWHERE).status_code == 404


def test_the_frame_runs_nothing_and_is_dark_when_asked(client, maya, template):
    client.force_login(maya)
    answer = client.get(f"/staff/mails/{template.pk}/frame/", {"theme": "dark"})
    policy = answer["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "script-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "prefers-color-scheme" not in answer.content.decode()
    assert "@media all" in answer.content.decode()


def test_a_test_goes_to_whoever_pressed_the_button_once(client, maya, template, piet):
    client.force_login(maya)
    key = str(uuid.uuid4())
    for _press in range(2):
        client.post(f"/staff/mails/{template.pk}/test/", {"submit_key": key, "person": piet.pk})
    mail = StaffMail.objects.get()
    assert (mail.user, mail.kind, mail.subject) == (maya, "test", "[Test] Piet, one reading moves first")
    assert "Hello Piet" in mail.text
    assert preview.NOWHERE in mail.html
    assert not Message.objects.exists()


def test_a_test_wants_a_post_and_a_key(client, maya, template):
    client.force_login(maya)
    assert client.get(f"/staff/mails/{template.pk}/test/").status_code == 405
    client.post(f"/staff/mails/{template.pk}/test/", {"submit_key": "x"})
    assert not StaffMail.objects.exists()


def test_a_mail_that_cannot_be_made_says_why(client, maya, template, piet):
    EmailTemplate.objects.update(body="<p>{{ person.job_title }}</p>")
    client.force_login(maya)
    html = client.get(f"/staff/mails/{template.pk}/", {"person": piet.pk}).content.decode()
    assert "It cannot be made for this person" in html
    client.post(f"/staff/mails/{template.pk}/test/", {"submit_key": str(uuid.uuid4()), "person": piet.pk})
    assert not StaffMail.objects.exists()


@pytest.mark.parametrize("path", ["", "frame/"])
def test_sales_and_viewers_may_not(client, sam, nora, template, path):
    for user in (sam, nora):
        client.force_login(user)
        assert client.get(f"/staff/mails/{template.pk}/{path}").status_code == 403
        assert client.post(f"/staff/mails/{template.pk}/test/").status_code == 403


def test_who_may_write_mails_but_not_see_leads_sees_no_person(client, maya, template, piet):
    maya.groups.clear()
    maya.user_permissions.set(Permission.objects.filter(codename="change_emailtemplate"))
    client.force_login(maya)
    assert client.get(f"/staff/mails/{template.pk}/", {"person": piet.pk}).status_code == 403


@pytest.mark.parametrize("person", ["x", "999999999", "1" * 40, "-1"])
def test_nobody_is_found_politely(client, maya, template, person):
    client.force_login(maya)
    assert client.get(f"/staff/mails/{template.pk}/", {"person": person}).status_code == 404
