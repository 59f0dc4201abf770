"""One's own page: tracking, scoring and requests; withdrawing is as easy as giving (RELIABILITY G4)."""

from datetime import timedelta

import pytest

from campaigns.errors import Conflict, Refused
from campaigns.models import ConsentText
from leads import requests, tokens
from leads.consent import PROFILING, TRACKING, has_consent, record_consent, suppress
from leads.models import (
    ConsentEvent,
    Fact,
    Message,
    Person,
    PrivacyRequest,
    Suppression,
    Visitor,
    VisitorLink,
)
from leads.sending import delivery, ledger
from leads.sending.gate import may_send
from leads.sending.letters import letter
from leads.tests.builders import NOON, a_lead

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return a_lead(first_name="Piet").person


@pytest.fixture
def address(person):
    return f"/u/{tokens.unsubscribe_token(person.pk)}/"


@pytest.fixture
def words():
    return ConsentText.objects.filter(
        purpose="tracking", language="en"
    ).first() or ConsentText.objects.create(
        purpose="tracking", text="You may note what I click.", language="en"
    )


def page(client, address, **post):
    answer = client.post(address, post, follow=True) if post else client.get(address)
    return answer.content.decode()


def test_tracking_is_given_with_the_words_that_were_shown(client, address, person, words):
    assert words.text in page(client, address)
    page(client, address, do="track")
    event = ConsentEvent.objects.get(purpose=TRACKING)
    assert (event.given, event.text) == (True, words)
    assert event.ip == "127.0.0.1"
    assert event.basis == "on the person's own signed page"


def test_taking_it_back_is_one_press_on_the_same_page(client, address, person, words):
    page(client, address, do="track")
    assert 'value="untrack"' in page(client, address)
    assert "no longer noted" in page(client, address, do="untrack")
    assert not has_consent(person=person, purpose=TRACKING)
    assert list(ConsentEvent.objects.order_by("pk").values_list("given", flat=True)) == [True, False]


def test_giving_or_taking_twice_is_evidence_once(client, address, words):
    for act in ("track", "track", "untrack", "untrack"):
        page(client, address, do=act)
    assert ConsentEvent.objects.count() == 2


def test_without_words_to_agree_to_nothing_is_allowed(client, address, person):
    ConsentText.objects.filter(purpose="tracking").delete()
    assert 'value="track"' not in page(client, address)
    page(client, address, do="track")
    assert not ConsentEvent.objects.exists()


def test_ended_tracking_forgets_the_persons_browsers_and_nobody_elses(client, address, person, words):
    own, other = Visitor.objects.create(), Visitor.objects.create()
    VisitorLink.objects.create(visitor=own, person=person, evidence="form")
    page(client, address, do="track")
    page(client, address, do="untrack")
    own.refresh_from_db()
    other.refresh_from_db()
    assert own.ended_at
    assert other.ended_at is None


def test_the_evidence_does_not_carry_the_key_of_the_page(client, address, person):
    page(client, address, do="object")
    event = ConsentEvent.objects.get()
    assert address.split("/")[2] not in event.source_url
    assert event.source_url.endswith("/u/…/")


def test_an_objection_to_scoring_is_kept_with_its_evidence(client, address, person):
    assert "not scored any more" in page(client, address, do="object")
    person.refresh_from_db()
    event = ConsentEvent.objects.get(purpose=PROFILING)
    assert (person.no_profiling, event.given) == (True, False)
    assert person.lead.score.dirty_at is not None


def test_taking_the_objection_back_scores_and_looks_up_again(client, address, person):
    page(client, address, do="object")
    page(client, address, do="score")
    person.refresh_from_db()
    assert (person.no_profiling, person.enriched_at) == (False, None)
    assert list(ConsentEvent.objects.order_by("pk").values_list("given", flat=True)) == [False, True]


@pytest.mark.parametrize("act", ["track", "untrack", "object", "score", "export", "erase", "stop"])
def test_a_link_that_is_only_opened_changes_nothing(client, address, person, words, act):
    before = Person.objects.values().get()
    client.get(f"{address}?do={act}&List-Unsubscribe=One-Click")
    client.head(f"{address}?do={act}")
    assert Person.objects.values().get() == before
    assert not ConsentEvent.objects.exists()
    assert not PrivacyRequest.objects.exists()
    assert not Suppression.objects.exists()


def the_mail():
    return Message.objects.filter(kind=Message.Kind.REQUEST).latest("pk")


def link_in(message):
    text = letter(message, NOON).text
    return "/request/" + text.partition("/request/")[2].split("/")[0] + "/"


