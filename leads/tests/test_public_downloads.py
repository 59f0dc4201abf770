"""The download: signed, for seven days, in parts, counted once, and never without its link (RELIABILITY X5)."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.test import Client

from leads import tokens
from leads.judging.sweep import judge_due
from leads.models import Hit, Message, Submission
from leads.sending.letters import letter
from leads.tests.builders import NOON, a_page, an_asset, submitted
from leads.views.files import file_answer

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


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


def body(response):
    return b"".join(response.streaming_content)


def status(response):
    """The status of an answer whose bytes nobody wants."""
    body(response)
    return response.status_code


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


@pytest.mark.parametrize(
    "asked",
    ["bytes=", "bytes=-", "bytes=a-b", "bytes=0-1,5-9", "lines=1-2", "bytes=5-2", f"bytes=0-{'9' * 5000}"],
)
def test_a_range_we_do_not_serve_gets_the_whole_file(client, link, asked):
    response = client.get(link, headers={"Range": asked})
    assert response.status_code == 200
    assert body(response) == BYTES


def test_a_part_of_another_edition_gets_the_whole_new_one(client, link):
    response = client.get(link, headers={"Range": "bytes=0-9", "If-Range": '"old"'})
    assert response.status_code == 200
    assert body(response) == BYTES


@pytest.mark.parametrize("stale", ['W/"{}"', "Sat, 01 Jan 2000 00:00:00 GMT", "nonsense"])
def test_only_a_strong_match_continues_an_earlier_download(client, link, stale):
    first = client.get(link)
    body(first)
    known = {"Range": "bytes=10-", "If-Range": stale.format(first["ETag"].strip('"'))}
    assert status(client.get(link, headers=known)) == 200
    for good in (first["ETag"], first["Last-Modified"]):
        assert status(client.get(link, headers={"Range": "bytes=10-", "If-Range": good})) == 206


def test_who_wants_an_edition_that_is_gone_gets_none(client, link):
    first = client.get(link)
    body(first)
    assert client.get(link, headers={"If-Match": '"old"'}).status_code == 412
    assert (
        client.get(link, headers={"If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}).status_code == 412
    )
    kept = client.get(link, headers={"If-Match": first["ETag"], "Range": "bytes=0-1"})
    assert status(kept) == 206


def test_units_are_read_without_regard_to_case(client, link):
    assert status(client.get(link, headers={"Range": "Bytes=0-1"})) == 206


def test_an_empty_file_has_no_part(client, link, submission):
    asset = submission.page.asset
    asset.file.save("empty.pdf", ContentFile(b""))
    assert client.get(link, headers={"Range": "bytes=0-"}).status_code == 416
    whole = client.get(link)
    assert (whole["Content-Length"], body(whole)) == ("0", b"")


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


def test_a_second_download_on_the_same_day_is_no_second_touch(link, submission):
    reader = Client(headers={"User-Agent": FIREFOX})
    for _ in range(2):
        body(reader.get(link))
    body(reader.get(link, headers={"Range": "bytes=0-99"}))
    judge_due(at=NOON + timedelta(minutes=30))
    assert submission.person.touches.filter(kind="download").count() == 1
    with time_machine.travel(NOON + timedelta(days=1, minutes=1)):
        body(reader.get(link))
    judge_due(at=NOON + timedelta(days=1, minutes=30))
    assert submission.person.touches.filter(kind="download").count() == 2


def test_the_link_gives_the_piece_of_its_day_whatever_the_page_offers_since(client, link, submission):
    page = submission.page
    page.asset = an_asset("other")
    page.asset.file.save("other.pdf", ContentFile(b"%PDF other"))
    page.save()
    assert body(client.get(link)) == BYTES
    assert "Catch a failing bearing" in letter(Message.objects.get(), NOON).text


def test_the_file_is_called_as_the_piece_is(client, link):
    answer = client.get(link)
    assert 'filename="paper.pdf"' in answer["Content-Disposition"]
    body(answer)


def test_a_forwarded_link_works_for_whoever_holds_it(client, link):
    assert body(Client(REMOTE_ADDR="198.51.100.9").get(link)) == BYTES


def test_an_erased_persons_link_gives_nothing(client, link, submission):
    type(submission.person).objects.update(erased_at=NOON)
    assert client.get(link).status_code == 404


def test_no_file_is_reached_by_its_path(client, submission):
    kept = submission.page.asset.file.name
    for path in (f"/media/{kept}", f"/{kept}", f"/static/{kept}", f"/static/../media/{kept}"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("name", ["cover.svg", "cover.html", "cover.xml", "cover.js", "cover.pdf"])
def test_only_pictures_are_shown_in_place(rf, settings, tmp_path, name):
    settings.MEDIA_ROOT = tmp_path
    asset = an_asset()
    asset.cover.save(name, ContentFile(b"<svg onload=alert(1)>"))
    answer = file_answer(rf.get("/"), asset.cover, inline=True)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    answer.close()


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
