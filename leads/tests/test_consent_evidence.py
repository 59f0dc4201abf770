"""Whatever door a consent came by, its evidence is whole, and staff see it (RELIABILITY C13, E2)."""

import pytest

from campaigns.models import ConsentText
from leads import preferences, tokens
from leads.capture import Stated, capture
from leads.consent import MARKETING, TRACKING, is_suppressed, suppress
from leads.models import ConsentEvent, Door, Submission
from leads.person_facts import consent_chain
from leads.tests.builders import NOON, a_campaign, a_lead, a_page, submitted
from leads.tracking import VisitContext

pytestmark = pytest.mark.django_db
SEEN_AT = VisitContext(url="https://averdahl.example/p/bearing-paper/?utm_source=x", ip="192.0.2.7")


def tracking_words():
    return ConsentText.objects.filter(purpose="tracking").first() or ConsentText.objects.create(
        purpose="tracking", text="You may note what I click."
    )


def sent_by(door, page, consents, **more):
    by_page = {} if page is None else {"page": page}
    return capture(
        page=by_page.get("page"), answers={"email": "piet@maasland.example"}, consents=consents, visit=SEEN_AT,
        nonce=f"n{door}", at=NOON, door=door, **more,
    )  # fmt: skip


@pytest.mark.parametrize("door", [Door.PAGE, Door.EMBED, Door.API])
@pytest.mark.parametrize("purpose", [MARKETING, TRACKING])
def test_a_ticked_box_leaves_words_form_time_address_and_channel(door, purpose):
    page = a_page(tracking_text=tracking_words())
    text = page.consent_text if purpose == MARKETING else page.tracking_text
    result = sent_by(door, page, [text])
    event = ConsentEvent.objects.get()
    assert (event.purpose, event.text, event.page, event.at) == (purpose, text, page, NOON)
    assert (event.source_url, event.ip) == (SEEN_AT.url, "192.0.2.7")
    assert event.submission == result.submission
    assert event.submission.door == door
    assert event.recorded_at is not None


@pytest.mark.parametrize("door", [Door.EVENT, Door.STAFF])
def test_what_staff_were_told_leaves_who_wrote_it_and_on_what_basis(door, maya):
    told = Stated(purpose=MARKETING, basis="said at the stand, card signed", at=NOON)
    sent_by(door, None, [told], campaign=a_campaign(), label="Fair", by=maya)
    event = ConsentEvent.objects.get()
    assert (event.basis, event.by, event.at) == ("said at the stand, card signed", maya, NOON)
    assert event.submission.door == door


def test_a_double_opt_in_leaves_both_moments_and_the_words_of_the_form(client):
    submission = submitted(a_page(double_opt_in=True)).submission
    client.post(f"/confirm/{tokens.confirm_token(submission.pk)}/", {"do": "confirm"})
    asked, answered = ConsentEvent.objects.order_by("pk")
    assert (asked.pending, asked.confirmed_at) == (True, None)
    assert (answered.pending, answered.text, answered.page) == (False, asked.text, submission.page)
    assert answered.confirmed_at is not None
    assert tokens.confirm_token(submission.pk)[:10] not in answered.source_url


def test_a_withdrawal_leaves_its_time_and_address(client):
    person = submitted(a_page()).person
    client.post(f"/u/{tokens.unsubscribe_token(person.pk)}/", {"List-Unsubscribe": "One-Click"})
    last = consent_chain(person)[0]
    assert (last.answer, last.ip) == ("withdrawn", "127.0.0.1")
    assert last.url.endswith("/u/…/")


def test_the_chain_shows_every_piece_newest_first():
    person = submitted(a_page()).person
    preferences.stop_all(person=person, at=NOON)
    first, second = consent_chain(person)
    assert (first.answer, second.answer) == ("withdrawn", "given")
    assert second.words
    assert second.version == "1"
    assert (second.where, second.channel) == ("Catch it early", "landing page")


def test_staff_see_the_chain_on_the_persons_page(client, maya):
    person = submitted(a_page()).person
    client.force_login(maya)
    html = client.get(f"/staff/leads/{person.pk}/").content.decode()
    assert "Consent, with its evidence" in html
    assert "192.0.2.7" in html


@pytest.mark.parametrize("door", [Door.PAGE, Door.EMBED, Door.API, Door.EVENT, Door.STAFF])
def test_no_door_lifts_an_unsubscribe(door, maya):
    person = a_lead().person
    suppress(email_key=person.email_key, reason="unsubscribed", at=NOON, person=person)
    if door in (Door.EVENT, Door.STAFF):
        told = Stated(purpose=MARKETING, basis="said so", at=NOON)
        sent_by(door, None, [told], campaign=a_campaign(), label="Fair", by=maya)
    else:
        page = a_page()
        sent_by(door, page, [page.consent_text])
    assert is_suppressed(person.email_key)
    assert not ConsentEvent.objects.filter(pending=False, given=True).exists()


@pytest.mark.parametrize("reason", ["bounced", "complained", "sales", "imported"])
def test_a_confirmed_opt_in_lifts_an_unsubscribe_and_nothing_else(client, reason):
    submission = submitted(a_page(double_opt_in=True)).submission
    suppress(email_key=submission.email_key, reason=reason, at=NOON, person=submission.person)
    client.post(f"/confirm/{tokens.confirm_token(submission.pk)}/", {"do": "confirm"})
    assert is_suppressed(submission.email_key)


def test_a_suppression_is_of_the_address_and_survives_the_person():
    person = a_lead().person
    suppress(email_key=person.email_key, reason="unsubscribed", at=NOON, person=person)
    email_key = person.email_key
    type(person).objects.filter(pk=person.pk).update(email_key=None, email="")
    assert is_suppressed(email_key)
    page = a_page()
    again = sent_by(Door.PAGE, page, [page.consent_text])
    assert again.person != person
    assert ConsentEvent.objects.get(person=again.person).pending


def test_nothing_of_a_quarantined_form_is_evidence():
    submitted(a_page(), suspicions=["honeypot"])
    assert Submission.objects.get().state == "quarantined"
    assert not ConsentEvent.objects.exists()