@pytest.mark.parametrize(
    ("act", "kind", "button"),
    [("export", "export", "Yes, send me my data"), ("erase", "erasure", "Yes, erase my data")],
)
def test_a_request_counts_once_its_mailbox_has_confirmed_it(client, address, act, kind, button):
    assert "Look into your mailbox" in page(client, address, do=act)
    asked = PrivacyRequest.objects.get()
    assert (asked.kind, asked.confirmed_at) == (kind, None)
    link = link_in(the_mail())
    assert button in page(client, link)
    asked.refresh_from_db()
    assert asked.confirmed_at is None
    html = page(client, link, do="yes")
    asked.refresh_from_db()
    assert asked.confirmed_at
    assert asked.receipt in html
    assert asked.receipt in page(client, address)


def test_the_receipt_is_mailed_once(client, address):
    page(client, address, do="erase")
    link = link_in(the_mail())
    for _ in range(2):
        page(client, link, do="yes")
    mails = Message.objects.filter(key__contains=":receipt")
    assert mails.count() == 1
    written = letter(mails.get(), NOON)
    assert PrivacyRequest.objects.get().receipt in written.subject
    assert "/request/" not in written.text


def test_asked_twice_is_one_request_and_no_flood_of_mails(client, address):
    for _ in range(3):
        page(client, address, do="export")
    assert PrivacyRequest.objects.count() == 1
    assert Message.objects.count() == 1
    Message.objects.update(state=Message.State.SENT)
    page(client, address, do="export")
    assert Message.objects.count() == 2


def test_a_done_request_can_be_made_again(client, address, omar):
    page(client, address, do="export")
    requests.confirm(request=PrivacyRequest.objects.get(), at=NOON)
    requests.finish(request=PrivacyRequest.objects.get(), by=omar, note="sent by mail", at=NOON)
    page(client, address, do="export")
    assert PrivacyRequest.objects.count() == 2


def test_an_old_link_confirms_nothing(client, address, time_machine_at):
    page(client, address, do="erase")
    link = f"/request/{tokens.request_token(PrivacyRequest.objects.get().pk)}/"
    with time_machine_at(days=31):
        assert "run out" in page(client, link)
        client.post(link)
    assert PrivacyRequest.objects.get().confirmed_at is None


@pytest.mark.parametrize("make", [tokens.confirm_token, tokens.unsubscribe_token, tokens.download_token])
def test_a_link_for_something_else_confirms_nothing(client, address, make):
    page(client, address, do="erase")
    assert client.get(f"/request/{make(PrivacyRequest.objects.get().pk)}/").status_code == 404


def test_who_has_no_mailbox_is_told_so(client):
    person = Person.objects.create(phone="+41445550100", phone_key="+41445550100")
    html = page(client, f"/u/{tokens.unsubscribe_token(person.pk)}/", do="erase")
    assert "no address to write to" in html
    assert not PrivacyRequest.objects.exists()


@pytest.mark.parametrize(
    ("reason", "goes"), [("unsubscribed", True), ("complained", True), ("bounced", False)]
)
def test_who_complained_may_still_ask_to_be_forgotten(person, reason, goes):
    suppress(email_key=person.email_key, reason=reason, at=NOON, person=person)
    requests.ask(person=person, kind="erasure", at=NOON)
    assert may_send(the_mail(), NOON).allowed is goes


def test_a_request_mail_goes_out(person, mailoutbox):
    requests.ask(person=person, kind="export", at=NOON)
    delivery.deliver_due(at=NOON + timedelta(seconds=1))
    assert [mail.to for mail in mailoutbox] == [["piet@maasland.example"]]
    assert the_mail().state == Message.State.SENT
    assert "Auto-Submitted" in mailoutbox[0].extra_headers


def test_what_people_asked_for_is_leased_before_a_mailing(person):
    requests.ask(person=person, kind="export", at=NOON)
    assert [row.kind for row in ledger.lease(slot="one", at=NOON).messages] == ["request"]


def test_only_a_confirmed_request_is_finished_and_only_once_and_with_a_note(person, omar):
    asked = requests.ask(person=person, kind="export", at=NOON)
    with pytest.raises(Refused):
        requests.finish(request=asked, by=omar, note="sent", at=NOON)
    asked = requests.confirm(request=asked, at=NOON)
    with pytest.raises(Refused):
        requests.finish(request=asked, by=omar, note="  ", at=NOON)
    done = requests.finish(request=asked, by=omar, note="sent", at=NOON)
    assert (done.done_by, done.note, done.done_at) == (omar, "sent", NOON)
    with pytest.raises(Conflict):
        requests.finish(request=asked, by=omar, note="sent", at=NOON)


def test_nothing_said_by_somebody_else_lifts_a_stop(client, address, person):
    page(client, address, do="stop")
    record_consent(person=person, purpose="marketing", given=True, at=NOON)
    Fact.objects.create(person=person, field="city", value="Venlo", source=Fact.Source.STAFF)
    assert "You get no more mail" in page(client, address)


@pytest.fixture
def time_machine_at():
    import time_machine
    from django.utils import timezone

    return lambda **later: time_machine.travel(timezone.now() + timedelta(**later))
