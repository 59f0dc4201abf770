"""Addresses that stand in mails: click and open (RELIABILITY T1, T2, T5), unsubscribe (E1), confirmation."""

import pytest
from django.test import Client

from campaigns.models import MailLink
from leads import preferences, tokens
from leads.consent import MARKETING, TRACKING, has_consent, is_suppressed, record_consent, suppress
from leads.models import ConsentEvent, Enrolment, Hit, Message, Pause, Suppression, TopicChoice
from leads.nurture.enrolment import enrol
from leads.tests.builders import NOON, a_lead, a_page, a_sequence, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return a_lead().person


@pytest.fixture
def message(person):
    enrolment = enrol(person=person, sequence=a_sequence(), at=NOON)
    return Message.objects.create(
        key="k", message_id="<k@x>", kind="sequence", person=person, enrolment=enrolment,
        step=enrolment.version.steps.first(), due_at=NOON, state="sent", ended_at=NOON,
    )  # fmt: skip


@pytest.fixture
def link(message):
    kept = MailLink.objects.get(words__step=message.step, position=1)
    token = tokens.click_token(message_id=message.pk, person_id=message.person_id, link_id=kept.pk)
    return f"/c/{token}/"


@pytest.fixture
def settings_page(person):
    return f"/u/{tokens.unsubscribe_token(person.pk)}/"


def test_a_click_leads_exactly_to_the_kept_target_and_is_noted(client, link, message):
    target = "https://averdahl.example/a?b=2&a=1%20x#c"
    MailLink.objects.filter(words__step=message.step, position=1).update(target=target)
    response = client.get(link)
    assert (response.status_code, response["Location"]) == (302, target)
    assert response["Referrer-Policy"] == "no-referrer"
    hit = Hit.objects.get()
    assert (hit.kind, hit.message, hit.person) == (Hit.Kind.CLICK, message, message.person)


def test_a_click_never_leads_anywhere_that_a_visitor_names(client, link):
    response = client.get(f"{link}?url=https://evil.example&next=https://evil.example&to=//evil.example")
    assert response["Location"] == "https://averdahl.example/a"


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://a\r\nX: y"]
)
def test_a_kept_target_that_is_no_web_address_is_404(client, link, message, target):
    MailLink.objects.filter(words__step=message.step, position=1).update(target=target)
    assert client.get(link).status_code == 404


def test_a_forged_click_and_an_unknown_link_are_404(client, link, message):
    whose = {"message_id": message.pk, "person_id": message.person_id}
    assert client.get(link[:-3] + "xx/").status_code == 404
    assert client.get(f"/c/{tokens.click_token(**whose, link_id=10**6)}/").status_code == 404
    assert client.get(f"/c/{tokens.open_token(**whose)}/").status_code == 404
    assert not Hit.objects.exists()


def test_head_on_a_click_is_answered_and_not_counted(client, link):
    assert client.head(link).status_code == 302
    assert not Hit.objects.exists()


def test_the_pixel_is_the_same_for_known_unknown_and_forged_tokens(client, message):
    known = tokens.open_token(message_id=message.pk, person_id=message.person_id)
    unknown = tokens.open_token(message_id=10**9, person_id=10**9)
    answers = [client.get(f"/o/{token}.gif") for token in (known, unknown, "forged")]
    assert len({(answer.content, str(sorted(answer.headers.items()))) for answer in answers}) == 1
    assert answers[0]["Cache-Control"] == "no-store"
    assert not answers[0].cookies
    assert [(hit.message, hit.person) for hit in Hit.objects.order_by("pk")] == [
        (message, message.person),
        (None, None),
    ]


def test_the_pixel_is_answered_when_nothing_can_be_noted(client, message, monkeypatch):
    def broken(**kwargs):
        raise RuntimeError("no room")

    monkeypatch.setattr("leads.views.counting.note_hit", broken)
    token = tokens.open_token(message_id=message.pk, person_id=message.person_id)
    assert client.get(f"/o/{token}.gif").status_code == 200


def test_after_a_withdrawn_tracking_consent_the_link_leads_on_and_the_person_is_not_noted(
    client, link, person
):
    record_consent(person=person, purpose=TRACKING, given=False, at=NOON)
    assert client.get(link).status_code == 302
    hit = Hit.objects.get()
    assert (hit.person, hit.message) == (None, None)


def test_looking_at_the_settings_changes_nothing_and_shows_a_masked_address(client, settings_page, person):
    response = client.get(settings_page)
    assert "p•••••••t@maasland.example" in response.content.decode()
    assert person.email not in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert not is_suppressed(person.email_key)


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
def test_one_click_needs_no_cookie_no_csrf_and_gets_no_redirect(settings_page, person, message, kind):
    multipart = "multipart" in kind
    body = (
        '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
        if multipart
        else "List-Unsubscribe=One-Click"
    )
    response = Client(enforce_csrf_checks=True).post(settings_page, body, content_type=kind)
    assert response.status_code == 200
    assert not response.cookies
    assert is_suppressed(person.email_key)
    assert Enrolment.objects.get().state == Enrolment.State.EXITED


