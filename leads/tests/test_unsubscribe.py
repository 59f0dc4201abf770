"""The way out of all mail (RELIABILITY E1): at once, counted where it came from, and for ever."""

from datetime import timedelta

import pytest
import time_machine

from leads import tokens
from leads.consent import MARKETING, email_hash, has_consent, is_suppressed
from leads.keyrings import _read
from leads.models import Enrolment, Message, Suppression
from leads.sending.headers import unsubscribe_url
from leads.tests.builders import NOON
from leads.tests.mail_world import a_due_mail

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
OTHER = "piet@new-job.example"


@pytest.fixture
def mail():
    row = a_due_mail()
    Message.objects.filter(pk=row.pk).update(to_address=row.person.email, state="sent", claimed_at=NOON)
    return Message.objects.get(pk=row.pk)


@pytest.fixture
def way_out(mail):
    return unsubscribe_url(mail).partition("8000")[2]


def moved_on(person):
    """They gave another address since."""
    person.email = person.email_key = OTHER
    person.save(update_fields=["email", "email_key"])


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
def test_one_click_stops_at_once_without_cookie_token_or_redirect(client, mail, way_out, kind):
    client.handler.enforce_csrf_checks = True
    form = b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
    body = form if "multipart" in kind else b"List-Unsubscribe=One-Click"
    answer = client.generic("POST", way_out, body, content_type=kind)
    assert (answer.status_code, dict(answer.cookies)) == (200, {})
    assert is_suppressed(mail.person.email_key)
    assert not has_consent(person=mail.person, purpose=MARKETING)


def test_looking_changes_nothing(client, mail, way_out):
    client.get(way_out)
    client.head(way_out)
    assert not Suppression.objects.exists()


def test_it_is_counted_with_the_mail_it_stood_in(client, mail, way_out):
    client.post(way_out, ONE_CLICK)
    client.post(way_out, ONE_CLICK)
    row = Suppression.objects.get()
    assert (row.message, row.reason, row.evidence) == (mail, "unsubscribed", "one click")
    assert Enrolment.objects.get().exit_reason == "unsubscribed"


def test_the_button_of_the_page_counts_too(client, mail, way_out):
    client.post(way_out, {"do": "stop"})
    assert Suppression.objects.get().message == mail


def test_a_link_of_before_it_named_a_mail_still_works(client, mail):
    client.post(f"/u/{tokens.unsubscribe_token(mail.person_id)}/", ONE_CLICK)
    assert Suppression.objects.get().message is None
    assert is_suppressed(mail.person.email_key)


def test_it_works_after_the_mail_is_no_longer_kept(client, mail, way_out):
    person = mail.person
    Message.objects.all().delete()
    assert client.post(way_out, ONE_CLICK).status_code == 200
    assert is_suppressed(person.email_key)


def test_it_stops_the_address_of_now_and_the_one_the_mail_went_to(client, mail, way_out):
    moved_on(mail.person)
    client.post(way_out, ONE_CLICK)
    assert is_suppressed(OTHER)
    assert is_suppressed("piet@maasland.example")


def test_all_of_it_at_once_new_keys_no_mail_another_address_ten_years_later(client, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    mail = a_due_mail()
    way_out, person = unsubscribe_url(mail).partition("8000")[2], mail.person
    for ring in ("unsubscribe", "suppression"):
        file = tmp_path / "keys" / ring
        file.write_text("a-new-key\n" + file.read_text())
    _read.cache_clear()
    settings.SECRET_KEY = "another"
    Message.objects.all().delete()
    moved_on(person)
    with time_machine.travel(NOON + timedelta(days=3650), tick=False):
        assert client.post(way_out, ONE_CLICK).status_code == 200
        assert is_suppressed(OTHER)
        assert is_suppressed("piet@maasland.example")


def test_a_link_of_the_old_host_still_works_after_the_site_has_moved(client, mail, way_out, settings):
    settings.BASE_URL = "https://new.averdahl.example"
    settings.ALLOWED_HOSTS = ["new.averdahl.example", "old.averdahl.example"]
    assert client.post(way_out, ONE_CLICK, headers={"host": "old.averdahl.example"}).status_code == 200
    assert is_suppressed(mail.person.email_key)


def test_a_changed_link_is_nobodys(client, mail, way_out):
    forged = way_out.replace(
        f"{tokens._base36(mail.person_id)}.", f"{tokens._base36(mail.person_id + 1)}.", 1
    )
    assert client.post(forged, ONE_CLICK).status_code == 404
    assert not Suppression.objects.exists()


def test_why_is_asked_after_it_is_done_and_kept_beside_it(client, mail, way_out):
    client.post(way_out, ONE_CLICK)
    assert 'name="why"' in client.get(way_out).content.decode()
    page = client.post(
        way_out, {"do": "why", "why": "often", "words": "Every day\r\n is too much"}, follow=True
    )
    assert Suppression.objects.get().said == "Too many mails. Every day is too much"
    assert "Thank you." in page.content.decode()
    assert 'name="why"' not in page.content.decode()


def test_why_is_not_taken_from_who_did_not_unsubscribe(client, mail, way_out):
    client.post(way_out, {"do": "why", "why": "often"})
    assert not Suppression.objects.exists()


def test_it_can_be_undone_for_a_week(client, mail, way_out):
    moved_on(mail.person)
    with time_machine.travel(NOON, tick=False):
        client.post(way_out, ONE_CLICK)
    with time_machine.travel(NOON + timedelta(days=6, hours=23), tick=False):
        assert "Undo" in client.get(way_out).content.decode()
        client.post(way_out, {"do": "undo"})
    assert not is_suppressed(OTHER)
    assert not is_suppressed("piet@maasland.example")
    assert has_consent(person=mail.person, purpose=MARKETING)


def test_after_a_week_it_takes_a_new_opt_in(client, mail, way_out):
    with time_machine.travel(NOON, tick=False):
        client.post(way_out, ONE_CLICK)
    with time_machine.travel(NOON + timedelta(days=7, minutes=1), tick=False):
        assert "Undo" not in client.get(way_out).content.decode()
        client.post(way_out, {"do": "undo"})
    assert is_suppressed(mail.person.email_key)


def test_an_address_hash_of_an_older_key_is_found_again(mail):
    way = tokens.read_unsubscribe(unsubscribe_url(mail).rstrip("/").rpartition("/")[2])
    assert way.email_hash == email_hash(mail.person.email_key)
