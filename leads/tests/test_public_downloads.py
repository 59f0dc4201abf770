"""The download: signed, for seven days, in parts, counted once, and never without its link (RELIABILITY X5)."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.base import ContentFile

from leads import tokens
from leads.models import Hit, Message, Submission
from leads.tests.builders import NOON, a_page, submitted

pytestmark = pytest.mark.django_db
BYTES = bytes(range(256)) * 40


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON):
        yield


@pytest.fixture
def submission(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    page = a_page()
    page.asset.file.save("bearing paper.pdf", ContentFile(BYTES))
    return submitted(page, first_name="Mira").submission


@pytest.fixture
def link(submission):
    return f"/d/{tokens.download_token(submission.pk)}/"


def body(response):
    return b"".join(response.streaming_content)


def test_the_whole_file_comes_as_an_attachment_that_is_not_sniffed(client, link):
    response = client.get(link)
    assert body(response) == BYTES
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Length"] == str(len(BYTES))
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=100-", 100, 10239),
        ("bytes=-10", 10230, 10239),
        ("bytes=10000-99999", 10000, 10239),
    ],
)
def test_a_part_is_answered_with_206_and_exactly_these_bytes(client, link, asked, first, last):
    response = client.get(link, headers={"Range": asked})
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/10240"
    assert body(response) == BYTES[first : last + 1]


def test_a_part_beyond_the_end_is_416(client, link):
    response = client.get(link, headers={"Range": "bytes=10240-"})
    assert (response.status_code, response["Content-Range"]) == (416, "bytes */10240")


@pytest.mark.parametrize("asked", ["bytes=", "bytes=-", "bytes=a-b", "bytes=0-1,5-9", "lines=1-2"])
def test_a_range_we_do_not_serve_gets_the_whole_file(client, link, asked):
    response = client.get(link, headers={"Range": asked})
    assert response.status_code == 200
    assert body(response) == BYTES


def test_a_part_of_another_edition_gets_the_whole_new_one(client, link):
    response = client.get(link, headers={"Range": "bytes=0-9", "If-Range": '"old"'})
    assert response.status_code == 200
    assert body(response) == BYTES


def test_an_unchanged_file_is_304_without_a_body(client, link):
    first = client.get(link)
    body(first)
    for header in ({"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}):
        response = client.get(link, headers=header)
        assert (response.status_code, response.content) == (304, b"")


def test_head_tells_the_size_and_sends_nothing(client, link):
    response = client.head(link)
    assert (response.status_code, response["Content-Length"], response.content) == (200, "10240", b"")


def test_only_the_beginning_of_a_download_is_counted(client, link, submission):
    client.head(link)
    body(client.get(link, headers={"Range": "bytes=100-"}))
    body(client.get(link, headers={"Sec-Purpose": "prefetch"}))
    assert not Hit.objects.exists()
    first = client.get(link)
    body(first)
    client.get(link, headers={"If-None-Match": first["ETag"]})
    hit = Hit.objects.get()
    assert (hit.kind, hit.person, hit.asset) == (Hit.Kind.DOWNLOAD, submission.person, submission.page.asset)


def test_an_expired_link_offers_a_new_mail_and_not_the_file(client, link, submission):
    Message.objects.update(state=Message.State.SENT)
    with time_machine.travel(NOON + timedelta(days=8)):
        response = client.get(link)
        assert response.status_code == 410
        assert "Send me a new link" in response.content.decode()
        assert Message.objects.count() == 1
        answer = client.post(link, follow=True)
    assert "A new link is on its way." in answer.content.decode()
    assert Message.objects.filter(kind=Message.Kind.DOWNLOAD, submission=submission).count() == 2


def test_asking_twice_for_a_new_mail_sends_one(client, link):
    Message.objects.update(state=Message.State.SENT)
    with time_machine.travel(NOON + timedelta(days=8)):
        client.post(link)
        client.post(link)
    assert Message.objects.count() == 2


@pytest.mark.parametrize("make", [tokens.thanks_token, tokens.confirm_token, tokens.unsubscribe_token])
def test_a_link_for_something_else_gives_no_file(client, submission, make):
    assert client.get(f"/d/{make(submission.pk)}/").status_code == 404


def test_a_lost_file_is_a_plain_404(client, link, submission):
    submission.page.asset.file.storage.delete(submission.page.asset.file.name)
    assert client.get(link).status_code == 404


def test_the_thank_you_page_names_only_what_this_form_said(client, submission):
    submission.person.first_name = "Known-before"
    submission.person.save()
    response = client.get(f"/p/{submission.page.slug}/thanks/{tokens.thanks_token(submission.pk)}/")
    html = response.content.decode()
    assert "Thank you, Mira" in html
    assert "Known-before" not in html
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"


def test_the_download_of_the_thank_you_page_works(client, submission):
    html = client.get(
        f"/p/{submission.page.slug}/thanks/{tokens.thanks_token(submission.pk)}/"
    ).content.decode()
    link = html.partition('href="/d/')[2].partition('"')[0]
    assert body(client.get(f"/d/{link}")) == BYTES


def test_a_thank_you_link_of_another_page_is_not_found(client, submission):
    a_page("other")
    assert client.get(f"/p/other/thanks/{tokens.thanks_token(submission.pk)}/").status_code == 404


def test_send_it_again_is_a_post_and_looking_is_not(client, submission):
    Message.objects.update(state=Message.State.SENT)
    address = f"/p/{submission.page.slug}/thanks/{tokens.thanks_token(submission.pk)}/"
    client.get(address)
    assert Message.objects.count() == 1
    assert "Another mail is on its way" in client.post(address, follow=True).content.decode()
    assert Message.objects.count() == 2


def test_a_form_kept_aside_looks_the_same_and_sends_nothing(client, submission):
    aside = submitted(
        submission.page, email="bot@spam.example", nonce="n2", suspicions=["honeypot"]
    ).submission
    address = f"/p/{aside.page.slug}/thanks/{tokens.thanks_token(aside.pk)}/"
    assert "A link is on its way" in client.get(address).content.decode()
    client.post(address)
    assert not Message.objects.filter(submission=aside).exists()
    assert Submission.objects.get(pk=aside.pk).person is None