def test_one_click_twice_is_one_suppression(client, settings_page):
    for _ in range(2):
        assert client.post(settings_page, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Suppression.objects.count() == 1


def test_unsubscribing_works_after_the_secret_key_was_changed(client, settings_page, person, settings):
    settings.SECRET_KEY = "another-key-altogether"
    client.post(settings_page, {"List-Unsubscribe": "One-Click"})
    assert is_suppressed(person.email_key)


def test_stop_says_so_and_undo_brings_the_mail_back_with_evidence(client, settings_page, person):
    html = client.post(settings_page, {"do": "stop"}, follow=True).content.decode()
    assert "You get no more mail from us." in html
    html = client.post(settings_page, {"do": "undo"}, follow=True).content.decode()
    assert "Undone." in html
    assert not is_suppressed(person.email_key)
    assert has_consent(person=person, purpose=MARKETING)
    assert ConsentEvent.objects.latest("pk").basis


def test_a_bounce_or_a_complaint_is_not_the_persons_to_undo(client, settings_page, person):
    suppress(email_key=person.email_key, reason=Suppression.Reason.COMPLAINED, at=NOON, person=person)
    assert "Undo" not in client.get(settings_page).content.decode()
    client.post(settings_page, {"do": "undo"})
    assert is_suppressed(person.email_key)


def test_topics_pause_and_language_are_kept(client, settings_page, person):
    from campaigns.models import Topic

    for slug in ("vibration", "pressure"):
        Topic.objects.create(slug=slug, name=slug)
    client.post(settings_page, {"do": "save", "topics": ["vibration"], "pause": "30", "language": "de"})
    person.refresh_from_db()
    assert person.language == "de"
    assert dict(TopicChoice.objects.values_list("topic__slug", "wanted")) == {
        "vibration": True,
        "pressure": False,
    }
    assert Pause.objects.get().person == person


def test_nonsense_in_the_settings_changes_nothing(client, settings_page, person):
    client.post(settings_page, {"do": "save", "pause": "9999", "language": "xx", "topics": ["nope"]})
    client.post(settings_page, {"do": "erase-the-world"})
    person.refresh_from_db()
    assert person.language == ""
    assert not Pause.objects.exists()


def test_no_pause_ends_a_pause(client, settings_page, person):
    client.post(settings_page, {"do": "save", "pause": "90"})
    client.post(settings_page, {"do": "save", "pause": "0"})
    assert preferences.standing(person, at=Pause.objects.latest("pk").at).paused_until is None


@pytest.fixture
def asked():
    """A double opt-in that waits for its answer."""
    return submitted(a_page(double_opt_in=True)).submission


def test_opening_the_confirmation_gives_no_consent(client, asked):
    response = client.get(f"/confirm/{tokens.confirm_token(asked.pk)}/")
    assert "Was this you?" in response.content.decode()
    assert not has_consent(person=asked.person, purpose=MARKETING)


def test_the_press_gives_it_once_with_its_time(client, asked):
    for _ in range(2):
        html = client.post(
            f"/confirm/{tokens.confirm_token(asked.pk)}/", {"do": "confirm"}, follow=True
        ).content
    assert b"settled" in html
    assert has_consent(person=asked.person, purpose=MARKETING)
    assert ConsentEvent.objects.exclude(confirmed_at=None).count() == 1


def test_it_was_not_me_ends_it(client, asked):
    html = client.post(
        f"/confirm/{tokens.confirm_token(asked.pk)}/", {"do": "refuse"}, follow=True
    ).content.decode()
    assert "Nothing will come." in html
    client.post(f"/confirm/{tokens.confirm_token(asked.pk)}/", {"do": "confirm"})
    assert not has_consent(person=asked.person, purpose=MARKETING)


def test_a_confirmation_lifts_an_earlier_unsubscribe(client, asked):
    suppress(email_key=asked.email_key, reason=Suppression.Reason.UNSUBSCRIBED, at=NOON, person=asked.person)
    client.post(f"/confirm/{tokens.confirm_token(asked.pk)}/", {"do": "confirm"})
    assert not is_suppressed(asked.email_key)


@pytest.mark.parametrize(
    ("address", "shown"),
    [("mira@b.example", "m•••••••a@b.example"), ("m@b.example", "m•••••••@b.example"), ("", "•••")],
)
def test_a_masked_address_shows_its_ends_only(address, shown):
    assert preferences.masked(address) == shown
